/**
 * What boxes over one PostgreSQL take: how soon a re-add and a cool-down are with the others, also where nothing is told
 * and they only look; what the lease costs a refresh; how soon a box goes on after its server was replaced; sums of
 * usage over a year. Then two programs by turns, one on account files and one on the database: start, memory, and CPU a
 * request, as ratios.
 *
 * `node --import tsx bench/boxes.ts [rounds of each]`, after `npm run build`. Needs Linux.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { databaseInit } from '../src/commands/database/database-verbs.js';
import { systemClock } from '../src/store/ground/clock.js';
import { account, withDirectory, type DataDirectory } from '../test/support/directory.js';
import { googleSettings, withGoogle, type Google } from '../test/support/google.js';
import { API_KEY, House } from '../test/support/house.js';
import { pause } from '../test/support/pause.js';
import { withPostgres, type DatabaseGiven, type PostgresServer } from '../test/support/postgres.js';
import { until } from '../test/support/shared-pool.js';
import { runVerb } from '../test/support/verb.js';
import { API_KEY as LOAD_KEY, cpuMicroseconds, rssOf, upstream } from './candidates.js';
import { Clients, median, share } from './load.js';

const rounds = Number(process.argv[2] ?? 100);
const ids = ['ann', 'bob', 'cat'];
const emailOf = (id: string): string => `${id}@example.com`;

const ms = (values: readonly number[]): string =>
  `p50 ${share(values, 0.5).toFixed(1)} ms, p99 ${share(values, 0.99).toFixed(1)}`;

async function withHouses(
  google: Google,
  given: readonly (DatabaseGiven | null)[],
  use: (...houses: readonly (House | undefined)[]) => Promise<void>,
  houses: readonly House[] = [],
): Promise<void> {
  const database = given[houses.length];
  if (database === undefined) return use(...houses);
  await withDirectory(async (dir) => {
    const shared = database === null ? {} : { database };
    await dir.settings({ ...googleSettings(google), proxy: { port: 0, apiKey: API_KEY }, ...shared });
    if (database === null)
      for (const id of ids) await dir.put(account({ id, email: emailOf(id), refreshToken: `1//0files-${id}` }));
    else if (houses.length === 0)
      await runVerb((context) => databaseInit(context, { words: [], options: {} }), dir.path);
    const house = new House(dir, google, systemClock);
    await house.start();
    try {
      await withHouses(google, given, use, [...houses, house]);
    } finally {
      await house.stop();
    }
  });
}

/** When a house has the account with this refresh token, ready to serve. */
const heldBy = (house: House, id: string, refreshToken: string): Promise<number> =>
  new Promise((resolve) => {
    const look = (): void => {
      const held = house.store.accounts.get(id)?.account;
      if (held?.refreshToken !== refreshToken || house.state(id) !== 'ready') return;
      end();
      resolve(performance.now());
    };
    const end = house.supervisor.onChange(look);
    look();
  });

async function readds(google: Google, [a, b, polling]: readonly House[]): Promise<void> {
  if (a === undefined || b === undefined || polling === undefined) throw new Error('three boxes are wanted');
  const [elsewhere, whole, looked]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    const token = `1//0again-${round}-${'q'.repeat(60)}`;
    google.grant(token, { email: emailOf('ann') });
    const held = [a, b, polling].map((house) => heldBy(house, 'ann', token));
    const request = { accountId: 'ann', refreshToken: token, client: null, otherAccount: 'ask' } as const;
    const began = performance.now();
    const { outcome } = await a.supervisor.operations.readd(request, () => undefined);
    if (outcome !== 'saved') throw new Error(`a re-add ended as ${outcome}`);
    const [here = 0, there = 0] = await Promise.all(held.slice(0, 2));
    elsewhere.push(there - here);
    whole.push(there - began);
    // a tenth is enough of what takes a second each
    if (round % 10 === 0) looked.push(((await held[2]) ?? 0) - here);
  }
  console.log(`re-add, from its own box to another: ${ms(elsewhere)}; from Enter, with Google here: ${ms(whole)}`);
  console.log(`re-add on a box that only looks: ${ms(looked)}`);
}

