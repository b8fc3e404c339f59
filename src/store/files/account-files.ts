import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { accountOf, type Account } from '../accounts/account.js';
import type { FileContent } from '../accounts/account-file.js';
import { AccountsUnlistable, list, listSync, stem } from '../accounts/accounts-folder.js';
import type { Clock } from '../ground/clock.js';
import { systemDisk, type Disk } from '../disk/disk.js';
import { createDurably, removeDurably } from '../disk/durable.js';
import { reasonOf, RegrantError, systemCode } from '../ground/errors.js';
import type { JsonObject } from '../ground/json.js';
import { KeptAccount, SECOND_LOOK_MS, type Keeper } from './writer/kept-account.js';
import { lookAt, readAccount } from './reading.js';
import { News, noticed, unseen, type Noticed } from './change-listeners.js';
import type { Patch } from '../accounts/patches.js';
import type { StoredAccount } from '../accounts/stored-account.js';
import { Turns } from './writer/write-slots.js';
import { Vanishing } from './vanishing.js';

export { AccountsUnlistable } from '../accounts/accounts-folder.js';
export type { Noticed } from './change-listeners.js';
export { NotSaved, type StoredAccount, type View } from '../accounts/stored-account.js';

/** An account cannot be brought back: there is one of its name again, or its file cannot be moved. */
export class NotBroughtBack extends RegrantError {
  readonly code = 'NOT_BROUGHT_BACK';
}

/** Writes under way at a time. One thread less than the system calls of the process have, so that others get one. */
const WRITES_AT_ONCE = 3;

/**
 * The account files and the only writer of them.
 *
 * Every change is a named patch, applied to the file as it is on disk at that moment, one write at a time for each file;
 * patches that come meanwhile go out together with the next. Memory shows a patch at once; it is never taken back, and a
 * write that fails is tried again until it lands. Other programs may edit the files at any time: see `KeptAccount`.
 */
export class AccountStore {
  private entries = new Map<string, KeptAccount>();
  /** No id that was ever taken in comes after it. */
  private lastId = '';
  /** Whether the entries stand in the order of their names; if not, whoever lists them next puts them so. */
  private isInOrder = true;
  private readonly vanishing: Vanishing;
  private readonly keeper: Keeper;
  private readonly news = new News();
  private unlistable: string | null = null;

  private constructor(
    private readonly folder: string,
    private readonly clock: Clock,
    private readonly disk: Disk,
  ) {
    this.vanishing = new Vanishing(clock);
    this.keeper = {
      clock,
      disk,
      turns: new Turns(WRITES_AT_ONCE),
      changed: ({ id }) => this.news.tellOne(id),
      noticed: (account, before) => this.news.tellOne(account.id, noticed(account, before, account.view)),
      gone: (account) => {
        if (this.entries.get(account.id) === account) this.news.together(() => this.vanish([account]));
        return this.entries.get(account.id) === account ? 'held' : 'forgotten';
      },
      back: ({ id }) => {
        this.vanishing.backAgain(this.missing.length > 0);
        this.news.tellOne(id);
      },
    };
  }

  /**
   * Reads every file of the folder.
   *
   * @throws {AccountsUnlistable}
   */
  static async open(folder: string, clock: Clock, disk: Disk = systemDisk): Promise<AccountStore> {
    const store = new AccountStore(folder, clock, disk);
    const doubtful: string[] = [];
    for (const { id, name, type } of listSync(folder)) {
      const found = readAccount(folder, name, type);
      if (found.kind === 'unreadable') doubtful.push(name);
      if (found.kind !== 'account') continue;
      store.entries.set(id, new KeptAccount(folder, name, store.keeper).begin(found));
      store.lastId = id;
    }
    if (doubtful.length > 0) {
      await clock.wait(SECOND_LOOK_MS);
      for (const name of doubtful) store.takeIn(store.entry(name), readAccount(folder, name));
    }
    return store;
  }

  /** Why memory is older than the folder, until a reload or until the files are back; null: it is not. */
  get held(): string | null {
    return this.unlistable ?? this.vanishing.held;
  }

  /** Files that are gone, and whose accounts are kept all the same. */
  get missing(): readonly string[] {
    return [...this.entries.values()].filter(({ held }) => held).map(({ file }) => file);
  }

  /** Every file, in the order of their names. */
  list(): readonly StoredAccount[] {
    if (!this.isInOrder) this.entries = new Map([...this.entries].sort(([one], [other]) => (one < other ? -1 : 1)));
    this.isInOrder = true;
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
    return this.news.onChange(listener);
  }

  /** Calls `listener` with what other programs changed, after the listeners of `onChange`. */
  onNoticed(listener: (changes: readonly Noticed[]) => void): () => void {
    return this.news.onNoticed(listener);
  }

  /**
   * Changes an account: in memory at once, and on disk when the promise resolves.
   *
   * @throws {NotSaved} the first write failed; the change stays in memory and its write is tried again
   */
  async patch(id: string, patch: Patch): Promise<void> {
    await this.entries.get(id)?.patch(patch);
  }

  /**
   * Takes in a new account, and writes its file.
   *
   * @throws {NotSaved} as in `patch`
   */
  create(id: string, json: JsonObject): Promise<void> {
    // what cannot be read back is not written
    accountOf(json, id);
    return this.entry(`${id}.json`).create(json);
  }

