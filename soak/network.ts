/**
 * Three boxes of one pool, each in a network namespace of its own, behind nginx, while clients of three protocols go on: one
 * is cut off from the database, one killed, one unplugged, and the database's primary is stopped at once and its replica
 * promoted. Then dead accounts are re-added by keyboard on the screen of one, and the other two are asked meanwhile.
 * Needs Linux, root, `ip` and nginx. Arguments: re-adds (100), seconds of each trouble (8).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent, request } from 'undici';
import { openTerminal } from '../scripts/terminal.js';
import { ControlClient } from '../src/control/client.js';
import { fingerprint } from '../src/store/ground/fingerprint.js';
import { API_KEY, app } from '../test/support/app.js';
import { addresses, lineAt, withBoxNetwork, type BoxPlace } from '../test/support/box-network.js';
import { account, type DataDirectory, withDirectory } from '../test/support/directory.js';
import { googleSettings, withGoogle, type Google } from '../test/support/google.js';
import { RotatingGrants } from '../test/support/handover.js';
import { pause } from '../test/support/pause.js';
import { withPostgres, type PostgresServer } from '../test/support/postgres.js';

const rounds = Number(process.argv[2] ?? 100);
const troubleMs = Number(process.argv[3] ?? 8) * 1_000;
const [ACCOUNTS, PORT, DATABASE_PORT, BALANCER_PORT] = [12, 8045, 5432, 18_045];
const ids = Array.from({ length: ACCOUNTS }, (_, at) => `a${at}`);
const rotating = ids.map((id) => ({ id, email: `${id}@example.com`, refreshToken: `1//0first-of-${id}` }));

const kim = { id: 'kim', email: 'kim@example.com', refreshToken: '1//0first-of-kim' };

type Replica = Awaited<ReturnType<PostgresServer['replica']>>;

/** A box: its place, its directory and its process. */
class Box {
  private child: ChildProcess | null = null;

  constructor(
    readonly place: BoxPlace,
    readonly dir: DataDirectory,
  ) {}

  get url(): string {
    return `http://${this.place.address}:${PORT}`;
  }

  async start(): Promise<void> {
    const child = this.place.run(process.execPath, [app, '--headless', '--data-dir', this.dir.path], environment);
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      let out = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => {
          out = (out + text).slice(-10_000);
          if (out.includes('serves on')) resolve();
        });
      child.once('exit', (status) => reject(new Error(`a box ended with ${status ?? ''}: ${out}`)));
    });
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async verb(...words: readonly string[]): Promise<string> {
    const child = this.place.run(process.execPath, [app, ...words, '--data-dir', this.dir.path], environment);
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (out += text.toString()));
    const status = await new Promise((resolve) => child.once('close', resolve));
    if (status !== 0) throw new Error(`regrant ${words.join(' ')} ended with ${String(status)}: ${out}`);
    return out;
  }

  async control<T>(use: (client: ControlClient) => Promise<T>): Promise<T> {
    const client = await ControlClient.connect(this.dir.at('regrant.sock'));
    if (client === null) throw new Error('it does not run');
    return use(client).finally(() => client.close());
  }
}

