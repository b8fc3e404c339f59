import { saying } from '../../store/words/saying.js';
import type { Context, CommandArguments } from '../context.js';
import { onAccounts } from './chosen.js';

/** `regrant test`: asks Google about the grant of each account, once. */
export const test = (context: Context, given: CommandArguments): Promise<number> =>
  onAccounts(context, given, async ({ operations }, chosen) => {
    const found = await operations.testNow(chosen.map(({ id }) => id));
    const results = new Map(found.map((result) => [result.accountId, result]));
    return chosen.map(({ id, name }) => {
      const result = results.get(id);
      const text = result?.text ?? saying('not tested: its file cannot be read');
      return { email: name, ok: result?.ok ?? false, text };
    });
  });
