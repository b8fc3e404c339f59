import { tell } from '../../store/words/tongue.js';
import { openPool } from '../../store/database/open-pool.js';
import { readBoxes } from '../../store/shared/boxes.js';
import { exit, isGiven, say, sayJson, type CommandArguments, type Context } from '../context.js';
import { boxLine } from '../pool/box-line.js';
import { databaseGiven, withDatabase } from '../pool/database-given.js';

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
  for (const box of all) say(stdout, boxLine(box, now));
  return exit.done;
}
