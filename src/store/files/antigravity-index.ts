import { readFile, stat } from 'node:fs/promises';
import type { AccountStore } from '../accounts/account-store.js';
import type { StoredAccount } from '../accounts/stored-account.js';
import { unixSeconds, untilNext, type Clock } from '../ground/clock.js';
import { systemDisk, type Disk } from '../disk/disk.js';
import { replaceShared } from '../disk/durable.js';
import { systemCode } from '../ground/errors.js';
import { parseExactly, printExactly } from '../ground/exact-json.js';
import { byItself } from '../ground/faults.js';
import { isJsonObject, withoutMark, type JsonObject } from '../ground/json.js';
import { carryOver } from '../ground/merge.js';

export interface IndexParts {
  /** Path of `accounts.json`. */
  readonly file: string;
  readonly store: AccountStore;
  readonly clock: Clock;
  readonly disk?: Disk;
}

/** Several changes in a row are written as one. */
const GATHER_MS = 250;
/** How often the file is asked whether the other program wrote it. */
const LOOK_EVERY_MS = 2_000;
/**
 * How long an account may be missing from the index before we add it: the other program writes a new account's file and
 * the index one after the other, and would list it twice if we added it in between.
 */
const LISTED_WITHIN_MS = 2_000;
const MOST_ROUNDS = 20;

/** What the index repeats of an account's file. */
const KEYS = ['email', 'name', 'disabled', 'proxy_disabled', 'created_at', 'last_used'] as const;

const word = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const integer = (value: unknown): number | undefined => (Number.isSafeInteger(value) ? (value as number) : undefined);

/** What the other program can read in the index for a key; undefined: nothing, so the entry stays as it is. */
const readable: Readonly<Record<(typeof KEYS)[number], (value: unknown) => unknown>> = {
  email: word,
  name: (value) => (value === null ? null : word(value)),
  disabled: (value) => value === true,
  proxy_disabled: (value) => value === true,
  created_at: integer,
  last_used: integer,
};

/**
 * Keeps `accounts.json`, the index of Antigravity Tools, up to date with the account files, so that both programs show
 * the same. Only where that file exists; whatever else it says is left alone, and so is one that cannot be read (the
 * other program makes a new one). A failure harms nothing here: the update is tried again with the next change.
 */
export class AntigravityIndex {
  private cancelSync: (() => void) | null = null;
  private cancelLook: () => void = () => undefined;
  private syncing: Promise<void> = Promise.resolve();
  private looking: Promise<void> = Promise.resolve();
  private stamp = '';
  private isClosed = false;
  /** Every account that there was, to tell a removed account from one that the index is yet to list. */
  private readonly seen = new Set<string>();
  /** Account id → when the account was first found missing in the index, monotonic ms. */
  private readonly unlisted = new Map<string, number>();
  private readonly unsubscribe: () => void;

  constructor(private readonly parts: IndexParts) {
    this.unsubscribe = parts.store.onChange((ids) => {
      for (const id of ids) this.see(parts.store.get(id));
      this.syncSoon();
    });
    for (const stored of parts.store.list()) this.see(stored);
    this.syncSoon();
    this.lookLater();
  }

  /** Writes what is still to be written, and stops. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.unsubscribe();
    this.cancelLook();
    this.cancelSync?.();
    this.sync('last');
    await this.syncing;
    this.cancelSync?.();
  }

  /** Resolves when no look and no write is under way. */
  async settled(): Promise<void> {
    await this.looking;
    await this.syncing;
  }

  private syncSoon(afterMs = GATHER_MS): void {
    this.cancelSync ??= this.parts.clock.after(afterMs, () => {
      this.cancelSync = null;
      this.sync('more to come');
    });
  }

  private sync(time: 'more to come' | 'last'): void {
    this.syncing = this.syncing.then(() => this.write(time)).catch(() => this.syncSoon(LOOK_EVERY_MS));
  }

  private lookLater(): void {
    const { clock } = this.parts;
    this.cancelLook = clock.after(untilNext(clock, LOOK_EVERY_MS), () => {
      this.looking = this.look();
      byItself('the look at the index of accounts', this.looking);
    });
  }

  private async look(): Promise<void> {
    const stamp = await this.stampNow().catch(() => this.stamp);
    if (this.isClosed) return;
    if (stamp !== this.stamp) this.syncSoon();
    this.lookLater();
  }

