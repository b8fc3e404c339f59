import { isDeepStrictEqual } from 'node:util';
import { accountOf, type Account } from '../../accounts/account.js';
import { create, type Patch } from '../../accounts/patches.js';
import { Pending } from '../../accounts/pending.js';
import { NotSaved, type StoredAccount, type View } from '../../accounts/stored-account.js';
import type { Clock } from '../../ground/clock.js';
import { byItself } from '../../ground/faults.js';
import { grantKey } from '../../ground/fingerprint.js';
import type { JsonObject } from '../../ground/json.js';
import { sameJson } from '../../ground/merge.js';
import type { CredentialSpool } from './credential-spool.js';
import type { StoredRow, RowContent } from './stored-row.js';
import type { KnownRow, StoredRows } from './stored-rows.js';
import { whyNotWritten } from './why-not-written.js';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 10_000;

/** What the database could not be told. */
export interface NotYetSaved {
  readonly why: string;
  readonly losses: readonly string[];
}

/** What a row tells the store that keeps it. */
export interface RowKeeper {
  readonly clock: Clock;
  readonly rows: StoredRows;
  readonly spool: CredentialSpool;
  /** Called when something that is shown changed. */
  changed(row: KeptRow): void;
  /** Called when another box changed the row. */
  noticed(row: KeptRow, before: View): void;
  /** Called when the row is gone from the database, or in the trash. */
  gone(row: KeptRow): void;
  /** What is not saved of an account that was brought back; null: nothing. */
  broughtBack(id: string): NotYetSaved | null;
}

/** Changes that are written together with something else. */
export interface TakenAlong {
  readonly patches: readonly Patch[];
  /** The row without them, as memory has it; null: it cannot be read. */
  readonly known: KnownRow | null;
  /** @param written - the row as it is now; null: there is none any more; a text: why they are not written */
  settle(written: StoredRow | string | null): void;
}

/**
 * One account in memory, with the changes of this box that the database does not have yet. A change is in memory at once;
 * it is written by itself, and one that fails is tried again until it succeeds.
 */
export class KeptRow implements StoredAccount {
  account: Account | null = null;
  unreadable: string | null = null;
  json: JsonObject | null = null;
  readonly held = false;
  /** Of the row as it is known here; 0: the database never had it. */
  version = 0;
  /** The account as the database has it. */
  base: JsonObject | null = null;
  readonly pending = new Pending();
  private fault: string | null = null;
  private underWay: Promise<void> | null = null;
  /** How many writes of others are to take the pending changes along. */
  private taken = 0;
  /** Ends when the last of those who write for this row has ended. */
  private turn: Promise<void> = Promise.resolve();
  private isForgotten = false;
  private retryMs = FIRST_RETRY_MS;
  private cancelRetry = (): void => undefined;

  constructor(
    readonly id: string,
    private readonly keeper: RowKeeper,
  ) {}

  get file(): string {
    return this.id;
  }

  get view(): View {
    return { account: this.account, unreadable: this.unreadable };
  }

  get notSaved(): string | null {
    return this.urgentFault ?? this.keeper.broughtBack(this.id)?.why ?? null;
  }

  get unsaved(): readonly string[] {
    const back = this.keeper.broughtBack(this.id)?.losses ?? [];
    if (this.urgentFault === null) return back;
    return [...back, ...(this.isSpooled ? this.pending.lossesBesideCredential : this.pending.losses)];
  }

  private get urgentFault(): string | null {
    return this.pending.need === 'urgent' || this.pending.isEmpty ? this.fault : null;
  }

  /** Takes in what the database says, if it is newer. @param by - whose change it may be, which is told */
  take(row: StoredRow, by: 'others' | 'us'): void {
    const { content } = row;
    if (row.version < this.version || (row.version === this.version && this.says(content))) return;
    const before = this.view;
    this.version = row.version;
    if (content.kind === 'account') {
      this.base = content.json;
      this.unreadable = null;
      this.show();
    } else this.unreadable = content.reason;
    if (by === 'others') this.keeper.noticed(this, before);
    else if (this.account !== before.account || this.unreadable !== before.unreadable) this.keeper.changed(this);
    this.write();
  }

  /** Makes this an account that the database does not have yet. */
  begin(json: JsonObject): void {
    this.base = json;
    this.show();
  }

  /** Saves it for the first time. @throws {NotSaved} as `AccountStore.patch` */
  create(): Promise<void> {
    return this.patch(create());
  }

  /** @throws {NotSaved} as `AccountStore.patch` */
  patch(patch: Patch): Promise<void> {
    const saved = this.pending.add(patch);
    this.show();
    // on its way to the other boxes before this one draws it
    this.write();
    this.keeper.changed(this);
    return saved;
  }

  /** Shows changes that somebody else is about to write; whoever calls this calls `takeAlong` too. */
  anticipate(patches: readonly Patch[]): void {
    this.taken += 1;
    for (const patch of patches) this.pending.add(patch).catch(untold);
    this.show();
    this.keeper.changed(this);
  }