  /** Moves an account's file to `target` (0600) for good and forgets the account. */
  async moveAway(id: string, target: string): Promise<void> {
    const account = this.entries.get(id);
    if (account === undefined) return;
    await account.moveAway(target);
    this.forget(account);
    this.vanishing.backAgain(this.missing.length > 0);
    this.news.tellOne(id);
  }

  /**
   * Brings the file of a removed account back; one that stands there already is never replaced.
   *
   * @throws {NotBroughtBack}
   */
  async bringBack(id: string, from: string): Promise<void> {
    const name = `${id}.json`;
    try {
      await createDurably(path.join(this.folder, name), await readFile(from), this.disk);
      await removeDurably(from, this.disk);
    } catch (error) {
      const why = systemCode(error) === 'EEXIST' ? 'an account of that name stands there again' : reasonOf(error);
      throw new NotBroughtBack(`${name} is not brought back: ${why}; it lies in ${from}`);
    }
    const account = this.entry(name);
    this.takeIn(account, account.read());
    this.news.tellOne(id);
  }

  /**
   * The account as it is on disk this moment, with what we have not written yet; what differs from memory is taken in.
   * Null where there is no such account any more; the last good copy where the file cannot be read.
   */
  readNow(id: string): Account | null {
    const account = this.entries.get(id);
    if (account === undefined) return null;
    const content = account.read();
    if (content.kind === 'account') account.take(content);
    if (content.kind !== 'gone') return account.account;
    // another program may be replacing it
    void this.look([account.file]);
    return null;
  }

  /** Takes the folder as it is, also where most of it is gone. @throws {AccountsUnlistable} nothing was changed */
  async reload(): Promise<void> {
    await this.look(null);
    if (this.unlistable !== null) throw new AccountsUnlistable(this.unlistable);
    this.news.together(() => {
      for (const account of this.entries.values()) if (account.held) this.drop(account);
      this.vanishing.settle();
    });
  }

  /**
   * Takes in what other programs did, in one step: to these files, or to the whole folder. A file that became unreadable
   * or vanished gets a second look. If the folder cannot be listed or most of it vanishes, `held` says so.
   */
  async look(names: readonly string[] | null): Promise<void> {
    const wanted = names ?? (await this.listAll());
    if (wanted === null) return;
    const looks = await lookAt(this.folder, wanted, (id) => this.entries.get(id), this.clock);
    this.news.together(() => {
      const gone: KeptAccount[] = [];
      for (const [name, look] of looks) {
        const known = this.entries.get(stem(name));
        const isFresh = known?.version === look.version && known?.isWriting !== true;
        const content = isFresh ? look.content : readAccount(this.folder, name);
        if (content.kind !== 'gone') this.takeIn(known ?? this.entry(name), content);
        else if (known !== undefined && !known.isNew && !known.isLeaving) gone.push(known);
      }
      this.vanish(gone);
    });
  }

  /** Waits until every change is on disk, or failed once more; returns what is not saved. */
  async flush(): Promise<readonly StoredAccount[]> {
    const accounts = [...this.entries.values()];
    await Promise.all(accounts.map((account) => account.settled()));
    return accounts.filter(({ notSaved }) => notSaved !== null);
  }

  /** Lets go of what is open; nothing is written any more. */
  close(): void {
    for (const account of this.entries.values()) account.forget();
  }

  /** The names in the folder and those that we know; null: it cannot be listed. */
  private async listAll(): Promise<readonly string[] | null> {
    try {
      const names = await list(this.folder);
      this.tellUnlistable(null);
      return [...new Set([...names, ...[...this.entries.values()].map(({ file }) => file)])];
    } catch (error) {
      if (!(error instanceof AccountsUnlistable)) throw error;
      this.tellUnlistable(error.message);
      return null;
    }
  }

  /** @param reason - why the folder cannot be listed; null: it can */
  private tellUnlistable(reason: string | null): void {
    if (reason === this.unlistable) return;
    this.unlistable = reason;
    this.news.tell([...this.entries.keys()]);
  }

  private takeIn(account: KeptAccount, content: FileContent): void {
    if (content.kind === 'gone') this.drop(account);
    else account.take(content);
  }

  /** The account of a file; a new one that knows nothing yet where there is none. */
  private entry(name: string): KeptAccount {
    const known = this.entries.get(stem(name));
    if (known !== undefined) return known;
    const account = new KeptAccount(this.folder, name, this.keeper);
    this.insert([account]);
    return account;
  }

  private insert(accounts: readonly KeptAccount[]): void {
    for (const account of accounts) {
      this.entries.set(account.id, account);
      if (account.id > this.lastId) this.lastId = account.id;
      else this.isInOrder = false;
    }
  }

  /** Files are gone: their accounts go too, unless too many do at once, or the whole folder is gone. */
  private vanish(gone: readonly KeptAccount[]): void {
    const kept = existsSync(this.folder) ? this.vanishing.judge(gone, this.entries.size) : gone;
    const back = kept.filter(({ id }) => !this.entries.has(id));
    for (const account of kept.filter(({ held }) => !held)) {
      account.hold();
      this.news.tellOne(account.id, back.includes(account) ? noticed(account, unseen, account.view) : undefined);
    }
    this.insert(back);
    for (const account of gone) if (!kept.includes(account)) this.drop(account);
  }

  private drop(account: KeptAccount): void {
    const before = account.view;
    this.forget(account);
    this.news.tellOne(account.id, noticed(account, before, null));
  }

  private forget(account: KeptAccount): void {
    account.forget();
    if (this.entries.get(account.id) === account) this.entries.delete(account.id);
  }
}
