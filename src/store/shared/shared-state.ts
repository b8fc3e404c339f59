import type { Database } from '../database/database.js';
import type { TokenMemory } from '../database/exchanges/database-exchanges.js';
import type { Listening } from '../database/listening.js';
import { PatientWrite, type TellTrouble } from '../disk/patient-write.js';
import type { Clock } from '../ground/clock.js';
import { byItself } from '../ground/faults.js';
import type {
  AskedModelRecord,
  GrantRecord,
  KeyMinuteRecord,
  LoginRecord,
  RefusedRecord,
  ResourceRecord,
  StateElsewhere,
  StateStore,
} from '../state/state-store.js';
import { restKey, restShape, sharedRest } from './rest-shape.js';
import { SharedTable, soundJson } from './shared-table.js';
import { grantShape, loginShape, refusedShape, resourceShape } from './table-shapes.js';
import { lastNumbers, toldIn } from '../database/told.js';

export interface SharedStateParts {
  readonly database: Pick<Database, 'rows' | 'run' | 'transaction' | 'channel' | 'onUp'>;
  readonly listening: Pick<Listening, 'onTold' | 'onSecond' | 'onWhole' | 'pollingOnly' | 'lapses'>;
  /** Name of this box. */
  readonly box: string;
  readonly clock: Clock;
  /** What is of this box alone: models asked for, keys' minutes, when somebody looked, when an account last served. */
  readonly local: StateStore;
  readonly tell?: TellTrouble;
}

/** Changes wait so long for others, ms. A rest has to be with the other boxes within a quarter of a second. */
const SAVE_AFTER_MS = 20;
const LOGINS_FOR_SECONDS = 7 * 86_400;
/** What is known of a token that no account holds is forgotten after this time. */
const UNHELD_DAYS = 30;

/**
 * The state in the database that several boxes share. What is asked for is answered from memory, so no request waits for
 * the database; a change is in memory at once, and written by itself, again and again until it is.
 */
export class SharedState implements StateStore, TokenMemory {
  readonly elsewhere: StateElsewhere;
  private readonly tables;
  private readonly writes: PatientWrite;
  private cancelSave: (() => void) | null = null;
  /** What to ask for the records of a list of which something has changed. */
  private readonly asked = new Map<object, () => void>();

  private constructor(private readonly parts: SharedStateParts) {
    const { database, box, clock, tell, listening } = parts;
    const of = { database, teller: { channel: database.channel, box }, lapses: listening.lapses };
    this.tables = {
      refused: new SharedTable(refusedShape, of),
      grants: new SharedTable(grantShape, of),
      logins: new SharedTable(loginShape, of),
      coolDowns: new SharedTable(restShape(clock), of),
      resources: new SharedTable(resourceShape, of),
    };
    this.writes = new PatientWrite({ clock, write: () => this.write(), tell });
    this.elsewhere = {
      onCoolDowns: (listener) => this.tables.coolDowns.onElsewhere(listener),
      onResources: (listener) => this.tables.resources.onElsewhere(listener),
      onTokens: (listener) => this.onTokens(listener),
      findResources: (names) => this.findResources(names),
    };
  }

  /** Reads everything, and follows what other boxes write. @throws {DatabaseAway | StatementFailed} */
  static async open(parts: SharedStateParts): Promise<SharedState> {
    const state = new SharedState(parts);
    await state.readAll();
    const { database, listening } = parts;
    listening.onTold((what, text) => {
      const told = toldIn(text);
      if (told !== null) state.all.find(({ name }) => name === what)?.heard(told);
    });
    listening.onSecond(() => state.look());
    listening.onWhole(() => state.readAll());
    database.onUp(() => byItself('the writing of the state', state.writes.now()));
    return state;
  }

  get hasRefused(): boolean {
    return this.tables.refused.records.size > 0;
  }

  refused(fingerprint: string): RefusedRecord | undefined {
    return this.tables.refused.records.get(fingerprint);
  }

  refuse(fingerprint: string, refused: RefusedRecord): void {
    const { records } = this.tables.refused;
    if (records.has(fingerprint)) return;
    records.set(fingerprint, refused);
    this.saveSoon();
  }

  forgive(fingerprint: string): void {
    this.tables.refused.records.delete(fingerprint);
    this.saveSoon();
  }

  grant(fingerprint: string): GrantRecord | undefined {
    return this.tables.grants.records.get(fingerprint);
  }

  setGrant(fingerprint: string, record: GrantRecord): void {
    this.tables.grants.records.set(fingerprint, record);
    this.saveSoon();
  }

  dropGrant(fingerprint: string): void {
    this.tables.grants.records.delete(fingerprint);
    this.saveSoon();
  }

  writtenWithOutcome(fingerprints: readonly string[]): (isWritten: boolean) => void {
    const { refused, grants } = this.tables;
    const ends = [refused, grants].map((table) => table.writtenElsewhere(fingerprints));
    return (isWritten) => {
      for (const end of ends) end(isWritten);
      this.saveSoon();
    };
  }

