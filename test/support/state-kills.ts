/**
 * The state of a data directory killed (SIGKILL) in its work, at random moments and at each call of the disk, and what
 * its files say afterwards.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/store/ground/clock.js';
import { jsonOf } from '../../src/store/ground/json.js';
import { StateFile } from '../../src/store/state/state-file.js';
import { account, type DataDirectory, withDirectory } from './directory.js';
import { type Random, seeded } from './random.js';

/** A change as the workload tells it, just before the state gets it. */
interface Begun {
  readonly number: number;
  readonly table: string;
  readonly key: string;
  /** null: the record is gone. */
  readonly value: unknown;
}

export interface StateKilled {
  readonly kills: number;
  /** Changes that were said to be on disk. */
  readonly saved: number;
  /** Kills in the middle of the writing of a picture: its temporary file was left behind. */
  readonly midPicture: number;
  /** Kills between a new picture and the removal of the journal that it makes superfluous, or in it. */
  readonly pictures: number;
  readonly faults: readonly string[];
}

const ACCOUNTS = 6;
/** A round of the workload takes about this long. */
const A_ROUND_MS = 6;
/** The workload is killed after at most so many rounds: as many as bring a new picture. */
const MOST_ROUNDS = 12;
/** It makes about so many calls of the disk in them. */
const MOST_CALLS = 90;
const workload = fileURLToPath(new URL('state-workload.mjs', import.meta.url));

/** Kills the state so many times, on some data directories at once. */
export async function killState(kills: number, seed: number, atOnce: number): Promise<StateKilled> {
  return withDirectory(async (dir) => {
    // a file that is bundled starts in a third of the time
    const program = dir.at('workload.mjs');
    await build({ entryPoints: [workload], outfile: program, ...BUNDLE });
    const shares = Array.from({ length: atOnce }, (_, lane) => Math.floor((kills + lane) / atOnce));
    const lanes = await Promise.all(shares.map((share, lane) => killOne(share, seeded(seed + lane), program)));
    return lanes.reduce((one, other) => ({
      kills: one.kills + other.kills,
      saved: one.saved + other.saved,
      midPicture: one.midPicture + other.midPicture,
      pictures: one.pictures + other.pictures,
      faults: [...one.faults, ...other.faults],
    }));
  });
}

const BUNDLE = { bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'silent' } as const;

/** Kills the state so many times on one data directory. */
async function killOne(kills: number, random: Random, program: string): Promise<StateKilled> {
  return withDirectory(async (dir) => {
    const ids = Array.from({ length: ACCOUNTS }, (_, index) => `a${index}`);
    for (const id of ids) await dir.put(account({ id, email: `${id}@example.com` }));
    mkdirSync(dir.at('state'), { mode: 0o700 });
    const faults: string[] = [];
    const figures = { saved: 0, midPicture: 0, pictures: 0 };
    let known = await onDisk(dir, ids);
    let picture = '';
    let done = 0;
    for (; done < kills && faults.length === 0; done++) {
      const life = await live(dir, random, program);
      if (strays(dir) > 0) figures.midPicture++;
      if (isTorn(dir)) faults.push(`kill ${done}: the picture is torn`);
      const now = await onDisk(dir, ids);
      for (const key of new Set([...known.keys(), ...now.keys(), ...life.begun.map(keyOf)])) {
        const fault = judge(known.get(key), now.get(key), life, key);
        if (fault !== null) faults.push(`kill ${done}: ${key} ${fault}`);
      }
      figures.saved += life.begun.filter((change) => isDone(change, life)).length;
      const before = picture;
      picture = textOf(dir.at('state', 'accounts.json'));
      if (picture !== before) figures.pictures++;
      known = now;
    }
    return { kills: done, ...figures, faults };
  });
}

interface Life {
  readonly begun: readonly Begun[];
  /** The last change of the times of use, and of all others, that was said to be on disk. */
  readonly doneUsed: number;
  readonly doneState: number;
}

