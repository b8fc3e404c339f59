/** The real store killed at random moments of its work, and what its files say afterwards. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { account, type DataDirectory, withDirectory } from './directory.js';
import type { Random } from './random.js';

type Json = Record<string, unknown>;

/** What the workload can change of an account. */
interface Known {
  readonly refresh: unknown;
  readonly access: unknown;
  readonly disabledAt: unknown;
  readonly offAt: unknown;
  readonly lastUsed: unknown;
}

/** A change as the workload tells it, just before the store gets it. */
interface Begun {
  readonly number: number;
  readonly id: string;
  readonly kind: 'refresh' | 'rotate' | 'disable' | 'readd' | 'toggle' | 'touch';
  readonly sent?: string;
  readonly to?: string;
  readonly access?: string;
  readonly at?: number | null;
}

export interface KillOptions {
  readonly kills: number;
  readonly accounts: number;
  /**
   * The kill comes after at most so many changes: counted in work, not in time, since a busy machine does less in the
   * same time.
   */
  readonly mostChanges: number;
}

export interface KillFigures {
  readonly kills: number;
  /** Changes that the store said were on disk. */
  readonly saved: number;
  /** Kills in the middle of a write: its temporary file was left behind. */
  readonly midWrite: number;
  /** Files that are no JSON, or that a new start could not read. */
  readonly torn: readonly string[];
  /** Keys and values that existed before, or were reported as saved, and are gone. */
  readonly lost: readonly string[];
  /** Accounts whose `disabled` or `proxy_disabled` is as it was before a change that was reported as saved. */
  readonly resurrected: readonly string[];
  /** Rotated tokens that were lost between the answer and the fsync, so nobody was told that they are saved. */
  readonly rotatedOnTheWay: number;
}

/** What each change makes of an account, in the simplest possible way. */
const after: Record<Begun['kind'], (known: Known, change: Begun) => Known> = {
  refresh: (known, { sent, access }) => (known.refresh === sent ? { ...known, access } : known),
  rotate: (known, { sent, to, access }) => (known.refresh === sent ? { ...known, refresh: to, access } : known),
  disable: (known, { sent, at }) =>
    known.refresh === sent ? { ...known, disabledAt: known.disabledAt ?? at ?? null } : known,
  readd: (known, { to, access }) => ({ ...known, refresh: to, access, disabledAt: null }),
  toggle: (known, { at }) => ({ ...known, offAt: at ?? null }),
  touch: (known, { at }) =>
    known.disabledAt === null ? { ...known, lastUsed: Math.max(Number(known.lastUsed), Number(at)) } : known,
};

function knownOf(file: Json): Known {
  const { refresh_token: refresh, access_token: access } = file.token as Json;
  return {
    refresh,
    access,
    disabledAt: file.disabled === true ? file.disabled_at : null,
    offAt: file.proxy_disabled === true ? file.proxy_disabled_at : null,
    lastUsed: file.last_used,
  };
}

/** All that no change of the workload is about. */
function restOf(file: Json): string {
  const { token, last_used: _used, disabled: _d, disabled_at: _da, disabled_reason: _dr, ...others } = file;
  const { proxy_disabled: _p, proxy_disabled_at: _pa, proxy_disabled_reason: _pr, ...rest } = others;
  const { refresh_token: _r, access_token: _a, expires_in: _e, expiry_timestamp: _t, ...inToken } = token as Json;
  return JSON.stringify([rest, { ...inToken, oauth_client_key: undefined }]);
}

const isSame = (one: Known, other: Known): boolean => JSON.stringify(one) === JSON.stringify(other);
/** A change takes about this long. */
const WITHIN_MS = 5;
const workload = fileURLToPath(new URL('store-workload.mjs', import.meta.url));

interface Life {
  readonly begun: readonly Begun[];
  readonly done: ReadonlySet<number>;
  /** What it found at its start; null: it was killed before. */
  readonly found: { readonly accounts: number; readonly unreadable: number } | null;
}

/** One run of the store, ended by SIGKILL. */
async function live(dir: DataDirectory, mostChanges: number, vanishes: boolean, random: Random): Promise<Life> {
  const seed = String(random(1_000_000_000));
  const child = spawn(process.execPath, [workload, dir.path, seed, vanishes ? 'vanishing' : 'staying']);
  let out = '';
  const lastChange = 1 + random(mostChanges);
  let timer: NodeJS.Timeout | null = null;
  const killSoon = (ms: number): void => {
    timer ??= setTimeout(() => child.kill('SIGKILL'), ms);
  };
  // one in ten is killed while it starts, and removes what the one before left
  if (random(10) === 0) killSoon(60 + random(120));
  child.stderr.pipe(process.stderr);
  child.stdout.on('data', (text) => {
    out += String(text);
    if (out.includes(`\nbegun {"number":${lastChange}`)) killSoon(random(WITHIN_MS));
  });
  const signal = await new Promise((resolve) => child.once('close', (_status, by) => resolve(by)));
  if (signal !== 'SIGKILL') throw new Error(`the workload ended by itself:\n${out.slice(0, 500)}`);
  const lines = out.split('\n').slice(0, -1);
  const of = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return {
    begun: of('begun').map((line) => JSON.parse(line) as Begun),
    done: new Set(of('done').map(Number)),
    found: of('ready').map((line) => JSON.parse(line) as NonNullable<Life['found']>)[0] ?? null,
  };
}

