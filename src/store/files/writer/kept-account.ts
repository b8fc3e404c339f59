import path from 'node:path';
import { accountOf, type Account } from '../../accounts/account.js';
import { readAccountFile, type FileContent } from '../../accounts/account-file.js';
import { stem } from '../../accounts/accounts-folder.js';
import type { Clock } from '../../ground/clock.js';
import type { Disk } from '../../disk/disk.js';
import { createDurably } from '../../disk/durable.js';
import { reasonOf, systemCode } from '../../ground/errors.js';
import { printExactly } from '../../ground/exact-json.js';
import type { JsonObject } from '../../ground/json.js';
import { moveAccountAway, type Leaving } from './move-away.js';
import { sameJson } from '../../ground/merge.js';
import { create, type Patch } from '../../accounts/patches.js';
import { Pending } from './pending.js';
import { plannedWrite } from './planned-write.js';
import { SharedWrites } from './shared-writes.js';
import { NotSaved, type StoredAccount, type View } from '../../accounts/stored-account.js';
import type { Turns } from './write-slots.js';

/** What an account has to tell whoever keeps it, and to ask of it. */
export interface Keeper {
  readonly clock: Clock;
  readonly disk: Disk;
  /** Writes wait for their turn here. */
  readonly turns: Turns;
  /** Something that is shown changed. */
  changed(account: KeptAccount): void;
  /** Another program changed the file. */
  noticed(account: KeptAccount, before: View): void;
  /** Its file is gone: whether the account goes with it, or too much vanished at once for that. */
  gone(account: KeptAccount): 'forgotten' | 'held';
  /** The file of an account that was held is back. */
  back(account: KeptAccount): void;
}

/** A half-written file of another program gets this long to become whole. */
export const SECOND_LOOK_MS = 100;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** Another program that changes the file each time we are about to write gets this many rounds. */
const MOST_ROUNDS = 100;

/** One for all, as there may be many accounts. */
const noWait = (): void => undefined;

type Standing = Exclude<FileContent, { kind: 'gone' }>;
type Readable = Extract<FileContent, { kind: 'account' }>;

/**
 * One account, its file, and the only writer of that.
 *
 * A change is in memory at once, and goes to disk in a write that takes up all that wait: read what the file says at
 * that moment, apply, write beside it, and take its place if it still says what was read. What another program wrote in
 * the last moment comes back with the old file and is merged; a change of ours that its stale copy undid is applied again.
 */
export class KeptAccount implements StoredAccount {
  readonly id: string;
  account: Account | null = null;
  unreadable: string | null = null;
  notSaved: string | null = null;
  /** As on disk, with all that is pending. Never changed in place. */
  json: JsonObject | null = null;
  /** The file was gone at the last look, and the account is kept all the same. */
  held = false;
  /** Its file is being moved away: that it is gone is nobody else's doing. */
  isLeaving = false;
  /** Counts what was read and written, so that an older look is told from a newer one. */
  version = 0;
  /** As last read from or written to disk; for an account whose file does not stand yet, what it starts with. */
  private base: JsonObject | null = null;
  private stands = false;
  /** What a write under way is about to put there: a look that sees it early sees nothing new. */
  private landing: JsonObject | null = null;
  private readonly pending = new Pending();
  private writing: Promise<void> | null = null;
  // most accounts are never written here: what only a write needs is made by the first one
  private shared: SharedWrites | null = null;
  /** The last write stands, but not for good: its folder could not be synced. */
  private unsynced = false;
  private forgotten = false;
  private retryMs = FIRST_RETRY_MS;
  private cancelRetry = noWait;
  private endSecondLook = noWait;

  constructor(
    private readonly folder: string,
    readonly file: string,
    private readonly keeper: Keeper,
  ) {
    this.id = stem(file);
  }

  /** Its file never stood there yet. */
  get isNew(): boolean {
    return !this.stands && this.base !== null;
  }

  get isWriting(): boolean {
    return this.writing !== null;
  }

  get view(): View {
    return { account: this.account, unreadable: this.unreadable };
  }

