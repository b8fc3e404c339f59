/** A supervisor whose state a test sets, for screens: panes only know the interface. */
import type { AccountRow, AccountState, Counts, Snapshot } from '../../src/proxy/contract/snapshot.js';
import type { AccessRecord, GrantEvent, LogRecord, Supervisor } from '../../src/proxy/contract/supervisor.js';
import {
  operations,
  type KeyRow,
  type KeyShown,
  type UsageSum,
  type LoginOffer,
  type LoginTrouble,
  type OperationName,
  type Operations,
  type Progress,
  type ReaddResult,
  type OperationReply,
  type StepQuestions,
  type TestResult,
} from '../../src/proxy/contract/operations.js';
import type { LogPart } from '../../src/proxy/contract/log-part.js';
import { Ring } from '../../src/store/ground/ring.js';

/** An account that is well, except for what is given. */
export function account(email: string, over: Partial<AccountRow> = {}): AccountRow {
  const id = over.id ?? email.replace(/[^a-z0-9]+/gi, '-');
  return {
    id,
    file: `${id}.json`,
    email,
    name: email.split('@')[0] ?? '',
    label: '',
    state: 'ready',
    cause: null,
    causes: [],
    reason: '',
    since: null,
    serves: over.state === undefined || over.state === 'ready' || over.state === 'cooling',
    accessExpiresAt: null,
    requests: 0,
    errors: 0,
    inFlight: 0,
    lastUsed: null,
    coolingUntil: null,
    coolingWhat: '',
    quotaPercent: null,
    quotaLimits: [],
    borrowedUntil: null,
    grantEndsAt: null,
    notSaved: null,
    unsaved: [],
    refreshing: false,
    retryAt: null,
    trouble: null,
    client: 'default',
    clientKnown: true,
    projectId: null,
    refreshToken: { length: 103, sha256: '9b1d02aa' },
    proxyDisabled: over.state === 'proxy_disabled',
    protectedModels: [],
    validationUrl: null,
    createdAt: null,
    ...over,
  };
}

const states: readonly AccountState[] = [
  'ready',
  'cooling',
  'disabled',
  'proxy_disabled',
  'refused',
  'blocked',
  'no_client',
  'unreadable',
];

export function snapshot(now: number, accounts: readonly AccountRow[], over: Partial<Snapshot> = {}): Snapshot {
  const counts = Object.fromEntries(
    states.map((state) => [state, accounts.filter((row) => row.state === state).length]),
  ) as unknown as Counts;
  const out = accounts.filter(({ state }) => !['ready', 'cooling', 'proxy_disabled'].includes(state)).length;
  const serving = accounts.filter(({ serves }) => serves).length;
  return {
    now,
    version: '0.1.0',
    pid: 4711,
    address: '127.0.0.1:8045',
    keyRequired: true,
    upSince: now - 3 * 3600_000 - 720_000,
    health: serving === 0 ? 'down' : out === 0 ? 'ok' : 'degraded',
    counts,
    accounts,
    traffic: {
      requests: accounts.reduce((sum, row) => sum + row.requests, 0),
      errors: accounts.reduce((sum, row) => sum + row.errors, 0),
      inFlight: accounts.reduce((sum, row) => sum + row.inFlight, 0),
      waiting: 0,
      perSecond: [],
      errorsPerSecond: [],
    },
    alarm: null,
    banners: [],
    clients: [{ name: 'default', id: '1234567890-abcdefghijkl.apps.googleusercontent.com', hasSecret: true }],
    dataDir: '/home/ops/.regrant',
    ui: { theme: 'auto', glyphs: 'auto', language: 'auto', flash: true, bell: false, mouse: false },
    hint: null,
    draining: false,
    lastLooked: null,
    noneServes: [],
    unsaved: 0,
    testing: null,
    acting: null,
    boxes: null,
    ...over,
  };
}

/** A call of an operation, with the reply still to be given. */
export interface Asked {
  readonly name: keyof Operations;
  readonly args: readonly unknown[];
  /** Progress of a re-add. */
  readonly progress: (news: Progress) => void;
  /** Answers the call and lets whoever waits go on. */
  reply(
    result:
      | ReaddResult
      | OperationReply
      | LoginOffer
      | LoginTrouble
      | LogPart
      | KeyShown
      | readonly (TestResult | KeyRow | UsageSum)[],
  ): Promise<void>;
  fail(error: Error): Promise<void>;
}

