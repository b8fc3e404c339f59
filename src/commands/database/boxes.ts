import { age, pad } from '../../panes/text/text.js';
import { exit, isGiven, say, sayJson, type CommandArguments, type Context } from '../context.js';
import { COMMAND_WAIT_MS, databaseGiven } from './database-given.js';

/** `regrant boxes`: the machines of the pool, as the database knows them. */
export async function boxes(context: Context, given: CommandArguments): Promise<number> {
  const settings = databaseGiven(context);
  const { openPool, orCannotRun } = await import('../../store/database/open-pool.js');
  const { readBoxes } = await import('../../store/shared/boxes.js');
  const { database } = await openPool(settings, { clock: context.clock, waitMs: COMMAND_WAIT_MS });
  try {
    const all = await orCannotRun(() => readBoxes(database));
    if (isGiven(given, 'json')) {
      sayJson(context.stdout, { boxes: all });
      return exit.done;
    }
    if (all.length === 0) say(context.stdout, 'no box runs on this pool');
    for (const { name, isGone, address, version, startedAt, seenAt, openLeases } of all) {
      const now = context.clock.now();
      const state = isGone ? `gone for ${age(Math.max(0, now - seenAt))}` : `up ${age(Math.max(0, now - startedAt))}`;
      const owes = isGone && openLeases > 0 ? `, ${openLeases} of its tokens in doubt` : '';
      say(context.stdout, `${pad(name, 24)}  ${pad(address, 22)}  ${pad(version, 9)}  ${state}${owes}`);
    }
    return exit.done;
  } finally {
    await database.close();
  }
}
