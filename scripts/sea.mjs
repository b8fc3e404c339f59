// Makes dist-sea/regrant: the program and the Node that runs this script as one executable file (Node's Single Executable
// Applications), which needs nothing else on the machine. Needs a build (dist/); argument: where else it is to lie.
//
// Beside the program it has inside: its source map, the terminals' descriptions, the native addon, and the code that this
// very Node has compiled of it, so that its first start is as fast as any other.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
/** A start keeps what it has compiled after five seconds. */
const KEPT_AFTER_MS = 7_000;

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

/** Starts it in each of its ways, so that each keeps what it has compiled. */
async function warmUp() {
  const app = join(laid, 'dist', 'app.js');
  const rest = { ...process.env };
  delete rest.NODE_OPTIONS;
  const started = (name, words, given = {}) => {
    const env = { ...rest, ...given, REGRANT_DATA_DIR: join(laid, `data-${name}`), REGRANT_PROXY_PORT: '0' };
    return { env, args: [app, ...words] };
  };
  const ended = async (name, words, given) => {
    const { env, args } = started(name, words, given);
    const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
    const end = once(child, 'exit');
    await Promise.race([end, pause(KEPT_AFTER_MS)]);
    child.kill('SIGTERM');
    await end;
  };
  const onTerminal = async (name, words) => {
    const { env, args } = started(name, words);
    const child = pty.spawn(process.execPath, args, { name: 'xterm-256color', cols: 120, rows: 40, env });
    const end = new Promise((resolve) => child.onExit(resolve));
    await pause(KEPT_AFTER_MS);
    child.kill('SIGTERM');
    await end;
  };
  await ended('verb', ['env']);
  await Promise.all([
    ended('served', ['--headless']),
    // V8 takes compiled code only from a V8 with the same flags
    ended('background', ['--headless'], MEMORY_ENVIRONMENT),
    onTerminal('screen', []),
    pause(KEPT_AFTER_MS / 3).then(() => onTerminal('served', ['attach'])),
  ]);
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
