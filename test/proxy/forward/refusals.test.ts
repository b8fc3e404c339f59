/** What an upstream's refusal does to an account: never a verdict on its grant. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, googleFailure, reply, withProxy } from '../../support/proxy.js';
import { setClock } from '../../support/clock.js';
import { withHouse } from '../../support/house.js';

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
  assert.is(row.retryAt, Number(file.validation_blocked_until) * 1_000);
  assert.is(file.disabled, false);
});

test('what every request needs and the account lacks blocks it, with the words on the row, and nothing is written', async () => {
  for (const [reason, cause, words] of [
    ['ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'scope', /lacks a scope: refused: ACCESS/],
    ['SERVICE_DISABLED', 'service_disabled', /API is off in its quota project: refused: SERVICE/],
    ['SUBSCRIPTION_REQUIRED', 'subscription', /no licence/],
    ['TOS_VIOLATION', 'terms', /over its terms/],
  ] as const) {
    const { row, file } = await rowAfter(refusal(reason));
    assert.equal([row.state, row.cause], ['blocked', cause]);
    assert.match(String(row.reason), words);
    assert.ok(Math.abs(Number(row.retryAt) - Date.now() - 900_000) < 30_000, 'asked again after a quarter of an hour');
    assert.equal([file.disabled, file.validation_blocked, file.quota], [false, false, null]);
  }
});

test('any other 403 leaves the account in the pool, and the row says since when', async () => {
  const { row, file } = await rowAfter(refusal('SOMETHING_ELSE'));
  assert.is(row.state, 'ready');
  assert.is(row.reason, 'forbidden: refused: SOMETHING_ELSE');
  assert.ok(Math.abs(Number(row.since) - Date.now()) < 30_000);
  assert.equal([file.disabled, file.proxy_disabled], [false, false]);
});

test('an unknown 403 rests the account for a minute where another then serves, and a good answer ends that', async () => {
  let forbids = true;
  const clock = setClock(Date.now());
  await withProxy(
    { accounts: [{ id: 'a1' }, { id: 'b2' }], clock },
    (call, response) => {
      if (forbids && call.account === 'a1') reply(response, 403, refusal('SOMETHING_ELSE'));
      else reply(response, 200, {});
    },
    async (proxied) => {
      assert.is((await ask(proxied)).status, 200);
      const a1 = proxied.pool.get('a1');
      if (a1 === undefined) throw new Error('no account');
      const rest = proxied.pool.restOf(a1)?.rest;
      assert.equal([rest?.cause, rest?.seconds, rest?.model, rest?.group], ['forbidden', 60, '', '']);
      assert.match(rest?.words ?? '', /SOMETHING_ELSE/);
      forbids = false;
      clock.advance(61_000);
      await ask(proxied);
      await ask(proxied);
      assert.is(proxied.pool.restOf(a1), null);
    },
  );
});

test('a 403 about a stored file that the body names says nothing about the accounts', async () => {
  await withProxy(
    { accounts: [{ id: 'a1' }, { id: 'b2' }] },
    (_call, response) => reply(response, 403, refusal('')),
    async (proxied) => {
      const body = '{"contents":[{"parts":[{"fileData":{"fileUri":"https://h/v1beta/files/of-another"}}]}]}';
      assert.is((await ask(proxied, { body })).status, 403);
      assert.is(proxied.upstream.calls.length, 2);
      for (const member of proxied.pool.list()) assert.is(proxied.pool.noteOf(member), null);
    },
  );
});

test('a good free call after a re-add ends the rest, and that of its project', async () => {
  await withProxy(
    { accounts: [{ id: 'a1' }, { id: 'b2', token: { project_id: 'project-a1' } }] },
    (_call, response) => reply(response, 403, refusal('SERVICE_DISABLED')),
    async (proxied) => {
      assert.is((await ask(proxied)).status, 403);
      assert.is(proxied.pool.counts().blocked, 2);
      assert.ok(proxied.pool.lift('a1'));
      assert.equal([proxied.pool.counts().ready, proxied.pool.counts().blocked], [2, 0]);
    },
  );
});

const shared = { token: { project_id: 'shared' } };
const ofOneProject = [
  { id: 'a1', ...shared },
  { id: 'b2', ...shared },
];

for (const [reason, whoCools] of [
  ['ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'the account alone'],
  ['SUBSCRIPTION_REQUIRED', 'the account alone'],
  ['USER_PROJECT_DENIED', 'the account alone'],
  ['SERVICE_DISABLED', 'all of the project'],
  ['BILLING_DISABLED', 'all of the project'],
  ['CONSUMER_INVALID', 'all of the project'],
] as const) {
  test(`a 403 with ${reason} blocks ${whoCools}`, async () => {
    await withProxy(
      { accounts: ofOneProject },
      (call, response) => {
        if (call.account === 'a1') reply(response, 403, refusal(reason));
        else reply(response, 200, {});
      },
      async (proxied) => {
        const states = () => proxied.pool.list().map((member) => proxied.pool.stateOf(member));
        if (whoCools === 'the account alone') {
          assert.is((await ask(proxied)).status, 200);
          assert.is((await ask(proxied)).status, 200);
          assert.equal(
            proxied.upstream.calls.map(({ account }) => account),
            ['a1', 'b2', 'b2'],
          );
          assert.equal(states(), ['blocked', 'ready']);
          const [a1] = proxied.pool.list();
          assert.is(a1 && proxied.pool.restOf(a1)?.rest.about, 'account');
        } else {
          assert.is((await ask(proxied)).status, 403);
          assert.equal(states(), ['blocked', 'blocked']);
        }
      },
    );
  });
}

test('an account refused with a fresh token rests alone, and comes back by the clock', async () => {
  const clock = setClock(Date.now());
  await withProxy(
    { accounts: ofOneProject.map((account) => ({ ...account, refreshToken: `1//0${account.id}-token` })), clock },
    (call, response) => {
      if (call.account === 'b2') reply(response, 200, {});
      else reply(response, 401, googleFailure(401, 'UNAUTHENTICATED'));
    },
    async (proxied) => {
      proxied.google.grant('1//0a1-token', { email: 'a1@example.com' });
      assert.is((await ask(proxied)).status, 200);
      assert.equal([proxied.pool.counts().ready, proxied.pool.counts().cooling], [1, 1]);
      assert.is((await ask(proxied)).status, 200);
      clock.advance(61_000);
      assert.equal([proxied.pool.counts().ready, proxied.pool.counts().cooling], [2, 0]);
    },
  );
});

test.run();
