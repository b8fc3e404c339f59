import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import type { Clock } from '../ground/clock.js';
import { writeDurably } from '../disk/durable.js';
import { parseJson } from '../ground/json.js';

/** A refresh token that Google refused. Times in unix seconds. */
const RefusedSchema = v.object({
  /** When it was refused first: what `disabled_at` says again if another program clears it. */
  at: v.number(),
  cause: v.string(),
  /** As in `disabled_reason`. */
  reason: v.string(),
});

/** What is known of a grant beyond its file. Times in unix seconds. */
const GrantSchema = v.object({
  /** First seen by us; what was older than that nobody can say. */
  firstSeen: v.number(),
  /** Google accepted it last. */
  lastOk: v.optional(v.number()),
  /** When the grant itself ends, from `refresh_token_expires_in`. */
  endsAt: v.optional(v.number()),
  /** Life in seconds that Google gave the grant when it said so first. */
  lifetime: v.optional(v.number()),
  /** The last warning of its end was given this many hours ahead. */
  warnedHours: v.optional(v.number()),
  /** Scopes of the last answer. */
  scopes: v.optional(v.string()),
});

/** A new refresh token that was verified and saved here. */
const LoginSchema = v.object({
  client: v.string(),
  /** In lower case. */
  email: v.string(),
  /** Unix seconds. */
  at: v.number(),
  /** Fingerprint of the refresh token. */
  token: v.string(),
});

const CoolDownSchema = v.object({
  project: v.string(),
  model: v.nullable(v.string()),
  /** ms since 1970. */
  until: v.number(),
  reason: v.string(),
});

/** Something that the Gemini API stores, or an upload of it, and who can see it. */
const ResourceSchema = v.object({
  /** `files/abc`; an upload by a digest of its id. */
  name: v.string(),
  /** Quota project. */
  project: v.string(),
  /** The one account that can go on with an upload. */
  account: v.nullable(v.string()),
  /** The base URL's host that an upload was begun at. */
  host: v.nullable(v.string()),
  /** When it was made, seen or used last, ms since 1970. */
  at: v.optional(v.number()),
});

const StateSchema = v.object({
  refused: v.fallback(v.record(v.string(), RefusedSchema), {}),
  grants: v.fallback(v.record(v.string(), GrantSchema), {}),
  coolDowns: v.fallback(v.array(CoolDownSchema), []),
  resources: v.fallback(v.array(ResourceSchema), []),
  /** Of the last week. */
  logins: v.fallback(v.array(LoginSchema), []),
  /** When somebody last looked at the screen, ms since 1970. */
  lastLooked: v.fallback(v.nullable(v.number()), null),
});

export type Refused = Readonly<v.InferOutput<typeof RefusedSchema>>;
export type GrantRecord = Readonly<v.InferOutput<typeof GrantSchema>>;
export type LoginRecord = Readonly<v.InferOutput<typeof LoginSchema>>;
export type CoolDownRecord = Readonly<v.InferOutput<typeof CoolDownSchema>>;
export type ResourceRecord = Readonly<v.InferOutput<typeof ResourceSchema>>;
type State = v.InferOutput<typeof StateSchema>;

const SAVE_AFTER_MS = 500;
const LOGINS_FOR_SECONDS = 7 * 86_400;
const MOST_LOGINS = 1_000;

/**
 * What must outlive a restart and is no account: `state/accounts.json`. Tokens are in it by fingerprint only. Losing it
 * costs comfort, never an account; so a file that cannot be read counts as empty, and a write that fails is let be.
 */
export class StateStore {
  private readonly file: string;
  private saving: Promise<void> = Promise.resolve();
  private cancelSave: (() => void) | null = null;
  private latestCoolDowns: (() => readonly CoolDownRecord[]) | null = null;
  private latestResources: (() => readonly ResourceRecord[]) | null = null;

  private constructor(
    private readonly state: State,
    folder: string,
    private readonly clock: Clock,
  ) {
    this.file = path.join(folder, 'accounts.json');
  }

  static open(folder: string, clock: Clock): StateStore {
    return new StateStore(readState(path.join(folder, 'accounts.json')), folder, clock);
  }

  refused(fingerprint: string): Refused | undefined {
    return this.state.refused[fingerprint];
  }

  refuse(fingerprint: string, refused: Refused): void {
    this.state.refused[fingerprint] ??= refused;
    this.saveSoon();
  }

  /** Google took this token after all. */
  forgive(fingerprint: string): void {
    if (this.state.refused[fingerprint] === undefined) return;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a JSON object, written as it is
    delete this.state.refused[fingerprint];
    this.saveSoon();
  }

  grant(fingerprint: string): GrantRecord | undefined {
    return this.state.grants[fingerprint];
  }

  setGrant(fingerprint: string, record: GrantRecord): void {
    this.state.grants[fingerprint] = record;
    this.saveSoon();
  }

  /** Another token took its place. */
  dropGrant(fingerprint: string): void {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a JSON object, written as it is
    delete this.state.grants[fingerprint];
    this.saveSoon();
  }

  /** New refresh tokens of the last week, the oldest first. */
  get logins(): readonly LoginRecord[] {
    return this.state.logins;
  }

  noteLogin(login: LoginRecord): void {
    const recent = this.state.logins.filter(({ at }) => login.at - at < LOGINS_FOR_SECONDS);
    this.state.logins = [...recent, login].slice(-MOST_LOGINS);
    this.saveSoon();
  }

  get coolDowns(): readonly CoolDownRecord[] {
    return this.state.coolDowns;
  }

  /** What cools has changed. @param records - asked when it is saved, so that a storm of them costs one look */
  setCoolDowns(records: () => readonly CoolDownRecord[]): void {
    this.latestCoolDowns = records;
    this.saveSoon();
  }

  get resources(): readonly ResourceRecord[] {
    return this.state.resources;
  }

  /** What is stored has changed. @param records - asked when it is saved */
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

  /** Forgets tokens that no account holds any more. */
  prune(held: ReadonlySet<string>): void {
    for (const part of [this.state.refused, this.state.grants]) {
      for (const fingerprint of Object.keys(part)) {
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a JSON object, written as it is
        if (!held.has(fingerprint)) delete part[fingerprint];
      }
    }
    this.saveSoon();
  }

  async flush(): Promise<void> {
    this.cancelSave?.();
    if (this.cancelSave !== null) this.save();
    await this.saving;
  }

  private saveSoon(): void {
    this.cancelSave ??= this.clock.after(SAVE_AFTER_MS, () => this.save());
  }

  private save(): void {
    this.cancelSave = null;
    if (this.latestCoolDowns !== null) this.state.coolDowns = [...this.latestCoolDowns()];
    if (this.latestResources !== null) this.state.resources = [...this.latestResources()];
    const text = `${JSON.stringify(this.state)}\n`;
    this.saving = this.saving.then(() => writeDurably(this.file, text)).catch(() => undefined);
  }
}

function readState(file: string): State {
  try {
    return v.parse(StateSchema, parseJson(readFileSync(file, 'utf8')));
  } catch {
    return { refused: {}, grants: {}, coolDowns: [], resources: [], logins: [], lastLooked: null };
  }
}