async function rests(a: House, b: House): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const rest = { who: 'ann', about: 'account', model: `m-${round}`, group: 'generate', step: 1, kind: 'rest' };
    const set = { ...rest, setAt: Date.now() / 1000, seconds: 60, cause: 'quota_daily', reason: 'no more' };
    const began = performance.now();
    a.store.state.setCoolDowns(() => [set]);
    await until(() => b.store.state.coolDowns.some((one) => (one as typeof set).model === set.model));
    times.push(performance.now() - began);
  }
  a.store.state.setCoolDowns(() => []);
  console.log(`a cool-down, until another box has it: ${ms(times)}`);
}

async function leases(shared: House, files: House): Promise<void> {
  const [with_, without]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (const [house, times] of [
      [shared, with_],
      [files, without],
    ] as const) {
      const began = performance.now();
      const [result] = await house.supervisor.operations.testNow(['bob']);
      if (result?.ok !== true) throw new Error(`a refresh failed: ${result?.text ?? ''}`);
      times.push(performance.now() - began);
    }
  }
  const differences = with_.map((time, at) => time - (without[at] ?? 0));
  console.log(
    `a refresh with a lease: ${ms(with_)}; on files: ${ms(without)}; of pairs ${median(differences).toFixed(1)} ms more`,
  );
}

async function year(house: House, given: DatabaseGiven, server: PostgresServer): Promise<void> {
  await server.sql(`insert into "${given.schema}".usage (day, account, model, key, protocol, box, doc)
    select '2025-12-01'::date + d, 'a' || a, 'm' || m, 'k' || k, 'openai', 'box-a', '{"requests":9,"in":900,"out":90}'
    from generate_series(0, 364) d, generate_series(1, 40) a, generate_series(1, 2) m, generate_series(1, 3) k`);
  const began = performance.now();
  const sums = await house.supervisor.operations.usage('2025-12-01', '2026-11-30', ['key']);
  console.log(
    `sums over a year of 87,600 lines in the database: ${(performance.now() - began).toFixed(0)} ms, ${sums.length} rows`,
  );
}

async function promoted(house: House, server: PostgresServer, replica: { promote(): Promise<void> }): Promise<void> {
  const { database } = house.store.shared ?? {};
  if (database === undefined) throw new Error('no database');
  await server.stop('immediate');
  await until(() => !database.isUp);
  const promoting = replica.promote();
  const took = await until(() => database.isUp, 10_000);
  await promoting;
  console.log(`on the promoted replica ${took.toFixed(0)} ms after its promotion`);
}

/** The program, on a data directory. */
class Program {
  private child: ChildProcess | null = null;

  constructor(
    readonly dir: DataDirectory,
    readonly port: number,
  ) {}

  get pids(): readonly number[] {
    return [this.child?.pid ?? 0];
  }

  /** @returns ms until it serves */
  async start(): Promise<number> {
    const began = performance.now();
    const words = ['dist/app.js', '--headless', '--data-dir', this.dir.path];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.child = child;
    let out = '';
    await new Promise<void>((resolve) =>
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
        if (out.includes('serves on')) resolve();
      }),
    );
    return performance.now() - began;
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
}

