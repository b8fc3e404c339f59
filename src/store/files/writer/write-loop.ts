import path from 'node:path';
import type { FileContent } from '../../accounts/account-file.js';
import { NotSaved } from '../../accounts/stored-account.js';
import type { Patch } from '../../accounts/patches.js';
import { createDurably } from '../../disk/durable.js';
import { reasonOf, systemCode } from '../../ground/errors.js';
import { printExactly } from '../../ground/exact-json.js';
import type { JsonObject } from '../../ground/json.js';
import type { Keeper, Present, Readable } from './keeper.js';
import type { Pending } from './pending.js';
import { appliedAll, plannedWrite } from './planned-write.js';
import { SharedWrites } from './shared-writes.js';

/** A half-written file of another program gets this long to become whole. */
export const SECOND_READING_MS = 100;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** Another program that changes the file each time we are about to write gets this many rounds. */
const MOST_ROUNDS = 100;

const noWait = (): void => undefined;

/** The account that is written, as the loop needs to see it, and what it is told. */
export interface WrittenAccount {
  readonly id: string;
  /** The file's name. */
  readonly file: string;
  /** The file's path. */
  readonly path: string;
  readonly pending: Pending;
  /** As last read from or written to disk; null: it never was readable. */
  readonly base: JsonObject | null;
  /** In memory, with all that is pending. */
  readonly json: JsonObject | null;
  /** Its file stood there once. */
  readonly stands: boolean;
  /** No write is to follow. */
  readonly isForgotten: boolean;
  read(): FileContent;
  /** A reading before or after a write found this. */
  take(found: Present): void;
  /** A write put this where nothing stood. */
  began(json: JsonObject): void;
  /** A write put this in the file's place. */
  replaced(json: JsonObject): void;
  /** Its file is gone: whether the account goes with it, or too much vanished at once for that. */
  vanished(): 'forgotten' | 'held';
  /** Another program wrote into a file that a write of ours pushed aside. */
  mergeIn(merged: Patch): void;
  /** Something that is shown changed. */
  changed(): void;
}

/**
 * Brings what is pending of one account to its file, one write at a time: read what the file says at that moment, apply,
 * write beside it, and take its place if it still says what was read. What fails is tried again until it lands.
 */
export class WriteLoop {
  /** Why what is pending is not on disk; null: nothing failed. */
  notSaved: string | null = null;
  /** What a write under way is about to put there: a reading that sees it early sees nothing new. */
  landing: JsonObject | null = null;
  private underWay: Promise<void> | null = null;
  private shared: SharedWrites | null = null;
  /** The last write stands, but not for good: its folder could not be synced. */
  private unsynced = false;
  private retryMs = FIRST_RETRY_MS;
  private cancelRetry = noWait;
  private endSecondReading = noWait;

  constructor(
    private readonly account: WrittenAccount,
    private readonly keeper: Pick<Keeper, 'clock' | 'disk' | 'slots' | 'folderStands'>,
  ) {}

  get isWriting(): boolean {
    return this.underWay !== null;
  }

  /** Writes what is pending, unless a write is under way: that one is followed by another. */
  write(): void {
    const { pending, isForgotten } = this.account;
    if (pending.isEmpty || isForgotten) return;
    const { need } = pending;
    if (this.underWay !== null) {
      // it may still wait for its slot
      if (need === 'urgent') this.keeper.slots.hurry(this);
      return;
    }
    this.cancelRetry();
    this.underWay = this.keeper.slots
      .take(this, need, () => this.writePending())
      .finally(() => {
        this.underWay = null;
        if (this.notSaved === null) this.write();
        else this.retryLater();
      });
  }

  /** Waits until nothing is under way; what failed before is tried once more. */
  async settled(): Promise<void> {
    await this.underWay;
    if (this.notSaved !== null) this.write();
    for (;;) {
      this.shared?.finish();
      if (this.underWay === null) return;
      await this.underWay;
    }
  }

  /** What comes while `act` is under way waits, and is written then. @throws what `act` does */
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

  /** Lets go of what is open. */
  stop(): void {
    this.cancelRetry();
    this.endSecondReading();
    this.shared?.finish();
  }

  private get sharedWrites(): SharedWrites {
    return (this.shared ??= new SharedWrites(this.account.id, this.keeper.clock, this.keeper.disk));
  }

  private async writePending(): Promise<void> {
    const { notSaved } = this;
    const { pending } = this.account;
    pending.begin();
    const failure = await this.land().catch((error: unknown) => {
      if (systemCode(error) === '') throw error;
      return reasonOf(error);
    });
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

  private retryLater(): void {
    if (this.account.isForgotten) return;
    this.cancelRetry = this.keeper.clock.after(this.retryMs, () => this.write());
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }

  /** Brings all that is pending to disk, merged with what other programs wrote; the reason where that failed. */
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

  /** Another program may be in the middle of writing or replacing it. */
  private async readBeforeWriting(): Promise<FileContent> {
    const { account } = this;
    const found = account.read();
    if (found.kind === 'account' || (found.kind === 'gone' && !account.stands) || account.isForgotten) return found;
    const forgotten = new Promise<void>((resolve) => (this.endSecondReading = resolve));
    await Promise.race([this.keeper.clock.wait(SECOND_READING_MS), forgotten]);
    return account.read();
  }

  /** Makes the file, whole, from what is known. False where one stands there by now. */
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
    // whoever brings the old file back, from a copy of the folder, does not bring its dead token back
    if (own.length > 0) this.sharedWrites.stand(own);
    account.began(json);
    return true;
  }

  /** False where the file says something else by now. */
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
    // a reading may see it before we hear that it stands
    this.landing = plan.json;
    const written = await this.sharedWrites
      .replace(account.path, found.text, patches, plan)
      .finally(() => (this.landing = null));
    if (written === null) return false;
    // what a reading saw meanwhile is compared with this: it may be the save of a copy from before it
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
