import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, ask, GENERATE, reply, withProxy } from '../support/proxy.js';

test('a request goes to the upstream with the token of an account in place of the key', async () => {
  await withProxy(
    {},
    (call, response) => reply(response, 200, { hello: call.account }),
    async (proxied) => {
      const got = await ask(proxied, { path: `${GENERATE}?alt=json&key=${API_KEY}&x=1`, headers: {} });
      assert.is(got.text, '{"hello":"a1"}');
      const [call] = proxied.upstream.calls;
      assert.is(call?.url, `${GENERATE}?alt=json&x=1`);
      assert.is(call.headers['x-goog-user-project'], 'project-a1');
      assert.equal(proxied.faults, []);
      const [record] = await proxied.recorded(1);
      console.log(record);
    },
  );
});

test.run();
