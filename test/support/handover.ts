/** A running supervisor that is restarted again and again under load, and what is to be true of it all the time. */
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { API_KEY, type App } from './app.js';
import type { Google } from './google.js';
import { startLoad, type LoadFigures } from './load.js';
import { pause } from './pause.js';

export interface Rotating {
  readonly id: string;
  readonly email: string;
  readonly refreshToken: string;
}

/** Accounts whose refresh token is replaced by every exchange, and the one before is dead from then on. */
export class RotatingGrants {
  private readonly next = new Map<string, string>();

  constructor(
    private readonly google: Google,
    private readonly accounts: readonly Rotating[],
  ) {
    const rotateTo = (sent: string): string => {
      const next = `${sent.replace(/~\d+$/, '')}~${Number(/~(\d+)$/.exec(sent)?.[1] ?? 0) + 1}`;
      this.next.set(sent, next);
      return next;
    };
    for (const { email, refreshToken } of accounts) google.grant(refreshToken, { email, rotateTo });
  }

  /** How many tokens were sent again after another one had taken their place. */
  get sentTwice(): number {
    const sent = this.google.calls.token.map(({ refreshToken }) => refreshToken);
    return sent.length - new Set(sent).size;
  }

  /** By the token that was sent: the one that took its place. */
  get replaced(): ReadonlyMap<string, string> {
    return this.next;
  }

  get rotations(): number {
    return this.next.size;
  }

  /** The accounts whose file does not hold the latest token. */
  async lost(app: App): Promise<readonly string[]> {
    const lost: string[] = [];
    for (const { id, email } of this.accounts) {
      const { token, disabled } = await app.dir.read(id);
      if (this.next.has(String(token.refresh_token)) || disabled === true) lost.push(email);
    }
    return lost;
  }
}

/** Answers streams with so many pieces, one every `gapMs`; the last is `end`. */
export function streamFor(google: Google, pieces: number, gapMs: number): void {
  google.upstream((call) => {
    if (call.verb !== 'streamGenerateContent') return undefined;
    async function* chunks(): AsyncGenerator<string> {
      for (let at = 0; at < pieces; at++) {
        yield `data: {"candidates":[{"content":{"parts":[{"text":"${at === pieces - 1 ? 'end' : 'more'}"}]}}]}\n\n`;
        await pause(gapMs);
      }
    }
    return { status: 200, headers: { 'content-type': 'text/event-stream' }, chunks: chunks() };
  });
}

