import { read, saying } from '../../store/words/saying.js';
import { sideBySide, tell, type PlainWord } from '../../store/words/tongue.js';
import path from 'node:path';
import { readAccountFileLater } from '../../store/accounts/account-file.js';
import { list, stem } from '../../store/accounts/accounts-folder.js';
import { AccountTable } from '../../store/database/accounts/account-table.js';
import { StandingAccounts, type Added } from '../../store/database/accounts/standing-accounts.js';
import { Successors } from '../../store/database/accounts/successors.js';
import { openPool, type OpenPool } from '../../store/database/open-pool.js';
import { UsageError, type Saying, type Spoken } from '../../store/ground/errors.js';
import { fillFromFiles } from '../../store/shared/fill-from-files.js';
import { exit, isGiven, say, sayJson, type CommandArguments, type Context } from '../context.js';
import { placesOf } from '../places.js';
import { databaseGiven, withDatabase } from '../pool/database-given.js';

interface Verdict {
  readonly email: string | null;
  readonly ok: boolean;
  readonly text: Saying;
  readonly from: string;
}

/**
 * `regrant import --from-files [DIR]`: takes account files into the pool of `database.url` as they are, dead and switched
 * off ones too, and asks Google nothing; what stands in the pool stays. Clients and keys of this data directory fill what
 * is empty there. The files are only read.
 */
export async function importFromFiles(context: Context, given: CommandArguments): Promise<number> {
  const [dir, ...others] = given.words;
  if (others.length > 0)
    throw new UsageError(saying('--from-files takes one folder, or none: then that of the data directory'));
  const folder = dir === undefined ? placesOf(context).accounts : path.resolve(dir);
  return withDatabase(databaseGiven(context), context.clock, openPool, (pool) => takeIn(context, given, pool, folder));
}

async function takeIn(context: Context, given: CommandArguments, pool: OpenPool, folder: string): Promise<number> {
  const { database, sealing } = pool;
  const names = await list(folder);
  const filled = await fillFromFiles(database, sealing, placesOf(context), context.env);
  const box = 'import';
  const successors = new Successors(sealing, box);
  const table = new AccountTable({ database, sealing, successors, box });
  const standing = await StandingAccounts.read(table, (token) => successors.last(token, database));
  const verdicts: Verdict[] = [];
  const isJson = isGiven(given, 'json');
  for (const name of names) {
    const id = stem(name);
    const verdict = verdictOf(name, await standing.add(id, await readAccountFileLater(path.join(folder, name), id)));
    verdicts.push(verdict);
    if (!isJson)
      say(context.stdout, sideBySide`${verdict.ok ? '✔' : '✖'} ${verdict.email ?? name}: ${verdict.text.spoken}`);
  }
  if (isJson) sayJson(context.stdout, { results: verdicts.map((each) => ({ ...each, text: each.text.english })) });
  else say(context.stderr, ending(folder, verdicts, filled.settings.length + filled.keys.length));
  return verdicts.every(({ ok }) => ok) ? exit.done : exit.failed;
}

function verdictOf(from: string, added: Added): Verdict {
  const { email, outcome } = added;
  const words: Record<Exclude<typeof outcome, 'unreadable'>, PlainWord> = {
    added: 'in the pool now',
    stands: 'in the pool already, and left as it is there',
    removed: 'was removed from the pool, and stays so: `regrant trash` lists it',
    gone: 'its file is gone',
  };
  if (outcome !== 'unreadable') return { from, email, ok: outcome !== 'gone', text: saying(words[outcome]) };
  return { from, email, ok: false, text: saying('its file cannot be read: {why}', { why: read(added.reason) }) };
}

function ending(folder: string, verdicts: readonly Verdict[], filled: number): Spoken {
  if (verdicts.length === 0) return tell('no account file lies in {folder}', { folder });
  const bad = verdicts.filter(({ ok }) => !ok).length;
  const counts = { n: verdicts.length - bad, all: verdicts.length };
  const count =
    filled === 0
      ? tell('{n} of {all} accounts are in the pool', counts)
      : tell('{n} of {all} accounts are in the pool, {filled} settings and client keys beside them', {
          ...{ ...counts, filled },
        });
  const next =
    bad === 0 ? tell('they can go once every box serves from it') : tell('mend those marked ✖ and run it again');
  return tell('{count}; the files in {folder} stay where and as they are: {next}', { count, folder, next });
}