export class TestSupervisor implements Supervisor {
  readonly events = new Ring<GrantEvent>(1000);
  readonly logs = new Ring<LogRecord>(20_000);
  readonly asked: Asked[] = [];
  #listeners = new Set<() => void>();
  #snapshot: Snapshot;
  #seq = 0;
  snapshots = 0;
  /** What is asked before `u` and `U`. */
  questions: StepQuestions = { undo: null, redo: null };
  /** How often a screen reported that somebody looks. */
  looks = 0;

  constructor(
    private readonly clock: { now(): number },
    accounts: readonly AccountRow[] = [],
    over: Partial<Snapshot> = {},
  ) {
    this.#snapshot = snapshot(clock.now(), accounts, over);
  }

  snapshot(): Snapshot {
    this.snapshots += 1;
    return { ...this.#snapshot, now: this.clock.now() };
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Sets parts of the snapshot; counts and health follow the accounts. */
  set(over: Partial<Snapshot>): void {
    const { counts: _counts, health: _health, ...kept } = this.#snapshot;
    this.#snapshot = snapshot(this.clock.now(), over.accounts ?? kept.accounts, { ...kept, ...over });
    this.changed();
  }

  /** Changes one account. */
  update(email: string, over: Partial<AccountRow>, rest: Partial<Snapshot> = {}): void {
    this.set({
      accounts: this.#snapshot.accounts.map((row) => (row.email === email ? { ...row, ...over } : row)),
      ...rest,
    });
  }

  log(msg: string, over: Partial<LogRecord> = {}): void {
    const record = {
      seq: this.logs.next,
      time: this.clock.now(),
      level: 30,
      msg,
      account: null,
      access: null,
      source: '',
      ...over,
    };
    this.logs.push({ line: JSON.stringify({ level: record.level, time: record.time, msg }), ...record });
    this.changed();
  }

  access(over: Partial<AccessRecord> = {}, level = 30): void {
    const access: AccessRecord = {
      id: 'r1',
      method: 'POST',
      path: '/v1beta/models/gemini-2.5-pro:generateContent',
      model: 'gemini-2.5-pro',
      stream: false,
      status: 200,
      account: null,
      ms: 812,
      ttfbMs: null,
      bytes: 2048,
      tokens: null,
      tries: 1,
      left: [],
      ...over,
    };
    this.log(`${access.method} ${access.path} ${access.status}`, { access, level, account: access.account });
  }

  event(kind: GrantEvent['kind'], email: string, over: Partial<GrantEvent> = {}): void {
    const base = { seq: this.#seq++, at: this.clock.now(), kind, accountId: email.replace(/[^a-z0-9]+/gi, '-'), email };
    this.events.push({ ...base, cause: null, tookMs: null, nextAt: null, text: '', detail: '', ...over });
    this.changed();
  }

  #ask<T>(
    name: keyof Operations,
    args: readonly unknown[],
    progress: (news: Progress) => void = () => undefined,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): Promise<void> => new Promise((done) => void setImmediate(done));
      this.asked.push({
        name,
        args,
        progress,
        reply: (result) => (resolve(result as T), settle()),
        fail: (error) => (reject(error), settle()),
      });
    });
  }

  /** The last call of an operation. */
  last(name: keyof Operations): Asked {
    const found = this.asked.filter((call) => call.name === name).at(-1);
    if (found === undefined) throw new Error(`${name} was not called`);
    return found;
  }

  readonly operations: Operations = {
    ...(Object.fromEntries(
      Object.entries(operations).map(([name, { takes, beside }]) => [
        name,
        (...all: readonly unknown[]) =>
          this.#ask(
            name as OperationName,
            all.slice(0, takes.length),
            beside === 'steps' ? (all.at(-1) as Asked['progress']) : undefined,
          ),
      ]),
    ) as unknown as Operations),
    stepQuestions: () => Promise.resolve(this.questions),
    looked: () => {
      this.looks += 1;
      return Promise.resolve();
    },
  };
}
