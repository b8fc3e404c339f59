/** Paths that are not for the upstream. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, ask, type Proxied, reply, withProxy } from '../../support/proxy.js';

const headers = { 'x-goog-api-key': API_KEY };
const serving = (use: (proxied: Proxied) => Promise<void>) =>
  withProxy({}, (_call, response) => reply(response, 200, { ok: true }), use);

test('the root says what is here', async () => {
  await serving(async (proxied) => {
    const got = await ask(proxied, { method: 'GET', path: '/', headers });
    const said = JSON.parse(got.text) as { name: string; routes: string[] };
    assert.equal([got.status, said.name], [200, 'regrant']);
    assert.ok(said.routes.includes('/healthz'));
    assert.is((await ask(proxied, { method: 'HEAD', path: '/', headers })).status, 200);
    assert.is((await ask(proxied, { method: 'POST', path: '/', headers })).status, 405);
    assert.is(proxied.upstream.calls.length, 0);
  });
});

test('what is no version of an API is an own 404 that says what is there', async () => {
  await serving(async (proxied) => {
    for (const path of ['/api/tags', '/api/v1/x', '/favicon.ico', '/models', '/vx', '/uploads/v1beta/files', '/wsx']) {
      const got = await ask(proxied, { method: 'GET', path, headers });
      assert.is(got.status, 404, path);
      assert.match(got.text, '/v1beta/');
      assert.match(got.text, path);
    }
    assert.is(proxied.upstream.calls.length, 0);
    for (const path of [
      '/v1beta/x',
      '/v1/models',
      '/v1alpha/y?z',
      '/upload/v1beta/files',
      '/download/v1beta/files/a:download',
    ]) {
      assert.is((await ask(proxied, { method: 'GET', path, headers })).status, 200, path);
    }
  });
});

test('doubled slashes are read as one, in every part of a path and in no query', async () => {
  await serving(async (proxied) => {
    for (const path of [
      '//v1beta/models/gemini-3-flash:countTokens?a=//b',
      '/v1beta///models//gemini-3-flash:countTokens?a=//b',
    ]) {
      await ask(proxied, { path, headers });
    }
    assert.equal(
      proxied.upstream.calls.map(({ url }) => url),
      Array.from({ length: 2 }, () => '/v1beta/models/gemini-3-flash:countTokens?a=//b'),
    );
    assert.is((await proxied.recorded(2))[1]?.model, 'gemini-3-flash');
  });
});

test('a path that steps out of where it stands goes nowhere', async () => {
  await serving(async (proxied) => {
    for (const path of [
      '/v1beta/../secret',
      '/v1beta/%2e%2E/secret',
      '/v1beta/.%2e',
      '/v1beta/./a',
      '/v1beta/..%2fsecret',
      '/v1beta/..%5Cx',
    ]) {
      assert.is((await ask(proxied, { method: 'GET', path, headers })).status, 400, path);
    }
    for (const path of ['/v1beta/a..b', '/v1beta/...', '/v1beta/.hidden', '/v1beta/x?a=/../b']) {
      assert.is((await ask(proxied, { method: 'GET', path, headers })).status, 200, path);
    }
  });
});

test('the id of a request goes back with every answer, and is that of its line', async () => {
  await serving(async (proxied) => {
    const ids: unknown[] = [];
    for (const path of ['/v1beta/models', '/healthz', '/nothing']) {
      ids.push((await ask(proxied, { method: 'GET', path, headers })).headers['x-regrant-request-id']);
    }
    assert.equal(
      (await proxied.recorded(3)).map(({ id }) => id),
      ids,
    );
  });
});

test("whose quota a request uses and which account serves it is not the client's to say", async () => {
  await serving(async (proxied) => {
    const said = { 'X-Goog-User-Project': 'somebody-elses', 'X-Regrant-Account': 'a2@example.com' };
    await ask(proxied, { headers: { ...headers, ...said } });
    const sent = proxied.upstream.call(0).headers;
    assert.equal([sent['x-goog-user-project'], sent['x-regrant-account']], ['project-a1', undefined]);
  });
});

test.run();
