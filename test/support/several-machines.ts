/**
 * Boxes of one pool as processes over a real PostgreSQL, each with a wire of its own, while boxes are killed, wires cut and
 * the server stopped at once. The provider replaces refresh tokens, refuses what was replaced, and keeps books, which are
 * compared with the database in the end.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { fingerprint } from '../../src/store/ground/fingerprint.js';
import { withPool, type TestPool } from './boxes.js';
import { account, withDirectory, type DataDirectory } from './directory.js';
import { pause } from './pause.js';
import type { PostgresServer } from './postgres.js';
import type { Relay } from './postgres-relay.js';
import { listening } from './proxy.js';

export interface MachinesOptions {
  /** It ends after so many, or after `seconds`. */
  readonly exchanges: number;
  readonly seconds: number;
  readonly boxes: number;
  readonly accounts: number;
  /** How long an access token is used. */
  readonly lifeMs: number;
  /** How many times as often as in a long run something happens to the boxes, by exchanges. */
  readonly blows: number;
  /** A number from 0 to 1. */
  readonly random: () => number;
}

/** A re-add that has not come into the database by then is told again. */
const AGAIN_AFTER_MS = 5_000;

export interface MachinesFigures {
  exchanges: number;
  rotations: number;
  kills: number;
  cuts: number;
  stops: number;
  /** The same token at the provider twice at the same moment. */
  twiceInFlight: number;
  /** A replaced token was sent although what took its place was spooled or in the database. */
  sentAgain: number;
  /** The provider's token is nowhere, although it was spooled. */
  lost: number;
  /** The provider would still accept the token of an account that is disabled. */
  wronglyDisabled: number;
  /** A box was killed after the provider had decided and before the answer was spooled. */
  killedOnTheWay: number;
  /** Accounts of these that were re-added on one of the boxes. */
  readded: number;
  /** What a box said that it could not save, and faults. */
  readonly faults: string[];
}

/** A token endpoint that replaces half of the tokens. */
class Provider {
  readonly current = new Map<string, string>();
  private readonly owner = new Map<string, string>();
  /** What took a token's place, by the token. */
  readonly next = new Map<string, string>();
  private readonly before = new Map<string, string>();
  private readonly resent: string[] = [];
  /** Tokens of which a kill took the answer: their account was re-added. */
  private readonly unanswered = new Set<string>();
  private readonly flying = new Map<string, number>();
  exchanges = 0;
  twice = 0;
  private count = 0;

  constructor(private readonly random: () => number) {}

  grant(id: string, token: string): void {
    this.unanswered.add(this.replacedBy(this.current.get(id) ?? ''));
    this.current.set(id, token);
    this.owner.set(token, id);
  }

  /** Replaced tokens that came once more, of those whose answers somebody has got. A re-add replaces a token too. */
  get answeredBefore(): readonly string[] {
    return this.resent.filter((sent) => this.next.has(sent) && !this.unanswered.has(sent));
  }

  /** The token whose place this one took; empty: none. */
  replacedBy(current: string): string {
    return this.before.get(current) ?? '';
  }

  readonly answer = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    const sent = new URL(request.url ?? '/', 'http://provider').searchParams.get('token') ?? '';
    this.exchanges += 1;
    const flying = (this.flying.get(sent) ?? 0) + 1;
    this.flying.set(sent, flying);
    if (flying > 1) this.twice += 1;
    response.once('close', () => this.flying.set(sent, (this.flying.get(sent) ?? 1) - 1));
    setTimeout(() => {
      const body = this.decide(sent);
      setTimeout(() => {
        response.writeHead(body === null ? 400 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body ?? { error: 'invalid_grant' }));
      }, this.random() * 10);
    }, this.random() * 10);
  };

  private decide(sent: string): { readonly access_token: string; readonly refresh_token: string | null } | null {
    const id = this.owner.get(sent);
    if (id === undefined || this.current.get(id) !== sent) {
      this.resent.push(sent);
      return null;
    }
    this.count += 1;
    const rotated = this.random() < 0.5 ? `1//0rt-${id}-${this.count}` : null;
    if (rotated !== null) {
      this.next.set(sent, rotated);
      this.before.set(rotated, sent);
      this.grant(id, rotated);
    }
    return { access_token: `ya29.${id}-${this.count}`, refresh_token: rotated };
  }
}

const workload = fileURLToPath(new URL('box-workload.mjs', import.meta.url));

/** One box: its directory and wire outlive its processes. */
class Machine {
  private child: ChildProcess | null = null;
  private out = '';
  left: string | null = null;

  constructor(
    private readonly dir: DataDirectory,
    readonly wire: Relay,
    private readonly endpoint: string,
    private readonly lifeMs: number,
  ) {}

  get isReady(): boolean {
    return this.out.includes('ready\n');
  }

  /** What it said where it has ended by itself; null: it has not. */
  get ended(): string | null {
    return this.child?.exitCode == null ? null : this.out.slice(-300);
  }

  tell(line: string): void {
    this.child?.stdin?.write(`${line}\n`);
  }

  get faults(): readonly string[] {
    return this.out.split('\n').filter((line) => line.startsWith('fault '));
  }

