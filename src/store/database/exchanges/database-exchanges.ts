import type { Account } from '../../accounts/account.js';
import { landingPatches } from '../../accounts/landing.js';
import { disable, type Patch } from '../../accounts/patches.js';
import type { Clock } from '../../ground/clock.js';
import { reasonOf, systemCode } from '../../ground/errors.js';
import { byItself } from '../../ground/faults.js';
import { fingerprint } from '../../ground/fingerprint.js';
import { Listeners } from '../../ground/listeners.js';
import type { Condemnation, ExchangeStore, Landing, Permit, SendingFor, Unsaved } from '../../state/exchange-store.js';
import type { StateStore } from '../../state/state-store.js';
import type { StoredRow } from '../accounts/stored-row.js';
import type { DatabaseAccounts } from '../accounts/database-accounts.js';
import type { KeptRow, TakenAlong } from '../accounts/kept-row.js';
import type { SpooledCredentials } from '../accounts/spooled-credentials.js';
import type { Successors } from '../accounts/successors.js';
import { ignoreNotSaved, whyNotWritten } from '../accounts/why-not-written.js';
import type { Database } from '../database.js';
import { unlessAway } from '../database-errors.js';
import type { Owed } from './owed.js';
import { replacementOf, type OutcomeRows, type TakenPatches } from './outcome-rows.js';
import type { Permits } from './permits.js';
import type { Spool } from './spool.js';

/** How soon it is asked again whether another box has ended its exchange. */
const ASK_AGAIN_MS = 200;

/** What memory knows of tokens, by their fingerprints. */
export interface TokenMemory extends Pick<StateStore, 'refuse' | 'forgive' | 'setGrant' | 'dropGrant'> {
  /** An outcome is about to write what memory knows of these now. @returns to be told whether it has */
  writtenWithOutcome(fingerprints: readonly string[]): Written;
}

type Written = (isWritten: boolean) => void;

const tokensOf = ({ sent, rotated }: Landing): readonly string[] =>
  [sent, ...(rotated === null ? [] : [rotated])].map((token) => fingerprint(token));

export interface DatabaseExchangesParts {
  readonly database: Database;
  readonly accounts: DatabaseAccounts;
  readonly permits: Permits;
  readonly outcomes: OutcomeRows;
  readonly successors: Successors;
  readonly spool: Spool;
  readonly credentials: Pick<SpooledCredentials, 'size'>;
  readonly state: TokenMemory;
  readonly owed: Owed;
  readonly clock: Clock;
  /** This process. */
  readonly boot: string;
}

/**
 * Exchanges that several boxes share. What an answer changes is in memory at once; a token that took another's place is
 * spooled before it is used; then the database is told, in one transaction, now or when it can be reached again.
 */
export class DatabaseExchanges implements ExchangeStore {
  /** Why a new token could not be spooled, and is not in the database either; null: none is in danger. */
  notSpooled: string | null = null;
  private readonly backs = new Listeners<[what: 'database' | 'in_doubt']>();
  /** Outcomes that are being saved, by the fingerprint of the token that was sent. */
  private readonly underWay = new Map<string, Promise<unknown>>();
  private readonly stopHearing: () => void;

  constructor(private readonly parts: DatabaseExchangesParts) {
    this.stopHearing = parts.database.onUp((isFirst) => {
      if (!isFirst) byItself('telling the database what it missed', this.back());
    });
  }

  /** How many tokens wait in the spool for the database. */
  get spooled(): number {
    return this.parts.spool.size + this.parts.credentials.size;
  }

  intend(sent: string): () => void {
    return this.parts.permits.intend(sent);
  }

  async permit(sent: string, sending: SendingFor): Promise<Permit> {
    await this.underWay.get(fingerprint(sent));
    return this.parts.permits.permit(sent, sending);
  }

  async freed(): Promise<void> {
    const { accounts, clock } = this.parts;
    let end = (): void => undefined;
    const changed = new Promise<void>((resolve) => (end = accounts.onChange(() => resolve())));
    await Promise.race([changed, clock.wait(ASK_AGAIN_MS)]);
    end();
  }

  land(landing: Landing): Promise<void> {
    const { state, successors } = this.parts;
    const { sent, rotated, holders, grant } = landing;
    const rotation = replacementOf(landing);
    if (rotation !== null) successors.learn(rotation);
    state.forgive(fingerprint(sent));
    state.setGrant(fingerprint(rotated ?? sent), grant);
    if (rotated !== null) state.dropGrant(fingerprint(sent));
    const written = state.writtenWithOutcome(tokensOf(landing));
    const rows = this.anticipate(holders, (account) => landingPatches(account, landing));
    return this.during(sent, this.saveLanding(landing, rows, written));
  }

  condemn(verdict: Condemnation): Promise<Unsaved> {
    const { state, successors } = this.parts;
    const { sent, refused, accounts } = verdict;
    const isDead = successors.lastKnown(sent) === null;
    if (isDead) state.refuse(fingerprint(sent), refused);
    const written = state.writtenWithOutcome([fingerprint(sent)]);
    const doomed = isDead ? accounts.filter(({ disabled }) => disabled === null) : [];
    const rows = this.anticipate(doomed, () => [disable(sent, refused.at, refused.reason)]);
    return this.during(sent, this.saveVerdict(verdict, rows, written));
  }

