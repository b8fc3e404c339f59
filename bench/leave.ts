/**
 * `d` in a first screen, from the key until the process has ended and the shell is back, beside a start in the background
 * until its port takes connections, by turns in data directories of their own. Nothing is in flight.
 *
 * `node --import tsx bench/leave.ts [rounds]`, after `npm run build`. The exit status is 1 where `d` takes over 100 ms
 * longer than a start (medians).
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import pty from '@lydell/node-pty';
import { MEMORY_ENVIRONMENT } from '../src/commands/service/memory-environment.js';
import { share } from './load.js';

const rounds = Number(process.argv[2] ?? 10);
const app = path.join(path.dirname(import.meta.dirname), 'dist', 'app.js');
/** The most that `d` may take beyond a start, in ms. */
const GATE_MS = 100;
/** Begins in the background once the screen is there: it is no part of leaving. */
const SETTLED_MS = 1_500;

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  return port;
}

async function takesConnections(port: number): Promise<void> {
  for (;;) {
    const socket = net.connect(port, '127.0.0.1');
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await pause(2);
  }
}

/** Runs `act` with the environment of a data directory and a port of its own. */
async function inDirectory(act: (env: NodeJS.ProcessEnv, port: number) => Promise<number>): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'regrant-leave-'));
  const port = await freePort();
  try {
    return await act({ ...process.env, REGRANT_DATA_DIR: folder, REGRANT_PROXY_PORT: String(port) }, port);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Milliseconds of a start of what `d` starts: a process in the background, with the environment that bounds its memory. */
const start = (): Promise<number> =>
  inDirectory(async (env, port) => {
    const from = performance.now();
    const program = spawn(process.execPath, [app, '--headless'], {
      env: { ...MEMORY_ENVIRONMENT, ...env },
      stdio: 'ignore',
    });
    await takesConnections(port);
    const took = performance.now() - from;
    program.kill('SIGTERM');
    await once(program, 'exit');
    return took;
  });

/** Milliseconds from `d` until the shell would be back. */
const leave = (): Promise<number> =>
  inDirectory(async (env) => {
    const program = pty.spawn(process.execPath, [app], { name: 'xterm-256color', cols: 120, rows: 40, env });
    let written = '';
    const ended = new Promise<number>((done) => program.onExit(() => done(performance.now())));
    await new Promise<void>((done) =>
      program.onData((bytes) => {
        written += bytes;
        if (stripVTControlCharacters(written).includes('1 Accounts')) done();
      }),
    );
    await pause(SETTLED_MS);
    const from = performance.now();
    program.write('d');
    const took = (await ended) - from;
    spawnSync(process.execPath, [app, 'stop'], { env });
    return took;
  });

const starts: number[] = [];
const leaves: number[] = [];
for (let round = 0; round < rounds; round++) {
  starts.push(await start());
  leaves.push(await leave());
}
const told = (name: string, of: readonly number[]): string =>
  `${name}: best ${share(of, 0).toFixed(0)} ms, median ${share(of, 0.5).toFixed(0)}, worst ${Math.max(...of).toFixed(0)} (${rounds})`;
console.log(told('a start until it takes connections', starts));
console.log(told('d until the process has ended', leaves));
const over = share(leaves, 0.5) - share(starts, 0.5);
console.log(`d over a start, medians: ${over.toFixed(0)} ms of at most ${GATE_MS}`);
process.exit(over > GATE_MS ? 1 : 0);
