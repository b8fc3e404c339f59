import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { json } from '../../support/google.js';
import { withHouse, type House } from '../../support/house.js';

const SECOND = 1_000;
const HOUR = 3_600_000;

/** Moves the clock by small steps, letting what falls due come to its end in between; the exchanges of each step. */
async function pass(house: House, clock: ReturnType<typeof setClock>, ms: number, step: number): Promise<number[]> {
  const each: number[] = [];
  const { exchanges } = (
    house.supervisor as unknown as { grants: { refresher: { exchanges: { settled(): Promise<void> } } } }
  ).grants.refresher;
  for (let passed = 0; passed < ms; passed += step) {
    const before = house.google.calls.token.length;
    clock.advance(step);
    await exchanges.settled();
    each.push(house.google.calls.token.length - before);
  }
  return each;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

test('after a start what is due is spread out, never sent all at once', async () => {
  const clock = setClock(Date.now());
  const accounts = Array.from({ length: 120 }, (_, index) => ({
    id: `a${index}`,
    email: `a${index}@example.com`,
    refreshToken: `1//0refresh-token-number-${index}`,
  }));
  const prepare = (google: House['google']): void => {
    for (const { email, refreshToken } of accounts) google.grant(refreshToken, { email });
  };
  await withHouse({ accounts, clock, prepare }, async (house) => {
    const seconds = await pass(house, clock, 90 * SECOND, SECOND);
    assert.is(sum(seconds), accounts.length, 'every account is looked at');
    assert.ok(Math.max(...seconds) <= 16, `at most ${Math.max(...seconds)} in a second`);
    assert.is(sum(await pass(house, clock, 20 * HOUR, HOUR)), 0, 'and idle ones only once a day');
  });
});

test('an account that serves is refreshed ahead of its expiry, an idle one once a day', async () => {
  const clock = setClock(Date.now());
  const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
  const prepare = (google: House['google']): void => {
    google.grant(ann.refreshToken, { email: ann.email, expiresIn: 3_599 });
    google.upstream(() => json(200, { candidates: [] }));
  };
  await withHouse({ accounts: [ann], clock, prepare }, async (house) => {
    assert.is((await house.ask()).status, 200);
    await pass(house, clock, 0.8 * HOUR, HOUR / 10);
    assert.is((await house.ask()).status, 200);
    assert.is(house.google.calls.token.length, 1);
    // 3,599 s less the 300 s of refreshAheadSeconds; told by the next look at it
    await house.supervisor.operations.setProxyDisabled(['ann'], false);
    assert.is(sum(await pass(house, clock, 0.15 * HOUR, HOUR / 60)), 1);
    assert.is(sum(await pass(house, clock, 23 * HOUR, HOUR / 4)), 0, 'nobody asked since');
    assert.is(sum(await pass(house, clock, 2 * HOUR, HOUR / 4)), 1, 'the daily look');
  });
});

test('a token that lives shorter than the refresh-ahead time is not refreshed without end', async () => {
  const clock = setClock(Date.now());
  const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
  const prepare = (google: House['google']): void => {
    google.grant(ann.refreshToken, { email: ann.email, expiresIn: 60 });
    google.upstream(() => json(200, { candidates: [] }));
  };
  await withHouse({ accounts: [ann], clock, prepare }, async (house) => {
    assert.is((await house.ask()).status, 200);
    const minutes = await pass(house, clock, 600 * SECOND, SECOND);
    assert.ok(sum(minutes) <= 21, `${sum(minutes)} refreshes in ten minutes`);
  });
});

test.run();