  /** Hands all that waits to be written to somebody else, once nobody writes it any more. */
  async takeAlong(): Promise<TakenAlong> {
    const before = this.turn;
    let end = (): void => undefined;
    this.turn = new Promise((resolve) => (end = resolve));
    await before;
    await this.underWay;
    const patches = this.pending.begin();
    return {
      patches,
      known: this.known,
      settle: (written) => {
        this.taken -= 1;
        const fault = typeof written === 'string' ? written : written === null ? null : unreadableText(written);
        if (fault !== null) this.failed(fault);
        else if (written !== null && typeof written !== 'string') this.landed(written);
        else this.pending.landed();
        end();
        if (fault === null) this.write();
        else this.retryLater();
      },
    };
  }

  /** Writes at once what waits for its next try. */
  retryNow(): void {
    this.cancelRetry();
    this.write();
  }

  /** Waits until no write is under way; one that failed before is tried once more. */
  async settled(): Promise<void> {
    await this.underWay;
    if (this.fault !== null) this.retryNow();
    while (this.underWay !== null) await this.underWay;
  }

  /** Nothing is written any more. */
  forget(): void {
    this.isForgotten = true;
    this.cancelRetry();
    this.pending.letGo();
  }

  private get known(): KnownRow | null {
    const { version, base, unreadable } = this;
    return base === null || unreadable !== null ? null : { version, json: base };
  }

  private says(content: RowContent): boolean {
    return content.kind === 'unreadable'
      ? this.unreadable === content.reason
      : this.unreadable === null && isDeepStrictEqual(this.base, content.json);
  }

  private show(): void {
    if (this.base === null) return;
    this.json = this.pending.isEmpty ? this.base : this.pending.onTopOf(this.base);
    const account = accountOf(this.json, this.id);
    if (this.account === null || !sameJson(account, this.account)) this.account = account;
  }

  private write(): void {
    if (this.underWay !== null || this.taken > 0 || this.isForgotten || this.pending.isEmpty) return;
    this.cancelRetry();
    this.underWay = this.writePending().finally(() => {
      this.underWay = null;
      if (this.fault === null) this.write();
      else this.retryLater();
    });
    byItself(`the saving of ${this.id}`, this.underWay);
  }

  private async writePending(): Promise<void> {
    const patches = this.pending.begin();
    const { fault } = this;
    try {
      const row = await this.land(patches);
      if (this.isForgotten) return;
      const unreadable = row === null ? null : unreadableText(row);
      if (row === null || row.removed) this.keeper.gone(this);
      else if (unreadable === null) this.landed(row);
      else {
        this.take(row, 'others');
        this.failed(unreadable);
      }
    } catch (error) {
      const why = whyNotWritten(error);
      await this.spoolCredential();
      this.failed(why);
    }
    if (this.fault !== fault) this.keeper.changed(this);
  }

  /** Whether the refresh token that waits for the database is not lost with this process. */
  private get isSpooled(): boolean {
    return this.account !== null && this.keeper.spool.holds(grantKey(this.account));
  }

  /** A credential that is nowhere else is on this box's disk before anybody is told that it is not saved. */
  private async spoolCredential(): Promise<void> {
    const { id, json, base, pending, keeper, isForgotten } = this;
    const isNew = this.version === 0;
    if (json === null || base === null || isForgotten || this.isSpooled || !(isNew || pending.holdCredential)) return;
    const replaces = isNew ? null : grantKey(accountOf(base, id));
    await keeper.spool.keep({ id, json, replaces });
  }

  /** @returns the row as it is now; null: it is gone, and holds nothing that has to be kept */
  private async land(patches: readonly Patch[]): Promise<StoredRow | null> {
    const { rows } = this.keeper;
    const row = this.version === 0 ? null : await rows.change(this.id, patches, this.known);
    if (row !== null && !row.removed) return row;
    if (this.version !== 0 && !this.pending.holdCredential) return row;
    // a credential that is nowhere else is saved whatever became of the row
    const stood = await rows.stand(this.id, this.json ?? {});
    return rows.change(this.id, patches).then((changed) => changed ?? stood);
  }

  private landed(row: StoredRow): void {
    this.fault = null;
    this.retryMs = FIRST_RETRY_MS;
    const isOurs = row.version <= this.version + 1;
    // a database that is older than memory: what was changed is in the version that it is told
    if (row.version <= this.version) this.base = this.json;
    this.pending.landed();
    if (!this.pending.holdCredential) byItself(`the spool of ${this.id}`, this.keeper.spool.drop(this.id));
    this.take(row, isOurs ? 'us' : 'others');
    this.show();
  }

  private failed(reason: string): void {
    this.fault = reason;
    this.pending.begin();
    this.pending.failed(new NotSaved(this.account?.email ?? this.file, reason));
    this.keeper.changed(this);
  }

  private retryLater(): void {
    if (this.isForgotten) return;
    this.cancelRetry = this.keeper.clock.after(this.retryMs, () => this.write());
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }
}

/** Why a row is not written; null: nothing is against it. */
const unreadableText = ({ content }: StoredRow): string | null =>
  content.kind === 'unreadable' ? `${content.reason}; a row that cannot be read is never changed` : null;

/** Whoever writes the changes tells of a failure. */
const untold = (): void => undefined;
