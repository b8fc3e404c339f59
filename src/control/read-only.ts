import { saying } from '../store/words/saying.js';
import { operations, type OperationName, type Operations } from '../proxy/contract/operations.js';
import { ControlError } from './client.js';

/** Operations that change nothing that others would notice. */
const harmless: ReadonlySet<OperationName> = new Set([
  'looked',
  'saveView',
  'stepQuestions',
  'logAround',
  'keys',
  'usage',
  'flight',
  'settings',
]);

/**
 * The operations for a screen that only looks: each one that would change something answers that this screen does not.
 */
export function readOnly(full: Operations): Operations {
  const refused = Object.keys(operations)
    .filter((name) => !harmless.has(name as OperationName))
    .map((name) => [
      name,
      () => Promise.reject(new ControlError('READ_ONLY', saying('this screen only looks (attach --read-only)'))),
    ]);
  return { ...full, ...(Object.fromEntries(refused) as Partial<Operations>) };
}