  get unsaved(): readonly string[] {
    return this.notSaved === null ? [] : this.pending.losses;
  }

  /** One look at the file. */
  read(): FileContent {
    return readAccountFile(this.path, this.id, 'unknown');
  }

  /** Takes in what the first look at the file found, at a start: nobody is told. */
  begin(found: Readable): this {
    this.base = this.json = found.json;
    this.account = found.account;
    this.stands = true;
    return this;
  }

  /** Takes in what a look at the file found. An account that became unreadable keeps its last good copy. */
  take(found: Standing): void {
    if (this.held) {
      this.held = false;
      this.keeper.back(this);
      this.write();
    }
    if (found.kind === 'unreadable' ? this.unreadable === found.reason : this.isKnown(found.json)) return;
    const before = this.view;
    this.version++;
    if (found.kind === 'unreadable') {
      this.unreadable = found.reason;
    } else {
      this.unreadable = null;
      // what another program's stale copy undid goes before all that waits
      if (this.stands && this.base !== null) this.pending.putFirst(this.shared?.undoneBy(found.json, this.base) ?? []);
      this.base = found.json;
      this.show(found.account);
    }
    this.stands = true;
    this.keeper.noticed(this, before);
    this.write();
  }

  /**
   * Changes the account: in memory at once, and on disk when the promise resolves.
   *
   * @throws {NotSaved} the first write failed; the change stays in memory and its write is tried again
   */
  patch(patch: Patch): Promise<void> {
    const saved = this.pending.add(patch);
    this.show();
    this.keeper.changed(this);
    this.write();
    return saved;
  }

  /** Makes it the account of a file that does not stand yet. */
  create(json: JsonObject): Promise<void> {
    this.base = json;
    return this.patch(create());
  }

  /** Waits until nothing is under way; what failed before is tried once more. */
  async settled(): Promise<void> {
    await this.writing;
    if (this.notSaved !== null) this.write();
    for (;;) {
      this.shared?.finish();
      if (this.writing === null) return;
      await this.writing;
    }
  }

  /**
   * Moves its file to `target` for good, see `moveAccountAway`. What is to follow is that it is forgotten.
   *
   * @throws the system's error: nothing was moved
   */
  async moveAway(target: string): Promise<void> {
    await this.settled();
    if (this.forgotten || this.isLeaving) return;
    this.isLeaving = true;
    // from here on what comes waits
    const leaving = Promise.resolve().then(() => moveAccountAway(this.leaving, target, this.keeper.disk));
    this.writing = leaving.catch(noWait);
    try {
      await leaving;
    } catch (error) {
      this.isLeaving = false;
      throw error;
    } finally {
      this.writing = null;
      this.write();
    }
  }

  /** Keeps the account although its file is gone. */
  hold(): void {
    this.held = true;
    this.forgotten = false;
  }

  /** No write will follow. */
  forget(): void {
    this.forgotten = true;
    this.cancelRetry();
    this.endSecondLook();
    this.shared?.finish();
  }

  private get path(): string {
    return path.join(this.folder, this.file);
  }

  private get leaving(): Leaving {
    return { id: this.id, file: this.path, pending: this.pending, json: this.json };
  }

  private isKnown(json: JsonObject): boolean {
    const known = (seen: JsonObject | null): boolean => seen !== null && sameJson(seen, json);
    return this.unreadable === null && ((this.stands && known(this.base)) || known(this.landing));
  }

  /** Makes memory say what is on disk with all pending changes on top. */
  private show(parsed?: Account): void {
    if (this.base === null) return;
    const isClean = this.pending.isEmpty;
    this.json = isClean ? this.base : this.pending.onTopOf(this.base);
    const account = isClean && parsed !== undefined ? parsed : accountOf(this.json, this.id);
    if (this.account === null || !sameJson(account, this.account)) this.account = account;
  }

  /** Another program wrote into a file that a write of ours pushed aside. */
  private mergeIn(merged: Patch): void {
    if (this.forgotten) return;
    const before = this.view;
    this.pending.putFirst([merged]);
    this.show();
    this.keeper.noticed(this, before);
    this.write();
  }

