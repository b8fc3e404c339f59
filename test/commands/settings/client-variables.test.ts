import { execFileSync } from 'node:child_process';
import * as assert from 'node:assert/strict';
import { test } from 'uvu';
import { type ClientName, clientLines, clientNames } from '../../../src/commands/settings/client-variables.js';

const entrance = { url: 'http://127.0.0.1:8045', key: "it's-a-key" };

/** What a shell has of the variables that it sourced. */
function sourced(client: ClientName, ...names: string[]) {
  const print = names.map((name) => `printf '%s\\n' "$${name}"`).join('\n');
  const script = `${clientLines(client, entrance).join('\n')}\n${print}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8', env: {} }).trimEnd().split('\n');
}

test('each client gets the variables that it reads, as a shell takes them', () => {
  const { url, key } = entrance;
  assert.deepEqual(sourced('gemini', 'GEMINI_API_KEY', 'GOOGLE_GEMINI_BASE_URL'), [key, url]);
  assert.deepEqual(sourced('claude', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_BASE_URL'), [key, url]);
  assert.deepEqual(sourced('openai', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'), [key, `${url}/v1`]);
  for (const client of ['codex', 'opencode'] as const) assert.deepEqual(sourced(client, 'REGRANT_API_KEY'), [key]);
});

const comments = (client: ClientName) =>
  clientLines(client, entrance)
    .filter((line) => line.startsWith('# '))
    .map((line) => line.slice(2));

test('what stands in a file of the client’s is a comment that can be copied into it, and has no key', () => {
  const [, ...json] = comments('opencode');
  const { provider } = JSON.parse(json.join('\n')) as { provider: { regrant: { options: unknown } } };
  assert.deepEqual(provider.regrant.options, { baseURL: 'http://127.0.0.1:8045/v1', apiKey: '{env:REGRANT_API_KEY}' });
  const toml = comments('codex');
  assert.ok(toml.includes('base_url = "http://127.0.0.1:8045/v1"'));
  assert.ok(toml.includes('wire_api = "responses"'));
  const retries = toml.filter((line) => line.includes('_retries'));
  assert.deepEqual(retries, ['request_max_retries = 0', 'stream_max_retries = 1'], 'Codex asks 30 times by itself');
  for (const client of clientNames) assert.ok(!comments(client).join('\n').includes(entrance.key));
});

test.run();
