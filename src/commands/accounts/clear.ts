import type { Context, CommandArguments } from '../context.js';
import { onAccounts, type AccountResult } from './chosen.js';

/** `regrant clear`: ends what accounts wait for, one after the other. */
export const clear = (context: Context, given: CommandArguments): Promise<number> =>
  onAccounts(context, given, async ({ operations }, chosen) => {
    const results: AccountResult[] = [];
    for (const { id, name } of chosen) {
      const { ok, text } = await operations.clear([id]);
      const words = text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text.replace(`${name} `, '');
      results.push({ email: name, ok, text: words });
    }
    return results;
  });
