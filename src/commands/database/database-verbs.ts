import { exit, isGiven, say, sayJson, type CommandArguments, type Context } from '../context.js';
import { placesOf } from '../places.js';
import { COMMAND_WAIT_MS, databaseGiven } from './database-given.js';

/** The database is no part of a start without it, so its code is read only here. */
const code = async () => ({
  ...(await import('../../store/database/open-pool.js')),
  ...(await import('../../store/database/pool-schema.js')),
  ...(await import('../../store/database/upkeep/rekey.js')),
  ...(await import('../../store/shared/fill-from-files.js')),
});

function answer(
  context: Context,
  given: CommandArguments,
  said: { readonly ok: boolean; readonly text: string },
): number {
  if (isGiven(given, 'json')) sayJson(context.stdout, { ...said });
  else say(said.ok ? context.stdout : context.stderr, said.text);
  return said.ok ? exit.done : exit.failed;
}

/** `regrant database init`: makes the pool; where one stands, nothing is changed. */
export async function databaseInit(context: Context, given: CommandArguments): Promise<number> {
  const settings = databaseGiven(context);
  const { connectDatabase, makePool, usablePool, sealingOf, orCannotRun, fillFromFiles } = await code();
  const { database, keys } = await connectDatabase(settings, { clock: context.clock, waitMs: COMMAND_WAIT_MS });
  try {
    return await orCannotRun(async () => {
      const [key, ...oldKeys] = keys;
      const isNew = await makePool(database, settings.schema, key);
      // of no use to this box, if it has another key
      const sealing = sealingOf(await usablePool(database, settings.schema), key, oldKeys);
      if (isNew) await fillFromFiles(database, sealing, placesOf(context), context.env);
      const text = isNew
        ? `the pool is made, in the schema ${settings.schema}; next: \`regrant import --from-files\` where accounts lie in files, else \`regrant add\` on any box`
        : `a pool stands in the schema ${settings.schema} already; nothing was changed`;
      return answer(context, given, { ok: true, text });
    });
  } finally {
    await database.close();
  }
}

/** `regrant database migrate`: brings the tables to this version; a start does the same. */
export async function databaseMigrate(context: Context, given: CommandArguments): Promise<number> {
  const settings = databaseGiven(context);
  const { connectDatabase, migrate, orCannotRun } = await code();
  const { database } = await connectDatabase(settings, { clock: context.clock, waitMs: COMMAND_WAIT_MS });
  try {
    const { from, to } = await orCannotRun(() => migrate(database, settings.schema));
    const text =
      from === to
        ? `the schema ${settings.schema} is at version ${to} already`
        : `the schema ${settings.schema} went from version ${from} to ${to}`;
    return answer(context, given, { ok: true, text });
  } finally {
    await database.close();
  }
}

/** `regrant database rekey`: seals all secrets with `database.key` that one of `database.oldKeys` had sealed. */
export async function databaseRekey(context: Context, given: CommandArguments): Promise<number> {
  const settings = databaseGiven(context);
  const { openPool, rekey, orCannotRun } = await code();
  const { database, sealing } = await openPool(settings, { clock: context.clock, waitMs: COMMAND_WAIT_MS });
  try {
    const { resealed, unreadable } = await orCannotRun(() => rekey(database, sealing));
    const done = `${resealed} of the secrets sealed anew`;
    if (unreadable.length === 0)
      return answer(context, given, {
        ok: true,
        text: `${done}; once every box has this key, take the old one out of database.oldKeys`,
      });
    const some = unreadable.slice(0, 3).join(', ');
    const text = `${done}; ${unreadable.length} open with no key that is given (${some}): give the key that they had in database.oldKeys`;
    return answer(context, given, { ok: false, text });
  } finally {
    await database.close();
  }
}

/** `regrant database check`: whether this machine can rely on the database. */
export async function databaseCheck(context: Context, given: CommandArguments): Promise<number> {
  const settings = databaseGiven(context);
  const { databaseFindings } = await import('./database-findings.js');
  const findings = await databaseFindings(settings, context.clock);
  const worst = findings.find(({ mark }) => mark === 'bad');
  if (worst?.fault instanceof Error) throw worst.fault;
  const told = findings.map(({ mark, what, text }) => ({ mark, what, text }));
  if (isGiven(given, 'json')) sayJson(context.stdout, { findings: told });
  else for (const { mark, what, text } of told) say(context.stdout, `${MARKS[mark]} ${what}: ${text}`);
  return worst === undefined ? exit.done : exit.failed;
}

const MARKS = { ok: '✔', warn: '▲', bad: '✖' } as const;