const { PATH, HOME } = process.env;
const environment: NodeJS.ProcessEnv = { PATH, HOME, TERM: 'xterm-256color' };
const headers = { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}` };
const hi = [{ role: 'user', content: 'hi' }];
const model = 'gemini-3-flash';

/** What the clients of the three protocols ask. */
const calls = [
  { path: `/v1beta/models/${model}:generateContent`, body: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] } },
  { path: '/v1/chat/completions', body: { model, messages: hi } },
  { path: '/v1/messages', body: { model, max_tokens: 100, messages: hi } },
] as const;

async function ask(agent: Agent, url: string, { path: where, body }: (typeof calls)[number]): Promise<string> {
  try {
    const answer = await request(url + where, {
      ...{ method: 'POST', dispatcher: agent, headers, body: JSON.stringify(body) },
      ...{ headersTimeout: 30_000, bodyTimeout: 30_000 },
    });
    const text = await answer.body.text();
    return answer.statusCode === 200 ? '200' : `${answer.statusCode} ${text.slice(0, 200)}`;
  } catch (error) {
    return String(error);
  }
}

const BALANCER = `daemon off; pid nginx.pid; error_log error.log; worker_processes 1; events { worker_connections 1024; }
http { access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  upstream boxes { BOXES keepalive 32; }
  server { listen 127.0.0.1:${BALANCER_PORT}; location / {
    proxy_pass http://boxes; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host localhost;
    proxy_connect_timeout 500ms; proxy_read_timeout 5s; proxy_next_upstream error timeout http_502 http_503 non_idempotent;
  } } }`;

async function withBalancer(boxes: readonly Box[], use: () => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'regrant-balancer-'));
  const servers = boxes.map(({ place }) => `server ${place.address}:${PORT} max_fails=0;`).join(' ');
  writeFileSync(path.join(folder, 'nginx.conf'), BALANCER.replace('BOXES', servers));
  const child = spawn('nginx', ['-p', folder, '-c', 'nginx.conf'], { stdio: 'ignore' });
  try {
    // what is asked before nginx listens would count as failed
    while (!(await accepts(BALANCER_PORT))) await pause(20);
    await use();
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });

/** Clients of the three protocols, through the balancer, until they are told to end. */
function startClients(): { end(): Promise<{ readonly asked: number; readonly failed: readonly string[] }> } {
  const agent = new Agent({ connections: 32 });
  const failed: string[] = [];
  let [asked, isOver] = [0, false];
  const clients = [...calls, ...calls].map(async (call) => {
    while (!isOver) {
      const said = await ask(agent, `http://127.0.0.1:${BALANCER_PORT}`, call);
      asked += 1;
      if (said !== '200') failed.push(`${new Date().toISOString()} ${call.path}: ${said}`);
      await pause(50);
    }
  });
  return {
    async end() {
      isOver = true;
      await Promise.all(clients);
      await agent.close();
      return { asked, failed };
    },
  };
}

/** Whichever box can be asked refreshes accounts all the time, so that exchanges are under way when something happens. */
function startTests(boxes: readonly Box[]): { end(): Promise<void> } {
  let isOver = false;
  const testing = boxes.map(async (box, at) => {
    for (let turn = at; !isOver; turn += 5) {
      const some = [0, 1, 2].map((more) => ids[(turn + more) % ids.length] ?? '');
      await box.control((client) => client.request('testNow', [some])).catch(() => undefined);
      await pause(300);
    }
  });
  return {
    async end() {
      isOver = true;
      await Promise.all(testing);
    },
  };
}

/** All the troubles, one after the other. @returns how many accounts a kill took the answer of, and the new primary */
async function troubles(boxes: readonly Box[], server: PostgresServer, replica: Replica): Promise<void> {
  const [a, b, c] = boxes;
  if (a === undefined || b === undefined || c === undefined) throw new Error('three boxes are wanted');
  await pause(troubleMs / 2);
  b.place.cutFromDatabase();
  await pause(troubleMs);
  b.place.mend();
  await pause(troubleMs / 2);
  await c.kill();
  await pause(troubleMs / 2);
  await c.start();
  a.place.unplug();
  await pause(troubleMs / 2);
  a.place.plug();
  await pause(troubleMs / 2);
  await server.stop('immediate');
  await pause(1_000);
  await replica.promote();
  await pause(troubleMs);
}

interface Books {
  readonly exchanges: number;
  readonly twiceInFlight: number;
  /** Sendings of a token although what took its place is in the database. */
  readonly sentAgain: number;
  readonly disabled: number;
  readonly lost: number;
  readonly killedOnTheWay: number;
}

