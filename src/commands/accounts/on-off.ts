import { saying } from '../../store/words/saying.js';
import type { Context, CommandArguments } from '../context.js';
import type { SupervisorHandle } from '../supervisor/supervised.js';
import { onAccounts, type AccountResult, type Chosen } from './chosen.js';

const putting =
  (isOff: boolean) =>
  (context: Context, given: CommandArguments): Promise<number> =>
    onAccounts(context, given, (desk, chosen) => putAll(desk, chosen, isOff));

/** `regrant off`: takes accounts out of the proxy; their grants stay as they are. */
export const off = putting(true);

/** `regrant on`: puts them back. */
export const on = putting(false);

async function putAll(
  { operations }: SupervisorHandle,
  chosen: readonly Chosen[],
  isOff: boolean,
): Promise<readonly AccountResult[]> {
  const results: AccountResult[] = [];
  for (const { id, name } of chosen) {
    const said = await operations.setProxyDisabled([id], isOff);
    const done = isOff ? saying('taken out of the proxy; `regrant on` puts it back') : saying('back in the proxy');
    results.push({ email: name, ok: said.ok, text: said.ok ? done : said.text });
  }
  return results;
}