  start(): void {
    this.out = '';
    const child = spawn(process.execPath, [workload, this.dir.path, this.endpoint, String(this.lifeMs)], {
      stdio: 'pipe',
    });
    this.child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.out += `fault ${text}\n`));
    child.stdin.on('error', () => undefined);
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === null) return;
    const ended = child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  }

  /** Fingerprints of the replaced tokens whose successors lie in its spool. */
  get spooled(): readonly string[] {
    try {
      return readdirSync(this.dir.at('state', 'spool')).filter((name) => /^[0-9a-f]{64}$/.test(name));
    } catch {
      return [];
    }
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child === null) return;
    const ended = once(child, 'close');
    this.tell('stop');
    const patience = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(patience);
    this.left = /left (.*)/.exec(this.out)?.[1] ?? `it did not end: ${this.out.slice(-300)}`;
    await this.kill();
  }
}

/** What is committed outlives the server, and tables that are written all the time do not grow for ever. */
const KEPT = { synchronous_commit: 'on', autovacuum: 'on' };

export async function runMachines(server: PostgresServer, options: MachinesOptions): Promise<MachinesFigures> {
  const provider = new Provider(options.random);
  const endpoint = http.createServer(provider.answer);
  const address = `http://127.0.0.1:${await listening(endpoint)}/`;
  const all = Array.from({ length: options.accounts }, (_, index) => {
    const id = `a${String(index).padStart(3, '0')}`;
    provider.grant(id, `1//0rt-${id}-0`);
    return account({ id, email: `${id}@example.com`, refreshToken: `1//0rt-${id}-0` });
  });
  // what is committed is on the disk when the server is stopped at once
  await server.stop();
  await server.start(KEPT);
  try {
    return await withPool(server, all, (pool) => onDirectories(pool, address, options, provider));
  } finally {
    endpoint.closeAllConnections();
    endpoint.close();
  }
}

async function onDirectories(
  pool: TestPool,
  endpoint: string,
  options: MachinesOptions,
  provider: Provider,
  machines: readonly Machine[] = [],
): Promise<MachinesFigures> {
  if (machines.length === options.boxes) return withMachines(pool, machines, options, provider);
  return withDirectory(async (dir) => {
    const wire = await pool.server.relay();
    const { schema, key } = pool.given;
    const box = `box-${machines.length}`;
    await dir.settings({ proxy: { port: 0 }, database: { url: wire.url, key, schema, box } });
    const machine = new Machine(dir, wire, endpoint, options.lifeMs);
    return onDirectories(pool, endpoint, options, provider, [...machines, machine]);
  });
}

async function withMachines(
  pool: TestPool,
  machines: readonly Machine[],
  options: MachinesOptions,
  provider: Provider,
): Promise<MachinesFigures> {
  const durable = new Set<string>();
  const faults: string[] = [];
  const figures = { kills: 0, cuts: 0, stops: 0 };
  const operator = new Operator({ pool, machines, provider, durable });
  const { random } = options;
  const endAt = performance.now() + options.seconds * 1_000;
  const goesOn = (): boolean => performance.now() < endAt && provider.exchanges < options.exchanges;
  const { server } = pool;
  const blows: readonly Blow[] = [
    {
      least: 60,
      most: 240,
      async strike() {
        // most kills hit a box at work, some one that is starting
        const ready = machines.filter(({ isReady }) => isReady);
        const machine = pick(ready.length > 0 && random() < 0.9 ? ready : machines, random);
        faults.push(...machine.faults);
        await machine.kill();
        figures.kills += 1;
        for (const name of machine.spooled) durable.add(name);
        await pause(random() * 300);
        machine.start();
      },
    },
    {
      least: 100,
      most: 400,
      async strike() {
        const { wire } = pick(machines, random);
        if (random() < 0.5) wire.refuse();
        else wire.freeze();
        figures.cuts += 1;
        await pause(200 + random() * 2_000);
        wire.thaw();
        wire.reset();
      },
    },
    {
      least: 600,
      most: 2_600,
      async strike() {
        await server.stop('immediate');
        figures.stops += 1;
        await pause(200 + random() * 800);
        await server.start(KEPT);
      },
    },
  ];
  try {
    for (const machine of machines) machine.start();
    await allReady(machines, faults);
    const struck = blows.map((blow) => again(blow, random, () => provider.exchanges * options.blows, goesOn));
    await Promise.all([...struck, operator.watches(goesOn)]);
    for (const { wire } of machines) wire.thaw();
    await allReady(machines, faults);
    await pause(3_000);
    await Promise.all(machines.map((machine) => machine.stop()));
    for (const machine of machines) {
      faults.push(...machine.faults);
      if (machine.left !== '[]') faults.push(`left ${machine.left ?? ''}`);
    }
    const { readded, wronglyDisabled } = operator;
    const books = await compared(pool, machines, provider, durable);
    return {
      ...{ ...books, ...figures, readded, faults },
      wronglyDisabled: books.wronglyDisabled + wronglyDisabled,
      killedOnTheWay: books.killedOnTheWay + readded,
    };
  } finally {
    await Promise.all(machines.map((machine) => machine.kill()));
  }
}