/** Kills the store so many times on one data directory. */
export async function killStore({ kills, accounts, mostChanges }: KillOptions, random: Random): Promise<KillFigures> {
  return withDirectory(async (dir) => {
    const ids = Array.from({ length: accounts }, (_, index) => `a${index}`);
    for (const id of ids) await dir.put(account({ id, email: `${id}@example.com` }));
    // as Antigravity Tools has it, with every account in it
    writeFileSync(dir.at('accounts.json'), JSON.stringify({ version: '2.0', accounts: ids.map((id) => ({ id })) }));
    const rests = new Map<string, string>();
    let known = new Map<string, Known>();
    for (const id of ids) {
      const file = await dir.read(id);
      rests.set(id, restOf(file));
      known.set(id, knownOf(file));
    }
    const figures = { saved: 0, midWrite: 0, rotatedOnTheWay: 0 };
    const [torn, lost, resurrected]: [string[], string[], string[]] = [[], [], []];
    for (let kill = 0; kill < kills; kill++) {
      const vanishes = random(5) === 0;
      const before = new Map(await Promise.all(ids.map(async (id) => [id, await dir.readRaw(id)] as const)));
      const { begun, done, found } = await live(dir, mostChanges, vanishes, random);
      if (found !== null && (found.unreadable > 0 || found.accounts !== accounts))
        torn.push(`kill ${kill}: it found ${JSON.stringify(found)}`);
      figures.saved += done.size;
      const names = readdirSync(dir.at('accounts'));
      if (names.some((name) => name.startsWith('.regrant-'))) figures.midWrite++;
      torn.push(...tornBelow(dir).map((name) => `kill ${kill}: ${name}`));
      const now = new Map<string, Known>();
      for (const id of ids) {
        const file = await dir.read(id).catch(() => null);
        if (file === null && vanishes && !existsSync(dir.at('accounts', `${id}.json`))) {
          if (begun.some((change) => change.id === id && done.has(change.number)))
            lost.push(`kill ${kill}: ${id} is gone, whose re-add was said to be on disk`);
          // for the next run: the program that took the files away puts them back
          await dir.putRaw(`${id}.json`, before.get(id) ?? '');
          const was = known.get(id);
          if (was !== undefined) now.set(id, was);
          continue;
        }
        if (file === null) continue;
        const is = knownOf(file);
        now.set(id, is);
        if (restOf(file) !== rests.get(id)) lost.push(`kill ${kill}: ${id} is ${restOf(file)}`);
        const was = known.get(id);
        if (was === undefined) continue;
        const verdict = judge(
          was,
          is,
          begun.filter((change) => change.id === id),
          done,
        );
        figures.rotatedOnTheWay += verdict.rotatedOnTheWay;
        if (verdict.lost !== null) (verdict.isFlag ? resurrected : lost).push(`kill ${kill}: ${id} ${verdict.lost}`);
      }
      known = now;
    }
    return { kills, ...figures, torn, lost, resurrected };
  });
}

/** Every JSON file of the directory that is none. */
function tornBelow(dir: DataDirectory): string[] {
  const folders = ['', 'accounts', 'state', 'trash'].filter((folder) => existsSync(dir.at(folder)));
  return folders.flatMap((folder) =>
    readdirSync(dir.at(folder))
      .filter((name) => name.endsWith('.json'))
      .filter((name) => !isJson(readFileSync(dir.at(folder, name), 'utf8')))
      .map((name) => `${folder}/${name}`),
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

interface Verdict {
  readonly rotatedOnTheWay: number;
  readonly lost: string | null;
  readonly isFlag: boolean;
}

/**
 * Changes reach the disk in their order, so the file has to be the result of some number of them: at least of those
 * that were reported as saved.
 */
function judge(was: Known, is: Known, changes: readonly Begun[], done: ReadonlySet<number>): Verdict {
  const states = [was];
  for (const change of changes) states.push(after[change.kind](states.at(-1) ?? was, change));
  const atLeast = changes.findLastIndex(({ number }) => done.has(number)) + 1;
  const reached = states.findLastIndex((state) => isSame(state, is));
  if (reached >= atLeast) {
    const missing = changes.slice(reached).filter(({ kind }) => kind === 'rotate');
    return { rotatedOnTheWay: missing.length, lost: null, isFlag: false };
  }
  const should = states[atLeast] ?? was;
  const isFlag = should.disabledAt !== is.disabledAt || should.offAt !== is.offAt;
  return { rotatedOnTheWay: 0, lost: `says ${JSON.stringify(is)}, not ${JSON.stringify(should)}`, isFlag };
}
