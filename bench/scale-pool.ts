/** A pool of so many account files, and a regrant that runs on it, for `npm run bench -- scale`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import pty from '@lydell/node-pty';
import type { SimulatedGoogle } from '../src/demo/google.js';
import { fingerprint } from '../src/store/ground/fingerprint.js';
import { ControlClient, ControlError } from '../src/control/client.js';
import { API_KEY } from './candidates.js';

const built = path.join(path.dirname(import.meta.dirname), 'dist', 'app.js');
const CLIENT = { id: '1234-bench.apps.googleusercontent.com', secret: 'GOCSPX-bench' };

/**
 * What becomes of an account: seven of ten are ready, and the others out in every way; or all are disabled, ready, or in
 * need of another access token.
 */
export type Mix = 'mixed' | 'all dead' | 'all ready' | 'all expired';

/** The same name for the same number, in no order. */
const uuidOf = (number: number): string =>
  createHash('sha256')
    .update(String(number))
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

export const tokenOf = (number: number): string => `1//0bench-${uuidOf(number)}`;

const secondsFromNow = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;

function stateOf(number: number, mix: Mix): object {
  const dead = { disabled: true, disabled_at: secondsFromNow(-86_400), disabled_reason: 'invalid_grant: revoked' };
  if (mix === 'all dead') return dead;
  if (mix === 'all ready' || mix === 'all expired') return {};
  const place = number % 20;
  if (place < 14) return {};
  if (place < 16) return dead;
  if (place < 18) return { proxy_disabled: true, proxy_disabled_at: 1, proxy_disabled_reason: 'by hand' };
  return { validation_blocked: true, validation_blocked_until: secondsFromNow(86_400) };
}

/** A file of about 2.9 kB; one of twenty cannot be read. */
function textOf(number: number, mix: Mix, bytes: number): string {
  const id = uuidOf(number);
  if (mix === 'mixed' && number % 20 === 19) return '{"id": ';
  const account = {
    ...{ id, email: `user.${number}@example.com`, name: `User ${number}`, created_at: secondsFromNow(-40 * 86_400) },
    token: {
      ...{ access_token: `ya29.bench-${id}`, refresh_token: tokenOf(number), token_type: 'Bearer' },
      ...{
        expires_in: 86_400,
        expiry_timestamp: secondsFromNow(mix === 'all expired' ? -60 : 86_000),
        project_id: `p-${number}`,
      },
    },
    ...stateOf(number, mix),
    device_profile: { filler: '' },
    notes: '',
  };
  const filler = 'x'.repeat(Math.max(0, bytes - JSON.stringify(account, null, 2).length));
  // a listing leaves out the one and tells the other
  if (mix === 'all ready') account.notes = filler;
  else account.device_profile.filler = filler;
  return JSON.stringify(account, null, 2);
}

/** A data directory with so many accounts; the Google knows their grants. */
export class BenchPool {
  private constructor(
    readonly folder: string,
    readonly accounts: number,
  ) {}

  static async make(
    accounts: number,
    google: SimulatedGoogle,
    upstream: string,
    { mix = 'mixed', bytes = 2_900 }: { readonly mix?: Mix; readonly bytes?: number } = {},
  ): Promise<BenchPool> {
    const folder = await mkdtemp(path.join(tmpdir(), 'regrant-scale-'));
    await mkdir(path.join(folder, 'accounts'), { mode: 0o700 });
    const settings = {
      proxy: { port: 0, apiKey: API_KEY },
      oauth: {
        ...{ clients: { default: CLIENT }, authUrl: google.authUrl, tokenUrl: google.tokenUrl },
        userInfoUrl: google.userInfoUrl,
      },
      upstream: { kind: 'gemini', baseUrls: [upstream] },
      // what a request asks for is measured, and not how long it is held after that
      pool: { waitSeconds: mix === 'all expired' ? 0 : 10 },
    };
    await writeFile(path.join(folder, 'settings.json'), JSON.stringify(settings), { mode: 0o600 });
    for (let number = 0; number < accounts; number++) {
      google.grant(tokenOf(number), { email: `user.${number}@example.com` });
      const file = path.join(folder, 'accounts', `${uuidOf(number)}.json`);
      // one by one through the thread pool twenty thousand take minutes beside other work
      writeFileSync(file, textOf(number, mix, bytes), { mode: 0o600 });
    }
    return new BenchPool(folder, accounts);
  }

