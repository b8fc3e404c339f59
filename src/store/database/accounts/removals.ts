import { lossOf, type Patch } from '../../accounts/patches.js';
import { NotSaved, type StoredAccount } from '../../accounts/stored-account.js';
import { BoundedMap } from '../../ground/bounded-map.js';
import type { Clock } from '../../ground/clock.js';
import { byItself } from '../../ground/faults.js';
import type { JsonObject } from '../../ground/json.js';
import { oneAtATime } from '../../ground/one-at-a-time.js';
import type { StoredRow } from './stored-row.js';
import type { RowVersion, StoredRows } from './stored-rows.js';
import type { CredentialSpool } from './credential-spool.js';
import type { KeptRow, NotYetSaved } from './kept-row.js';
import { whyNotWritten } from './why-not-written.js';

const RETRY_MS = 1_000;
/** So many removed accounts can be brought back while the database is away. */
const MOST_REMEMBERED = 100;

interface Removed {
  readonly row: KeptRow;
  /** Changes that the database does not have. */
  readonly patches: readonly Patch[];
}

/** What the database is still to be told of an account. */
interface Wish extends Removed {
  readonly as: 'removed' | 'present';
  /** Why it could not be told; empty: it was not tried yet. */
  why: string;
}

/** Who keeps the accounts that stand. */
export interface StandingRows {
  /** Whether an account could not be saved as it is wished, and why, has changed. */
  changed(id: string): void;
  /** The database has one that was brought back, as it is now. */
  saved(row: StoredRow): void;
}

/**
 * Accounts that are removed or brought back: in memory at once, and again and again until the database has it. What is
 * wished last of an account counts, whatever becomes of the statements before.
 */
export class Removals {
  private readonly remembered = new BoundedMap<string, Removed>(MOST_REMEMBERED);
  /** The versions at which accounts were removed, by any box. They are in the trash for thirty days. */
  private readonly versions = new Map<string, number>();
  private readonly waiting = new Map<string, Wish>();
  private readonly inTurn = oneAtATime();
  private cancel = (): void => undefined;

  constructor(
    private readonly rows: StoredRows,
    private readonly clock: Clock,
    private readonly spool: Pick<CredentialSpool, 'drop'>,
    private readonly standing: StandingRows,
  ) {}

  /** What is wished here of an account, whatever the database says of it by now; null: nothing. */
  wished(id: string): 'removed' | 'present' | null {
    return this.waiting.get(id)?.as ?? null;
  }

  /** What is not saved of an account that is back; null: nothing. */
  broughtBack(id: string): NotYetSaved | null {
    const wish = this.waiting.get(id);
    if (wish?.as !== 'present' || wish.why === '') return null;
    return { why: wish.why, losses: ['that it was brought back', ...wish.patches.map(({ name }) => lossOf[name])] };
  }

  /** Learns which accounts are removed. */
  saw(rows: readonly RowVersion[]): void {
    for (const { id, version, removed } of rows) {
      const known = this.versions.get(id) ?? 0;
      if (removed && version > known) this.versions.set(id, version);
      else if (!removed && version > known) this.versions.delete(id);
    }
  }

  /**
   * Removes accounts again that a database has again because it was put back to an older state, and brings back into its
   * trash what it does not know at all.
   *
   * @returns how many
   */
  async mend(rows: readonly RowVersion[], database: 'older' | 'as it was'): Promise<number> {
    const there = new Map(rows.map((row) => [row.id, row]));
    let mended = 0;
    for (const [id, version] of this.versions) {
      const row = there.get(id);
      if (row === undefined ? database !== 'older' || !(await this.standAgain(id)) : !this.isStale(row)) continue;
      const marked = await this.rows.mark(id, 'removed', version);
      if (marked !== null) this.saw([marked]);
      mended += 1;
    }
    return mended;
  }

  /** Whether a row is of before its account was removed. */
  isStale({ id, version, removed }: RowVersion): boolean {
    return !removed && version < (this.versions.get(id) ?? 0);
  }

  private async standAgain(id: string): Promise<boolean> {
    const json = this.remembered.get(id)?.row.json ?? null;
    if (json === null || this.wished(id) !== null) return false;
    await this.rows.stand(id, json);
    return true;
  }