async function programs(both: readonly Program[]): Promise<void> {
  const [starts, memory, cpu] = [0, 1, 2].map(() => both.map((): number[] => []));
  for (let round = 0; round < 10; round++)
    for (const [at, program] of both.entries()) {
      starts?.[at]?.push(await program.start());
      if (round < 9) await program.stop();
    }
  const clients = await Promise.all(both.map(({ port }) => Clients.open(port, 16)));
  for (const one of clients) await one.load(3_000);
  for (let turn = 0; turn < 12; turn++)
    for (const [at, { pids }] of both.entries()) {
      const before = cpuMicroseconds(pids);
      const { failed } = (await clients[at]?.load(1_000)) ?? { failed: 1_000 };
      await pause(120);
      if (failed > 0) throw new Error(`${failed} requests failed`);
      cpu?.[at]?.push((cpuMicroseconds(pids) - before) / 1_000);
      memory?.[at]?.push(rssOf(pids) / 1e6);
    }
  for (const one of clients) one.close();
  const say = (what: string, all: readonly (readonly number[])[] | undefined, unit: string): void => {
    const [files, shared] = (all ?? []).map((values) => median(values));
    const ratios = (all?.[1] ?? []).map((value, at) => value / (all?.[0]?.[at] ?? NaN));
    console.log(
      `${what}: on files ${files?.toFixed(0)} ${unit}, on the database ${shared?.toFixed(0)}; ratio of pairs ${median(ratios).toFixed(2)}`,
    );
  };
  say('start to serving', starts, 'ms');
  say('memory', memory, 'MB');
  say('CPU a request', cpu, 'µs');
}

async function withPrograms(server: PostgresServer, use: (both: readonly Program[]) => Promise<void>): Promise<void> {
  const source = await upstream();
  try {
    await withDirectory((files) =>
      withDirectory(async (shared) => {
        const from = `http://127.0.0.1:${source.port}`;
        const client = { id: 'bench.apps.googleusercontent.com', secret: 'bench' };
        const settings = (port: number): Record<string, unknown> => ({
          proxy: { port, apiKey: LOAD_KEY },
          upstream: { kind: 'gemini', baseUrls: [from] },
          oauth: { tokenUrl: `${from}/token`, clients: { default: client } },
        });
        for (const dir of [files, shared])
          for (let at = 0; at < 100; at++)
            await dir.put({ ...account({ id: `a${at}`, email: emailOf(`a${at}`), refreshToken: `1//0load-a${at}` }) });
        await files.settings(settings(18_301));
        await shared.settings({ ...settings(18_302), database: server.pool() });
        for (const words of [
          ['database', 'init'],
          ['import', '--from-files'],
        ]) {
          const verb = spawn(process.execPath, ['dist/app.js', ...words, '--data-dir', shared.path], {
            stdio: 'ignore',
          });
          if ((await new Promise((resolve) => verb.once('exit', resolve))) !== 0)
            throw new Error(`${words.join(' ')} failed`);
        }
        const both = [new Program(files, 18_301), new Program(shared, 18_302)];
        try {
          await use(both);
        } finally {
          for (const program of both) await program.stop();
        }
      }),
    );
  } finally {
    await source.stop();
  }
}

await withPostgres(async (server) => {
  await withPrograms(server, programs);
  await withGoogle(async (google) => {
    for (const id of ids) {
      google.grant(`1//0shared-${id}`, { email: emailOf(id) });
      google.grant(`1//0files-${id}`, { email: emailOf(id) });
    }
    const replica = await server.replica();
    const deaf = await server.relay();
    deaf.deafen();
    const given = server.pool();
    const a = { ...given, url: `${given.url},${replica.url}` };
    const all = [a, { ...given, box: 'box-b' }, { ...given, url: deaf.url, box: 'box-c' }, null];
    await withHouses(google, all, async (first, second, polling, files) => {
      if (first === undefined || second === undefined || polling === undefined || files === undefined)
        throw new Error('four houses are wanted');
      for (const id of ids) {
        const { token, ...rest } = account({ id, email: emailOf(id), refreshToken: `1//0shared-${id}` });
        await first.store.accounts.create(id, { ...rest, token });
      }
      // what they begin with is over by then
      await pause(1_500);
      await readds(google, [first, second, polling]);
      await rests(first, second);
      await leases(first, files);
      await year(first, given, server);
      await promoted(first, server, replica);
    });
  });
});
