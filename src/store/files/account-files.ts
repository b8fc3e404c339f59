import { existsSync } from 'node:fs';
import path from 'node:path';
import { accountOf, type Account } from '../accounts/account.js';
import type { FileContent } from '../accounts/account-file.js';
import { AccountsUnlistable, type AccountStore, type Noticed } from '../accounts/account-store.js';
import { list, stem } from '../accounts/accounts-folder.js';
import type { Clock } from '../ground/clock.js';
import { systemDisk } from '../disk/disk.js';
import { makeFolderDurably } from '../disk/durable.js';
import type { JsonObject } from '../ground/json.js';
import { KeptAccounts } from '../accounts/kept-accounts.js';
import { KeptAccount } from './writer/kept-account.js';
import { bringAccountBack } from './writer/move-away.js';
import { noCopies, type Keeper } from './writer/keeper.js';
import { FirstReading } from './first-reading.js';
import { contentNow, handOn, readFiles, type Reading } from './reading.js';
import { ChangeListeners, noticed, unseen } from '../accounts/change-listeners.js';
import type { Patch } from '../accounts/patches.js';
import type { StoredAccount } from '../accounts/stored-account.js';
import { WriteSlots } from './writer/write-slots.js';
import { Vanishing } from './vanishing.js';
import type { ReadAt } from './folder-poll.js';
import { AccountsWatch } from './watch.js';
import { byItself } from '../ground/faults.js';
import { oneAtATime } from '../ground/one-at-a-time.js';

/** Writes under way at a time: one less than Node's threads for file system calls, so that others get one. */
const WRITES_AT_ONCE = 3;

/**
 * The account files and the only writer of them.
 *
 * Every change is a named patch, applied to the file as it is on disk at that moment, one write at a time for each
 * file; patches that come meanwhile are written together by the next write. Memory shows a patch at once; it is never
 * taken back, and a write that fails is tried again until it succeeds. Other programs may edit the files at any time:
 * see `KeptAccount`.
 */
export class AccountFiles implements AccountStore {
  private readonly entries = new KeptAccounts<KeptAccount>();
  private readonly vanishing: Vanishing;
  private readonly keeper: Keeper<KeptAccount>;
  private readonly listeners = new ChangeListeners();
  private unlistable: AccountsUnlistable | null = null;
  private watch: AccountsWatch | null = null;
  /** Of two readings at once the older one could take in last what is not so any more. */
  private readonly inTurn = oneAtATime();

  private constructor(
    private readonly folder: string,
    given: Pick<Keeper, 'clock' | 'disk' | 'keepCopy'>,
    readonly readAt: ReadAt,
  ) {
    this.vanishing = new Vanishing(given.clock);
    this.keeper = {
      ...given,
      slots: new WriteSlots(WRITES_AT_ONCE),
      changed: ({ id }) => this.listeners.tellOne(id),
      wroteInPlace: (id, reason) => this.listeners.inPlace.tell(id, reason),
      noticed: (account, before) => this.listeners.tellOne(account.id, noticed(account, before, account.view)),
      gone: (account) => {
        if (this.entries.get(account.id) === account) this.listeners.together(() => this.vanish([account]));
        return this.entries.get(account.id) === account ? 'held' : 'forgotten';
      },
      back: ({ id }) => {
        this.vanishing.backAgain(this.vanishing.heldOf(this.entries).length > 0);
        this.listeners.tellOne(id);
      },
      folderStands: () => this.standFolder(),
    };
  }

  /** Reads every file of the folder. @throws {AccountsUnlistable} */
  static async open(folder: string, clock: Clock, disk = systemDisk, keepCopy = noCopies): Promise<AccountFiles> {
    const opening = await AccountFiles.begin(FirstReading.begin(folder, clock), { folder, clock, disk, keepCopy });
    return opening.whole.then(() => opening.store);
  }

