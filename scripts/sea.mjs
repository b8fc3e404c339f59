// Makes dist-sea/regrant: the program and the Node that runs this script as one executable file (Node's Single Executable
// Applications), which needs nothing else on the machine. Needs a build (dist/); argument: where else it is to lie.
//
// Beside the program it has inside: its source map, the terminals' descriptions, the native addon, and the code that this
// very Node has compiled of it, so that its first start is as fast as any other.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inject } from 'postject';
import { programInside } from './bundling.mjs';
import { layProgram } from './lay-program.mjs';

/** What Node looks for in its own file (nodejs.org/api/single-executable-applications.html). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Makes it from the build of this folder.
 *
 * @param target - where it is to lie; a folder `laid-out` beside it is made and removed
 * @param options - `version`: another one than it has; `isWarm` false: without compiled code, which takes most of the time
 */
export async function makeOneFile(target, { version, isWarm = true } = {}) {
  const laid = join(dirname(target), 'laid-out');
  rmSync(laid, { recursive: true, force: true });
  mkdirSync(laid, { recursive: true });
  try {
    await layOut(laid, version);
    if (isWarm) await (await import('./warm-up.mjs')).warmUp(laid);
    const blob = join(laid, 'blob');
    const config = { main: join(laid, 'dist', 'app.js'), output: blob, disableExperimentalSEAWarning: true };
    writeFileSync(join(laid, 'config.json'), JSON.stringify({ ...config, assets: assets(laid) }));
    execFileSync(process.execPath, ['--experimental-sea-config', join(laid, 'config.json')], { stdio: 'ignore' });
    rmSync(target, { force: true });
    copyFileSync(process.execPath, target);
    chmodSync(target, 0o755);
    // names of Node's own functions in C++, which no stack of the program shows; where there is no strip they stay
    if (process.platform === 'linux') spawnSync('strip', ['--strip-unneeded', target]);
    const macho = process.platform === 'darwin' ? { machoSegmentName: 'NODE_SEA' } : {};
    await inject(target, 'NODE_SEA_BLOB', readFileSync(blob), { sentinelFuse: FUSE, ...macho });
  } finally {
    rmSync(laid, { recursive: true });
  }
}

/** The program as it lies on a disk, with all of its packages inside. */
export async function layOut(laid, version) {
  await layProgram({ ...programInside(join(laid, 'dist', 'program.js')), absWorkingDir: root });
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(laid, 'package.json'), JSON.stringify({ ...manifest, ...(version && { version }) }));
  // what warms it up loads the native package from there, wherever the folder lies; the one file has it inside
  symlinkSync(join(root, 'node_modules'), join(laid, 'node_modules'));
  for (const name of ['settings.schema.json', 'usr'])
    cpSync(join(root, 'dist', name), join(laid, 'dist', name), { recursive: true });
}

/** The files inside, by the names under which the program asks for them. */
function assets(laid) {
  const own = ['package.json', 'dist/program.js', 'dist/program.js.map', 'dist/settings.schema.json'];
  const below = (folder) =>
    existsSync(join(laid, folder)) ? readdirSync(join(laid, folder)).map((name) => `${folder}/${name}`) : [];
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const target = resolve(process.argv[2] ?? join('dist-sea', 'regrant'));
  await makeOneFile(target);
  console.log(target);
}