/** One run of the workload, ended by SIGKILL: half of them end themselves at a call of the disk. */
async function live(dir: DataDirectory, random: Random, program: string): Promise<Life> {
  const lastCall = random(2) === 0 ? 1 + random(MOST_CALLS) : 0;
  const child = spawn(process.execPath, [program, dir.path, String(random(1_000_000_000)), String(lastCall)]);
  const rounds = lastCall > 0 ? Infinity : random(MOST_ROUNDS);
  let out = '';
  let timer: NodeJS.Timeout | null = null;
  child.stderr.pipe(process.stderr);
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString();
    if (out.split('\ndone ').length <= rounds) return;
    timer ??= setTimeout(() => child.kill('SIGKILL'), random(A_ROUND_MS));
  });
  const signal = await new Promise((resolve) => child.once('close', (_status, by) => resolve(by)));
  if (signal !== 'SIGKILL') throw new Error('the workload ended by itself');
  const lines = out.split('\n').slice(0, -1);
  const last = (...tables: readonly string[]): number =>
    Number(lines.findLast((line) => tables.some((table) => line.startsWith(`done ${table} `)))?.split(' ')[2] ?? 0);
  return {
    begun: lines
      .filter((line) => line.startsWith('begun '))
      .map((line) => JSON.parse(line.slice('begun '.length)) as Begun),
    doneUsed: last('used', 'all'),
    doneState: last('state', 'all'),
  };
}

const keyOf = ({ table, key }: Pick<Begun, 'table' | 'key'>): string => `${table} ${key}`;

const isDone = ({ table, number }: Begun, { doneUsed, doneState }: Life): boolean =>
  number <= (table === 'used' ? doneUsed : doneState);

/** Every record as a new start reads it, as text, by its table and key; of an account the newer time of both places. */
async function onDisk(dir: DataDirectory, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const state = StateFile.open(dir.at('state'), systemClock);
  const found = new Map<string, string>();
  const put = (table: string, key: string, value: unknown): void => {
    found.set(keyOf({ table, key }), JSON.stringify(value));
  };
  for (let at = 0; at < 12; at++) {
    const [refused, grant] = [state.refused(`refused-${at}`), state.grant(`grant-${at}`)];
    if (refused !== undefined) put('refused', `refused-${at}`, refused);
    if (grant !== undefined) put('grants', `grant-${at}`, grant);
  }
  for (const login of state.logins) put('logins', login.token, login);
  for (const rest of state.coolDowns) put('coolDowns', (rest as { who: string }).who, rest);
  for (const asked of state.askedModels) put('askedModels', asked.model, asked);
  for (const minute of state.keyMinutes) put('keyMinutes', minute.key, minute);
  for (const resource of state.resources) put('resources', resource.name, resource);
  if (state.lastLooked !== null) put('screen', 'lastLooked', state.lastLooked);
  for (const id of ids) {
    const inFile = Number((await dir.read(id)).last_used);
    put('used', id, Math.max(inFile, state.lastUsed(id) ?? 0));
  }
  return found;
}

/** A record is as some number of its changes made it: at least those that were said to be on disk. null: it is. */
function judge(was: string | undefined, is: string | undefined, life: Life, key: string): string | null {
  const changes = life.begun.filter((change) => keyOf(change) === key);
  const states = [was, ...changes.map(({ value }) => (value === null ? undefined : JSON.stringify(value)))];
  const atLeast = changes.findLastIndex((change) => isDone(change, life)) + 1;
  return states.slice(atLeast).includes(is) ? null : `is ${is ?? 'gone'}, not ${states[atLeast] ?? 'gone'}`;
}

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

const strays = (dir: DataDirectory): number =>
  readdirSync(dir.at('state')).filter((name) => name.startsWith('.regrant-')).length;

/** Whether the picture is not whole. */
function isTorn(dir: DataDirectory): boolean {
  const picture = textOf(dir.at('state', 'accounts.json'));
  return picture !== '' && jsonOf(picture) === null;
}
