import * as assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import { models, modelsAt } from '../../../src/commands/reading/models.js';
import { servedModels } from '../../../src/commands/reading/served-models.js';
import type { Context } from '../../../src/commands/context.js';
import { withApp } from '../../support/app.js';
import { withDoor } from '../../support/door.js';
import { runVerb } from '../../support/verb.js';

const LIST = { models: ['gemini-3-pro', 'gemini-3-flash', 'embedding'].map((name) => ({ name: `models/${name}` })) };

test('models and aliases with the accounts that can serve them; what is hidden is not there', () => {
  const accounts = [
    { state: 'ready', email: 'anna@example.com', quota: { models: [{ name: 'gemini-3-flash', percentage: 80 }] } },
    { state: 'cooling', email: 'bob@example.com', quota: null },
    { state: 'disabled', email: 'carla@example.com' },
  ];
  const aliases = { 'gpt-5': 'gemini-3-pro', 'claude-*': 'gemini-3-flash', old: 'embedding' };
  assert.deepEqual(servedModels(LIST, accounts, { aliases, hidden: ['embed*'] }), [
    { id: 'gemini-3-pro', aliasOf: null, accounts: ['bob@example.com'] },
    { id: 'gemini-3-flash', aliasOf: null, accounts: ['anna@example.com', 'bob@example.com'] },
    { id: 'gpt-5', aliasOf: 'gemini-3-pro', accounts: ['bob@example.com'] },
    { id: 'claude-*', aliasOf: 'gemini-3-flash', accounts: ['anna@example.com', 'bob@example.com'] },
  ]);
});

const anna = { id: 'a1', email: 'anna@example.com' };

test('models: a line each or JSON, as the running proxy lists them', () =>
  withDoor(
    { accounts: [anna], settings: { models: { aliases: { 'gpt-*': 'gemini-3-flash' } } } },
    async ({ house }) => {
      const json = (context: Context) => models(context, { json: true });
      const { status, stdout } = await runVerb(json, house.dir.path);
      const said = JSON.parse(stdout) as {
        schema: number;
        models: { id: string; aliasOf: string | null; accounts: string[] }[];
      };
      assert.deepEqual([status, said.schema], [0, 1]);
      assert.deepEqual(said.models.at(-1), { id: 'gpt-*', aliasOf: 'gemini-3-flash', accounts: [anna.email] });
      assert.ok(
        said.models.some(({ id, aliasOf }) => id.startsWith('gemini-') && aliasOf === null),
        stdout,
      );
      const lines = await runVerb((context) => models(context, { json: false }), house.dir.path);
      assert.match(lines.stdout, /^gpt-\* → gemini-3-flash +anna@example\.com$/m);
    },
  ));

test('models: where nothing runs they are those that the accounts’ quota names', () =>
  withApp({}, async (app) => {
    const { stdout, status } = await app.run(['models', '--json']);
    assert.deepEqual([status, JSON.parse(stdout)], [0, { schema: 1, models: [] }]);
  }));

test('models: a proxy that does not answer, or drips, does not hold the verb for ever', async () => {
  const server = http.createServer((request, response) => {
    if (request.headers['x-goog-api-key'] === 'drips') response.write('{"models":');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const key of ['is silent', 'drips']) assert.equal(await modelsAt(address, key, 50), null);
  server.closeAllConnections();
  server.close();
});

test.run();
