/** The pool under a real proxy: whose turn it is, as a client sees it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RestRecord } from '../../../src/proxy/rests/rest-records.js';
import { setClock } from '../../support/clock.js';
import { ask, reply, withProxy, type Proxied } from '../../support/proxy.js';

const three = [{ id: 'a1' }, { id: 'b2' }, { id: 'c3' }];
const say = (text: string) => JSON.stringify({ contents: [{ role: 'user', parts: [{ text }] }] });
const askers = (proxied: Proxied): string => proxied.upstream.calls.map(({ account }) => account).join(' ');

test('a conversation stays with its account, and moves for good when that one cools', async () => {
  let cooled = '';
  await withProxy(
    { accounts: three, pool: { stickySeconds: 60 } },
    (call, response) => {
      if (call.account === cooled) reply(response, 429, {}, { 'retry-after': '30' });
      else reply(response, 200, {});
    },
    async (proxied) => {
      for (const text of ['one', 'two', 'one', 'one', 'two']) await ask(proxied, { body: say(text) });
      assert.is(askers(proxied), 'a1 b2 a1 a1 b2');
      cooled = 'a1';
      proxied.upstream.calls.length = 0;
      for (const text of ['one', 'one', 'two']) await ask(proxied, { body: say(text) });
      assert.is(askers(proxied), 'a1 c3 c3 b2');
    },
  );
});

test('cool-downs outlive a restart as the state file has them, and end by the clock', async () => {
  const clock = setClock(Date.now());
  await withProxy(
    { accounts: three, clock },
    (call, response) => {
      if (call.account === 'a1') reply(response, 429, {}, { 'retry-after': '30' });
      else reply(response, 200, {});
    },
    async (proxied) => {
      for (let times = 0; times < 3; times++) assert.is((await ask(proxied)).status, 200);
      assert.is(askers(proxied), 'a1 b2 c3 b2');
      assert.equal([proxied.pool.counts().ready, proxied.pool.counts().cooling], [2, 1]);
      assert.is(proxied.state.coolDowns.length, 0);
      await proxied.state.flush();
      assert.equal(
        proxied.state.coolDowns.map((record) => {
          const { who, about, model, group, seconds } = record as RestRecord;
          return [who, about, model, group, seconds];
        }),
        [['a1', 'account', 'gemini-3-flash', 'generate', 30]],
      );
      clock.advance(31_000);
      assert.equal([proxied.pool.counts().ready, proxied.pool.counts().cooling], [3, 0]);
    },
  );
});

test('why nobody serves is told as it is now, though it is not looked up for each request', async () => {
  const clock = setClock(Date.now());
  await withProxy(
    { accounts: three, clock },
    (_call, response) => reply(response, 429, {}, { 'retry-after': '40' }),
    async (proxied) => {
      const { pool } = proxied;
      const subject = { model: 'gemini-3-flash', group: 'generate' } as const;
      const told = () => {
        const found = pool.shortage(subject);
        return found.kind === 'out' ? found.text : `${found.text} ${found.kind} ${Math.round(found.readyInMs / 1000)}`;
      };
      assert.is(told(), 'no account can serve: 3 had no access token for this request passing 1');
      clock.advance(700);
      assert.match(told(), / passing 1$/, 'who could serve may be asked again in a second, whenever that is');
      await ask(proxied);
      assert.is(told(), 'no account can serve: 3 cooling resting 40');
      clock.advance(10_000);
      assert.is(told(), 'no account can serve: 3 cooling resting 30');
      assert.match(pool.shortage({ model: 'other', group: 'generate' }).text, /3 had no access token/);
      pool.lift('b2');
      assert.is(told(), 'no account can serve: 2 cooling, 1 had no access token for this request passing 1');
      const b2 = pool.get('b2');
      assert.ok(b2);
      const order = { account: 'b2', of: 'account', cause: 'forbidden', seconds: null, maybeProject: false } as const;
      pool.rest(b2, { order: { ...order, words: '', url: null }, subject, askedAt: clock.monotonic() });
      assert.is(told(), 'no account can serve: 3 cooling resting 30');
      clock.advance(31_000);
      assert.match(told(), /^no account can serve: 1 cooling, 2 had no access token/);
    },
  );
});

test.run();
