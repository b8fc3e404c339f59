import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../ground/clock.js';
import type { Trash, Trashed, TrashedSeen } from '../accounts/trash.js';
import { systemDisk, type Disk } from '../disk/disk.js';
import { writeDurably } from '../disk/durable.js';
import { printExactly } from '../ground/exact-json.js';
import { isJsonObject, parseJson, type JsonObject } from '../ground/json.js';
import { byItself } from '../ground/faults.js';

const DAY_MS = 24 * 3_600_000;
const KEPT_MS = 30 * DAY_MS;
/** How often to look whether something can be deleted. */
const LOOK_EVERY_MS = 3_600_000;
const NAME = /^(?<at>\d{13})-(?<kind>removed|replaced)-(?<id>.+)\.json$/s;

/**
 * What may be wanted back: accounts that were removed, and the credentials that re-adds replaced, each until its
 * successor has served a request. Plain files, so that they can be put back by hand too; deleted after 30 days, by the
 * clock of a server, since ours may be set to anything.
 */
export class TrashFolder implements Trash {
  /** Replaced credentials by account, oldest first. */
  private readonly replaced = new Map<string, readonly Trashed[]>();
  /**
   * What was put there since the start → when, on the monotonic clock. The time in a file's name may come from a wrong
   * clock. What is not there any more is forgotten within two hours.
   */
  private readonly placed = new Map<string, number>();
  private cancelClearing: () => void = () => undefined;

  constructor(
    private readonly folder: string,
    private readonly clock: Clock,
    private readonly disk: Disk = systemDisk,
  ) {
    for (const trashed of filesIn(this.folder)) if (trashed.kind === 'replaced') this.remember(trashed);
  }

  /** Path in the trash for the file of an account that is removed now. */
  placeForRemoved(id: string): string {
    return this.place('removed', id);
  }

  /** Keeps what an account's file said before a re-add. @throws the system's error where it cannot */
  async keepReplaced(id: string, json: JsonObject): Promise<Trashed> {
    const file = this.place('replaced', id);
    await writeDurably(file, printExactly(json), this.disk);
    const trashed = { kind: 'replaced', id, file, at: this.clock.now() } as const;
    this.remember(trashed);
    return trashed;
  }

  /** Keeps what a file says while it is written in its place; what comes back takes the copy away. @throws the system's error */
  async keepCopy(id: string, text: string): Promise<() => Promise<void>> {
    const file = this.place('replaced', id);
    await writeDurably(file, text, this.disk);
    return () => {
      this.placed.delete(file);
      return this.disk.remove(file).catch(ignore);
    };
  }

  /** Whether some account's new credential has not served yet. Asked with every request. */
  get isAwaiting(): boolean {
    return this.replaced.size > 0;
  }

  /** Accounts whose new credential has not served yet. */
  get awaited(): readonly string[] {
    return [...this.replaced.keys()];
  }

  /** When this account's credential was last replaced, ms since 1970; null: never, or the new one has served. */
  replacedAt(id: string): number | null {
    return this.replaced.get(id)?.at(-1)?.at ?? null;
  }

  /** What a file in the trash says; null where it cannot be read. */
  async read({ file }: Trashed): Promise<JsonObject | null> {
    try {
      const json = parseJson(await readFile(file, 'utf8'));
      return isJsonObject(json) ? json : null;
    } catch {
      return null;
    }
  }

  /** The account's new credential has served a request: the one that it replaced is deleted. */
  async proven(id: string): Promise<void> {
    const all = this.replaced.get(id) ?? [];
    this.replaced.delete(id);
    for (const { file } of all) this.placed.delete(file);
    await Promise.all(all.map(({ file }) => this.disk.remove(file).catch(ignore)));
  }

  /** Takes a file out of the trash that is in use again. */
  async discard(trashed: Trashed): Promise<void> {
    const rest = (this.replaced.get(trashed.id) ?? []).filter(({ file }) => file !== trashed.file);
    if (rest.length === 0) this.replaced.delete(trashed.id);
    else this.replaced.set(trashed.id, rest);
    this.placed.delete(trashed.file);
    await this.disk.remove(trashed.file).catch(ignore);
  }

  /**
   * Deletes what is too old, again and again until `stop`.
   *
   * @param serverTime - ms since 1970 by a server's clock; null: not known
   */
  keepClear(serverTime: () => number | null): void {
    this.cancelClearing = this.clock.after(LOOK_EVERY_MS, () => {
      this.keepClear(serverTime);
      const now = serverTime();
      if (now !== null) byItself('the clearing of the trash', this.clearOld(now));
    });
  }

  stop(): void {
    this.cancelClearing();
  }

  /** Deletes what is older than 30 days. */
  private async clearOld(now: number): Promise<void> {
    const heldMs = (file: string): number =>
      this.clock.monotonic() - (this.placed.get(file) ?? Number.NEGATIVE_INFINITY);
    const listed = filesIn(this.folder);
    this.forgetGone(listed);
    for (const trashed of listed) {
      if (now - trashed.at > KEPT_MS && heldMs(trashed.file) > KEPT_MS) await this.discard(trashed);
    }
  }

  /** Forgets when files were placed that were never written, or that somebody took back. */
  private forgetGone(listed: readonly Trashed[]): void {
    const there = new Set(listed.map(({ file }) => file));
    for (const [file, at] of this.placed) {
      if (!there.has(file) && this.clock.monotonic() - at >= LOOK_EVERY_MS) this.placed.delete(file);
    }
  }

  private place(kind: Trashed['kind'], id: string): string {
    const file = path.join(this.folder, `${this.clock.now()}-${kind}-${id}.json`);
    this.placed.set(file, this.clock.monotonic());
    return file;
  }

  private remember(trashed: Trashed): void {
    this.replaced.set(trashed.id, [...(this.replaced.get(trashed.id) ?? []), trashed]);
  }

  list(): Promise<readonly Trashed[]> {
    return Promise.resolve(filesIn(this.folder));
  }
}

function filesIn(folder: string): readonly Trashed[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const { at, kind, id } = NAME.exec(name)?.groups ?? {};
    if (at === undefined || kind === undefined || id === undefined) return [];
    return [{ kind: kind as Trashed['kind'], id, file: path.join(folder, name), at: Number(at) }];
  });
}

/**
 * What lies in a trash, with the file's name and the e-mail of its account (null: the file cannot be read), for a
 * caller that only reads.
 */
export const trashedIn = (folder: string): readonly TrashedSeen[] =>
  filesIn(folder).map((trashed) => ({ ...trashed, name: path.basename(trashed.file), email: emailIn(trashed.file) }));

function emailIn(file: string): string | null {
  try {
    const json = parseJson(readFileSync(file, 'utf8'));
    return isJsonObject(json) && typeof json.email === 'string' ? json.email : null;
  } catch {
    return null;
  }
}

/** Ignores what cannot be deleted now: the next clearing tries again. */
const ignore = (): void => undefined;
