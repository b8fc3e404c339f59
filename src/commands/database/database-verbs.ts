import { saying } from '../../store/words/saying.js';
import { connectDatabase, openPool } from '../../store/database/open-pool.js';
import { makePool, migrate, sealingOf, usablePool } from '../../store/database/pool-schema.js';
import { rekey } from '../../store/database/upkeep/rekey.js';
import { fillFromFiles } from '../../store/shared/fill-from-files.js';
import { exit, isGiven, say, sayJson, sayReply, type CommandArguments, type Context } from '../context.js';
import { findingLine, printedFinding } from '../finding.js';
import { placesOf } from '../places.js';
import { databaseFindings } from './database-findings.js';
import { databaseGiven, withDatabase } from '../pool/database-given.js';

/** `regrant database init`: makes the pool; where one stands, nothing is changed. */
export async function databaseInit(context: Context, given: CommandArguments): Promise<number> {
  const settings = databaseGiven(context);
  const { schema } = settings;
  const isNew = await withDatabase(settings, context.clock, connectDatabase, async ({ database, keys }) => {
    const [key, ...oldKeys] = keys;
    const isMade = await makePool(database, schema, key);
    // of no use to this box, if it has another key
    const sealing = sealingOf(await usablePool(database, schema), key, oldKeys);
    if (isMade) await fillFromFiles(database, sealing, placesOf(context), context.env);
    return isMade;
  });
  const text = isNew
    ? saying(
        'the pool is made, in the schema {schema}; next: `regrant import --from-files` where accounts lie in files, else `regrant add` on any box',
        { schema },
      )
    : saying('a pool stands in the schema {schema} already; nothing was changed', { schema });
  return sayReply(context, given, { ok: true, text });
}

/** `regrant database migrate`: brings the tables to this version; a start does the same. */
export async function databaseMigrate(context: Context, given: CommandArguments): Promise<number> {
  const settings = databaseGiven(context);
  const { schema } = settings;
  const { from, to } = await withDatabase(settings, context.clock, connectDatabase, ({ database }) =>
    migrate(database, schema),
  );
  const text =
    from === to
      ? saying('the schema {schema} is at version {to} already', { schema, to })
      : saying('the schema {schema} went from version {from} to {to}', { schema, from, to });
  return sayReply(context, given, { ok: true, text });
}

/** `regrant database rekey`: seals all secrets with `database.key` that one of `database.oldKeys` had sealed. */
export async function databaseRekey(context: Context, given: CommandArguments): Promise<number> {
  const { resealed, unreadable } = await withDatabase(
    databaseGiven(context),
    context.clock,
    openPool,
    ({ database, sealing }) => rekey(database, sealing),
  );
  if (unreadable.length === 0) {
    const text = saying(
      '{n} of the secrets sealed anew; once every box has this key, take the old one out of database.oldKeys',
      { n: resealed },
    );
    return sayReply(context, given, { ok: true, text });
  }
  const text = saying(
    '{n} of the secrets sealed anew; {left} open with no key that is given ({some}): give the key that they had in database.oldKeys',
    { n: resealed, left: unreadable.length, some: unreadable.slice(0, 3).join(', ') },
  );
  return sayReply(context, given, { ok: false, text });
}

/** `regrant database check`: whether this machine can rely on the database. */
export async function databaseCheck(context: Context, given: CommandArguments): Promise<number> {
  const findings = await databaseFindings(databaseGiven(context), context.clock);
  const worst = findings.find(({ mark }) => mark === 'bad');
  if (worst?.fault instanceof Error) throw worst.fault;
  if (isGiven(given, 'json')) sayJson(context.stdout, { findings: findings.map(printedFinding) });
  else for (const finding of findings) say(context.stdout, findingLine(finding));
  return worst === undefined ? exit.done : exit.failed;
}
