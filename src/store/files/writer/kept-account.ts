import path from 'node:path';
import { accountOf, type Account } from '../../accounts/account.js';
import { readAccountFile, type FileContent } from '../../accounts/account-file.js';
import { stem } from '../../accounts/accounts-folder.js';
import { parseJson, withoutMark, type JsonObject } from '../../ground/json.js';
import { sameJson } from '../../ground/merge.js';
import { create, type Patch } from '../../accounts/patches.js';
import type { StoredAccount, View } from '../../accounts/stored-account.js';
import type { FirstFound, Keeper, Present, Readable } from './keeper.js';
import { KeptText } from './kept-text.js';
import { moveAccountAway } from './move-away.js';
import { Pending } from '../../accounts/pending.js';
import { WriteLoop, type WrittenAccount } from './write-loop.js';

/**
 * What an account's file says: as the text that a start has read, or as JSON. Most are never asked for, and tens of
 * thousands of texts cost less to be kept, and to be passed over when memory is cleared up.
 */
type Said = string | KeptText | JsonObject | null;

const textOf = (said: Said): Exclude<Said, KeptText> => (said instanceof KeptText ? said.read() : said);

function jsonOf(said: Said): JsonObject | null {
  const text = textOf(said);
  return typeof text === 'string' ? (parseJson(withoutMark(text)) as JsonObject) : text;
}

/**
 * One account, its file, and the only writer of that file.
 *
 * A change is in memory at once, and is written to disk by the `WriteLoop`. Where a write of ours replaces what another
 * program wrote in the last moment, that is merged in; where another program saves a stale copy and so undoes a change
 * of ours, the change is applied again.
 */
export class KeptAccount implements StoredAccount, WrittenAccount {
  readonly id: string;
  account: Account | null = null;
  unreadable: string | null = null;
  /** The file was gone at the last reading, but the account is kept. */
  held = false;
  /** The file is being moved away by us: if it is gone, no other program took it. */
  isMovingAway = false;
  /** Counts readings and writes, so that an older reading is told from a newer one. */
  version = 0;
  stands = false;
  isForgotten = false;
  readonly pending = new Pending();
  private said: Said = null;
  private shown: Said = null;
  /** Made by the first write, since most accounts are never written here. */
  private loop: WriteLoop | null = null;

  constructor(
    private readonly folder: string,
    readonly file: string,
    private readonly keeper: Keeper<KeptAccount>,
  ) {
    this.id = stem(file);
  }

  /** The account's file never existed yet. */
  get isNew(): boolean {
    return !this.stands && this.said !== null;
  }

  /**
   * The JSON as last read from or written to disk; for an account whose file does not exist yet, what it starts with.
   */
  get base(): JsonObject | null {
    return jsonOf(this.said);
  }

  /** The account's JSON as on disk, with all pending changes. Never changed in place. */
  get json(): JsonObject | null {
    return jsonOf(this.shown);
  }

  get isWriting(): boolean {
    return this.loop?.isWriting === true;
  }

  get view(): View {
    return { account: this.account, unreadable: this.unreadable };
  }

  get notSaved(): string | null {
    // losing only the time of the last use is not worth telling
    return this.pending.need === 'urgent' || this.pending.isEmpty ? (this.loop?.notSaved ?? null) : null;
  }

  get unsaved(): readonly string[] {
    return this.notSaved === null ? [] : this.pending.losses;
  }

  get path(): string {
    return path.join(this.folder, this.file);
  }

  read(): FileContent {
    return readAccountFile(this.path, this.id, 'unknown');
  }

  /** Takes in what the reading of the file found at a start: nobody is told. */
  begin(found: Present | FirstFound): this {
    if (found.kind === 'unreadable') {
      this.unreadable = found.reason;
    } else {
      this.said = this.shown = found.text;
      this.account = found.account;
    }
    this.stands = true;
    return this;
  }

  /** Whether a reading of the file found nothing new. */
  says(found: FileContent): boolean {
    if (this.held || found.kind === 'gone') return false;
    return found.kind === 'unreadable' ? this.unreadable === found.reason : this.isKnown(found);
  }

  /** Takes in what a reading of the file found. An account that became unreadable keeps its last good copy. */
  take(found: Present): void {
    if (this.comesBack()) this.write();
    if (found.kind === 'unreadable' ? this.unreadable === found.reason : this.isKnown(found)) return;
    const before = this.view;
    this.version++;
    if (found.kind === 'unreadable') {
      this.unreadable = found.reason;
    } else {
      this.unreadable = null;
      // changes that another program's stale copy undid go before all that are waiting
      const { base } = this;
      if (this.stands && base !== null) this.pending.putFirst(this.loop?.undoneBy(found.json, base) ?? []);
      this.said = found.json;
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
    this.changed();
    this.write();
    return saved;
  }

  /** Makes this the account of a file that does not exist yet. */
  create(json: JsonObject): Promise<void> {
    this.said = json;
    return this.patch(create());
  }

  /** Waits until no write is under way; one that failed before is tried once more. */
  async settled(): Promise<void> {
    await this.loop?.settled();
  }

  /**
   * Moves the account's file durably to `target`, see `moveAccountAway`. The caller then has to call `forget`.
   *
   * @throws the system's error: nothing was moved
   */
  async moveAway(target: string): Promise<void> {
    await this.settled();
    if (this.isForgotten || this.isMovingAway) return;
    this.isMovingAway = true;
    try {
      await this.writer.insteadOfWriting(() => moveAccountAway(this, target, this.keeper.disk));
    } catch (error) {
      this.isMovingAway = false;
      throw error;
    }
  }

  /** Keeps the account although its file is gone. */
  hold(): void {
    this.held = true;
    this.isForgotten = false;
  }

  /** Stops all writing for this account. */
  forget(): void {
    this.isForgotten = true;
    this.loop?.stop();
  }

  began(json: JsonObject): void {
    // a reading may have seen the new file already
    if (!this.stands || this.held) this.said = json;
    this.stands = true;
    this.version++;
    this.comesBack();
  }

  replaced(json: JsonObject): void {
    this.said = json;
    this.show();
    this.version++;
  }

  vanished(): 'forgotten' | 'held' {
    return this.keeper.gone(this);
  }

  mergeIn(merged: Patch): void {
    if (this.isForgotten) return;
    const before = this.view;
    this.pending.putFirst([merged]);
    this.show();
    this.keeper.noticed(this, before);
    this.write();
  }

  changed(): void {
    this.keeper.changed(this);
  }

  /** Whether the account was kept without a file until now. */
  private comesBack(): boolean {
    if (!this.held) return false;
    this.held = false;
    this.keeper.back(this);
    return true;
  }

  private isKnown({ text, json }: Readable): boolean {
    if (this.unreadable !== null) return false;
    if (this.stands && text === textOf(this.said)) return true;
    const known = (seen: JsonObject | null | undefined): boolean => seen != null && sameJson(seen, json);
    return (this.stands && known(this.base)) || known(this.loop?.landing);
  }

  /** Makes memory say what is on disk with all pending changes on top. */
  private show(parsed?: Account): void {
    const { base } = this;
    if (base === null) return;
    const isClean = this.pending.isEmpty;
    const json = isClean ? base : this.pending.onTopOf(base);
    this.shown = isClean ? this.said : json;
    const account = isClean && parsed !== undefined ? parsed : accountOf(json, this.id);
    if (this.account === null || !sameJson(account, this.account)) this.account = account;
  }

  private get writer(): WriteLoop {
    return (this.loop ??= new WriteLoop(this, this.keeper));
  }

  private write(): void {
    if (!this.pending.isEmpty) this.writer.write();
  }
}
