import { sideBySide, tell } from '../../store/words/tongue.js';
import { age, pad } from '../../panes/text/text.js';
import { openPool } from '../../store/database/open-pool.js';
import { readBoxes } from '../../store/shared/boxes.js';
import { exit, isGiven, say, sayJson, type CommandArguments, type Context } from '../context.js';
import { databaseGiven, withDatabase } from './database-given.js';

/** `regrant boxes`: the machines of the pool, as the database knows them. */
export async function boxes(context: Context, given: CommandArguments): Promise<number> {
  const { clock, stdout } = context;
  const all = await withDatabase(databaseGiven(context), clock, openPool, ({ database }) => readBoxes(database));
  if (isGiven(given, 'json')) {
    sayJson(stdout, { boxes: all });
    return exit.done;
  }
  if (all.length === 0) say(stdout, tell('no box runs on this pool'));
  const now = clock.now();
  for (const { name, isGone, address, version, startedAt, seenAt, openLeases } of all) {
    const state = isGone
      ? tell('gone for {span}', { span: age(Math.max(0, now - seenAt)) })
      : tell('up {time}', { time: age(Math.max(0, now - startedAt)) });
    const owes = isGone && openLeases > 0 ? `, ${tell('{n} of its tokens in doubt', { n: openLeases })}` : '';
    say(stdout, sideBySide`${pad(name, 24)}  ${pad(address, 22)}  ${pad(version, 9)}  ${state}${owes}`);
  }
  return exit.done;
}
