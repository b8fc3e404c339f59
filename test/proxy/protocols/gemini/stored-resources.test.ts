/** What the Gemini API stores, as the proxy learns and forgets it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { StoredResources } from '../../../../src/proxy/protocols/gemini/stored-resources.js';
import { setClock } from '../../../support/clock.js';
import { playedElsewhere } from '../../../support/elsewhere.js';
import { API_KEY, ask, type Asked, reply, withProxy } from '../../../support/proxy.js';

const DAY_MS = 86_400_000;
const homeOf = (resources: StoredResources, ...names: string[]) => resources.homesOf(names)[0] ?? null;

test('a file is forgotten two days after it was of use last, a store for searching is not', () => {
  const clock = setClock(1_700_000_000_000);
  const resources = new StoredResources({ resources: [], setResources: () => undefined, elsewhere: null }, clock);
  resources.learn(['files/a', 'files/b', 'fileSearchStores/s'], 'p');
  clock.advance(1.5 * DAY_MS);
  assert.is(homeOf(resources, 'files/b')?.project, 'p');
  clock.advance(1.5 * DAY_MS);
  assert.is(homeOf(resources, 'files/a'), null);
  assert.is(homeOf(resources, 'files/b')?.name, 'files/b');
  clock.advance(50 * DAY_MS);
  assert.is(homeOf(resources, 'files/b'), null);
  assert.is(homeOf(resources, 'fileSearchStores/s')?.project, 'p');
});

test('records of an earlier run without a time are kept for a while', () => {
  const clock = setClock(1_700_000_000_000);
  const home = { name: 'files/a', project: 'p', account: null, host: null };
  const resources = new StoredResources({ resources: [home], setResources: () => undefined, elsewhere: null }, clock);
  assert.is(homeOf(resources, 'files/a')?.project, 'p');
});

test('what another box learnt is known here, for its client too, and what it forgot is not', () => {
  const clock = setClock(1_700_000_000_000);
  const others = playedElsewhere();
  const state = { resources: [], setResources: () => undefined, elsewhere: others.elsewhere };
  const resources = new StoredResources(state, clock);
  const home = { name: 'files/a', project: 'p', account: null, host: null, client: 'ci', madeAt: clock.now() };
  others.resources({ now: [home] });
  assert.equal([homeOf(resources, 'files/a')?.project, resources.lastProjectOf('ci')], ['p', 'p']);
  others.resources({ gone: [home] });
  assert.equal([homeOf(resources, 'files/a'), resources.lastProjectOf('ci')], [null, null]);
});

test('of more names than are kept the one goes that was of use longest ago', () => {
  let saved: readonly unknown[] = [];
  const setResources = (take: () => readonly unknown[]): readonly unknown[] => (saved = take());
  const state = { resources: [], setResources, elsewhere: null };
  const resources = new StoredResources(state, setClock(1_700_000_000_000));
  resources.learn(['files/first', 'files/second'], 'p');
  assert.is(homeOf(resources, 'files/first')?.project, 'p');
  for (let number = 0; number < 5_999; number++) resources.learn([`files/${number}`], 'p');
  assert.equal(
    [saved.length, resources.isKnown('files/second'), resources.isKnown('files/998'), resources.isKnown('files/999')],
    [5_000, false, false, true],
  );
});

const get = (path: string): Asked => ({ method: 'GET', path, headers: { 'x-goog-api-key': API_KEY } });

test('the content of a download names nothing', async () => {
  await withProxy(
    { accounts: [{ id: 'a1' }, { id: 'b2' }] },
    (call, response) => {
      assert.ok(call.url.includes(':download'));
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.end('files/of-somebody-else');
    },
    async (proxied) => {
      await ask(proxied, get('/v1beta/files/x:download?alt=media'));
      await proxied.state.flush();
      assert.equal(
        proxied.state.resources.map(({ name }) => name),
        ['files/x'],
      );
    },
  );
});

const begin: Asked = { path: '/upload/v1beta/files?uploadType=resumable', body: '{}' };

for (const name of ['x-goog-upload-url', 'x-goog-upload-control-url', 'location']) {
  test(`an upload's address in ${name} leads here, whatever a gateway's Google calls itself; another stays`, async () => {
    let address = '';
    await withProxy(
      { accounts: [{ id: 'a1' }, { id: 'b2' }] },
      (_call, response) => reply(response, 200, {}, { [name]: address }),
      async (proxied) => {
        const target = '/upload/v1beta/files?uploadType=resumable&upload_id=u1';
        for (const host of [proxied.upstream.url, 'https://google.example']) {
          address = `${host}${target}`;
          assert.is((await ask(proxied, begin)).headers[name], `${proxied.url}${target}`);
        }
        assert.is((await ask(proxied, { ...begin, path: target })).status, 200);
        assert.is(proxied.upstream.call(2).account, 'a1', 'as who began, though it is the turn of b2');
        for (const other of ['https://storage.example/elsewhere?upload_id=u2', `${proxied.upstream.url}/no-upload`]) {
          address = other;
          assert.is((await ask(proxied, begin)).headers[name], other);
        }
      },
    );
  });
}

test('where TLS ends in front of the proxy, an upload goes on by TLS too', async () => {
  const target = '/upload/v1beta/files?uploadType=resumable&upload_id=u1';
  await withProxy(
    { accounts: [{ id: 'a1' }], proxy: { trustedProxies: ['127.0.0.1'] } },
    (_call, response) => reply(response, 200, {}, { 'x-goog-upload-url': `https://google.example${target}` }),
    async (proxied) => {
      const headers = { 'x-api-key': API_KEY, Host: 'pool.example', 'X-Forwarded-Proto': 'https' };
      assert.is(
        (await ask(proxied, { ...begin, headers })).headers['x-goog-upload-url'],
        `https://pool.example${target}`,
      );
    },
  );
});

test.run();
