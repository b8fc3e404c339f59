import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as breath } from 'node:timers/promises';
import type { Clock } from '../ground/clock.js';
import { systemDisk, type Disk } from '../disk/disk.js';
import { appendDurably, removeDurably, writeDurably } from '../disk/durable.js';
import { PatientWrite, type TellTrouble } from '../disk/patient-write.js';
import { systemCode } from '../ground/errors.js';
import { byItself } from '../ground/faults.js';
import type {
  AskedModelRecord,
  GrantRecord,
  KeyMinuteRecord,
  LoginRecord,
  RefusedRecord,
  ResourceRecord,
  StateStore,
} from './state-store.js';
import { LAST_LOOKED, pictureOf, readTables, recordKey, type StateTables, takeChanges } from './state-tables.js';
import type { StateTable } from './state-table.js';

const SAVE_AFTER_MS = 500;
/** A rest is saved so soon: whoever is killed and starts again would ask Google at once where it said to wait. */
const REST_AFTER_MS = 10;
/** But not before so long after the last write; longer where there is much to look through, see SHARE_OF_TIME. */
const LEAST_BETWEEN_MS = 100;
/** The looking for what changed takes at most one part in so many of the time. */
const SHARE_OF_TIME = 50;
const LOGINS_FOR_SECONDS = 7 * 86_400;
const MOST_LOGINS = 1_000;
/** A journal below this size is not worth writing the picture anew, bytes. */
const LEAST_JOURNAL = 65_536;
/** A picture that was made, but would have been longer than the journal, is made again once that has grown by so much. */
const GROWN_BY = 1.5;

/**
 * The state: a picture of it in `state/accounts.json`, and what was changed since in `state/accounts.jsonl`, an object a
 * line, each of whose keys lists the changed records of that name. A change costs what it is itself: the picture is
 * written anew, and the journal removed, only when the new one is no longer than the journal, so that no more is written
 * than was appended; where records are only added, both together are no longer than a new picture would be. A crash
 * between the two does no harm, since a line says what a record is and not what to add to it.
 *
 * What cannot be read counts as empty, and a write that fails is tried again.
 */
export class StateFile implements StateStore {
  readonly elsewhere = null;
  private readonly picture: string;
  private readonly journal: string;
  /** A picture is made once the journal is as long as this. */
  private worthBytes: number;
  private journalBytes: number;
  /** The journal may end in the middle of a line, cut off by a crash or a full disk. */
  private isTorn: boolean;
  private readonly tables: StateTables;
  private readonly writes: PatientWrite;
  private cancelSave: (() => void) | null = null;
  /** When the next save is due, monotonic ms. */
  private dueAt = Infinity;
  /** No save for the sake of a rest is before this, monotonic ms. */
  private restsFrom = -Infinity;
  /** Whether something was changed since the start. */
  private isChanged = false;
  /** What to ask for the records of a list, of which something has changed. */
  private readonly asked = new Map<object, () => void>();

  private constructor(
    folder: string,
    private readonly clock: Clock,
    private readonly disk: Disk,
    tell?: TellTrouble,
  ) {
    this.picture = path.join(folder, 'accounts.json');
    this.journal = path.join(folder, 'accounts.jsonl');
    const [picture, journal] = [textOf(this.picture), textOf(this.journal)];
    this.worthBytes = picture === '' ? 1 : worthOf(Buffer.byteLength(picture));
    this.journalBytes = Buffer.byteLength(journal);
    this.isTorn = journal !== '' && !journal.endsWith('\n');
    this.tables = readTables(picture, journal, this.picture);
    this.writes = new PatientWrite({ clock, write: () => this.write(), tell });
  }

  /**
   * @param tell - as in {@link PatientWrite}
   * @throws {CannotRun} a newer version wrote it
   */
  static open(folder: string, clock: Clock, disk: Disk = systemDisk, tell?: TellTrouble): StateFile {
    return new StateFile(folder, clock, disk, tell);
  }

  get hasRefused(): boolean {
    return this.tables.refused.size > 0;
  }

  refused(fingerprint: string): RefusedRecord | undefined {
    return this.tables.refused.get(fingerprint);
  }

  refuse(fingerprint: string, refused: RefusedRecord): void {
    if (this.tables.refused.has(fingerprint)) return;
    this.tables.refused.set(fingerprint, refused);
    this.saveSoon();
  }

  forgive(fingerprint: string): void {
    if (!this.tables.refused.has(fingerprint)) return;
    this.tables.refused.delete(fingerprint);
    this.saveSoon();
  }

  grant(fingerprint: string): GrantRecord | undefined {
    return this.tables.grants.get(fingerprint);
  }

  setGrant(fingerprint: string, record: GrantRecord): void {
    this.tables.grants.set(fingerprint, record);
    this.saveSoon();
  }

  dropGrant(fingerprint: string): void {
    this.tables.grants.delete(fingerprint);
    this.saveSoon();
  }

  get logins(): readonly LoginRecord[] {
    return [...this.tables.logins.values()];
  }

