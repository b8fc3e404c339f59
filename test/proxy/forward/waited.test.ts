/** How long a request was held, as its record tells it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { API_KEY, ask, GENERATE, RawClient, reply, standsStill, withProxy } from '../../support/proxy.js';

const resting = { error: { code: 429, message: 'Please retry in 9s.', status: 'RESOURCE_EXHAUSTED' } };

test('a request that is answered at once, because nobody is ready in time, has waited for nothing', () =>
  withProxy(
    { pool: { waitSeconds: 2 } },
    (_call, response) => reply(response, 429, resting),
    async (proxied) => {
      for (let times = 0; times < 2; times++) assert.is((await ask(proxied)).status, 429);
      const records = await proxied.recorded(2);
      assert.equal(
        records.map(({ waitedMs, held }) => [waitedMs, held ?? false]),
        [
          [0, false],
          [0, false],
        ],
      );
    },
  ));

test('of one whose client leaves while it is held, the record says how long it waited', async () => {
  const clock = setClock();
  await withProxy(
    { clock, pool: { waitSeconds: 30 } },
    (_call, response) => reply(response, 429, resting),
    async (proxied) => {
      const client = new RawClient(proxied);
      client.write(
        `POST ${GENERATE} HTTP/1.1\r\nHost: ${proxied.host}:${proxied.port}\r\nx-goog-api-key: ${API_KEY}\r\nContent-Length: 2\r\n\r\n{}`,
      );
      await standsStill(() => proxied.server.holds.size);
      assert.is(proxied.server.holds.size, 1);
      clock.advance(4_000);
      client.destroy();
      const { status, waitedMs } = await proxied.firstRecord();
      assert.equal([status, waitedMs], [0, 4_000]);
    },
  );
});

test.run();
