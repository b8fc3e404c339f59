/** Web pages: those that are listed may use the proxy from a browser, others may not, whether a key is asked for or not. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, ask, type Asked, GENERATE, type Got, type Proxied, reply, withProxy } from '../../support/proxy.js';

const PAGE = 'https://app.example:8443';
const modes = ['off', 'strict', 'all_except_health'] as const;
type Mode = (typeof modes)[number];

const listing = (authMode: Mode, use: (proxied: Proxied) => Promise<void>) =>
  withProxy(
    { proxy: { authMode, corsOrigins: [PAGE, 'http://localhost:3000'] } },
    (_call, response) =>
      reply(response, 200, { ok: true }, { 'Access-Control-Allow-Origin': '*', 'access-control-expose-headers': 'x' }),
    use,
  );

const preflight = (origin: string): Asked => ({
  method: 'OPTIONS',
  headers: {
    ...{ host: 'localhost', origin, 'access-control-request-method': 'POST' },
    'access-control-request-headers': 'content-type,x-goog-api-key,authorization',
  },
});
const corsOf = ({ headers }: Got) => Object.keys(headers).filter((name) => name.startsWith('access-control-'));

for (const mode of modes) {
  test(`${mode}: a preflight is answered here, with the headers that were asked for, and never goes upstream`, async () => {
    await listing(mode, async (proxied) => {
      const { status, headers, body } = await ask(proxied, preflight(PAGE));
      assert.equal([status, body.length], [204, 0]);
      assert.is(headers['access-control-allow-origin'], PAGE);
      assert.is(headers['access-control-allow-headers'], 'content-type,x-goog-api-key,authorization');
      assert.match(headers['access-control-allow-methods'] ?? '', 'POST');
      assert.is(headers.vary, 'Origin');
      assert.is(headers['content-length'], undefined);
      for (const other of ['https://other.example', 'null', PAGE.replace('https', 'http'), `${PAGE}/`]) {
        const refused = await ask(proxied, preflight(other));
        assert.is(refused.status, 403, other);
        assert.match(refused.text, 'proxy.corsOrigins');
        assert.equal(corsOf(refused), [], other);
      }
      assert.is(proxied.upstream.calls.length, 0);
    });
  });

  test(`${mode}: every answer to a listed page says that it may be read, a refusal too; the upstream has no say in it`, async () => {
    await listing(mode, async (proxied) => {
      const key: Record<string, string> = mode === 'off' ? {} : { 'x-goog-api-key': API_KEY };
      const send = (headers: Record<string, string>) => ask(proxied, { headers: { host: 'localhost', ...headers } });
      const answer = await send({ origin: PAGE, 'sec-fetch-site': 'cross-site', ...key });
      assert.is(answer.status, 200);
      assert.is(answer.headers['access-control-allow-origin'], PAGE);
      assert.is(answer.headers.vary, 'Origin');
      const wrong = await send({ origin: PAGE, 'x-api-key': 'wrong' });
      assert.equal([wrong.status, wrong.headers['access-control-allow-origin']], [mode === 'off' ? 200 : 401, PAGE]);
      const other = await send({ origin: 'https://other.example', ...key });
      assert.is(other.status, mode === 'off' ? 403 : 200);
      assert.equal(corsOf(other), []);
      assert.equal(corsOf(await send(key)), []);
    });
  });
}

test('where no key is asked for, what a page of another site has sent is refused though it names no origin', async () => {
  await listing('off', async (proxied) => {
    const of = async (site: string): Promise<number> =>
      (await ask(proxied, { path: GENERATE, headers: { host: 'localhost', 'sec-fetch-site': site } })).status;
    assert.equal([await of('cross-site'), await of('same-origin'), await of('none')], [403, 200, 200]);
  });
});

test.run();
