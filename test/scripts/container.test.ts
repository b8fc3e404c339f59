import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = path.join(import.meta.dirname, '..', '..');
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

test('the program itself is process 1, so that signals reach it', () => {
  assert.match(last, /^ENTRYPOINT \["node", "\/app\/dist\/app\.js"\]$/m);
});

test('what is copied into the image is let through by .dockerignore', () => {
  const kept = readFileSync(path.join(root, '.dockerignore'), 'utf8').split('\n');
  for (const rule of [
    '!package.json',
    '!package-lock.json',
    '!scripts/build.mjs',
    '!scripts/bundling.mjs',
    '!scripts/settings-schema.mjs',
    '!docs/reference.md',
    '!src/**',
  ]) {
    assert.ok(kept.includes(rule), rule);
  }
});

/** Runs the health check against a server that answers with this status; null: against none. */
async function healthCheck(status: number | null): Promise<number> {
  const [, json = '[]'] = /^HEALTHCHECK .*CMD (\[.*\])$/m.exec(last) ?? [];
  const [, ...command] = JSON.parse(json) as string[];
  const server = createServer((_, response) => response.writeHead(status ?? 0).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  if (status === null) await new Promise((resolve) => server.close(resolve));
  const asked = command.map((word) => word.replace('127.0.0.1:8045', `127.0.0.1:${port}`));
  const child = spawn(process.execPath, asked, { stdio: 'ignore' });
  const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? -1)));
  server.close();
  return code;
}

test('the health check asks /livez, and takes the 401 of a strict proxy for alive', async () => {
  assert.match(last, /^HEALTHCHECK .*\/livez/m);
  assert.is(await healthCheck(200), 0);
  assert.is(await healthCheck(401), 0);
  assert.is(await healthCheck(503), 1);
  assert.is(await healthCheck(null), 1);
});

test.run();
