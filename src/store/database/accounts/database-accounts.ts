import { accountOf, type Account } from '../../accounts/account.js';
import { AccountsUnlistable, NotBroughtBack, type AccountStore, type Noticed } from '../../accounts/account-store.js';
import { ChangeListeners, noticed, unseen } from '../../accounts/change-listeners.js';
import { KeptAccounts } from '../../accounts/kept-accounts.js';
import type { Patch } from '../../accounts/patches.js';
import type { StoredAccount } from '../../accounts/stored-account.js';
import type { Clock } from '../../ground/clock.js';
import { byItself } from '../../ground/faults.js';
import type { JsonObject } from '../../ground/json.js';
import { read, saying } from '../../words/saying.js';
import { unlessAway } from '../database-errors.js';
import type { StoredRow } from './stored-row.js';
import type { StoredRows, RowVersion } from './stored-rows.js';
import { isWorthTelling } from './changes.js';
import type { CredentialSpool } from './credential-spool.js';
import { KeptRow, type RowKeeper } from './kept-row.js';
import type { RowNews } from './row-news.js';
import { Removals } from './removals.js';
import { ROWS_AT_ONCE, ToldIds } from './told-ids.js';
import { ignoreNotSaved, whyNotWritten } from './why-not-written.js';

export interface DatabaseAccountsParts {
  readonly rows: StoredRows;
  readonly news: RowNews;
  readonly clock: Clock;
  readonly spool: CredentialSpool;
  /** Puts what took a refresh token's place in its place; null: nothing is known to have. */
  readonly successorOf: (refreshToken: string) => Patch | null;
}

/**
 * The accounts of all boxes. Memory holds them all and follows the database; every change is a named patch, applied to
 * the row as it is at that moment. While the database is away memory goes on, and what is not saved is tried again.
 */
export class DatabaseAccounts implements AccountStore {
  held: string | null = null;
  private readonly entries = new KeptAccounts<KeptRow>();
  private readonly listeners = new ChangeListeners();
  private readonly removals: Removals;
  private readonly keeper: RowKeeper;
  private readonly told = new ToldIds((ids) => this.read(ids));

  private constructor(private readonly parts: DatabaseAccountsParts) {
    const { rows, clock, spool } = parts;
    this.removals = new Removals(rows, clock, spool, {
      changed: (id) => (this.entries.get(id) === undefined ? undefined : this.listeners.tellOne(id)),
      saved: (row) => this.takeRows([row], 'us'),
    });
    this.keeper = {
      ...{ rows, clock, spool },
      changed: ({ id }) => this.listeners.tellOne(id),
      noticed: (row, before) =>
        this.listeners.tellOne(row.id, isWorthTelling(before, row.view) ? noticed(row, before, row.view) : undefined),
      gone: (row) => this.drop(row),
      broughtBack: (id) => this.removals.broughtBack(id),
    };
  }

  /** Reads every account. @throws {DatabaseAway} */
  static async open(parts: DatabaseAccountsParts): Promise<DatabaseAccounts> {
    const store = new DatabaseAccounts(parts);
    const rows = await parts.rows.read(null);
    store.removals.saw(rows);
    for (const row of rows) store.begin(row);
    return store;
  }

  list(): readonly KeptRow[] {
    return this.entries.list();
  }

  get(id: string): KeptRow | undefined {
    return this.entries.get(id);
  }

  json(id: string): JsonObject | null {
    return this.entries.get(id)?.json ?? null;
  }

  onChange(listener: (ids: readonly string[]) => void): () => void {
    return this.listeners.onChange(listener);
  }

  onNoticed(listener: (changes: readonly Noticed[]) => void): () => void {
    return this.listeners.onNoticed(listener);
  }

  onWrittenInPlace(): () => void {
    // a row is never a file
    return () => undefined;
  }

  async patch(id: string, patch: Patch): Promise<void> {
    await this.entries.get(id)?.patch(patch);
  }