  /** From now on every grant is known to have worked just now: nothing is due, but one of 86,400 a second. */
  async settle(): Promise<void> {
    const record = { firstSeen: secondsFromNow(-86_400), lastOk: secondsFromNow(0) };
    const numbers = Array.from({ length: this.accounts }, (_, number) => number);
    const grants = Object.fromEntries(numbers.map((number) => [fingerprint(tokenOf(number)), record]));
    const state = path.join(this.folder, 'state');
    await mkdir(state, { recursive: true, mode: 0o700 });
    await writeFile(path.join(state, 'accounts.json'), JSON.stringify({ schema: 1, grants }), { mode: 0o600 });
    await rm(path.join(state, 'accounts.jsonl'), { force: true });
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Runs a verb to its end. @returns how long it took, its first output, what it wrote, its largest memory */
  async verb(
    given: readonly string[],
    stdin = '',
    app = built,
  ): Promise<{ readonly ms: number; readonly stdout: string }> {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [app, ...given, '--data-dir', this.folder], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.end(stdin);
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    await new Promise((resolve) => child.on('close', resolve));
    return { ms: performance.now() - startedAt, stdout: Buffer.concat(parts).toString() };
  }

  /** Opens a screen of a build, this one by default; ms until it shows the accounts, and what closes it. */
  async screen(
    app = built,
  ): Promise<{ readonly ms: number; readonly pid: number; readonly close: () => Promise<void> }> {
    const startedAt = performance.now();
    const program = pty.spawn(process.execPath, [app, '--data-dir', this.folder], {
      ...{ name: 'xterm-256color', cols: 120, rows: 40 },
    });
    const ended = new Promise<void>((resolve) => program.onExit(() => resolve()));
    let seen = '';
    await new Promise<void>((resolve, reject) => {
      program.onData((bytes) => {
        if (seen.length < 1_000_000) seen += bytes;
        if (seen.includes('1 Accounts')) resolve();
      });
      program.onExit(() => reject(new Error(`the screen ended before it was painted: ${seen.slice(-500)}`)));
    });
    const close = async (): Promise<void> => {
      program.kill('SIGTERM');
      await ended;
    };
    return { ms: performance.now() - startedAt, pid: program.pid, close };
  }
}

/** @throws {unknown} what is no word of another protocol */
function foreign(error: unknown): undefined {
  if (!(error instanceof ControlError) || error.code !== 'VERSION') throw error;
}

/** A regrant that serves a pool without a screen. */
export class BenchRun {
  private constructor(
    private readonly child: ChildProcess,
    readonly pid: number,
    readonly port: number,
    readonly startMs: number,
    private readonly client: ControlClient | null,
  ) {}

  /** Whether it can be asked over its socket: another build may speak another protocol. */
  get isUnderstood(): boolean {
    return this.client !== null;
  }

  get control(): ControlClient {
    if (this.client === null) throw new Error('it speaks another protocol');
    return this.client;
  }

  /** @param app - of a build, this one by default */
  static async start({ folder }: BenchPool, app = built): Promise<BenchRun> {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [app, '--headless', '--data-dir', folder], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    const port = await new Promise<number>((resolve) => {
      const hear = (part: Buffer): void => {
        said += part.toString();
        const found = /serves on 127\.0\.0\.1:(\d+)/.exec(said.slice(-200_000));
        if (found === null) return;
        // from now on nobody here works on what it says: requests are sent and timed meanwhile
        child.stdout.off('data', hear).resume();
        resolve(Number(found[1]));
      };
      child.stdout.on('data', hear);
    });
    const startMs = performance.now() - startedAt;
    const socket = path.join(folder, 'regrant.sock');
    let control: ControlClient | null | undefined = null;
    while (control === null) control = await ControlClient.connect(socket).catch(foreign);
    return new BenchRun(child, child.pid ?? 0, port, startMs, control ?? null);
  }

  /** Ends it. @returns ms until it was gone */
  async stop(): Promise<number> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.client?.close();
    const startedAt = performance.now();
    this.child.kill('SIGTERM');
    await ended;
    return performance.now() - startedAt;
  }

  /** A line of /proc's status, MB. */
  memoryMb(name: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? NaN) / 1_024;
  }
}
