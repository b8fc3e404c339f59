import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { accountOf, UnreadableAccount, type Account } from './account.js';
import { readAccountFile, readAccountFileSync, type FileContent } from './account-file.js';
import type { Clock } from './clock.js';
import { renameDurably, writeDurably } from './durable.js';
import { reasonOf, RegrantError } from './errors.js';
import type { JsonObject } from './json.js';
import type { Patch } from './patches.js';

/** An account file as the store knows it now: what is on disk, with our own changes that are still on their way there. */
export interface StoredAccount {
  /** The file's stem. */
  readonly id: string;
  /** The file's name. */
  readonly file: string;
  /** The last good copy; null where there never was one. */
  readonly account: Account | null;
  /** Set: the file cannot be used as it is on disk now, and why. */
  readonly unreadable: string | null;
  /** Set: a change of ours is not on disk yet, and why. */
  readonly notSaved: string | null;
}

/** A change is in memory, but not on disk; the write is tried again. */
export class NotSaved extends RegrantError {
  readonly code = 'NOT_SAVED';

  constructor(
    file: string,
    readonly reason: string,
  ) {
    super(`${file} is not saved: ${reason}; the change holds in memory, and the write is tried again`);
  }
}

/** The accounts folder cannot be listed. */
export class AccountsUnlistable extends RegrantError {
  readonly code = 'ACCOUNTS_UNLISTABLE';
}

/** A half-written file of another program gets this long to become whole. */
const SECOND_LOOK_MS = 100;
const FILES_PER_TURN = 100;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** A file's place in the store. Replaced values only, so that readers hold consistent pictures. */
interface Entry {
  readonly id: string;
  readonly file: string;
  /** As last read from disk, or as it will be once `pending` is written. */
  json: JsonObject | null;
  account: Account | null;
  unreadable: string | null;
  notSaved: string | null;
  /** Not on disk yet, in the order they came. */
  pending: { readonly patch: Patch; readonly settle: Settle }[];
  writing: Promise<void> | null;
  /** How many of our writes have landed. */
  writes: number;
  retryMs: number;
  cancelRetry: () => void;
}

/** What a reload saw of a file, and which of our writes it can know of. */
interface Look {
  readonly content: FileContent;
  readonly writes: number | undefined;
}

interface Settle {
  done(): void;
  failed(error: NotSaved): void;
}

/**
 * The account files and the only writer of them.
 *
 * Every change is a named patch, applied to the file as it is on disk at that moment, one write at a time for each file;
 * patches that come meanwhile go out together with the next. Memory shows a patch at once; it is never taken back, and a
 * write that fails is tried again until it lands.
 */
export class AccountStore {
  private entries = new Map<string, Entry>();
  private readonly listeners = new Set<(ids: readonly string[]) => void>();

