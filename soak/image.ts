/**
 * The container's image, built by podman or docker, and run as compose.yaml runs it: signals as process 1, a read-only
 * root, its health check, the volume over an upgrade, the kept code; and as a user that nobody knows, with a re-add by
 * keyboard. Where no engine is it says so and does nothing.
 */
import { chownSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { withApp } from '../test/support/app.js';
import { CONTAINER_UID } from '../test/support/container.js';
import { engineHere, type Engine } from '../test/support/engine.js';
import { freePort } from '../test/support/free-port.js';
import { ann, readdByKeyboard } from '../test/support/package-walk.js';

const root = path.dirname(import.meta.dirname);
const [IMAGE, NEWER_IMAGE, NAME, VOLUME] = ['regrant-soak', 'regrant-soak-newer', 'regrant-soak', 'regrant-soak-data'];
const NEWER = '99.0.0';
/** What compose.yaml says of it. */
const HELD = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
const SLOW_MS = 90_000;
const figures: string[] = [];

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** Waits for the answer of the health check's path. @returns how long it took, in ms */
async function serves(engine: Engine, url: string): Promise<number> {
  const began = performance.now();
  for (;;) {
    const status = await fetch(`${url}/livez`).then(
      (answer) => answer.status,
      () => null,
    );
    if (status === 200) return performance.now() - began;
    const is = engine.must('inspect', '--format', '{{.State.Status}}', NAME);
    if (is === 'exited' || performance.now() - began > SLOW_MS) throw new Error(`${is}: ${logs(engine)}`);
    await pause(20);
  }
}

const logs = (engine: Engine): string => {
  const { stdout, stderr } = engine.call('logs', NAME);
  return stdout + stderr;
};

async function logged(engine: Engine, what: RegExp): Promise<void> {
  for (const began = performance.now(); !what.test(logs(engine));) {
    await pause(50);
    if (performance.now() - began > SLOW_MS) throw new Error(`not logged: ${what}\n${logs(engine)}`);
  }
}

/** Starts it in the background as compose.yaml does. @returns where it serves */
async function start(engine: Engine, image: string, ...words: readonly string[]): Promise<string> {
  const port = await freePort();
  const at = ['--env', `REGRANT_PROXY_PORT=${port}`, '--env', 'REGRANT_PROXY_HOST=127.0.0.1'];
  engine.run('--detach', '--name', NAME, ...HELD, ...at, ...words, image);
  return `http://127.0.0.1:${port}`;
}

const inside = (engine: Engine, ...words: readonly string[]) => engine.call('exec', NAME, ...words);

/** Stops it as `docker stop` does. @returns what it took, in ms */
function stopped(engine: Engine): number {
  const began = performance.now();
  engine.must('stop', '--time', '30', NAME);
  const tookMs = performance.now() - began;
  assert.is(engine.must('inspect', '--format', '{{.State.ExitCode}}', NAME), '0', logs(engine));
  engine.must('rm', '--volumes', NAME);
  return tookMs;
}

/** Whether V8 in it takes the compiled code that it was built with. */
const ACCEPTED = `
const { readdirSync, readFileSync } = require('node:fs');
const { Script } = require('node:vm');
const tag = '-' + require('node:v8').cachedDataVersionTag().toString(16) + '-';
const source = readFileSync('/app/dist/program.js', 'latin1');
for (const name of readdirSync('/app/.code-cache').filter((name) => name.includes(tag))) {
  const cachedData = readFileSync('/app/.code-cache/' + name).subarray(32);
  if (!new Script(source, { filename: '/app/dist/program.js', cachedData }).cachedDataRejected) console.log(name.replace(/.*-/, ''));
}`;

/** On a volume of its own, as the user of the image. */
async function asComposed(engine: Engine): Promise<void> {
  const volume = ['--volume', `${VOLUME}:/data`];
  const url = await start(engine, IMAGE, ...volume);
  await serves(engine, url);
  const who = inside(
    engine,
    'sh',
    '-c',
    'id -u; tr "\\0" " " < /proc/1/cmdline; ! touch /refused /app/refused 2> /dev/null',
  );
  assert.equal([who.status, who.stdout.trim()], [0, '1000\nregrant'], who.stderr);
  const accepted = inside(engine, 'node', '-e', ACCEPTED).stdout.trim().split('\n').sort();
  assert.equal(accepted, ['attached', 'screen', 'serving', 'verb'], 'kept code that a start takes');
  assert.is(inside(engine, 'regrant', 'status').status, 3, 'no account is there yet');
  assert.ok([0, 1].includes(inside(engine, 'regrant', 'doctor').status ?? -1), 'doctor');
  const restart = inside(engine, 'regrant', 'restart');
  assert.match(`${restart.status} ${restart.stderr}`, /^[1-3] .*docker restart/, 'restart is refused');
  if (engine.name === 'podman') engine.must('healthcheck', 'run', NAME);
  await signals(engine, url);
  await pause(5_000);
  const memory = Number(/VmRSS:\s+(\d+)/.exec(inside(engine, 'cat', '/proc/1/status').stdout)?.[1] ?? 0) * 1024;
  const key = inside(engine, 'regrant', 'env').stdout;
  const tookMs = stopped(engine);
  figures.push(
    `serves as user 1000 on a read-only root, ${megabytes(memory)} MB resident, stopped in ${tookMs.toFixed(0)} ms`,
  );
  const newer = await start(engine, NEWER_IMAGE, ...volume);
  await serves(engine, newer);
  assert.is(inside(engine, 'regrant', '--version').stdout.trim(), NEWER);
  const port = (text: string): string => text.replaceAll(/127\.0\.0\.1:\d+/g, '');
  assert.is(port(inside(engine, 'regrant', 'env').stdout), port(key), 'the key is the same after an upgrade');
  stopped(engine);
  figures.push('upgraded on its volume');
  engine.run('--name', NAME, ...HELD, ...volume, '--user', '4711', '--detach', IMAGE);
  const status = Number(engine.must('wait', NAME));
  assert.match(`${status} ${logs(engine)}`, /^3 .*(\/data|permission)/s, "another uid on the image's volume is told");
  engine.must('rm', '--volumes', NAME);
}

/** What each means to a proxy without a terminal, told to process 1. */
async function signals(engine: Engine, url: string): Promise<void> {
  const means = { HUP: /Asked to read everything anew/, USR1: null, USR2: /Report of the state/ } as const;
  for (const [signal, line] of Object.entries(means)) {
    engine.must('kill', '--signal', signal, NAME);
    if (line !== null) await logged(engine, line);
    assert.is((await fetch(`${url}/livez`)).status, 200, `it serves on after ${signal}`);
  }
  figures.push('HUP, USR1, USR2 and TERM heeded as process 1');
}

/** As a user that nobody knows, on a folder of that user. */
async function asAnother(engine: Engine): Promise<void> {
  const program = engine.words('exec', '--interactive', '--tty', NAME, 'regrant');
  await withApp({ accounts: [ann], google: { quotaProject: 'client' }, program }, async (app) => {
    for (const name of ['', ...readdirSync(app.dir.path, { recursive: true, encoding: 'utf8' })])
      chownSync(app.dir.at(name), CONTAINER_UID, CONTAINER_UID);
    const words = ['--user', `${CONTAINER_UID}:${CONTAINER_UID}`, '--volume', `${app.dir.path}:${app.dir.path}`];
    const url = await start(engine, IMAGE, ...words, '--env', `REGRANT_DATA_DIR=${app.dir.path}`);
    await serves(engine, url);
    await readdByKeyboard(app, url);
    assert.is(inside(engine, 'regrant', 'status').status, 0, 'status');
    stopped(engine);
  });
  figures.push(`re-add by keyboard as user ${CONTAINER_UID}`);
}

/** The same image under a later version's number. */
function buildNewer(engine: Engine): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'regrant-image-'));
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ ...manifest, version: NEWER }));
  writeFileSync(path.join(folder, 'Dockerfile'), `FROM ${IMAGE}\nCOPY package.json /app/\n`);
  engine.build(NEWER_IMAGE, folder);
  rmSync(folder, { recursive: true });
}

const engine = engineHere((text) => console.log(`image: ${text}`));
if (engine === null) {
  console.log('image: SKIPPED, nothing was built or run: neither docker nor podman can run a container here');
  process.exit();
}
const clean = (): void => {
  engine.call('rm', '--force', '--volumes', NAME);
  engine.call('volume', 'rm', '--force', VOLUME);
};
clean();
try {
  const began = performance.now();
  const size = engine.build(IMAGE, root);
  const seconds = (performance.now() - began) / 1000;
  const base = engine.sizeOf('node:24-bookworm-slim');
  figures.push(`built in ${seconds.toFixed(0)} s, ${megabytes(size - base)} MB over its base`);
  buildNewer(engine);
  await asComposed(engine);
  await asAnother(engine);
  console.log(
    `image: ${engine.name} ${engine.must('version', '--format', '{{.Client.Version}}')}: ${figures.join('; ')}`,
  );
} finally {
  clean();
  engine.call('image', 'rm', '--force', NEWER_IMAGE, IMAGE);
}
process.exit();
