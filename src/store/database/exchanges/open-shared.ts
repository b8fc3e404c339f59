import path from 'node:path';
import type { Disk } from '../../disk/disk.js';
import { fingerprint } from '../../ground/fingerprint.js';
import type { Trash } from '../../accounts/trash.js';
import type { Clock } from '../../ground/clock.js';
import { AccountTable } from '../accounts/account-table.js';
import { DatabaseAccounts } from '../accounts/database-accounts.js';
import type { RowNews } from '../accounts/row-news.js';
import { SpooledCredentials } from '../accounts/spooled-credentials.js';
import { succeed, Successors } from '../accounts/successors.js';
import type { Database } from '../database.js';
import type { Listening } from '../listening.js';
import type { Sealing } from '../sealing.js';
import { DatabaseExchanges, type TokenMemory } from './database-exchanges.js';
import { Leases } from './leases.js';
import { OutcomeRows } from './outcome-rows.js';
import { Permits } from './permits.js';
import { Owed } from './owed.js';
import { Spool, type Spooled } from './spool.js';

export interface SharedParts {
  readonly database: Database;
  readonly sealing: Sealing;
  readonly listening: Pick<Listening, 'onTold' | 'onSecond' | 'onWhole' | 'lapses' | 'rows'>;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly state: TokenMemory;
  /** Gets a credential that an account turned out not to need: the operator can bring it back. */
  readonly trash: Pick<Trash, 'keepReplaced'>;
  /** Folder of the data directory's state. */
  readonly stateFolder: string;
  readonly box: { readonly name: string; readonly boot: string };
  /** Boot ids of this data directory's processes that may still be in the middle of an exchange: who hands over. */
  readonly stillRunning: readonly string[];
}

/** Accounts and exchanges over several boxes. */
export interface Shared {
  readonly accounts: DatabaseAccounts;
  readonly exchanges: DatabaseExchanges;
  /** Tries nothing again any more. */
  stop(): void;
}

/**
 * Reads the accounts, delivers what an earlier process spooled, and closes the leases that it left.
 *
 * @throws {DatabaseAway} @throws {StatementFailed}
 */
export async function openShared(parts: SharedParts): Promise<Shared> {
  const owed = new Owed(parts.clock);
  try {
    return await opened(owed, parts);
  } catch (error) {
    owed.stop();
    throw error;
  }
}

async function opened(owed: Owed, parts: SharedParts): Promise<Shared> {
  const { database, sealing, listening, clock, disk, state, box } = parts;
  const folder = path.join(parts.stateFolder, 'spool');
  const spool = await Spool.open(folder, sealing, disk);
  const credentials = await SpooledCredentials.open(folder, sealing, disk);
  const successors = new Successors(sealing, box.name);
  const table = new AccountTable({ database, sealing, successors, box: box.name, hearing: listening });
  const leases = new Leases(box);
  const outcomes = new OutcomeRows({ database, table, successors, leases });
  for (const spooled of spool.list()) await owed.now(() => deliver(spooled, { spool, successors, outcomes }));
  const lastOf = async (token: string): Promise<string> => (await successors.last(token, database))?.rotated ?? token;
  const receiver = { rows: table, lastOf, trash: parts.trash };
  for (const waiting of credentials.list()) await owed.now(() => credentials.deliver(waiting, receiver));
  await owed.now(() => leases.closeLeft(parts.stillRunning, database));
  const accounts = await DatabaseAccounts.open({
    ...{ rows: table, news: newsOf(parts), clock },
    spool: {
      holds: (tokenFp) => credentials.holds(tokenFp) || spool.brings(tokenFp),
      keep: (waiting) => credentials.keep(waiting),
      drop: (id) => credentials.drop(id),
    },
    successorOf(refreshToken) {
      const last = successors.lastKnown(refreshToken);
      return last === null ? null : succeed(refreshToken, last);
    },
  });
  const knows = (tokenFp: string): boolean => spool.knows(tokenFp) || credentials.holds(tokenFp);
  const permits = new Permits({ database, accounts, leases, successors, spool: { knows }, clock });
  afterLapse(parts, 'exchange', () => permits.takeAgain());
  afterLapse(parts, 'successor', () => successors.saveMissing(database));
  const given = { database, accounts, permits, outcomes, successors, spool, credentials, state, owed, clock };
  const exchanges = new DatabaseExchanges({ ...given, boot: box.boot });
  return {
    ...{ accounts, exchanges },
    stop() {
      exchanges.stop();
      accounts.close();
    },
  };
}

/** Tells the database what an earlier process of this box could not. */
async function deliver(
  { boot, ...answer }: Spooled,
  to: { readonly spool: Spool; readonly successors: Successors; readonly outcomes: OutcomeRows },
): Promise<void> {
  to.successors.learn(answer);
  const tokenFp = fingerprint(answer.sent);
  // that process never sends the token again: it was replaced
  await to.outcomes.land(answer, { tokenFp, boot, takenAt: null });
  await to.spool.remove(tokenFp);
}

/** Has what a database that is older than it was lacks written back. @param writeBack - tells how many rows */
function afterLapse(
  { listening }: Pick<SharedParts, 'listening'>,
  table: string,
  writeBack: () => Promise<number>,
): void {
  const lapse = listening.lapses.part(table);
  listening.onWhole(async () => {
    if (lapse.isDue) lapse.mended(await writeBack());
  });
}

/** What the database tells of accounts. */
function newsOf({ database, listening }: SharedParts): RowNews {
  const lapse = listening.lapses.part('account');
  let isReconnected = false;
  database.onUp((isFirst) => (isReconnected ||= !isFirst));
  return {
    onTold: (listener) => listening.onTold((what, id) => (what === 'account' ? listener(id) : undefined)),
    onSecond(look) {
      let isOver = false;
      listening.onSecond(async () => (isOver ? undefined : look()));
      return () => void (isOver = true);
    },
    onWhole(compare) {
      let isOver = false;
      listening.onWhole(async () => {
        if (isOver) return;
        const why = lapse.isDue ? 'older' : isReconnected ? 'reconnect' : 'regular';
        const rows = await compare(why);
        isReconnected = false;
        if (why === 'older') lapse.mended(rows);
      });
      return () => void (isOver = true);
    },
  };
}
