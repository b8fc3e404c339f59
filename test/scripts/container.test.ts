import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MEMORY_ENVIRONMENT } from '../../src/commands/service/memory-environment.js';
import { withDirectory } from '../support/directory.js';

const root = path.join(import.meta.dirname, '..', '..');
interface RuntimePackages {
  readonly packagesOf: (names: readonly string[], root: string) => readonly string[];
  readonly layRuntimePackages: (root: string, target: string, system: string) => void;
}

const scripts = path.join(root, 'scripts');
const { external } = (await import(path.join(scripts, 'bundling.mjs'))) as { readonly external: readonly string[] };
const { packagesOf, layRuntimePackages } = (await import(
  path.join(scripts, 'runtime-packages.mjs')
)) as RuntimePackages;
const dockerfile = readFileSync(path.join(root, 'Dockerfile'), 'utf8');
const stages = dockerfile.split(/^(?=FROM )/m).slice(1);
const last = stages.at(-1) ?? '';

test('the image is made in two stages, and what only builds stays in the first', () => {
  assert.is(stages.length, 2);
  assert.not.match(last, /npm ci|COPY src/);
});

test('the last stage runs as a user, not as root, and keeps its data in a volume of that user', () => {
  assert.match(last, /^USER node$/m);
  assert.ok(last.indexOf('install -d -o node') < last.indexOf('\nUSER node'), 'made by root, for the user');
  assert.match(last, /^VOLUME \/data$/m);
  assert.match(last, /REGRANT_DATA_DIR=\/data/);
});

test('the last stage has the memory limits of a proxy that runs for weeks, and its starts come with code compiled for them', () => {
  for (const [name, value] of Object.entries(MEMORY_ENVIRONMENT))
    assert.match(last, new RegExp(`[ ]${name}=${value}\\b`));
  assert.match(stages[0] ?? '', /^RUN node --import tsx scripts\/warm-up\.mjs$/m);
  assert.match(last, /^COPY --from=build \/app\/\.code-cache /m);
});

test('the program itself is process 1, so that signals reach it', () => {
  assert.match(last, /^ENTRYPOINT \["node", "\/app\/dist\/app\.js"\]$/m);
});

/** A script and all of this repository that it imports. */
function withImports(script: string): readonly string[] {
  const text = readFileSync(path.join(root, script), 'utf8');
  const own = [...text.matchAll(/^import .* from '(\.\/[^']+)';$/gm)].map(([, name = '']) => name);
  return [script, ...own.flatMap((name) => withImports(path.join(path.dirname(script), name)))];
}

test('what the stages copy and run is let through by .dockerignore, and all that it imports', () => {
  const kept = readFileSync(path.join(root, '.dockerignore'), 'utf8').split('\n');
  const run = [...dockerfile.matchAll(/\bnode (?:--import tsx )?(scripts\/[\w-]+\.mjs)/g)].flatMap(([, script = '']) =>
    withImports(script),
  );
  assert.ok(run.length > 2, run.join(' '));
  for (const file of ['package.json', 'package-lock.json', 'docs/reference.md', 'src/**', ...run]) {
    assert.ok(kept.includes(`!${file}`), file);
  }
});

test('the image gets the packages that dist/ does not have inside, whole, and nothing built for other systems', () =>
  withDirectory((dir) => {
    const target = dir.at('node_modules');
    layRuntimePackages(root, target, 'linux-x64');
    const needed = packagesOf(external, root).map((folder) => path.relative(path.join(root, 'node_modules'), folder));
    for (const name of needed) assert.ok(existsSync(path.join(target, name, 'package.json')), name);
    assert.equal(readdirSync(path.join(target, 'fs-native-extensions', 'prebuilds')), ['linux-x64']);
    assert.ok(!existsSync(path.join(target, 'blessed')), 'blessed is in dist/');
    const script = external.map((name) => `await import('${name}')`).join(';');
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: dir.path, encoding: 'utf8' });
    assert.is(ran.status, 0, ran.stderr);
  }));

/** Runs the health check against a server that answers with this status; null: against none. */
async function healthCheck(status: number | null): Promise<number> {
  const [, json = '[]'] = /^HEALTHCHECK .*CMD (\[.*\])$/m.exec(last) ?? [];
  const [, ...command] = JSON.parse(json) as string[];
  const server = createServer((_, response) => response.writeHead(status ?? 0).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  if (status === null) await new Promise((resolve) => server.close(resolve));
  const env = { ...process.env, REGRANT_PROXY_PORT: String(port) };
  const child = spawn(process.execPath, command, { stdio: 'ignore', env });
  const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? -1)));
  server.close();
  return code;
}

test('the health check asks /livez, and at the port that is set, and takes the 401 of a strict proxy for alive', async () => {
  assert.match(last, /^HEALTHCHECK .*\/livez/m);
  assert.is(await healthCheck(200), 0);
  assert.is(await healthCheck(401), 0);
  assert.is(await healthCheck(503), 1);
  assert.is(await healthCheck(null), 1);
});

test.run();
