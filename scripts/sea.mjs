// Makes dist-sea/regrant: the program and the Node that runs this script as one executable file (Node's Single Executable
// Applications), which needs nothing else on the machine. Needs a build (dist/); argument: where else it is to lie.
//
// Beside the program it has inside: its source map, the terminals' descriptions, the native addon, and the code that this
// very Node has compiled of it, so that its first start is as fast as any other.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inject } from 'postject';
import pty from '@lydell/node-pty';
import { MEMORY_ENVIRONMENT } from '../src/commands/service/memory-environment.ts';
import { programInside } from './bundling.mjs';
import { layProgram } from './lay-program.mjs';

/** What Node looks for in its own file (nodejs.org/api/single-executable-applications.html). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
/** A start keeps what it has compiled after five seconds; a busy machine needs longer for it. */
const STARTED_WITHIN_MS = 60_000;

const target = resolve(process.argv[2] ?? join('dist-sea', 'regrant'));
const laid = resolve(dirname(target), 'laid-out');
rmSync(laid, { recursive: true, force: true });
mkdirSync(laid, { recursive: true });

/** The program as it lies on a disk, with all of its packages inside. */
async function layOut() {
  await layProgram(programInside(join(laid, 'dist', 'program.js')));
  copyFileSync('package.json', join(laid, 'package.json'));
  cpSync(join('dist', 'usr'), join(laid, 'dist', 'usr'), { recursive: true });
}

/** Starts it in each of its ways, until each has kept what it has compiled. */
async function warmUp() {
  const app = join(laid, 'dist', 'app.js');
  const rest = { ...process.env };
  delete rest.NODE_OPTIONS;
  const environment = (name) => ({ ...rest, REGRANT_PROXY_PORT: '0', REGRANT_DATA_DIR: join(laid, `data-${name}`) });
  const start = (name, words, given = {}) => {
    const child = spawn(process.execPath, [app, ...words], {
      env: { ...environment(name), ...given },
      stdio: 'ignore',
    });
    return { child, end: once(child, 'exit') };
  };
  const onTerminal = (name, words) => {
    const size = { name: 'xterm-256color', cols: 120, rows: 40 };
    const child = pty.spawn(process.execPath, [app, ...words], { ...size, env: environment(name) });
    return { child, end: new Promise((resolve) => child.onExit(resolve)) };
  };
  const running = [start('served', ['--headless'])];
  try {
    // V8 takes compiled code only from a V8 with the same flags
    running.push(start('background', ['--headless'], MEMORY_ENVIRONMENT), onTerminal('screen', []));
    await until('the proxy to serve', () => existsSync(join(laid, 'data-served', 'regrant.sock')));
    await start('served', ['accounts']).end;
    running.push(onTerminal('served', ['attach']));
    for (const [part, count] of Object.entries({ serving: 2, screen: 1, verb: 1, attached: 1 }))
      await until(`compiled code: ${part}`, () => kept().filter((name) => name.endsWith(`-${part}`)).length === count);
  } finally {
    for (const { child } of running) child.kill('SIGTERM');
    await Promise.all(running.map(({ end }) => end));
  }
}

const kept = () => (existsSync(join(laid, '.code-cache')) ? readdirSync(join(laid, '.code-cache')) : []);

/** @throws {Error} it was not to be had in time */
async function until(what, isSo) {
  const latest = performance.now() + STARTED_WITHIN_MS;
  while (!isSo()) {
    if (performance.now() > latest) throw new Error(`waited in vain for ${what}`);
    await pause(100);
  }
}

/** The files inside, by the names under which the program asks for them. */
function assets() {
  const own = ['package.json', 'dist/program.js', 'dist/program.js.map'];
  const below = (folder) => readdirSync(join(laid, folder)).map((name) => `${folder}/${name}`);
  const named = [...own, ...below('dist/usr'), ...below('.code-cache')].map((name) => [name, join(laid, name)]);
  const addon = createRequire(import.meta.url).resolve('fs-native-extensions/package');
  const prebuilt = join(
    dirname(addon),
    'prebuilds',
    `${process.platform}-${process.arch}`,
    'fs-native-extensions.node',
  );
  return Object.fromEntries([...named, ['fs-native-extensions.node', prebuilt]]);
}

await layOut();
await warmUp();
const config = {
  ...{ main: join(laid, 'dist', 'app.js'), output: join(laid, 'blob'), disableExperimentalSEAWarning: true },
  assets: assets(),
};
writeFileSync(join(laid, 'config.json'), JSON.stringify(config));
execFileSync(process.execPath, ['--experimental-sea-config', join(laid, 'config.json')], { stdio: 'ignore' });
copyFileSync(process.execPath, target);
chmodSync(target, 0o755);
const macho = process.platform === 'darwin' ? { machoSegmentName: 'NODE_SEA' } : {};
await inject(target, 'NODE_SEA_BLOB', readFileSync(config.output), { sentinelFuse: FUSE, ...macho });
rmSync(laid, { recursive: true });
console.log(target);
