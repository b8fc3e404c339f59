import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import type { Clock } from '../ground/clock.js';
import { systemDisk, type Disk } from '../disk/disk.js';
import { writeDurably } from '../disk/durable.js';
import { PatientWrite, type TellTrouble } from '../disk/patient-write.js';
import { byItself } from '../ground/faults.js';
import { parseJson, ownValue, setOwn } from '../ground/json.js';
import {
  AskedModelSchema,
  KeyMinuteSchema,
  RestRecordSchema,
  GrantSchema,
  LoginSchema,
  RefusedSchema,
  ResourceSchema,
  type AskedModelRecord,
  type GrantRecord,
  type KeyMinuteRecord,
  type LoginRecord,
  type RefusedRecord,
  type ResourceRecord,
  type StateStore,
} from './state-store.js';

const StateSchema = v.object({
  refused: v.fallback(v.record(v.string(), RefusedSchema), {}),
  grants: v.fallback(v.record(v.string(), GrantSchema), {}),
  coolDowns: v.fallback(v.array(RestRecordSchema), []),
  askedModels: v.fallback(v.array(AskedModelSchema), []),
  keyMinutes: v.fallback(v.array(KeyMinuteSchema), []),
  resources: v.fallback(v.array(ResourceSchema), []),
  /** Logins of the last week. */
  logins: v.fallback(v.array(LoginSchema), []),
  /** When somebody last looked at the screen, ms since 1970. */
  lastLooked: v.fallback(v.nullable(v.number()), null),
});

type State = v.InferOutput<typeof StateSchema>;

const SAVE_AFTER_MS = 500;
const LOGINS_FOR_SECONDS = 7 * 86_400;
const MOST_LOGINS = 1_000;

/** The state, kept in `state/accounts.json`. A file that cannot be read counts as empty, and a write that fails is tried again. */
export class StateFile implements StateStore {
  private readonly file: string;
  private readonly writes: PatientWrite;
  private cancelSave: (() => void) | null = null;
  /** Whether something was changed since the start. */
  private isChanged = false;
  private latestCoolDowns: (() => readonly object[]) | null = null;
  private latestAskedModels: (() => readonly AskedModelRecord[]) | null = null;
  private latestKeyMinutes: (() => readonly KeyMinuteRecord[]) | null = null;
  private latestResources: (() => readonly ResourceRecord[]) | null = null;

  private constructor(
    private readonly state: State,
    folder: string,
    private readonly clock: Clock,
    private readonly disk: Disk,
    tell?: TellTrouble,
  ) {
    this.file = path.join(folder, 'accounts.json');
    this.writes = new PatientWrite({ clock, write: () => this.write(), tell });
  }

  /** @param tell - as in {@link PatientWrite} */
  static open(folder: string, clock: Clock, disk: Disk = systemDisk, tell?: TellTrouble): StateFile {
    return new StateFile(readState(path.join(folder, 'accounts.json')), folder, clock, disk, tell);
  }

  refused(fingerprint: string): RefusedRecord | undefined {
    return ownValue(this.state.refused, fingerprint);
  }

  refuse(fingerprint: string, refused: RefusedRecord): void {
    if (!Object.hasOwn(this.state.refused, fingerprint)) setOwn(this.state.refused, fingerprint, refused);
    this.saveSoon();
  }

  forgive(fingerprint: string): void {
    if (!Object.hasOwn(this.state.refused, fingerprint)) return;
    Reflect.deleteProperty(this.state.refused, fingerprint);
    this.saveSoon();
  }

  grant(fingerprint: string): GrantRecord | undefined {
    return ownValue(this.state.grants, fingerprint);
  }

  setGrant(fingerprint: string, record: GrantRecord): void {
    setOwn(this.state.grants, fingerprint, record);
    this.saveSoon();
  }

  dropGrant(fingerprint: string): void {
    Reflect.deleteProperty(this.state.grants, fingerprint);
    this.saveSoon();
  }

  get logins(): readonly LoginRecord[] {
    return this.state.logins;
  }

  noteLogin(login: LoginRecord): void {
    const recent = this.state.logins.filter(({ at }) => login.at - at < LOGINS_FOR_SECONDS);
    this.state.logins = [...recent, login].slice(-MOST_LOGINS);
    this.saveSoon();
  }

  get coolDowns(): readonly unknown[] {
    return this.state.coolDowns;
  }

  setCoolDowns(records: () => readonly object[]): void {
    this.latestCoolDowns = records;
    this.saveSoon();
  }

  get askedModels(): readonly AskedModelRecord[] {
    return this.state.askedModels;
  }

  setAskedModels(records: () => readonly AskedModelRecord[]): void {
    this.latestAskedModels = records;
    this.saveSoon();
  }

  get keyMinutes(): readonly KeyMinuteRecord[] {
    return this.state.keyMinutes;
  }

  setKeyMinutes(records: () => readonly KeyMinuteRecord[]): void {
    this.latestKeyMinutes = records;
    this.saveSoon();
  }

  get resources(): readonly ResourceRecord[] {
    return this.state.resources;
  }

  setResources(records: () => readonly ResourceRecord[]): void {
    this.latestResources = records;
    this.saveSoon();
  }

  get lastLooked(): number | null {
    return this.state.lastLooked;
  }

  looked(at: number): void {
    this.state.lastLooked = at;
    this.saveSoon();
  }

  prune(held: ReadonlySet<string>): void {
    for (const part of [this.state.refused, this.state.grants]) {
      for (const fingerprint of Object.keys(part)) {
        if (!held.has(fingerprint)) Reflect.deleteProperty(part, fingerprint);
      }
    }
    this.saveSoon();
  }

  async flush(): Promise<void> {
    this.cancelSave?.();
    this.cancelSave = null;
    if (this.isChanged) await this.writes.now();
  }

  private saveSoon(): void {
    this.isChanged = true;
    this.cancelSave ??= this.clock.after(SAVE_AFTER_MS, () => {
      this.cancelSave = null;
      byItself('the writing of the state', this.writes.now());
    });
  }

  private async write(): Promise<void> {
    if (this.latestCoolDowns !== null) this.state.coolDowns = [...this.latestCoolDowns()] as State['coolDowns'];
    if (this.latestAskedModels !== null) this.state.askedModels = [...this.latestAskedModels()];
    if (this.latestKeyMinutes !== null) this.state.keyMinutes = [...this.latestKeyMinutes()];
    if (this.latestResources !== null) this.state.resources = [...this.latestResources()];
    await writeDurably(this.file, `${JSON.stringify(this.state)}\n`, this.disk);
  }
}

function readState(file: string): State {
  try {
    return v.parse(StateSchema, parseJson(readFileSync(file, 'utf8')));
  } catch {
    return {
      refused: {},
      grants: {},
      coolDowns: [],
      askedModels: [],
      keyMinutes: [],
      resources: [],
      logins: [],
      lastLooked: null,
    };
  }
}
