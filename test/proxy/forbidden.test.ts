/** What a 403 does to an account: never a verdict on its grant. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, reply, withProxy } from '../support/proxy.js';
import { withHouse } from '../support/house.js';

const refusal = (reason: string, more: object = {}) => ({
  error: {
    ...{ code: 403, status: 'PERMISSION_DENIED', message: `refused: ${reason}` },
    details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, ...more }],
  },
});
const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };

async function rowAfter(body: object) {
  let row: unknown = null;
  let file: Record<string, unknown> = {};
  await withHouse(
    { accounts: [ann], prepare: (google) => google.grant(ann.refreshToken, { email: ann.email }) },
    async (house) => {
      house.google.upstream(() => ({
        status: 403,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }));
      assert.is((await house.ask()).status, 403);
      await house.store.accounts.flush();
      row = house.supervisor.snapshot().accounts[0];
      file = await house.dir.read('ann');
    },
  );
  return { row: row as Record<string, unknown>, file };
}

test('where Google asks a human to verify, the account is blocked for ten minutes, with the link', async () => {
  const url = 'https://accounts.google.com/signin/continue?x=1';
  const { row, file } = await rowAfter(refusal('VALIDATION_REQUIRED', { metadata: { validation_url: url } }));
  assert.equal([row.state, row.validationUrl, row.reason], ['blocked', url, 'refused: VALIDATION_REQUIRED']);
  assert.is(file.validation_blocked, true);
  assert.ok(Math.abs(Number(file.validation_blocked_until) - Date.now() / 1000 - 600) < 30);
  assert.is(file.disabled, false);
});

test('a missing scope and an API that is off are named on the row, and nothing is written', async () => {
  for (const [reason, words] of [
    ['ACCESS_TOKEN_SCOPE_INSUFFICIENT', /lacks a Gemini scope/],
    ['SERVICE_DISABLED', /API is not enabled/],
  ] as const) {
    const { row, file } = await rowAfter(refusal(reason));
    assert.is(row.state, 'cooling');
    assert.match(String(row.reason), words);
    assert.equal([file.disabled, file.validation_blocked], [false, false]);
  }
});

test('any other 403 leaves the account in the pool, and the row says since when', async () => {
  const { row, file } = await rowAfter(refusal('SOMETHING_ELSE'));
  assert.is(row.state, 'ready');
  assert.is(row.reason, 'forbidden: refused: SOMETHING_ELSE');
  assert.ok(Math.abs(Number(row.since) - Date.now()) < 30_000);
  assert.equal([file.disabled, file.proxy_disabled], [false, false]);
});

test('the next account serves, and a good answer takes the words off the row', async () => {
  let forbids = true;
  await withProxy(
    { accounts: [{ id: 'a1' }, { id: 'b2' }] },
    (call, response) => {
      if (forbids && call.account === 'a1') reply(response, 403, refusal('SOMETHING_ELSE'));
      else reply(response, 200, {});
    },
    async (proxied) => {
      assert.is((await ask(proxied)).status, 200);
      const a1 = proxied.pool.get('a1');
      assert.match((a1 && proxied.pool.forbiddenOf(a1)?.reason) ?? '', /SOMETHING_ELSE/);
      forbids = false;
      await ask(proxied);
      await ask(proxied);
      assert.is(a1 && proxied.pool.forbiddenOf(a1), null);
    },
  );
});

test.run();