  get logins(): readonly LoginRecord[] {
    return [...this.tables.logins.records.values()].sort((one, other) => one.at - other.at);
  }

  noteLogin(login: LoginRecord): void {
    const { records } = this.tables.logins;
    for (const { token, at } of this.logins) if (login.at - at >= LOGINS_FOR_SECONDS) records.delete(token);
    records.set(login.token, login);
    this.saveSoon();
  }

  get coolDowns(): readonly unknown[] {
    return [...this.tables.coolDowns.records.values()];
  }

  setCoolDowns(records: () => readonly object[]): void {
    const { coolDowns } = this.tables;
    this.ask(coolDowns, () =>
      coolDowns.replaceAll(records().map((rest) => [restKey(rest), sharedRest(rest)] as const)),
    );
  }

  get resources(): readonly ResourceRecord[] {
    return [...this.tables.resources.records.values()];
  }

  setResources(records: () => readonly ResourceRecord[]): void {
    const { resources } = this.tables;
    this.ask(resources, () => resources.replaceAll(records().map((record) => [record.name, record] as const)));
  }

  get askedModels(): readonly AskedModelRecord[] {
    return this.parts.local.askedModels;
  }

  setAskedModels(records: () => readonly AskedModelRecord[]): void {
    this.parts.local.setAskedModels(records);
  }

  get keyMinutes(): readonly KeyMinuteRecord[] {
    return this.parts.local.keyMinutes;
  }

  setKeyMinutes(records: () => readonly KeyMinuteRecord[]): void {
    this.parts.local.setKeyMinutes(records);
  }

  get lastLooked(): number | null {
    return this.parts.local.lastLooked;
  }

  looked(at: number): void {
    this.parts.local.looked(at);
  }

  lastUsed(id: string): number | null {
    return this.parts.local.lastUsed(id);
  }

  setLastUsed(id: string, seconds: number | null): void {
    this.parts.local.setLastUsed(id, seconds);
  }

  /** Of tokens, what counts is whether an account in the database holds them, not whether this box has heard of it. */
  prune(held: ReadonlySet<string>, accounts: ReadonlySet<string>): void {
    this.parts.local.prune(held, accounts);
    byItself(
      'forgetting tokens that no account holds',
      this.forgetUnheld().catch(() => undefined),
    );
  }

  async flush(): Promise<void> {
    this.cancelSave?.();
    this.cancelSave = null;
    await Promise.all([this.writes.now(), this.parts.local.flush()]);
  }

  private get all(): readonly SharedTable<never>[] {
    return Object.values(this.tables) as unknown as readonly SharedTable<never>[];
  }

  private onTokens(listener: (fingerprints: readonly string[]) => void): () => void {
    const { refused, grants } = this.tables;
    const ends = [refused, grants].map((table) => table.onKeysElsewhere(listener));
    return () => ends.forEach((end) => end());
  }

  private async findResources(names: readonly string[]): Promise<readonly ResourceRecord[]> {
    try {
      const { row, readSome } = resourceShape;
      const found = await this.parts.database.rows(row, readSome, [soundJson(names)]);
      return found.map(({ record }) => record);
    } catch {
      // it is looked for among the accounts then
      return [];
    }
  }

  private async forgetUnheld(): Promise<void> {
    const { database } = this.parts;
    const isUnheld = (table: string): string =>
      `not exists (select from {account} a where a.grant_fp = {${table}}.token_fp)`;
    const since = `extract(epoch from clock_timestamp()) - ${UNHELD_DAYS * 86_400}`;
    await database.run(`delete from {refused} where at < ${since} and ${isUnheld('refused')}`);
    const seen = `coalesce((doc->>'lastOk')::float8, (doc->>'firstSeen')::float8, 0)`;
    await database.run(`delete from {grant_record} where ${seen} < ${since} and ${isUnheld('grant_record')}`);
  }

  private async readAll(): Promise<void> {
    const numbers = await lastNumbers(this.parts.database);
    for (const table of this.all) await table.readAll(numbers.get(table.name) ?? 0);
    await this.writes.now();
  }

  private async look(): Promise<void> {
    const { database, listening } = this.parts;
    const numbers = await lastNumbers(database);
    for (const table of this.all) await table.look(numbers.get(table.name) ?? 0, listening.pollingOnly === true);
    if (this.all.some(({ records }) => records.hasUnsaved)) this.saveSoon();
  }

  /** The records of a list are asked for when they are saved, so that many changes cost one call. */
  private ask(table: object, take: () => void): void {
    this.asked.set(table, take);
    this.saveSoon();
  }

  private saveSoon(): void {
    this.cancelSave ??= this.parts.clock.after(SAVE_AFTER_MS, () => {
      this.cancelSave = null;
      byItself('the writing of the state', this.writes.now());
    });
  }

  private async write(): Promise<void> {
    const asked = [...this.asked.values()];
    this.asked.clear();
    for (const take of asked) take();
    const written = await Promise.allSettled(this.all.map((table) => table.write()));
    const failed = written.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }
}