  create(id: string, json: JsonObject): Promise<void> {
    // throws for JSON that could not be read back, before it is written
    accountOf(json, id);
    const row = this.entry(id);
    row.begin(json);
    return row.create();
  }

  async moveAway(id: string): Promise<void> {
    const row = this.entries.get(id);
    if (row === undefined) return;
    await row.settled();
    const patches = row.pending.begin();
    this.entries.remove(row);
    row.forget();
    this.listeners.tellOne(id);
    await this.removals.remove(row, patches);
  }

  /** @throws {NotBroughtBack} */
  async bringBack(id: string): Promise<void> {
    if (this.entries.get(id) !== undefined)
      throw new NotBroughtBack(id, saying('an account of that name stands there again'));
    const anew = await this.removals.takeBack(id);
    if (anew !== null) {
      byItself(`the saving of ${id}`, this.create(id, anew).catch(ignoreNotSaved));
      return;
    }
    const back = await this.removals.bringBack(id);
    if (typeof back === 'string') throw new NotBroughtBack(id, read(back));
    this.begin(back);
    this.listeners.tellOne(id);
  }

  async readNow(id: string): Promise<Account | null> {
    await unlessAway(this.read([id]));
    return this.entries.get(id)?.account ?? null;
  }

  async reload(): Promise<void> {
    try {
      this.takeRows(await this.parts.rows.read(null), 'others');
      await this.compare('asked');
    } catch (error) {
      throw new AccountsUnlistable(saying('the accounts are as they were: {why}', { why: read(whyNotWritten(error)) }));
    }
  }

  async reread(): Promise<void> {
    await unlessAway(this.compare('regular'));
  }

  follow(): () => void {
    const { news } = this.parts;
    const ends = [
      news.onTold((id) => this.told.add(id)),
      news.onSecond(() => this.look()),
      news.onWhole((why) => this.compare(why)),
    ];
    return () => ends.forEach((end) => end());
  }

  async flush(): Promise<readonly StoredAccount[]> {
    const rows = this.entries.list();
    await Promise.all([...rows.map((row) => row.settled()), this.removals.settled()]);
    const standing = rows.filter(({ unsaved }) => unsaved.length > 0);
    const named = new Set(standing.map(({ id }) => id));
    return [...standing, ...this.removals.unsaved.filter(({ id }) => !named.has(id))];
  }

  close(): void {
    for (const row of this.entries.list()) row.forget();
    this.removals.stop();
  }

  /** The accounts that hold this refresh token. */
  holding(refreshToken: string): readonly Account[] {
    return this.entries.list().flatMap(({ account }) => (account?.refreshToken === refreshToken ? [account] : []));
  }

  /** Takes in what these rows say now. @throws {DatabaseAway} */
  readAll(ids: readonly string[]): Promise<void> {
    return this.read(ids);
  }

  /** Takes in rows as the database has them now. @param by - whose changes they may be */
  takeRows(rows: readonly StoredRow[], by: 'others' | 'us'): void {
    this.listeners.together(() => {
      for (const row of rows) this.take(row, by);
    });
  }

  /** The account in memory that a row belongs to, where it is not read yet: as it is. */
  private begin(row: StoredRow): void {
    if (!row.removed) this.take(row, 'us');
  }

  private take(row: StoredRow, by: 'others' | 'us'): void {
    if (this.removals.isStale(row)) return;
    this.removals.saw([row]);
    const known = this.entries.get(row.id);
    const wished = this.removals.wished(row.id);
    if (row.removed && wished === 'present') return;
    if (row.removed && known?.pending.holdCredential === true) {
      // its own write brings the account back with it
      known.retryNow();
      return;
    }
    if (row.removed && known === undefined) byItself(`the spool of ${row.id}`, this.parts.spool.drop(row.id));
    if (row.removed || wished === 'removed') {
      if (known !== undefined && row.version > known.version) this.drop(known);
      return;
    }
    const entry = known ?? this.entry(row.id);
    entry.take(row, known === undefined ? 'us' : by);
    if (known === undefined && by === 'others') this.listeners.tellOne(row.id, noticed(entry, unseen, entry.view));
    this.mend(entry);
  }