/** Google's books beside the new primary. */
async function books(google: Google, next: ReadonlyMap<string, string>, replica: Replica): Promise<Books> {
  const rows = await replica.sql<{ id: string; grant_fp: string; disabled: boolean }>(
    `select id, grant_fp, coalesce((doc ->> 'disabled')::boolean, false) as disabled from regrant.account`,
  );
  const successors = await replica.sql<{ token_fp: string }>('select token_fp from regrant.successor');
  const known = new Set(successors.map(({ token_fp }) => token_fp));
  let [disabled, lost, killedOnTheWay] = [0, 0, 0];
  for (const { id, grant_fp, disabled: isDisabled } of rows) {
    let [before, current] = ['', rotating.find((one) => one.id === id)?.refreshToken ?? ''];
    for (let after = next.get(current); after !== undefined; after = next.get(current))
      [before, current] = [current, after];
    if (grant_fp === fingerprint(current)) disabled += isDisabled ? 1 : 0;
    else if (known.has(fingerprint(before))) lost += 1;
    else killedOnTheWay += 1;
  }
  const sent = google.calls.token.map(({ refreshToken }) => refreshToken);
  const again = sent.filter((token, turn) => sent.indexOf(token) !== turn && known.has(fingerprint(token)));
  return {
    ...{ exchanges: sent.length, sentAgain: again.length, disabled, lost, killedOnTheWay },
    twiceInFlight: google.overlap() > 1 ? google.overlap() : 0,
  };
}

/** When a box serves, once it does. */
async function served(agent: Agent, { url }: Box, screen: () => string): Promise<number> {
  const until = performance.now() + 10_000;
  while ((await ask(agent, url, calls[0])) !== '200') {
    if (performance.now() > until) throw new Error(`${url} does not serve what was re-added:\n${screen()}`);
    // without a pause the asking itself would keep the boxes busy
    await pause(5);
  }
  return performance.now();
}

interface Readds {
  /** From Enter until the box of the screen serves, and until the slower of the others does; ms, sorted. */
  readonly here: readonly number[];
  readonly elsewhere: readonly number[];
  /** How much later than the box of the screen the slower of the others served. */
  readonly after: readonly number[];
}

async function readds(google: Google, boxes: readonly Box[]): Promise<Readds> {
  const [first] = boxes;
  if (first === undefined) throw new Error('no boxes');
  const { id, email } = kim;
  await first.control((client) => client.request('setProxyDisabled', [ids, true]));
  await first.control((client) => client.request('setProxyDisabled', [[id], false]));
  const [program, words] = first.place.within(process.execPath, [app, 'attach', '--data-dir', first.dir.path]);
  const screen = openTerminal(program, words, { columns: 120, rows: 40, env: environment });
  const agent = new Agent({ connections: 8 });
  const times = { here: [] as number[], elsewhere: [] as number[], after: [] as number[] };
  let token: string = kim.refreshToken;
  for (let round = 0; round < rounds; round++) {
    await screen.shows(/kim@example\.com/);
    google.revoke(token);
    google.expireAccess(email);
    await first.control((client) => client.request('testNow', [[id]]));
    await screen.shows(/DISABLED +kim@example\.com/);
    token = `1//0kim-${round}-${'q'.repeat(80)}`;
    google.grant(token, { email });
    screen.type('.r');
    await screen.shows(/new refresh token for kim@example\.com/);
    screen.paste(token);
    await screen.shows(new RegExp(`${token.length} chars`));
    // a line end that comes right after a paste is taken for a part of it
    await pause(500);
    const serves = boxes.map((box) => served(agent, box, () => screen.text()));
    const pressed = performance.now();
    screen.type('\r');
    const [here = 0, ...others] = await Promise.all(serves);
    times.here.push(here - pressed);
    times.elsewhere.push(Math.max(...others) - pressed);
    times.after.push(Math.max(...others) - here);
    await screen.shows(/is re-added and ready/);
    screen.type('\x1b');
    await screen.shows(/ready +kim@example\.com/);
  }
  screen.kill('SIGTERM');
  await screen.ended;
  await agent.close();
  for (const all of Object.values(times)) all.sort((one, other) => one - other);
  return times;
}

const at = (sorted: readonly number[], part: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);