  /** What is lost if the program ends now. */
  get unsaved(): readonly StoredAccount[] {
    return [...this.waiting.values()].map(({ row, as, why }) => ({
      ...{ id: row.id, file: row.file, account: row.account, unreadable: row.unreadable, held: false, notSaved: why },
      unsaved: [as === 'removed' ? 'that it was removed' : 'that it was brought back'],
    }));
  }

  /** @throws {NotSaved} it is removed here, and tried again where the database is */
  async remove(row: KeptRow, patches: readonly Patch[]): Promise<void> {
    const removed = { row, patches: [...(this.waiting.get(row.id)?.patches ?? []), ...patches] };
    this.remembered.set(row.id, removed);
    const saved = await this.save(this.wish(removed, 'removed'));
    if (typeof saved === 'string') throw new NotSaved(row.account?.email ?? row.file, saved);
  }

  /** Removes an account no longer that the database never had. @returns it, to be saved anew; null: it is another one */
  async takeBack(id: string): Promise<JsonObject | null> {
    const known = this.remembered.get(id);
    if (known?.row.version !== 0 || this.wished(id) !== 'removed') return null;
    this.waiting.delete(id);
    // a removal that is under way would take it away again
    await this.inTurn(() => Promise.resolve());
    return known.row.json;
  }

  /** @returns the account as it is; a text: why it is not brought back */
  async bringBack(id: string): Promise<StoredRow | string> {
    const known = this.remembered.get(id);
    if (known === undefined) return this.markPresent(id);
    const wasWaiting = this.wished(id) === 'removed';
    const wish = this.wish({ ...known, patches: wasWaiting ? known.patches : [] }, 'present');
    const saving = this.save(wish);
    // the database may have removed it all the same, and only its answer did not come
    if (wasWaiting) byItself(`the bringing back of ${id}`, saving);
    const saved = wasWaiting ? '' : await saving;
    if (saved === null) return 'the database has no such account';
    return typeof saved === 'string' ? asKnown(known) : saved;
  }

  /** Tries once more what is not saved. */
  async settled(): Promise<void> {
    for (const wish of [...this.waiting.values()]) await this.save(wish);
  }

  stop(): void {
    this.cancel();
  }

  private wish(removed: Removed, as: Wish['as']): Wish {
    const wish = { ...removed, as, why: '' };
    this.waiting.set(removed.row.id, wish);
    return wish;
  }

  private async markPresent(id: string): Promise<StoredRow | string> {
    try {
      return (await this.rows.mark(id, 'present')) ?? 'the database has no such account';
    } catch (error) {
      return whyNotWritten(error);
    }
  }

  /** @returns the row as it is now; null: there is none, or something else is wished by now; a text: why it is not saved */
  private save(wish: Wish): Promise<StoredRow | null | string> {
    const { id } = wish.row;
    const isWished = (): boolean => this.waiting.get(id) === wish;
    return this.inTurn(async () => {
      if (!isWished()) return null;
      try {
        const row = await this.write(wish);
        if (row !== null) this.saw([row]);
        if (isWished()) this.waiting.delete(id);
        if (row !== null && wish.as === 'present') this.standing.saved(row);
        if (wish.why !== '') this.standing.changed(id);
        return row;
      } catch (error) {
        wish.why = whyNotWritten(error);
        this.standing.changed(id);
        this.later();
        return wish.why;
      }
    });
  }

  private async write({ row: { id, version, json }, patches, as }: Wish): Promise<StoredRow | null> {
    const { rows } = this;
    const change = (): Promise<StoredRow | null> => rows.change(id, patches);
    if (as === 'removed') {
      if (patches.length > 0) await change();
      const marked = await rows.mark(id, as);
      await this.spool.drop(id);
      return marked;
    }
    const marked = await rows.mark(id, as);
    if (marked === null && version === 0 && json !== null) return rows.stand(id, json);
    return patches.length === 0 ? marked : change();
  }

  private later(): void {
    this.cancel();
    this.cancel = this.clock.after(RETRY_MS, () => byItself('the saving of removals', this.settled()));
  }
}

function asKnown({ row }: Removed): StoredRow {
  const { id, version, json, account, unreadable } = row;
  if (json === null || account === null)
    return { id, version, removed: false, content: { kind: 'unreadable', reason: unreadable ?? 'it was never read' } };
  return { id, version, removed: false, content: { kind: 'account', json, account } };
}