  letGo(sent: string): void {
    byItself('giving a lease back', this.during(sent, this.giveBack(sent)));
  }

  onBack(listener: (what: 'database' | 'in_doubt') => void): () => void {
    return this.backs.add(listener);
  }

  boxTold(): void {
    this.backs.tell('in_doubt');
  }

  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay.values());
    await this.parts.owed.tell();
  }

  stop(): void {
    this.stopHearing();
    this.parts.owed.stop();
  }

  private async back(): Promise<void> {
    const { owed, successors, database } = this.parts;
    await owed.now(async () => {
      await successors.saveMissing(database);
    });
    await owed.tell();
    this.backs.tell('database');
  }

  private async during<T>(sent: string, work: Promise<T>): Promise<T> {
    const key = fingerprint(sent);
    const before = this.underWay.get(key);
    const both = Promise.allSettled([before, work]);
    this.underWay.set(key, both);
    try {
      return await work;
    } finally {
      if (this.underWay.get(key) === both) this.underWay.delete(key);
    }
  }

  /** Shows in memory what is about to be written. */
  private anticipate(holders: readonly Account[], patches: (account: Account) => readonly Patch[]): readonly KeptRow[] {
    const { accounts } = this.parts;
    return holders.flatMap((account) => {
      const row = accounts.get(account.id);
      if (row === undefined) return [];
      const all = patches(account);
      if (row.version > 0) {
        row.anticipate(all);
        return [row];
      }
      // the database does not have it yet: they go with the write that makes its row
      for (const patch of all) byItself(`the saving of ${row.id}`, row.patch(patch).catch(ignoreNotSaved));
      return [];
    });
  }

  private async saveLanding(landing: Landing, rows: readonly KeptRow[], written: Written): Promise<void> {
    const { outcomes, spool, permits, accounts } = this.parts;
    const { sent, holders: _holders, ...rest } = landing;
    const delivery = { sent, ...rest };
    const lease = permits.leaseOf(sent);
    const unspooled = await this.spool(landing);
    const why = await this.writeWith(rows, (taken) => outcomes.land(delivery, lease, taken), written);
    permits.ended(sent);
    this.notSpooled = why === null ? null : unspooled;
    if (why === null) await spool.remove(fingerprint(sent));
    else
      this.parts.owed.add(async () => {
        accounts.takeRows(await outcomes.land(delivery, lease), 'us');
        await spool.remove(fingerprint(sent));
        this.notSpooled = null;
      });
  }

  /** @returns why it is not spooled; null: it is, or need not be */
  private async spool(landing: Landing): Promise<string | null> {
    const rotation = replacementOf(landing);
    if (rotation === null) return null;
    const { spool, boot } = this.parts;
    try {
      await spool.put({ ...rotation, grant: { ...landing.grant }, boot });
      return null;
    } catch (error) {
      if (systemCode(error) === '') throw error;
      return reasonOf(error);
    }
  }

  private async saveVerdict(verdict: Condemnation, rows: readonly KeptRow[], written: Written): Promise<Unsaved> {
    const { outcomes, permits, accounts } = this.parts;
    const lease = permits.leaseOf(verdict.sent);
    const why = await this.writeWith(rows, (taken) => outcomes.condemn(verdict, lease, taken), written);
    permits.ended(verdict.sent);
    if (why === null) return new Map();
    this.parts.owed.add(async () => accounts.takeRows(await outcomes.condemn(verdict, lease), 'us'));
    return new Map(rows.map(({ id }) => [id, why]));
  }

  /** Writes an outcome with all that its accounts have waiting. @returns why it is not written; null: it is */
  private async writeWith(
    rows: readonly KeptRow[],
    write: (taken: TakenPatches) => Promise<readonly StoredRow[]>,
    done: Written,
  ): Promise<string | null> {
    const { accounts } = this.parts;
    const taken: (readonly [id: string, along: TakenAlong])[] = [];
    for (const row of rows) taken.push([row.id, await row.takeAlong()]);
    let written: readonly StoredRow[] = [];
    let why: string | null = null;
    let isWritten = false;
    try {
      written = await write(new Map(taken));
      isWritten = true;
    } catch (error) {
      why = whyNotWritten(error);
    } finally {
      done(isWritten);
    }
    const now = new Map(written.map((row) => [row.id, row]));
    for (const [id, along] of taken) along.settle(why ?? now.get(id) ?? null);
    accounts.takeRows(written, 'us');
    const others = taken.flatMap(([id]) => (now.has(id) ? [] : [id]));
    if (why === null && others.length > 0) await unlessAway(accounts.readAll(others));
    return why;
  }

  private async giveBack(sent: string): Promise<void> {
    const tell = this.parts.permits.close(sent, 'failed');
    if (tell !== null) await this.parts.owed.now(tell);
  }
}
