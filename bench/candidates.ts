/**
 * The processes that a benchmark measures: an upstream, and proxies in front of it. Where `taskset` is there, every proxy
 * has core 0 for itself and the client and the upstream share core 1, so that a proxy is what is short and never the load:
 * one that waits for work pays a wake-up for each request, and that would be measured instead of it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import pty from '@lydell/node-pty';

const here = import.meta.dirname;
export const API_KEY = 'sk-bench';
const ACCOUNTS = 100;

const PROXY_CORE = '0';
const LOAD_CORE = '1';

/** Whether processes can be bound to one core each. */
export const pinned = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;

type Command = readonly [program: string, ...given: string[]];
const on = (core: string, [program, ...given]: Command): Command =>
  pinned ? ['taskset', '-c', core, program, ...given] : [program, ...given];

/** Keeps this process, which is the client, off the core of the proxies. */
export function pinClient(): void {
  if (pinned) spawnSync('taskset', ['-a', '-c', '-p', LOAD_CORE, String(process.pid)], { stdio: 'ignore' });
}

/** A proxy under test, or the upstream itself. */
export interface Candidate {
  readonly name: string;
  readonly port: number;
  /** The processes whose CPU time and memory count. */
  readonly pids: readonly number[];
  /** What the program says of its frames and its event loop since it was asked last; only where a screen is painted. */
  readonly probe?: () => Promise<Probe>;
  stop(): Promise<void>;
}

export interface Probe {
  /** How long each frame took. */
  readonly framesMs: readonly number[];
  /** The same without the time in which the thread was ready to run and waited for the core. */
  readonly ownFramesMs: readonly number[];
  readonly loopP99Ms: number;
  readonly rss: number;
}

/** Lets only this one of the proxies run: work that the others do while idle would fall into its time. */
export function alone(one: Candidate, all: readonly Candidate[]): void {
  for (const { pids } of all) for (const pid of pids) process.kill(pid, pids === one.pids ? 'SIGCONT' : 'SIGSTOP');
}

/** CPU time that processes have used so far, user and system, in microseconds (Linux). */
export function cpuMicroseconds(pids: readonly number[]): number {
  let ns = 0;
  for (const pid of pids) {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      ns += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    }
  }
  return ns / 1e3;
}

/** Resident memory of processes, bytes (Linux). */
export const rssOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4_096, 0);

/** A proxy that is a script of ours. */
export const rival = (name: string, upstreamPort: number): Promise<Candidate> =>
  script(name, PROXY_CORE, 'rival.mjs', name, String(upstreamPort));

/** The upstream that has everything: streams, large answers, early ones. */
export const upstream = (): Promise<Candidate> => script('direct', LOAD_CORE, 'upstream.mjs');

/** Runs a script that prints its port. */
async function script(name: string, core: string, file: string, ...given: string[]): Promise<Candidate> {
  const [program, ...rest] = on(core, [process.execPath, path.join(here, file), ...given]);
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve, reject) => {
    lines.once('line', (line) => resolve(Number(line)));
    child.once('exit', () => reject(new Error(`${file} ended`)));
  });
  return { name, port, pids: [child.pid ?? 0], stop: () => ended(child) };
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const PREAMBLE = `access_log off; keepalive_requests 1000000000; client_max_body_size 100m; client_body_buffer_size 1m;`;

/** nginx with one worker and the same work to do; null where it is not installed. */
export const nginx = (upstreamPort: number): Promise<Candidate | null> =>
  runNginx(
    'nginx',
    PROXY_CORE,
    (port) => `
      upstream up { server 127.0.0.1:${upstreamPort}; keepalive 1024; keepalive_requests 1000000000; }
      map $http_x_goog_api_key $allowed { default 0; "${API_KEY}" 1; }
      server {
        listen 127.0.0.1:${port} backlog=4096;
        location / {
          if ($allowed = 0) { return 401; }
          proxy_pass http://up; proxy_http_version 1.1; proxy_buffering off; proxy_set_header Connection "";
          proxy_set_header x-goog-api-key ""; proxy_set_header Authorization "Bearer ya29.bench";
        }
      }`,
  );

/** An upstream that costs the core that it shares with the client next to nothing: 1,023 bytes of JSON to everything. */
export const fixedUpstream = (): Promise<Candidate | null> =>
  runNginx(
    'direct',
    LOAD_CORE,
    (port) => `
      server {
        listen 127.0.0.1:${port} backlog=4096; default_type application/json;
        location / { return 200 '{"text":"${'x'.repeat(1_012)}"}'; }
        location = /token { return 200 '{"access_token":"ya29.bench","expires_in":3599,"token_type":"Bearer","scope":"openid"}'; }
      }`,
  );