  noteLogin(login: LoginRecord): void {
    const recent = this.logins.filter(({ at }) => login.at - at < LOGINS_FOR_SECONDS);
    const kept = [...recent, login].slice(-MOST_LOGINS);
    this.tables.logins.replaceAll(kept.map((record) => [recordKey.logins(record), record]));
    this.saveSoon();
  }

  get coolDowns(): readonly unknown[] {
    return [...this.tables.coolDowns.values()];
  }

  setCoolDowns(records: () => readonly object[]): void {
    this.ask(this.tables.coolDowns, recordKey.coolDowns, records);
    const now = this.clock.monotonic();
    this.saveWithin(Math.min(SAVE_AFTER_MS, Math.max(REST_AFTER_MS, this.restsFrom - now)));
  }

  get askedModels(): readonly AskedModelRecord[] {
    return [...this.tables.askedModels.values()];
  }

  setAskedModels(records: () => readonly AskedModelRecord[]): void {
    this.ask(this.tables.askedModels, recordKey.askedModels, records);
  }

  get keyMinutes(): readonly KeyMinuteRecord[] {
    return [...this.tables.keyMinutes.values()];
  }

  setKeyMinutes(records: () => readonly KeyMinuteRecord[]): void {
    this.ask(this.tables.keyMinutes, recordKey.keyMinutes, records);
  }

  get resources(): readonly ResourceRecord[] {
    return [...this.tables.resources.values()];
  }

  setResources(records: () => readonly ResourceRecord[]): void {
    this.ask(this.tables.resources, recordKey.resources, records);
  }

  get lastLooked(): number | null {
    return this.tables.screen.get(LAST_LOOKED) ?? null;
  }

  looked(at: number): void {
    this.tables.screen.set(LAST_LOOKED, at);
    this.saveSoon();
  }

  lastUsed(id: string): number | null {
    return this.tables.lastUsed.get(id) ?? null;
  }

  setLastUsed(id: string, seconds: number | null): void {
    if (seconds === this.lastUsed(id)) return;
    if (seconds === null) this.tables.lastUsed.delete(id);
    else this.tables.lastUsed.set(id, seconds);
    this.saveSoon();
  }

  prune(held: ReadonlySet<string>, accounts: ReadonlySet<string>): void {
    const { refused, grants, lastUsed } = this.tables;
    for (const table of [refused, grants]) {
      for (const fingerprint of table.keys()) if (!held.has(fingerprint)) table.delete(fingerprint);
    }
    for (const id of lastUsed.keys()) if (!accounts.has(id)) lastUsed.delete(id);
    this.saveSoon();
  }

  async flush(): Promise<void> {
    this.cancelSave?.();
    this.dueAt = Infinity;
    if (this.isChanged) await this.writes.now();
  }

  /** The records of a list are asked for when they are saved, so that many changes cost one call. */
  private ask<T>(table: StateTable<T>, key: (record: T) => string, records: () => readonly T[]): void {
    this.asked.set(table, () => table.replaceAll(records().map((record) => [key(record), record])));
    this.saveSoon();
  }

  private saveSoon(): void {
    this.saveWithin(SAVE_AFTER_MS);
  }

  private saveWithin(ms: number): void {
    this.isChanged = true;
    const at = this.clock.monotonic() + ms;
    if (at >= this.dueAt) return;
    this.cancelSave?.();
    this.dueAt = at;
    this.cancelSave = this.clock.after(ms, () => {
      this.dueAt = Infinity;
      this.restsFrom = this.clock.monotonic() + LEAST_BETWEEN_MS;
      byItself('the writing of the state', this.writes.now());
    });
  }

  private async write(): Promise<void> {
    const began = this.clock.monotonic();
    for (const replace of this.asked.values()) replace();
    this.asked.clear();
    const ended = this.clock.monotonic();
    this.restsFrom = Math.max(this.restsFrom, ended + SHARE_OF_TIME * (ended - began));
    await this.append();
    if (this.journalBytes >= this.worthBytes) await this.compact();
  }

  private async append(): Promise<void> {
    const taken = takeChanges(this.tables);
    if (taken === null) return;
    try {
      const text = `${this.isTorn ? '\n' : ''}${taken.line}`;
      await appendDurably(this.journal, text, this.disk, this.journalBytes === 0);
    } catch (error) {
      this.isTorn = true;
      taken.putBack();
      throw error;
    }
    this.isTorn = false;
    this.journalBytes += Buffer.byteLength(taken.line);
  }

  private async compact(): Promise<void> {
    const text = await pictureOf(this.tables, breath);
    const bytes = Buffer.byteLength(text);
    // the first picture is little more than the first line of the journal
    if (bytes > this.journalBytes && this.worthBytes > 1) {
      this.worthBytes = Math.max(bytes, this.journalBytes * GROWN_BY);
      return;
    }
    await writeDurably(this.picture, text, this.disk);
    this.worthBytes = worthOf(bytes);
    try {
      await removeDurably(this.journal, this.disk);
    } catch (error) {
      // somebody was faster
      if (systemCode(error) !== 'ENOENT') throw error;
    }
    this.journalBytes = 0;
  }
}

/** How long a journal is worth a new picture in the place of one that is so long, bytes. */
const worthOf = (pictureBytes: number): number => Math.max(pictureBytes, LEAST_JOURNAL);

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
