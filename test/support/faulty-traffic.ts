/**
 * Clients' requests through the built program while Google refuses, limits, stalls, resets and truncates, and accounts die
 * and come back. The proxy is a process of its own; clients and Google are in this one.
 */
import { execFile, spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { promisify } from 'node:util';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { ControlClient } from '../../src/control/client.js';
import { remoteOperations } from '../../src/control/remote.js';
import type { Operations } from '../../src/proxy/contract/operations.js';
import { API_KEY, app, withApp } from './app.js';
import type { Google, GoogleAnswer } from './google.js';
import { ask } from './proxy.js';
import { seeded } from './random.js';

export interface TrafficFigures {
  readonly requests: number;
  readonly good: number;
  /** Broken off after the first byte. */
  readonly broken: number;
  /** Failed before the first byte: there may be none, since one account is always well. */
  readonly failed: number;
  readonly truncatedByGoogle: number;
  readonly deaths: number;
  readonly recoveries: number;
  /** Access-log lines of the proxy, in all and by what they say. */
  readonly logged: { readonly all: number; readonly good: number; readonly brokenOff: number; readonly tries: number };
  /** What the metrics count. */
  readonly counted: { readonly requests: number; readonly truncated: number };
  /** Lines of the log at error or above. */
  readonly errors: readonly string[];
  readonly perSecond: number;
  /** Resident memory of the proxy in the sixth and in the last tenth of the requests, MB, medians. */
  readonly rssMb: readonly [number, number];
}

const AT_ONCE = 32;
const ACCOUNTS = 10;
/** How often the memory is read. */
const LOOKS = 60;
const ids = Array.from({ length: ACCOUNTS }, (_, number) => `a${number}`);
const emailOf = (id: string): string => `${id}@example.com`;
const tokenOf = (id: string, life: number): string => `1//0grant-${life}-of-account-${id}`;

const AccessLine = v.object({
  status: v.number(),
  tries: v.number(),
  left: v.array(v.string()),
  model: v.nullable(v.string()),
});
const LogLine = v.object({ level: v.number(), msg: v.string(), access: v.optional(AccessLine) });

/** The first account is always well; the others' answers are faulty by chance, the same in every run. */
class Faults {
  truncated = 0;
  private readonly random = seeded(1);

  reply(email: string | null): GoogleAnswer | Promise<GoogleAnswer | undefined> | undefined {
    if (email === null || email === emailOf('a0')) return undefined;
    const roll = this.random(1_000);
    if (roll < 5) return { status: 429, headers: { 'retry-after': '1' }, body: {} };
    if (roll < 35) return { status: 503, body: {} };
    if (roll < 45) return { status: 403, body: {} };
    if (roll < 60) return 'reset';
    if (roll < 62) return new Promise((resolve) => setTimeout(() => resolve(undefined), 1_500));
    if (roll >= 67) return undefined;
    this.truncated++;
    return { status: 200, body: { candidates: 'x'.repeat(1_000) }, cutAfterBytes: 500 };
  }
}

/** Kills and brings back one account after the other, never the first. */
class Deaths {
  deaths = 0;
  recoveries = 0;
  private readonly lives = new Map(ids.map((id) => [id, 0]));
  private dead: string | null = null;

  constructor(
    private readonly google: Google,
    private readonly operations: Operations,
  ) {}

  /** Revokes a grant, or re-adds the account that is dead. */
  async next(): Promise<void> {
    const id = this.dead ?? ids[1 + (this.deaths % (ACCOUNTS - 1))] ?? '';
    const life = this.lives.get(id) ?? 0;
    if (this.dead === null) {
      this.dead = id;
      this.deaths++;
      this.google.revoke(tokenOf(id, life));
      this.google.expireAccess(emailOf(id));
      return;
    }
    this.dead = null;
    this.lives.set(id, life + 1);
    this.google.grant(tokenOf(id, life + 1), { email: emailOf(id) });
    const request = { accountId: id, refreshToken: tokenOf(id, life + 1), client: null, otherAccount: 'ask' } as const;
    const { outcome } = await this.operations.readd(request, () => undefined);
    if (outcome === 'saved') this.recoveries++;
  }
}

/** Reads the proxy's log as it is written. */
class LogTally {
  all = 0;
  good = 0;
  brokenOff = 0;
  tries = 0;
  readonly errors: string[] = [];

  take(line: string): string {
    const { level, msg, access } = v.parse(LogLine, JSON.parse(line));
    // A grant's death is logged as an error too.
    if (level >= 50 && !msg.includes('invalid_grant')) this.errors.push(msg);
    if (access?.model != null) {
      this.all++;
      this.tries += access.tries;
      if (access.left.some((why) => why.startsWith('the answer broke off'))) this.brokenOff++;
      else if (access.status === 200) this.good++;
    }
    return msg;
  }
}

async function rssMb(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
}

const median = (list: readonly number[]): number =>
  [...list].sort((one, other) => one - other)[list.length >> 1] ?? NaN;

/** The sum of a counter's samples, of those whose labels have `part`. */
const sumOf = (text: string, name: string, part = ''): number =>
  text
    .split('\n')
    .filter((line) => line.startsWith(name) && line.includes(part))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);

