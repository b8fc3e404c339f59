// Starts a program that is laid out in each of its ways, until each has kept what it has compiled (`.code-cache/` beside
// dist/): where it is packed for others, who may not write there, their first start is as fast as any other.
// By itself it does so to the build of this folder, for the container's image.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pty from '@lydell/node-pty';
import { MEMORY_ENVIRONMENT } from '../src/commands/service/memory-environment.ts';

/** A start keeps what it has compiled after five seconds; a busy or an emulated machine needs longer for it. */
const STARTED_WITHIN_MS = 120_000;

/** What is kept of each way that there is. */
const WAYS = { serving: 1, screen: 1, verb: 1, attached: 1 };
/** A proxy in the background serves with flags of its own, and V8 takes compiled code only from one with the same. */
const WITH_BACKGROUND = { ...WAYS, serving: 2 };

/**
 * @param root - the folder that has dist/
 * @param environment - what all of them have in theirs; without it there is a proxy in the background too
 * @throws {Error} one of them did not come up
 */
export async function warmUp(root, environment) {
  const app = join(root, 'dist', 'app.js');
  const data = mkdtempSync(join(tmpdir(), 'regrant-warm-up-'));
  const rest = { ...process.env };
  delete rest.NODE_OPTIONS;
  const at = (name) => ({ ...rest, ...environment, REGRANT_PROXY_PORT: '0', REGRANT_DATA_DIR: join(data, name) });
  const start = (name, words, given = {}) => {
    const child = spawn(process.execPath, [app, ...words], { env: { ...at(name), ...given }, stdio: 'ignore' });
    return { child, end: once(child, 'exit') };
  };
  const onTerminal = (name, words) => {
    const size = { name: 'xterm-256color', cols: 120, rows: 40 };
    const child = pty.spawn(process.execPath, [app, ...words], { ...size, env: at(name) });
    return { child, end: new Promise((resolve) => child.onExit(resolve)) };
  };
  const running = [start('served', ['--headless']), onTerminal('screen', [])];
  try {
    if (environment === undefined) running.push(start('background', ['--headless'], MEMORY_ENVIRONMENT));
    await until('the proxy to serve', () => existsSync(join(data, 'served', 'regrant.sock')));
    await start('served', ['accounts']).end;
    running.push(onTerminal('served', ['attach']));
    for (const [way, count] of Object.entries(environment === undefined ? WITH_BACKGROUND : WAYS))
      await until(
        `compiled code: ${way}`,
        () => kept(root).filter((name) => name.endsWith(`-${way}`)).length === count,
      );
  } finally {
    for (const { child } of running) child.kill('SIGTERM');
    await Promise.all(running.map(({ end }) => end));
    rmSync(data, { recursive: true, force: true });
  }
}

const kept = (root) => (existsSync(join(root, '.code-cache')) ? readdirSync(join(root, '.code-cache')) : []);

/** @throws {Error} it was not to be had in time */
async function until(what, isSo) {
  const latest = performance.now() + STARTED_WITHIN_MS;
  while (!isSo()) {
    if (performance.now() > latest) throw new Error(`waited in vain for ${what}`);
    await pause(100);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await warmUp(dirname(dirname(fileURLToPath(import.meta.url))), MEMORY_ENVIRONMENT);
