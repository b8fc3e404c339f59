/** The state of a data directory killed (SIGKILL) at random moments of its work, and what its files say afterwards. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/store/ground/clock.js';
import { jsonOf } from '../../src/store/ground/json.js';
import { StateFile } from '../../src/store/state/state-file.js';
import { account, type DataDirectory, withDirectory } from './directory.js';
import type { Random } from './random.js';

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
const workload = fileURLToPath(new URL('state-workload.mjs', import.meta.url));

/** Kills the state so many times on one data directory. */
export async function killState(kills: number, random: Random): Promise<StateKilled> {
  return withDirectory(async (dir) => {
    const ids = Array.from({ length: ACCOUNTS }, (_, index) => `a${index}`);
    for (const id of ids) await dir.put(account({ id, email: `${id}@example.com` }));
    const faults: string[] = [];
    const figures = { saved: 0, midPicture: 0, pictures: 0 };
    let known = await onDisk(dir, ids);
    let picture = '';
    let done = 0;
    for (; done < kills && faults.length === 0; done++) {
      const life = await live(dir, random);
      if (strays(dir) > 0) figures.midPicture++;
      faults.push(...torn(dir).map((fault) => `kill ${done}: ${fault}`));
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

/** One run of the workload, ended by SIGKILL. */
async function live(dir: DataDirectory, random: Random): Promise<Life> {
  const child = spawn(process.execPath, [workload, dir.path, String(random(1_000_000_000))]);
  const rounds = random(MOST_ROUNDS);
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

/** A picture that is not whole, and lines of the journal that are not: a kill may tear the one that it interrupts. */
function torn(dir: DataDirectory): readonly string[] {
  const picture = textOf(dir.at('state', 'accounts.json'));
  const lines = textOf(dir.at('state', 'accounts.jsonl')).split('\n').slice(0, -1);
  return [
    ...(picture === '' || jsonOf(picture) !== null ? [] : ['the picture is torn']),
    ...(lines.filter((line) => line !== '' && jsonOf(line) === null).length > 1 ? ['the journal is torn'] : []),
  ];
}
