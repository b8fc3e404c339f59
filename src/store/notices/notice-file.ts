import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { systemDisk, type Disk } from '../disk/disk.js';
import { writeDurably } from '../disk/durable.js';
import type { Clock } from '../ground/clock.js';
import { PatientWrite, type TellTrouble } from '../disk/patient-write.js';
import { byItself } from '../ground/faults.js';
import { jsonOf } from '../ground/json.js';

/** A notice as it is saved. */
export interface KeptNotice {
  /** ms since 1970. */
  readonly at: number;
  readonly event: string;
  readonly account: string | null;
  readonly client: string | null;
  readonly cause: string | null;
  readonly text: string;
}

/** A notice that was not delivered by every way yet. */
export interface OwedNotice {
  readonly notice: KeptNotice;
  /** The ways by which it is still to be sent. */
  readonly ways: readonly string[];
  readonly tries: number;
  /** When it is tried again, ms since 1970. */
  readonly nextAt: number;
}

const OwedSchema = v.object({
  notice: v.object({
    at: v.number(),
    event: v.string(),
    account: v.nullable(v.string()),
    client: v.nullable(v.string()),
    cause: v.nullable(v.string()),
    text: v.string(),
  }),
  ways: v.array(v.string()),
  tries: v.number(),
});

const FileSchema = v.object({
  told: v.fallback(v.record(v.string(), v.number()), {}),
  owed: v.fallback(v.array(OwedSchema), []),
});

/** How long a key is remembered: longer than any period that is part of one. */
const TOLD_FOR_MS = 62 * 86_400_000;
/** Keys that name a period or a time: they are removed only by their age. */
const DATED = /^(?:key_limit|key_ending|cooling_long)\//;

/** How many keys are remembered; beyond them a limit of a key that was reached long ago may be told once more. */
const MOST_TOLD = 20_000;

/**
 * The notices that were sent, and those still to be sent, over restarts: `state/notices.json`. A file that cannot be
 * read counts as empty, and a write that fails is tried again.
 */
export class NoticeFile {
  /** Whether nothing was ever saved here. */
  readonly isNew: boolean;
  private readonly writes: PatientWrite;
  private isChanged = false;
  private readonly file: string;
  private readonly told: Map<string, number>;
  private waiting: readonly OwedNotice[];

  constructor(
    folder: string,
    clock: Clock,
    private readonly disk: Disk = systemDisk,
    tell?: TellTrouble,
  ) {
    this.writes = new PatientWrite({ clock, write: () => this.write(), tell });
    this.file = path.join(folder, 'notices.json');
    this.isNew = !existsSync(this.file);
    const { told, owed } = contentOf(this.file);
    const since = clock.now() - TOLD_FOR_MS;
    this.told = new Map(Object.entries(told).filter(([key, at]) => !DATED.test(key) || at > since));
    // a receiver that could not be reached before may be back
    this.waiting = owed.map((entry) => ({ ...entry, nextAt: 0 }));
  }

  isTold(key: string): boolean {
    return this.told.has(key);
  }

  /** @param at - ms since 1970 */
  note(key: string, at: number): void {
    this.told.set(key, at);
    if (this.told.size > MOST_TOLD) this.forgetOldest();
    this.save();
  }

  /** @returns whether it was told */
  forget(key: string): boolean {
    const was = this.told.delete(key);
    if (was) this.save();
    return was;
  }

  keys(): readonly string[] {
    return [...this.told.keys()];
  }

  /** The oldest first. */
  get owed(): readonly OwedNotice[] {
    return this.waiting;
  }

  owe(entry: OwedNotice): void {
    this.waiting = [...this.waiting, entry];
    this.save();
  }

  replace(entry: object, by: OwedNotice): void {
    this.waiting = this.waiting.map((owed) => (owed === entry ? by : owed));
    this.save();
  }

  settle(entry: object): void {
    this.waiting = this.waiting.filter((owed) => owed !== entry);
    this.save();
  }

  /** Of what names a period or a time; the rest is as much as there are accounts, clients and models. */
  private forgetOldest(): void {
    for (const key of this.told.keys()) {
      if (!DATED.test(key)) continue;
      this.told.delete(key);
      return;
    }
  }

  /** Saves even if nothing changed, so that the file exists from now on. */
  keep(): void {
    if (this.isNew) this.save();
  }

  /** Resolves when everything is saved, or cannot be. */
  async flush(): Promise<void> {
    await this.writes.settled();
  }

  private save(): void {
    if (this.isChanged) return;
    this.isChanged = true;
    byItself('the writing of the notices', this.writes.now());
  }

  private async write(): Promise<void> {
    this.isChanged = false;
    const owed = this.waiting.map(({ nextAt: _nextAt, ...entry }) => entry);
    const text = JSON.stringify({ schema: 1, told: Object.fromEntries(this.told), owed });
    await writeDurably(this.file, `${text}\n`, this.disk);
  }
}

function contentOf(file: string): v.InferOutput<typeof FileSchema> {
  try {
    return v.parse(FileSchema, jsonOf(readFileSync(file, 'utf8')));
  } catch {
    return { told: {}, owed: [] };
  }
}