/** Reads one stream. @returns why it is not whole; null: it is */
export function readStream(url: string): Promise<string | null> {
  return new Promise((resolve) => {
    const request = http.request(`${url}/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', 'x-goog-api-key': API_KEY },
    });
    request.on('error', (error) => resolve(error.message));
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', (error) => resolve(error.message));
      response.on('end', () =>
        resolve(response.statusCode === 200 && text.includes('"end"') ? null : `${response.statusCode ?? 0}: cut`),
      );
    });
    request.end('{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}');
  });
}

/** Requests that are each refused or cut are counted by their words. */
export class Streams {
  readonly faults: string[] = [];
  count = 0;
  private readonly open = new Set<Promise<void>>();

  begin(url: string, count: number): void {
    for (let at = 0; at < count; at++) {
      const reading = readStream(url).then((fault) => {
        this.count += 1;
        if (fault !== null) this.faults.push(fault);
        this.open.delete(reading);
      });
      this.open.add(reading);
    }
  }

  async ended(): Promise<void> {
    await Promise.all(this.open);
  }
}

/** New connections, one for each request, one request after the other. @returns how many failed, and why */
export function knock(url: string): { end(): Promise<{ readonly sent: number; readonly faults: readonly string[] }> } {
  const faults: string[] = [];
  let [sent, isOn] = [0, true];
  const knocking = (async () => {
    while (isOn) {
      const fault = await new Promise<string | null>((resolve) => {
        const request = http.get(`${url}/livez`, { agent: false }, (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode === 200 ? null : String(response.statusCode)));
          response.on('error', (error) => resolve(error.message));
        });
        request.on('error', (error) => resolve(error.message));
      });
      sent += 1;
      if (fault !== null) faults.push(fault);
      await pause(5);
    }
  })();
  return {
    async end() {
      isOn = false;
      await knocking;
      return { sent, faults };
    },
  };
}

/** Environment of a supervisor whose writes are written down, and what they say. */
export class Witness {
  readonly env: NodeJS.ProcessEnv;
  private readonly book: string;

  constructor(app: App) {
    // beside the data directory, which is the program's
    this.book = `${app.dir.path}.witness`;
    writeFileSync(this.book, '');
    this.env = {
      NODE_OPTIONS: `--import ${path.join(import.meta.dirname, 'write-witness.mjs')}`,
      REGRANT_TEST_WITNESS: this.book,
      REGRANT_TEST_WITNESS_OF: app.dir.path,
    };
  }

  /** Writes by a process after another one had begun to: `pid what path`. */
  get late(): readonly string[] {
    const lines = readFileSync(this.book, 'utf8').split('\n').filter(Boolean);
    const seen: string[] = [];
    return lines.filter((line) => {
      const pid = line.slice(0, line.indexOf(' '));
      if (seen.at(-1) === pid) return false;
      if (seen.includes(pid)) return true;
      seen.push(pid);
      return false;
    });
  }

  get owners(): number {
    return (
      new Set(
        readFileSync(this.book, 'utf8')
          .split('\n')
          .map((line) => line.slice(0, line.indexOf(' '))),
      ).size - 1
    );
  }
}

export interface Rounds {
  readonly restarts: number;
  /** Requests at least, in all. */
  readonly requests: number;
  /** Streams that are begun before each restart. */
  readonly streams: number;
}

export interface RoundFigures extends LoadFigures {
  readonly knocked: number;
  readonly streams: number;
  readonly rotations: number;
  /** All that must not be, by name: each is empty where all is well. */
  readonly faults: Readonly<Record<string, readonly string[]>>;
  /** How long each restart took, ms. */
  readonly took: readonly number[];
}

/** Restarts a supervisor under load. */
export async function restartRounds(app: App, grants: RotatingGrants, rounds: Rounds): Promise<RoundFigures> {
  const witness = new Witness(app);
  const first = await app.headless(witness.env);
  const { url } = first;
  const load = startLoad(url, 8);
  const knocking = knock(url);
  const streams = new Streams();
  const [took, failed, pids]: [number[], string[], number[]] = [[], [], [first.pid]];
  for (let round = 0; round < rounds.restarts; round++) {
    streams.begin(url, rounds.streams);
    await load.reached(Math.floor(((round + 1) * rounds.requests) / (rounds.restarts + 1)));
    // exchanges are under way when the restart is asked for
    const testing = app.run(['test', '--all']);
    await pause(50);
    const began = performance.now();
    const { status, stderr, stdout } = await app.run(['restart']);
    took.push(performance.now() - began);
    if (status !== 0) failed.push(`restart ${round + 1}: ${status ?? 0} ${stdout}${stderr}`);
    await testing;
    pids.push((await app.status()).pid);
  }
  await load.reached(rounds.requests);
  await streams.ended();
  const figures = await load.end();
  const knocked = await knocking.end();
  const stopped = await app.run(['stop']);
  const faults = {
    refused: [...(figures.failed > 0 ? [`${figures.failed} requests`] : []), ...knocked.faults],
    cut: streams.faults,
    sentTwice: grants.sentTwice > 0 ? [`${grants.sentTwice} tokens`] : [],
    lost: await grants.lost(app),
    twoOwners: witness.late,
    failed: [...failed, ...(stopped.status === 0 ? [] : [stopped.stderr])],
    notRestarted: new Set(pids).size === pids.length ? [] : [`pids ${pids.join(' ')}`],
  };
  return { ...figures, knocked: knocked.sent, streams: streams.count, rotations: grants.rotations, faults, took };
}
