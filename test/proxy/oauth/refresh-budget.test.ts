import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RefreshBudget } from '../../../src/proxy/oauth/refresh-budget.js';
import { setClock, type SetClock } from '../../support/clock.js';
import { invalidGrant } from '../../support/google.js';
import { API_KEY, withHouse, type House } from '../../support/house.js';
import { pause } from '../../support/pause.js';

test('twenty exchanges may fail, and five seconds pass; the last one gets a second more', () => {
  const many = new RefreshBudget();
  assert.is(many.begin(1_000), 6_000);
  for (let each = 0; each < 19; each++) many.failed(1);
  assert.not(many.isSpent(1_100));
  many.failed(1);
  assert.ok(many.isSpent(1_100));
  const slow = new RefreshBudget();
  slow.begin(1_000);
  assert.not(slow.isSpent(5_999));
  assert.is(slow.begin(5_999), 1_001);
  assert.ok(slow.isSpent(6_000));
});

/** Thirty accounts whose grants are all dead, so that a request may ask about two thirds of them. */
function withDead(waitSeconds: number, use: (house: House, clock: SetClock) => Promise<void>): Promise<void> {
  const accounts = Array.from({ length: 30 }, (_, index) => ({
    id: `a${index}`,
    email: `a${index}@example.com`,
    refreshToken: `1//0refresh-token-${index}`,
  }));
  const clock = setClock(Date.now());
  const settings = { pool: { waitSeconds, stickySeconds: 600 } };
  const prepare = (google: House['google']): void => google.script('*', invalidGrant(), Infinity);
  return withHouse({ accounts, clock, settings, prepare }, (house) => use(house, clock));
}

/** A request that has asked about as many accounts as it may, and is held. */
async function heldIn({ supervisor, google }: House): Promise<{ readonly answer: Promise<Response> }> {
  const answer = fetch(`http://${supervisor.address}/v1beta/models/gemini-3-flash:generateContent`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': API_KEY },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }),
  });
  while (supervisor.snapshot().traffic.waiting === 0) await pause(2);
  assert.is(google.calls.token.length, 20);
  return { answer };
}

test('a request of a pool whose grants are all dead asks about twenty, and then has its 503', () =>
  withDead(0, async (house) => {
    assert.is((await house.ask()).status, 503);
    assert.is(house.google.calls.token.length, 20);
  }));

test('where it may be held, it waits for an account with a living token, asks for no more, and says when to come again', () =>
  withDead(10, async (house, clock) => {
    const { answer } = await heldIn(house);
    clock.advance(10_000);
    const { status, headers } = await answer;
    assert.equal([status, headers.get('retry-after'), headers.get('x-should-retry')], [503, '1', null]);
    assert.is(house.google.calls.token.length, 20);
  }));

test('a request that may ask for no more exchanges goes on with an account that has a token meanwhile', () =>
  withDead(10, async (house, clock) => {
    const { answer } = await heldIn(house);
    const refreshToken = '1//0refresh-token-new';
    const email = 'new@example.com';
    house.google.grant(refreshToken, { email });
    const accessToken = house.google.accessToken(refreshToken);
    await house.dir.put({ id: 'new', email, refreshToken, accessToken, accessEndsIn: 3_000, now: clock.now() });
    await house.supervisor.operations.reload();
    assert.is((await answer).status, 200);
  }));

test('a request waits for a token endpoint that hangs no longer than six seconds', async () => {
  const clock = setClock(Date.now());
  const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
  await withHouse({ accounts: [ann], clock }, async (house) => {
    const held = house.google.hold(ann.refreshToken);
    const asked = house.ask();
    await held.waiting();
    clock.advance(5_999);
    clock.advance(1);
    assert.is((await asked).status, 503);
    held.release();
  });
});

test.run();