  /** Never synchronous: on a network file system that hangs it would hold up everything. */
  private async stampNow(): Promise<string> {
    try {
      const { ino, size, mtimeMs } = await stat(this.parts.file);
      return `${ino} ${size} ${mtimeMs}`;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return '';
      throw error;
    }
  }

  private async write(time: 'more to come' | 'last'): Promise<void> {
    const { file, disk = systemDisk } = this.parts;
    // before the reading, so that whatever the other program saves from here on is read again; so is our own write,
    // once
    this.stamp = await this.stampNow();
    if (this.stamp === '') return;
    let carry = (_index: JsonObject): void => undefined;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const said = await readFile(file, 'utf8');
      const index = parsed(said);
      if (index === null) return;
      const before = printExactly(index);
      carry(index);
      this.update(index, time);
      const text = printExactly(index);
      if (text === before) break;
      const replaced = await replaceShared(file, text, said, disk);
      if (replaced === null) continue;
      const pushed = replaced.aside.read();
      replaced.aside.close();
      if (pushed === said) break;
      // the other program replaced the file at the last moment: what it changed is merged into ours
      const [base, changed] = [parsed(said), parsed(pushed ?? '')];
      if (base === null || changed === null) break;
      carry = (onto) => carryOver(base, changed, onto);
    }
    if (this.unlisted.size > 0 && time !== 'last') this.syncSoon(LISTED_WITHIN_MS);
  }

  private see(stored: StoredAccount | undefined): void {
    if (stored !== undefined && stored.account !== null) this.seen.add(stored.id);
  }

  private update(index: JsonObject, time: 'more to come' | 'last'): void {
    const entries = Array.isArray(index.accounts) ? (index.accounts as unknown[]) : [];
    const gone = new Set<unknown>();
    const kept = entries.filter((entry) => {
      if (!isJsonObject(entry) || typeof entry.id !== 'string') return true;
      if (this.parts.store.get(entry.id) === undefined && this.seen.has(entry.id)) return !gone.add(entry.id);
      this.repeat(entry, entry.id);
      return true;
    });
    const listed = new Set(kept.map((entry) => (isJsonObject(entry) ? entry.id : undefined)));
    index.accounts = [...kept, ...this.missing(listed, time)];
    if (!gone.has(index.current_account_id)) return;
    const [first] = index.accounts as unknown[];
    index.current_account_id = isJsonObject(first) ? first.id : null;
  }

  /** Makes an index entry repeat what the account's file says. */
  private repeat(entry: JsonObject, id: string): void {
    const json = this.parts.store.json(id);
    if (json === null || this.parts.store.get(id)?.unreadable !== null) return;
    for (const key of KEYS) {
      const value = readable[key](json[key]);
      if (value !== undefined && entry[key] !== value) entry[key] = value;
    }
    // without these the other program could not read the entry, nor the rest of the index
    const first = integer(json.created_at) ?? integer(json.last_used) ?? unixSeconds(this.parts.clock);
    if (integer(entry.created_at) === undefined) entry.created_at = first;
    if (integer(entry.last_used) === undefined) entry.last_used = integer(json.last_used) ?? first;
  }

  /** New entries for accounts that have been missing from the index for long enough. */
  private missing(listed: ReadonlySet<unknown>, time: 'more to come' | 'last'): JsonObject[] {
    const now = this.parts.clock.monotonic();
    const { store } = this.parts;
    const missing = store
      .list()
      .filter(({ id, account, unreadable }) => account !== null && unreadable === null && !listed.has(id));
    for (const id of this.unlisted.keys()) if (!missing.some((stored) => stored.id === id)) this.unlisted.delete(id);
    return missing.flatMap(({ id }) => {
      const since = this.unlisted.get(id) ?? now;
      this.unlisted.set(id, since);
      if (time !== 'last' && now - since < LISTED_WITHIN_MS) return [];
      this.unlisted.delete(id);
      const entry: JsonObject = { id };
      this.repeat(entry, id);
      return [entry];
    });
  }
}

/**
 * The index in a file that may begin with a byte order mark or NUL bytes, which the other program tolerates; null:
 * unreadable.
 */
function parsed(text: string): JsonObject | null {
  try {
    const index = parseExactly(withoutMark(text).replace(/^\0+/, ''));
    return Array.isArray(index.accounts) ? index : null;
  } catch {
    return null;
  }
}