/** Looks at what is disabled, and re-adds what is dead for good on one of the boxes. */
class Operator {
  readded = 0;
  wronglyDisabled = 0;
  private readonly toldAt = new Map<string, number>();

  constructor(
    private readonly parts: {
      readonly pool: TestPool;
      readonly machines: readonly Machine[];
      readonly provider: Provider;
      readonly durable: ReadonlySet<string>;
    },
  ) {}

  async watches(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      await pause(300);
      // the server may be down
      await this.look().catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const { pool, machines, provider, durable } = this.parts;
    const rows = await pool.sql<{ id: string; grant_fp: string }>(
      `select id, grant_fp from {account} where coalesce((doc ->> 'disabled')::boolean, false)`,
    );
    const replaced = (id: string): string => fingerprint(provider.replacedBy(provider.current.get(id) ?? ''));
    if (rows.length === 0) return;
    const successors = await pool.sql<{ token_fp: string }>(
      'select token_fp from {successor} where token_fp = any($1)',
      [rows.map(({ id }) => replaced(id))],
    );
    const spooled = machines.flatMap((machine) => machine.spooled);
    const kept = new Set([...durable, ...spooled, ...successors.map(({ token_fp }) => token_fp)]);
    for (const { id, grant_fp } of rows) {
      if (fingerprint(provider.current.get(id) ?? '') === grant_fp) this.wronglyDisabled += 1;
      else if (!kept.has(replaced(id))) this.readd(id);
    }
  }

  private readd(id: string): void {
    const { machines, provider } = this.parts;
    const since = performance.now() - (this.toldAt.get(id) ?? -Infinity);
    if (since < AGAIN_AFTER_MS) return;
    const ready = machines.filter(({ isReady }) => isReady);
    if (ready.length === 0) return;
    // one that was told to a box that was killed is given to another
    this.readded += 1;
    const token = `1//0rt-${id}-again-${this.readded}`;
    provider.grant(id, token);
    pick(ready, () => (this.readded % 7) / 7).tell(`readd ${id} ${token}`);
    this.toldAt.set(id, performance.now());
  }
}

/** Fingerprints of replaced tokens whose successors are kept in the database, or in the spools that are given. */
async function durableTokens(pool: TestPool, spooled: readonly string[]): Promise<ReadonlySet<string>> {
  const successors = await pool.sql<{ token_fp: string }>('select token_fp from {successor}');
  return new Set([...spooled, ...successors.map(({ token_fp }) => token_fp)]);
}

/** What happens to the boxes again and again, after so many exchanges each: a busy machine makes all of it slower alike. */
interface Blow {
  readonly least: number;
  readonly most: number;
  readonly strike: () => Promise<void>;
}

async function again(
  { least, most, strike }: Blow,
  random: () => number,
  exchanges: () => number,
  goesOn: () => boolean,
): Promise<void> {
  for (;;) {
    const at = exchanges() + least + random() * (most - least);
    while (goesOn() && exchanges() < at) await pause(10);
    if (!goesOn()) return;
    await strike();
  }
}

function pick(machines: readonly Machine[], random: () => number): Machine {
  const machine = machines[Math.floor(random() * machines.length)];
  if (machine === undefined) throw new Error('no boxes');
  return machine;
}

/** A box that ended at its start (the database was away too long) is started again. */
async function allReady(machines: readonly Machine[], faults: string[]): Promise<void> {
  while (!machines.every(({ isReady }) => isReady)) {
    for (const machine of machines) {
      if (machine.ended === null) continue;
      faults.push(`ended: ${machine.ended}`);
      machine.start();
    }
    await pause(50);
  }
}

/** The provider's books beside the database and the spools. */
async function compared(
  pool: TestPool,
  machines: readonly Machine[],
  provider: Provider,
  spooled: ReadonlySet<string>,
): Promise<Omit<MachinesFigures, 'kills' | 'cuts' | 'stops' | 'readded' | 'faults'>> {
  const rows = await pool.sql<{ id: string; grant_fp: string; disabled: boolean }>(
    `select id, grant_fp, coalesce((doc ->> 'disabled')::boolean, false) as disabled from {account}`,
  );
  const durable = await durableTokens(pool, [...spooled]);
  const waiting = new Set(machines.flatMap((machine) => machine.spooled));
  let [lost, wronglyDisabled, killedOnTheWay] = [0, 0, 0];
  for (const { id, grant_fp, disabled } of rows) {
    const current = provider.current.get(id) ?? '';
    if (grant_fp === fingerprint(current)) {
      if (disabled) wronglyDisabled += 1;
      continue;
    }
    const replaced = provider.replacedBy(current);
    if (waiting.has(fingerprint(replaced))) continue;
    if (durable.has(fingerprint(replaced))) lost += 1;
    else killedOnTheWay += 1;
  }
  return {
    exchanges: provider.exchanges,
    rotations: provider.next.size,
    twiceInFlight: provider.twice,
    sentAgain: provider.answeredBefore.filter((sent) => durable.has(fingerprint(sent))).length,
    ...{ lost, wronglyDisabled, killedOnTheWay },
  };
}