  /** The same with a reading that has begun. `whole`: unreadable files have been read again, and count from now on. */
  static async begin(
    reading: FirstReading,
    { folder, ...given }: { readonly folder: string } & Pick<Keeper, 'clock' | 'disk' | 'keepCopy'>,
  ): Promise<{ readonly store: AccountFiles; readonly whole: Promise<void> }> {
    const store = new AccountFiles(folder, given, reading.begunAt);
    const first: KeptAccount[] = [];
    await reading.each((name, found) => first.push(new KeptAccount(folder, name, store.keeper).begin(found)));
    store.entries.fill(first);
    const late = reading.again((name, found) => store.entry(name).begin(found));
    return { store, whole: late.then((names) => store.listeners.tell(names.map(stem))) };
  }

  get held(): string | null {
    return this.unlistable?.message ?? this.vanishing.held;
  }

  get files(): readonly string[] {
    return this.entries.list().map(({ file }) => file);
  }

  get missing(): readonly string[] {
    return this.vanishing.heldOf(this.entries).map(({ file }) => file);
  }

  list(): readonly StoredAccount[] {
    return this.entries.list();
  }

  get(id: string): StoredAccount | undefined {
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

  onWrittenInPlace(listener: (id: string, reason: string) => void): () => void {
    return this.listeners.inPlace.add(listener);
  }

  async patch(id: string, patch: Patch): Promise<void> {
    await this.entries.get(id)?.patch(patch);
  }

  create(id: string, json: JsonObject): Promise<void> {
    // throws for JSON that could not be read back, before it is written
    accountOf(json, id);
    return this.entry(`${id}.json`).create(json);
  }

  async moveAway(id: string, target: string): Promise<void> {
    const account = this.entries.get(id);
    if (account === undefined) return;
    await account.moveAway(target);
    this.forget(account);
    // who is missing costs a look at all accounts
    if (this.vanishing.held !== null) this.vanishing.backAgain(this.missing.length > 0);
    this.listeners.tellOne(id);
  }

  async bringBack(id: string, from: string): Promise<void> {
    await bringAccountBack(from, path.join(this.folder, `${id}.json`), this.keeper.disk);
    const account = this.entry(`${id}.json`);
    this.takeIn(account, account.read());
    this.listeners.tellOne(id);
  }

  readNow(id: string): Promise<Account | null> {
    return Promise.resolve(this.readAtOnce(id));
  }

  /** The reading yields to nothing else in this process, so that what follows it acts on what the file says. */
  private readAtOnce(id: string): Account | null {
    const account = this.entries.get(id);
    if (account === undefined) return null;
    const content = account.read();
    if (content.kind === 'account') account.take(content);
    if (content.kind !== 'gone') return account.account;
    // another program may be replacing it
    byItself(`the reading of ${account.file}`, this.reread([account.file]));
    return null;
  }

  async reload(): Promise<void> {
    await this.reread(this.unlistable === null ? ((await this.watch?.lookNow()) ?? null) : null);
    if (this.unlistable !== null) throw this.unlistable;
    const held = this.vanishing.heldOf(this.entries);
    // an account whose new credential is nowhere but in memory is not dropped: its file is written first
    await Promise.all(held.filter(({ pending }) => pending.holdCredential).map((account) => account.settled()));
    this.listeners.together(() => {
      for (const account of held) if (account.held && !account.pending.holdCredential) this.drop(account);
      this.vanishing.settle();
    });
  }

  /**
   * Takes what other programs did into memory: to the files of these names, or to the whole folder; in one step, or by
   * turns where many files have changed. A file that became unreadable or vanished is read a second time. If the folder
   * cannot be listed or most of it vanishes, `held` says so.
   */
  reread(names: readonly string[] | null = null): Promise<void> {
    return this.inTurn(() => this.rereadNow(names));
  }

  private async rereadNow(names: readonly string[] | null): Promise<void> {
    const wanted = names ?? (await this.listAll());
    if (wanted === null) return;
    const read = (some: readonly string[]): Promise<Map<string, Reading>> =>
      readFiles(some, {
        ...{ folder: this.folder, clock: this.keeper.clock, known: (id) => this.entries.get(id) },
        late: (name) => byItself('the reading of account files', this.reread([name])),
      });
    await handOn(await read(wanted), read, (some) =>
      this.listeners.together(() => this.vanish(some.flatMap((one) => this.takeReading(...one)))),
    );
  }

  /** @returns the account if its file is gone */
  private takeReading(name: string, reading: Reading): readonly KeptAccount[] {
    const known = this.entries.get(stem(name));
    const content = contentNow(this.folder, name, reading, known);
    if (content.kind === 'gone') return known === undefined || known.isNew || known.isMovingAway ? [] : [known];
    this.takeIn(known ?? this.entry(name), content);
    return [];
  }

  follow(): () => void {
    const watch = (this.watch = new AccountsWatch({ folder: this.folder, store: this, clock: this.keeper.clock }));
    watch.start();
    return () => watch.stop();
  }

  async flush(): Promise<readonly StoredAccount[]> {
    await Promise.all(this.entries.list().map((account) => account.settled()));
    return this.entries.list().filter(({ notSaved }) => notSaved !== null);
  }

  close(): void {
    for (const account of this.entries.list()) account.forget();
  }

  /** The names of the files in the folder and of the accounts that we know; null: the folder cannot be listed. */
  private async listAll(): Promise<readonly string[] | null> {
    try {
      const names = await list(this.folder);
      this.tellUnlistable(null);
      return [...new Set([...names, ...this.files])];
    } catch (error) {
      if (!(error instanceof AccountsUnlistable)) throw error;
      this.tellUnlistable(error);
      return null;
    }
  }

  /** @param failure - why the folder cannot be listed; null: it can */
  private tellUnlistable(failure: AccountsUnlistable | null): void {
    if (failure?.message === this.unlistable?.message) return;
    this.unlistable = failure;
    this.listeners.tell(this.entries.list().map(({ id }) => id));
  }

  private takeIn(account: KeptAccount, content: FileContent): void {
    if (content.kind === 'gone') this.drop(account);
    else account.take(content);
  }

  /** The account of a file; a new empty one where we know none of that name. */
  private entry(name: string): KeptAccount {
    const known = this.entries.get(stem(name));
    const account = known ?? new KeptAccount(this.folder, name, this.keeper);
    if (known === undefined) this.entries.add(account);
    return account;
  }

  /** Drops the accounts whose files are gone, unless too many are gone at once, or the whole folder is. */
  private vanish(gone: readonly KeptAccount[]): void {
    if (gone.length === 0) return;
    const kept = new Set(existsSync(this.folder) ? this.vanishing.judge(gone, this.entries.size) : gone);
    const back = new Set([...kept].filter(({ id }) => this.entries.get(id) === undefined));
    for (const account of kept) {
      if (account.held) continue;
      this.vanishing.hold(account);
      this.listeners.tellOne(account.id, back.has(account) ? noticed(account, unseen, account.view) : undefined);
    }
    for (const account of back) this.entries.add(account);
    for (const account of gone) if (!kept.has(account)) this.drop(account);
  }

  /**
   * Makes the folder again where it is gone. The other accounts that were in it are kept: an existing folder without
   * their files would otherwise mean that they were deleted.
   */
  private async standFolder(): Promise<void> {
    if (existsSync(this.folder)) return;
    const known = this.entries.list().filter(({ stands }) => stands);
    for (const account of known.filter(({ held }) => !held)) this.vanishing.hold(account);
    // before the folder exists again: from then on the missing files would count as deleted
    if (known.length > 0) this.vanishing.madeAnew();
    await makeFolderDurably(this.folder, this.keeper.disk);
    this.listeners.tell(known.map(({ id }) => id));
  }

  private drop(account: KeptAccount): void {
    const before = account.view;
    this.forget(account);
    this.listeners.tellOne(account.id, noticed(account, before, null));
  }

  private forget(account: KeptAccount): void {
    account.forget();
    this.entries.remove(account);
  }
}