  private constructor(
    private readonly folder: string,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads every file of the folder.
   *
   * @throws {AccountsUnlistable}
   */
  static async open(folder: string, clock: Clock): Promise<AccountStore> {
    const store = new AccountStore(folder, clock);
    const doubtful = listSync(folder).filter((name) => {
      const content = store.read(name);
      store.put(name, content);
      return content.kind === 'unreadable';
    });
    if (doubtful.length > 0) {
      await clock.wait(SECOND_LOOK_MS);
      for (const name of doubtful) store.put(name, store.read(name));
    }
    return store;
  }

  /** Every file, in the order of their names. */
  list(): readonly StoredAccount[] {
    return [...this.entries.values()];
  }

  get(id: string): StoredAccount | undefined {
    return this.entries.get(id);
  }

  /** An account's whole JSON as in memory; null where its file never was readable. Not to be changed. */
  json(id: string): JsonObject | null {
    return this.entries.get(id)?.json ?? null;
  }

  /** Calls `listener` with the ids of what changed, after each change and reload. */
  onChange(listener: (ids: readonly string[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Changes an account: in memory at once, and on disk when the promise resolves.
   *
   * @throws {NotSaved} the first write failed; the change stays in memory and its write is tried again
   */
  patch(id: string, patch: Patch): Promise<void> {
    const entry = this.entries.get(id);
    if (entry === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      entry.pending.push({ patch, settle: { done: resolve, failed: reject } });
      this.show(entry, entry.json);
      this.tell([id]);
      this.write(entry);
    });
  }

  /** Writes a new account's file and takes it in. */
  async create(id: string, json: JsonObject): Promise<void> {
    const name = `${id}.json`;
    const file = path.join(this.folder, name);
    const account = accountOf(json, id);
    try {
      await writeDurably(file, textOf(json));
    } catch (error) {
      throw new NotSaved(name, reasonOf(error));
    }
    this.put(name, { kind: 'account', json, account });
    this.tell([id]);
  }

  /** Moves an account's file to `target` for good and forgets the account. */
  async moveAway(id: string, target: string): Promise<void> {
    const entry = this.entries.get(id);
    if (entry === undefined) return;
    await this.settled(entry);
    await renameDurably(path.join(this.folder, entry.file), target);
    this.forget(entry);
  }

  /** Moves a file that lay elsewhere to the account's place; a file that stands there already is never replaced. */
  async bringBack(id: string, from: string): Promise<void> {
    const file = path.join(this.folder, `${id}.json`);
    if (existsSync(file)) throw new AccountsUnlistable(`${id}.json stands again already`);
    await renameDurably(from, file);
    this.put(`${id}.json`, this.read(`${id}.json`));
    this.tell([id]);
  }

  /**
   * The account as it is on disk this moment, with what we have not written yet; what differs from memory is taken in.
   * Null where there is no such account any more; the last good copy where the file cannot be read.
   */
  readNow(id: string): Account | null {
    const entry = this.entries.get(id);
    if (entry === undefined) return null;
    const content = this.read(entry.file);
    if (content.kind === 'account') {
      const before = entry.account;
      entry.unreadable = null;
      this.show(entry, content.json);
      if (!sameText(before, entry.account)) this.tell([id]);
    }
    if (content.kind !== 'gone') return entry.account;
    this.forget(entry);
    return null;
  }

  /**
   * Reads the folder anew, and takes the place of what was known in one step.
   *
   * @throws {AccountsUnlistable} nothing was changed
   */
  async reload(): Promise<void> {
    const names = await list(this.folder);
    const looks = await this.lookAtAll(names);
    const before = this.entries;
    const ids = new Set([...before.keys(), ...names.map(stem)]);
    this.entries = new Map();
    for (const name of names) {
      const known = before.get(stem(name));
      if (known !== undefined) this.entries.set(known.id, known);
      const look = looks.get(name);
      // what we wrote since the look is newer than the look
      const stale = look === undefined || known?.writes !== look.writes || known?.writing !== null;
      this.put(name, stale && known !== undefined ? this.read(name) : (look?.content ?? this.read(name)));
    }
    this.tell([...ids]);
  }

  /** How many files there are now, without reading them. @throws {AccountsUnlistable} */
  async count(): Promise<number> {
    return (await list(this.folder)).length;
  }

  /** Waits until every change is on disk, or one failed; returns what is not saved. */
  async flush(): Promise<readonly StoredAccount[]> {
    await Promise.all([...this.entries.values()].map((entry) => this.settled(entry)));
    return this.list().filter((stored) => stored.notSaved !== null);
  }

  /** Reads all files, a few at a time so that requests get their turn; what is unreadable gets a second look. */
  private async lookAtAll(names: readonly string[]): Promise<ReadonlyMap<string, Look>> {
    const looks = new Map<string, Look>();
    const lookAt = async (some: readonly string[]): Promise<void> => {
      for (const [index, name] of some.entries()) {
        if (index % FILES_PER_TURN === FILES_PER_TURN - 1) await new Promise(setImmediate);
        looks.set(name, { content: this.read(name), writes: this.entries.get(stem(name))?.writes });
      }
    };
    await lookAt(names);
    const doubtful = names.filter((name) => looks.get(name)?.content.kind === 'unreadable');
    if (doubtful.length > 0) {
      await this.clock.wait(SECOND_LOOK_MS);
      await lookAt(doubtful);
    }
    return looks;
  }

  /**
   * A file's content with all that we wrote so far. Read in one go, without giving way to our own writes: they cannot
   * finish in between, so nothing newer in memory is ever replaced by what was read.
   */
  private read(name: string): FileContent {
    return readAccountFileSync(path.join(this.folder, name), stem(name));
  }

  /** Takes in what a look at a file found. An account that became unreadable keeps its last good copy. */
  private put(name: string, content: FileContent): void {
    const id = stem(name);
    if (content.kind === 'gone') {
      this.entries.delete(id);
      return;
    }
    const entry = this.entries.get(id) ?? newEntry(id, name);
    this.entries.set(id, entry);
    if (content.kind === 'unreadable') {
      entry.unreadable = content.reason;
      return;
    }
    entry.unreadable = null;
    this.show(entry, content.json);
  }

  /** Makes memory say `json` with all pending patches on top. */
  private show(entry: Entry, json: JsonObject | null): void {
    if (json === null) return;
    const shown = structuredClone(json);
    for (const { patch } of entry.pending) patch.apply(shown);
    entry.json = shown;
    try {
      entry.account = accountOf(shown, entry.id);
    } catch (error) {
      if (!(error instanceof UnreadableAccount)) throw error;
      entry.unreadable = error.message;
    }
  }

  private write(entry: Entry): void {
    if (entry.writing !== null || entry.pending.length === 0) return;
    entry.writing = this.writePending(entry).finally(() => {
      entry.writing = null;
      if (entry.notSaved === null) this.write(entry);
    });
  }

  private async writePending(entry: Entry): Promise<void> {
    const batch = [...entry.pending];
    const failure = await this.writeBatch(
      entry,
      batch.map(({ patch }) => patch),
    );
    if (failure === null) {
      entry.pending.splice(0, batch.length);
      entry.writes++;
      entry.notSaved = null;
      entry.retryMs = FIRST_RETRY_MS;
      for (const { settle } of batch) settle.done();
    } else {
      entry.notSaved = failure;
      const error = new NotSaved(entry.file, failure);
      for (const { settle } of batch) settle.failed(error);
      entry.cancelRetry();
      entry.cancelRetry = this.clock.after(entry.retryMs, () => this.retry(entry));
      entry.retryMs = Math.min(entry.retryMs * 2, LONGEST_RETRY_MS);
    }
    this.tell([entry.id]);
  }

  private retry(entry: Entry): void {
    if (this.entries.get(entry.id) === entry) this.write(entry);
  }

  /** Reads, applies and writes; the reason where that failed, else null. */
  private async writeBatch(entry: Entry, patches: readonly Patch[]): Promise<string | null> {
    const file = path.join(this.folder, entry.file);
    const content = await readAccountFile(file, entry.id);
    if (content.kind === 'unreadable') {
      entry.unreadable = content.reason;
      return `${content.reason}; a file that cannot be read is never changed`;
    }
    if (content.kind === 'gone') {
      // whoever deleted the account meant all of it
      this.forget(entry);
      return null;
    }
    const json = structuredClone(content.json);
    for (const patch of patches) patch.apply(json);
    if (sameText(json, content.json)) return null;
    try {
      await writeDurably(file, textOf(json));
      return null;
    } catch (error) {
      return reasonOf(error);
    }
  }

  private forget(entry: Entry): void {
    if (this.entries.get(entry.id) !== entry) return;
    entry.cancelRetry();
    this.entries.delete(entry.id);
    this.tell([entry.id]);
  }

  private async settled(entry: Entry): Promise<void> {
    while (entry.writing !== null) await entry.writing.catch(() => undefined);
  }

  private tell(ids: readonly string[]): void {
    for (const listener of this.listeners) listener(ids);
  }
}

const stem = (name: string): string => name.slice(0, -'.json'.length);

const isAccountFile = (name: string): boolean => name.endsWith('.json') && name.length > '.json'.length;

const textOf = (json: JsonObject): string => `${JSON.stringify(json, null, 2)}\n`;

const sameText = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const newEntry = (id: string, file: string): Entry => ({
  id,
  file,
  json: null,
  account: null,
  unreadable: null,
  notSaved: null,
  pending: [],
  writing: null,
  writes: 0,
  retryMs: FIRST_RETRY_MS,
  cancelRetry: () => undefined,
});

function listSync(folder: string): string[] {
  try {
    return readdirSync(folder).filter(isAccountFile).sort();
  } catch (error) {
    throw unlistable(folder, error);
  }
}

async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(isAccountFile).sort();
  } catch (error) {
    throw unlistable(folder, error);
  }
}

const unlistable = (folder: string, error: unknown): AccountsUnlistable =>
  new AccountsUnlistable(
    `${folder} cannot be listed: ${reasonOf(error)}; the pool stays as it was; mend it, then press R`,
  );