/** A directory for each box; the first has the account files that are imported. */
async function withBoxes(
  places: readonly BoxPlace[],
  settings: Record<string, Record<string, unknown>>,
  use: (boxes: readonly Box[]) => Promise<void>,
  boxes: readonly Box[] = [],
): Promise<void> {
  const place = places[boxes.length];
  if (place === undefined) return use(boxes);
  await withDirectory(async (dir) => {
    const { proxy, database } = settings;
    const own = { proxy: { ...proxy, host: place.address }, database: { ...database, box: `box-${boxes.length}` } };
    await dir.settings({ ...settings, ...own });
    if (boxes.length === 0) {
      for (const parts of rotating) await dir.put(account(parts));
      await dir.put(account({ ...kim, proxy_disabled: true }));
    }
    await withBoxes(places, settings, use, [...boxes, new Box(place, dir)]);
  });
}

async function show(google: Google, server: PostgresServer, places: readonly BoxPlace[]): Promise<void> {
  const replica = await server.replica();
  const lines = [
    await lineAt(addresses.google, Number(new URL(google.url).port), Number(new URL(google.url).port)),
    await lineAt(addresses.databases[0], DATABASE_PORT, server.port),
    await lineAt(addresses.databases[1], DATABASE_PORT, replica.port),
  ];
  const grants = new RotatingGrants(google, rotating);
  google.grant(kim.refreshToken, { email: kim.email });
  const url = addresses.databases.map((host) => `postgres://regrant@${host}:${DATABASE_PORT}/postgres?sslmode=disable`);
  const settings = {
    ...googleSettings(google),
    proxy: { port: PORT, apiKey: API_KEY },
    pool: { waitSeconds: 0 },
    database: { url: url.join(','), key: `base64:${Buffer.alloc(32, 7).toString('base64')}` },
  };
  try {
    await withBoxes(places, settings, async (boxes) => {
      const [first] = boxes;
      await first?.verb('database', 'init');
      await first?.verb('import', '--from-files');
      await Promise.all(boxes.map((box) => box.start()));
      await withBalancer(boxes, async () => {
        const clients = startClients();
        const tests = startTests(boxes);
        await troubles(boxes, server, replica);
        await tests.end();
        await pause(3_000);
        const { asked, failed } = await clients.end();
        const found = await books(google, grants.replaced, replica);
        const again = rounds > 0 ? await readds(google, boxes) : null;
        report({ asked, failed, found, again });
      });
    });
  } finally {
    for (const line of lines) line.close();
  }
}

interface Shown {
  readonly asked: number;
  readonly failed: readonly string[];
  readonly found: Books;
  readonly again: Readds | null;
}

function report({ asked, failed, found, again }: Shown): void {
  const { exchanges, twiceInFlight, sentAgain, disabled, lost, killedOnTheWay } = found;
  console.log(
    `network: ${asked} requests through the balancer, ${failed.length} failed; ${exchanges} exchanges, ${twiceInFlight} tokens twice in flight, ${sentAgain} sent again, ${lost} rotated tokens lost, ${disabled} healthy accounts disabled; a kill took the answer of ${killedOnTheWay}`,
  );
  for (const line of failed.slice(0, 10)) console.log(`  ${line}`);
  if (again !== null)
    console.log(
      `network: ${again.elsewhere.length} re-adds by keyboard: from Enter until the screen's box serves p50 ${at(again.here, 0.5)} ms, p99 ${at(again.here, 0.99)}; until both others do p50 ${at(again.elsewhere, 0.5)}, p99 ${at(again.elsewhere, 0.99)}; these later than that by p50 ${at(again.after, 0.5)}, p99 ${at(again.after, 0.99)}`,
    );
  // what a killed box was being told nobody else can have; all else must not be
  process.exitCode = failed.length + twiceInFlight + sentAgain + lost + disabled === 0 ? 0 : 1;
}

await withGoogle(
  (google) =>
    withPostgres(async (server) => {
      const isDone = await withBoxNetwork(3, Number(new URL(google.url).port), (places) =>
        show(google, server, places),
      );
      if (isDone !== null) return;
      console.log('network: namespaces cannot be made here, nothing was run');
      process.exitCode = 1;
    }),
  { expiresIn: 60 },
);
