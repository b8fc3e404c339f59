import { saying } from '../../store/words/saying.js';
import { tell } from '../../store/words/tongue.js';
import { refusedByOperator } from '../asked.js';
import type { Context, CommandArguments } from '../context.js';
import { withHandle } from '../supervisor/supervised.js';
import { choose, tellResults, type AccountResult } from './chosen.js';

/** `regrant remove`: moves the files of accounts to the trash, after a question. */
export const remove = (context: Context, given: CommandArguments): Promise<number> =>
  withHandle(context, async (desk) => {
    const { chosen, unknown } = await choose(desk, given);
    if (chosen.length === 0) return tellResults(context, given, unknown);
    const names = chosen.map(({ name }) => name).join(', ');
    const question = tell('remove {names} (the trash keeps what is removed for 30 days)', { names });
    const refused = await refusedByOperator(context, given, question);
    if (refused !== null) return refused;
    const results: AccountResult[] = [];
    for (const { id, name } of chosen) {
      const said = await desk.operations.remove([id]);
      const text = said.ok ? saying('removed; its file lies in the trash (`regrant trash`)') : said.text;
      results.push({ email: name, ok: said.ok, text });
    }
    return tellResults(context, given, [...results, ...unknown]);
  });