/** Sends so many requests, or as many as `longestMs` allow, and says what became of them. */
export async function faultyTraffic(requests: number, longestMs = Number.POSITIVE_INFINITY): Promise<TrafficFigures> {
  let figures: TrafficFigures | undefined;
  const accounts = ids.map((id) => ({ id, email: emailOf(id), refreshToken: tokenOf(id, 0) }));
  const settings = { proxy: { maxTries: ACCOUNTS } };
  await withApp({ accounts, settings, google: { keepCalls: 10 } }, async ({ dir, google }) => {
    const faults = new Faults();
    google.upstream(({ email }) => faults.reply(email));
    const log = new LogTally();
    const child = spawn(process.execPath, [app, '--headless', '--data-dir', dir.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    try {
      const port = await new Promise<number>((resolve) => {
        createInterface(child.stdout).on('line', (line) => {
          const found = /serves on [^ ]+:(\d+) with/.exec(log.take(line))?.[1];
          if (found !== undefined) resolve(Number(found));
        });
      });
      const control = await ControlClient.connect(dir.at('regrant.sock'));
      if (control === null) throw new Error('nothing runs');
      const deaths = new Deaths(google, remoteOperations(control));
      const seen = await send({ port, pid: child.pid ?? 0, requests, longestMs, deaths });
      const metrics = await ask({ host: '127.0.0.1', port }, { method: 'GET', path: '/metrics' });
      control.close();
      child.kill('SIGTERM');
      await ended;
      figures = {
        ...{ ...seen, truncatedByGoogle: faults.truncated },
        ...{ deaths: deaths.deaths, recoveries: deaths.recoveries, logged: log, errors: log.errors },
        counted: {
          requests: sumOf(metrics.text, 'regrant_requests_total', 'model="gemini'),
          truncated: sumOf(metrics.text, 'regrant_truncated_answers_total'),
        },
      };
    } finally {
      child.kill('SIGKILL');
    }
  });
  if (figures === undefined) throw new Error('no figures');
  return figures;
}

async function send(run: { port: number; pid: number; requests: number; longestMs: number; deaths: Deaths }) {
  const { port, pid, requests, longestMs, deaths } = run;
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const proxy = { host: '127.0.0.1', port };
  const headers = { 'x-goog-api-key': API_KEY, 'content-type': 'application/json' };
  const body = '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}';
  const seen = { good: 0, broken: 0, failed: 0 };
  const sizes: number[] = [];
  const deathEvery = Math.max(250, Math.floor(requests / 1_000));
  let begun = 0;
  const started = performance.now();
  const client = async (): Promise<void> => {
    while (begun < requests && performance.now() - started < longestMs) {
      const at = begun++;
      if (at % Math.ceil(requests / LOOKS) === 0) sizes.push(await rssMb(pid));
      if (at % deathEvery === deathEvery - 1) await deaths.next();
      const got = await ask(proxy, { agent, headers, body }).catch(() => null);
      if (got?.status !== 200) seen.failed++;
      else if (got.broken) seen.broken++;
      else seen.good++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  const perSecond = (begun / (performance.now() - started)) * 1_000;
  agent.destroy();
  const tenth = (number: number): number =>
    median(sizes.slice(Math.floor(sizes.length * 0.1 * number), Math.floor(sizes.length * 0.1 * (number + 1))));
  return { requests: begun, ...seen, perSecond, rssMb: [tenth(5), tenth(9)] as const };
}

/** What is wrong with the figures; empty where they are good. */
export function wrongWith(figures: TrafficFigures): readonly string[] {
  const { requests, good, broken, failed, truncatedByGoogle, logged, counted, deaths, recoveries, errors } = figures;
  const rules: readonly (readonly [boolean, string])[] = [
    [failed === 0, `${failed} failed before the first byte`],
    [good + broken === requests, 'some have no end'],
    [broken <= truncatedByGoogle, 'more broke off than Google truncated'],
    [counted.truncated === broken, `${counted.truncated} counted as truncated, ${broken} broke off`],
    [counted.requests === requests, `${counted.requests} counted`],
    [
      logged.all === requests && logged.good === good && logged.brokenOff === broken,
      `the log says ${JSON.stringify(logged)}`,
    ],
    [deaths > 0 && recoveries >= deaths - 1, `${deaths} died, ${recoveries} came back`],
    [errors.length === 0, errors.join('; ')],
  ];
  return rules.filter(([holds]) => !holds).map(([, words]) => words);
}