  /** A database that lost its last second may say that an account holds what was replaced. */
  private mend(entry: KeptRow): void {
    const successor = entry.account === null ? null : this.parts.successorOf(entry.account.refreshToken);
    if (successor !== null) byItself(`the saving of ${entry.id}`, entry.patch(successor).catch(ignoreNotSaved));
  }

  private entry(id: string): KeptRow {
    const known = this.entries.get(id);
    if (known !== undefined) return known;
    const row = new KeptRow(id, this.keeper);
    this.entries.add(row);
    return row;
  }

  private drop(row: KeptRow): void {
    if (this.entries.get(row.id) !== row) return;
    const before = row.view;
    this.entries.remove(row);
    row.forget();
    this.listeners.tellOne(row.id, noticed(row, before, null));
  }

  private async read(ids: readonly string[]): Promise<void> {
    this.takeRows(await this.parts.rows.read(ids), 'others');
  }

  /** Compares everything with the database, and writes back what that has lost. */
  private async compare(why: 'reconnect' | 'regular' | 'older' | 'asked'): Promise<number> {
    // what else waits for an account that was brought back finds its row in the trash until then
    await this.removals.settled();
    const isOlder = why === 'older';
    const versions = await this.parts.rows.versions('all');
    const removed = await this.removals.mend(versions, isOlder ? why : 'as it was');
    await this.readNewer(versions);
    const there = new Map(versions.map(({ id, version }) => [id, version]));
    const known = this.entries.list().filter(({ version }) => version > 0);
    const gone = known.filter(({ id }) => !there.has(id));
    const older = known.filter(({ id, version }) => (there.get(id) ?? version) < version);
    for (const row of older) await this.heal(row, there);
    if (why === 'regular' || why === 'asked') this.vanish(gone, known.length, why);
    else {
      for (const row of gone) await this.heal(row, there);
      for (const row of this.entries.list()) row.retryNow();
    }
    return removed + older.length + (isOlder ? gone.length : 0);
  }

  private async heal(known: KeptRow, there: ReadonlyMap<string, number>): Promise<void> {
    const { id, json, version } = known;
    if (json === null) return;
    const row = await this.parts.rows.heal(id, there.get(id) ?? null, json, version);
    if (row !== null) this.takeRows([row], 'others');
  }

  /** Drops accounts whose rows are gone; not if most are gone at once, unless the operator asks for it. */
  private vanish(gone: readonly KeptRow[], of: number, why: 'regular' | 'asked'): void {
    const isTooMuch = why === 'regular' && gone.length > Math.max(1, of / 2);
    const held = isTooMuch ? `${gone.length} of ${of} accounts are gone from the database; R accepts that` : null;
    if (!isTooMuch) this.listeners.together(() => gone.forEach((row) => this.drop(row)));
    if (held === this.held) return;
    this.held = held;
    this.listeners.tell(this.entries.list().map(({ id }) => id));
  }

  private async look(): Promise<void> {
    await this.readNewer(await this.parts.rows.versions('recent'));
  }

  private async readNewer(versions: readonly RowVersion[]): Promise<void> {
    const current = versions.filter((row) => !this.removals.isStale(row));
    this.removals.saw(current);
    const newer = current.filter(({ id, version, removed }) => {
      const known = this.entries.get(id)?.version;
      return known === undefined ? !removed && this.removals.wished(id) !== 'removed' : version > known;
    });
    for (let from = 0; from < newer.length; from += ROWS_AT_ONCE)
      await this.read(newer.slice(from, from + ROWS_AT_ONCE).map(({ id }) => id));
  }
}