async function runNginx(name: string, core: string, servers: (port: number) => string): Promise<Candidate | null> {
  const found = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'].find(
    (file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true,
  );
  if (found === undefined) return null;
  const folder = await mkdtemp(path.join(tmpdir(), 'regrant-bench-nginx-'));
  const port = await freePort();
  const config = `
    worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log crit;
    events { worker_connections 4096; }
    http {
      ${PREAMBLE} client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
      ${servers(port)}
    }`;
  await writeFile(path.join(folder, 'nginx.conf'), config);
  const [program, ...given] = on(core, [found, '-p', folder, '-c', path.join(folder, 'nginx.conf')]);
  const child = spawn(program, given, { stdio: 'ignore' });
  const worker = await waitFor(() => {
    const children = readFileSync(`/proc/${child.pid ?? 0}/task/${child.pid ?? 0}/children`, 'utf8').trim();
    return children === '' ? null : Number(children.split(' ')[0]);
  });
  return {
    ...{ name, port, pids: [worker] },
    stop: async () => {
      await ended(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function waitFor<T>(look: () => T | null): Promise<T> {
  for (let times = 0; times < 600; times++) {
    try {
      const found = look();
      if (found !== null) return found;
    } catch {
      // Not there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('waited 30 s in vain');
}

/** Builds the program of a checkout so that it shows the probe the class that it looks at. @returns what starts it */
function built(root: string): string {
  const shown = 'src/panes/screen/frames.ts#Frames';
  spawnSync(process.execPath, ['scripts/build.mjs', shown], { cwd: root, stdio: 'ignore' });
  return path.join(root, 'dist', 'app.js');
}

/** A data directory for a build of the program, and the port that its settings name. */
async function pool(upstreamPort: number): Promise<{ readonly folder: string; readonly port: number }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'regrant-bench-'));
  const port = await freePort();
  await mkdir(path.join(folder, 'accounts'), { recursive: true });
  for (let index = 0; index < ACCOUNTS; index++) {
    const id = `account-${index}`;
    const token = {
      ...{ access_token: `ya29.${id}`, refresh_token: `1//0${id}`, expiry_timestamp: 4_000_000_000 },
      project_id: `project-${index}`,
    };
    const content = { id, email: `${id}@example.com`, token, disabled: false, proxy_disabled: false };
    await writeFile(path.join(folder, 'accounts', `${id}.json`), JSON.stringify(content));
  }
  const settings = {
    proxy: { port, apiKey: API_KEY },
    upstream: { kind: 'gemini', baseUrls: [`http://127.0.0.1:${upstreamPort}`] },
    oauth: {
      tokenUrl: `http://127.0.0.1:${upstreamPort}/token`,
      clients: { default: { id: 'bench.apps.googleusercontent.com', secret: 'bench' } },
    },
  };
  await writeFile(path.join(folder, 'settings.json'), JSON.stringify(settings), { mode: 0o600 });
  return { folder, port };
}

/** The checkout of this file. */
const ownRoot = path.dirname(here);
const nameOf = (root: string): string => (root === ownRoot ? 'regrant' : 'before');

/** The program without a screen, as `dist/` of a checkout has it. @param root - of the checkout */
export async function headless(
  upstreamPort: number,
  nodeArguments: readonly string[] = [],
  root = ownRoot,
): Promise<Candidate> {
  const { folder, port } = await pool(upstreamPort);
  const command = [process.execPath, ...nodeArguments, path.join(root, 'dist', 'app.js'), '--headless'] as const;
  const [program, ...given] = on(PROXY_CORE, [...command]);
  const child = spawn(program, given, { stdio: 'ignore', env: { ...process.env, REGRANT_DATA_DIR: folder } });
  await answering(port);
  return {
    ...{ name: nameOf(root), port, pids: [child.pid ?? 0] },
    stop: async () => {
      await ended(child);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Resolves when a port accepts connections. */
async function answering(port: number): Promise<void> {
  await waitFor(() => {
    const listens = spawnSync(process.execPath, [
      '-e',
      `require('net').connect(${port}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))`,
    ]);
    return listens.status === 0 ? true : null;
  });
}

/** The program as an operator runs it: the screen in a terminal, access check, accounts on disk, log file, metrics. @param root - of the build */
export async function regrant(
  upstreamPort: number,
  nodeArguments: readonly string[] = [],
  root = ownRoot,
): Promise<Candidate> {
  const app = built(root);
  const { folder, port } = await pool(upstreamPort);
  const probed = path.join(folder, 'probe.json');
  const command = [process.execPath, ...nodeArguments, '--import', path.join(root, 'bench', 'probe.mjs'), app] as const;
  const [program, ...given] = on(PROXY_CORE, [...command]);
  const terminal = pty.spawn(program, given, {
    name: 'xterm-256color',
    cols: 160,
    rows: 50,
    env: { ...process.env, REGRANT_DATA_DIR: folder, BENCH_PROBE: probed },
  });
  let screen = '';
  terminal.onData((bytes) => (screen = (screen + bytes).slice(-4_000)));
  const exited = new Promise<void>((resolve) => terminal.onExit(() => resolve()));
  await waitFor(() => (screen.includes('Accounts') || screen.length > 2_000 ? true : null));
  return {
    ...{ name: nameOf(root), port, pids: [terminal.pid] },
    probe: async () => {
      await rm(probed, { force: true });
      process.kill(terminal.pid, 'SIGUSR2');
      return waitFor(() => JSON.parse(readFileSync(probed, 'utf8')) as Probe);
    },
    stop: async () => {
      terminal.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
