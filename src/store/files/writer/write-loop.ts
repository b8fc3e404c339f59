import path from 'node:path';
import type { FileContent } from '../../accounts/account-file.js';
import { NotSaved } from '../../accounts/stored-account.js';
import type { Patch } from '../../accounts/patches.js';
import { createDurably } from '../../disk/durable.js';
import { reasonOf, systemCode } from '../../ground/errors.js';
import { printExactly } from '../../ground/exact-json.js';
import type { JsonObject } from '../../ground/json.js';
import type { Keeper, Present, Readable } from './keeper.js';
import type { Pending } from '../../accounts/pending.js';
import { appliedAll, plannedWrite } from './planned-write.js';
import { SharedWrites } from './shared-writes.js';

/** How long a half-written file of another program gets to become whole. */
export const SECOND_READING_MS = 100;
const FIRST_RETRY_MS = 1_000;
/** The longest time until a write that may succeed is tried again. */
const LONGEST_RETRY_MS = 10_000;
/** If the disk has not finished a write for this long it counts as not saved, so that somebody is told in time. */
const SLOW_MS = 3_500;
/** How often a write is tried again where another program keeps changing the file just before it. */
const MOST_ROUNDS = 100;

const noWait = (): void => undefined;

/** The account that is written, as far as the loop needs it, and what the loop tells it. */
export interface WrittenAccount {
  readonly id: string;
  /** The file's name. */
  readonly file: string;
  /** The file's path. */
  readonly path: string;
  readonly pending: Pending;
  /** The JSON as last read from or written to disk; null: it never was readable. */
  readonly base: JsonObject | null;
  /** The JSON in memory, with all pending changes. */
  readonly json: JsonObject | null;
  /** Whether the account's file exists, or did once. */
  readonly stands: boolean;
  /** Whether writing has been stopped for this account. */
  readonly isForgotten: boolean;
  read(): FileContent;
  /** A reading before or after a write found this content. */
  take(found: Present): void;
  /** A write made the file, which did not exist, with this content. */
  began(json: JsonObject): void;
  /** A write replaced the file by this content. */
  replaced(json: JsonObject): void;
  /**
   * Called when the account's file is gone: whether the account is dropped too, or kept because too many vanished at
   * once.
   */
  vanished(): 'forgotten' | 'held';
  /** Another program wrote into the old file after a write of ours replaced it. */
  mergeIn(merged: Patch): void;
  /** Something that is shown changed. */
  changed(): void;
}

/**
 * Writes the pending changes of one account into its file, one write at a time: read what the file says at that moment,
 * apply the patches, write a file beside it, and replace the file if it still says what was read. A write that fails is
 * tried again until it succeeds.
 */
export class WriteLoop {
  /** Why the pending changes are not on disk; null: nothing failed. */
  notSaved: string | null = null;
  /**
   * The content that a write under way is about to put there: a reading that sees it early finds no change of somebody
   * else.
   */
  landing: JsonObject | null = null;
  private underWay: Promise<void> | null = null;
  private shared: SharedWrites | null = null;
  /** The last write is in the file, but not durable: its folder could not be synced. */
  private unsynced = false;
  private retryMs = FIRST_RETRY_MS;
  private cancelRetry = noWait;
  private cancelSlow = noWait;
  private endSecondReading = noWait;

  constructor(
    private readonly account: WrittenAccount,
    private readonly keeper: Pick<Keeper, 'clock' | 'disk' | 'slots' | 'folderStands' | 'keepCopy' | 'wroteInPlace'>,
  ) {}

  get isWriting(): boolean {
    return this.underWay !== null;
  }

  /** Writes the pending changes; if a write is under way, another one follows it. */
  write(): void {
    const { pending, isForgotten } = this.account;
    if (pending.isEmpty || isForgotten) return;
    const { need } = pending;
    if (this.underWay !== null) {
      // the write may still wait for its slot
      if (need === 'urgent') this.keeper.slots.hurry(this);
      return;
    }
    this.cancelRetry();
    if (need === 'urgent') this.cancelSlow = this.keeper.clock.after(SLOW_MS, () => this.tellSlow());
    this.underWay = this.keeper.slots
      .take(this, need, () => this.writePending())
      .finally(() => {
        this.underWay = null;
        if (this.notSaved === null) this.write();
        else this.retryLater();
      });
  }

  /** Waits until no write is under way; one that failed before is tried once more. */
  async settled(): Promise<void> {
    await this.underWay;
    if (this.notSaved !== null) this.write();
    for (;;) {
      this.shared?.finish();
      if (this.underWay === null) return;
      await this.underWay;
    }
  }

  /**
   * Runs `act` while no write is under way; changes that come meanwhile are written after it. @throws what `act` throws
   */
  async insteadOfWriting(act: () => Promise<void>): Promise<void> {
    const acting = Promise.resolve().then(act);
    this.underWay = acting.catch(noWait);
    try {
      await acting;
    } finally {
      this.underWay = null;
      this.write();
    }
  }