  private write(): void {
    if (this.pending.isEmpty || this.forgotten) return;
    const { need } = this.pending;
    if (this.writing !== null) {
      // it may still wait for its turn
      if (need === 'urgent') this.keeper.turns.hurry(this);
      return;
    }
    this.cancelRetry();
    this.writing = this.keeper.turns
      .take(this, need, () => this.writePending())
      .finally(() => {
        this.writing = null;
        if (this.notSaved === null) this.write();
        else this.retryLater();
      });
  }

  private async writePending(): Promise<void> {
    this.pending.begin();
    const failure = await this.land().catch((error: unknown) => {
      if (systemCode(error) === '') throw error;
      return reasonOf(error);
    });
    if (failure === null || this.forgotten) this.landed();
    else this.failed(failure);
    this.keeper.changed(this);
  }

  private landed(): void {
    this.notSaved = null;
    this.retryMs = FIRST_RETRY_MS;
    if (this.forgotten) this.pending.letGo();
    else this.pending.landed();
  }

  private failed(reason: string): void {
    this.notSaved = reason;
    this.pending.failed(new NotSaved(this.file, reason));
  }

  private retryLater(): void {
    if (this.forgotten) return;
    this.cancelRetry = this.keeper.clock.after(this.retryMs, () => this.write());
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }

  /** Brings all that is pending to disk, merged with what other programs wrote; the reason where that failed. */
  private async land(): Promise<string | null> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const found = await this.lookBeforeWriting();
      if (found.kind === 'gone') {
        if (this.stands) return this.forgotten || this.keeper.gone(this) === 'forgotten' ? null : 'its file is gone';
        if (await this.landInEmptyPlace()) return null;
        continue;
      }
      this.take(found);
      this.pending.begin();
      if (found.kind === 'unreadable') return `${found.reason}; a file that cannot be read is never changed`;
      if (await this.landOn(found)) return null;
    }
    return 'another program keeps changing it';
  }

  /** Another program may be in the middle of writing or replacing it. */
  private async lookBeforeWriting(): Promise<FileContent> {
    const found = this.read();
    if (found.kind === 'account' || (found.kind === 'gone' && !this.stands) || this.forgotten) return found;
    const forgotten = new Promise<void>((resolve) => (this.endSecondLook = resolve));
    await Promise.race([this.keeper.clock.wait(SECOND_LOOK_MS), forgotten]);
    return this.read();
  }

  /** False where a file stands there by now. */
  private async landInEmptyPlace(): Promise<boolean> {
    const json = this.json ?? {};
    this.pending.begin();
    this.landing = json;
    try {
      await createDurably(this.path, printExactly(json), this.keeper.disk);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    } finally {
      this.landing = null;
    }
    if (!this.stands) this.base = json;
    this.stands = true;
    this.version++;
    return true;
  }

  /** False where the file says something else by now. */
  private async landOn(found: Readable): Promise<boolean> {
    const { clock, disk } = this.keeper;
    const patches = this.pending.begin();
    const plan = plannedWrite(found.text, patches, clock.monotonic());
    if (plan === null) {
      if (this.unsynced) await disk.syncFolder(this.folder);
      this.unsynced = false;
      return true;
    }
    this.shared ??= new SharedWrites(this.id, clock, disk);
    // a look may see it before we hear that it stands
    this.landing = plan.json;
    const written = await this.shared
      .replace(this.path, found.text, patches, plan)
      .finally(() => (this.landing = null));
    if (written === null) return false;
    // what a look saw meanwhile is compared with this: it may be the save of a copy from before it
    this.base = plan.json;
    this.show();
    this.version++;
    this.shared.watch(written, (merged) => this.mergeIn(merged));
    const now = this.read();
    if (now.kind === 'account') this.take(now);
    const { syncFailed } = written.replaced;
    this.unsynced = syncFailed !== null;
    if (this.unsynced) throw syncFailed;
    return true;
  }
}