  /** The patches that another program's save undid, in the order to apply them again. */
  undoneBy(found: JsonObject, known: JsonObject): readonly Patch[] {
    return this.shared?.undoneBy(found, known) ?? [];
  }

  /** Releases what is open. */
  stop(): void {
    this.cancelRetry();
    this.cancelSlow();
    this.endSecondReading();
    this.shared?.finish();
  }

  private get sharedWrites(): SharedWrites {
    return (this.shared ??= new SharedWrites(this.account.id, this.keeper));
  }

  private async writePending(): Promise<void> {
    const { pending } = this.account;
    pending.begin();
    const failure = await this.land().catch((error: unknown) => {
      if (systemCode(error) === '') throw error;
      return reasonOf(error);
    });
    this.cancelSlow();
    const { notSaved } = this;
    if (failure === null || this.account.isForgotten) this.landed();
    else this.failed(failure);
    if (this.notSaved !== notSaved) this.account.changed();
  }

  private landed(): void {
    this.notSaved = null;
    this.retryMs = FIRST_RETRY_MS;
    if (this.account.isForgotten) this.account.pending.letGo();
    else this.account.pending.landed();
  }

  private failed(reason: string): void {
    this.notSaved = reason;
    this.account.pending.failed(new NotSaved(this.account.file, reason));
  }

  private tellSlow(): void {
    if (this.notSaved !== null) return;
    this.notSaved = `the disk has not taken it for ${SLOW_MS / 1000} s`;
    this.account.changed();
  }

  private retryLater(): void {
    if (this.account.isForgotten) return;
    this.cancelRetry = this.keeper.clock.after(this.retryMs, () => this.write());
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }

  /**
   * Writes all pending changes to disk, merged with what other programs wrote. @returns why that failed; null: it
   * succeeded
   */
  private async land(): Promise<string | null> {
    const { account } = this;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const found = await this.readBeforeWriting();
      if (found.kind === 'gone') {
        if (account.stands) {
          if (account.isForgotten || account.vanished() === 'forgotten') return null;
          if (!account.pending.holdCredential) return 'its file is gone';
        }
        if (await this.landInEmptyPlace()) return null;
        continue;
      }
      account.take(found);
      account.pending.begin();
      if (found.kind === 'unreadable') return `${found.reason}; a file that cannot be read is never changed`;
      if (await this.landOn(found)) return null;
    }
    return 'another program keeps changing it';
  }

  /**
   * Reads the file, and reads it again after a moment where it is unreadable or gone: another program may be in the
   * middle of writing or replacing it.
   */
  private async readBeforeWriting(): Promise<FileContent> {
    const { account } = this;
    const found = account.read();
    if (found.kind === 'account' || (found.kind === 'gone' && !account.stands) || account.isForgotten) return found;
    const forgotten = new Promise<void>((resolve) => (this.endSecondReading = resolve));
    await Promise.race([this.keeper.clock.wait(SECOND_READING_MS), forgotten]);
    return account.read();
  }

  /** Makes the file from memory. False where it exists by now. */
  private async landInEmptyPlace(): Promise<boolean> {
    const { account, keeper } = this;
    const json = account.json ?? {};
    const own = account.stands ? appliedAll(account.pending.begin(), account.base ?? {}, keeper.clock.monotonic()) : [];
    account.pending.begin();
    this.landing = json;
    try {
      await keeper.folderStands();
      await createDurably(account.path, printExactly(json), keeper.disk);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    } finally {
      this.landing = null;
    }
    // remembered as our writes: if somebody restores the old file from a backup, its dead token is replaced again
    if (own.length > 0) this.sharedWrites.stand(own);
    account.began(json);
    return true;
  }

  /** Replaces the file by one with the pending changes. False where the file says something else by now. */
  private async landOn(found: Readable): Promise<boolean> {
    const { account } = this;
    const { clock, disk } = this.keeper;
    const patches = account.pending.begin();
    const plan = plannedWrite(found.text, patches, clock.monotonic());
    if (plan === null) {
      if (this.unsynced) await disk.syncFolder(path.dirname(account.path));
      this.unsynced = false;
      return true;
    }
    // a reading may see the new content before we hear that it is written
    this.landing = plan.json;
    const written = await this.sharedWrites
      .replace(account.path, found.text, patches, plan)
      .finally(() => (this.landing = null));
    if (written === null) return false;
    // before the next reading: what it finds is compared with our write, and may be a stale copy from before it
    account.replaced(plan.json);
    this.sharedWrites.watch(written, (merged) => account.mergeIn(merged));
    const now = account.read();
    if (now.kind === 'account') account.take(now);
    const { syncFailed } = written.replaced;
    this.unsynced = syncFailed !== null;
    if (this.unsynced) throw syncFailed;
    return true;
  }
}
