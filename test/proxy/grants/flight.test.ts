/** What goes to a token endpoint that asks for a pause: nothing is lost by it, and nothing told as failed. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock, type SetClock } from '../../support/clock.js';
import { jsonReply, tokenRateLimited } from '../../support/google.js';
import { withHouse, type House } from '../../support/house.js';

const account = (name: string) => ({
  id: name,
  email: `${name}@example.com`,
  refreshToken: `1//0${name}-refresh-token`,
});
const [ann, bob] = [account('ann'), account('bob')];

async function passed(clock: SetClock, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 500) {
    clock.advance(500);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const withPair = (use: (house: House, clock: SetClock) => Promise<void>): Promise<void> => {
  const clock = setClock(Date.now());
  const prepare = (google: House['google']): void => {
    for (const { email, refreshToken } of [ann, bob]) google.grant(refreshToken, { email });
    google.upstream(() => jsonReply(200, { candidates: [] }));
  };
  return withHouse({ accounts: [ann, bob], clock, prepare }, (house) => use(house, clock));
};

test('a test that the endpoint had no time for waits for its pause, and is asked again', async () => {
  await withPair(async (house, clock) => {
    house.google.script(ann.refreshToken, tokenRateLimited(20));
    const tested = house.supervisor.operations.testNow(['ann', 'bob']);
    await house.google.until(({ token }) => token.length === 2);
    await passed(clock, 25_000);
    assert.equal(
      (await tested).map(({ ok }) => ok),
      [true, true],
    );
    assert.equal(
      house.events.filter((event) => event.startsWith('temporary')),
      [],
    );
    assert.not.ok(house.log.some((line) => line.startsWith('Token refresh failed')));
    assert.is(house.log.filter((line) => line.startsWith('The token endpoint asks for a pause of 20 s')).length, 1);
  });
});

test('in a pause a request goes to an account with a living token, and asks nobody', async () => {
  await withPair(async (house, clock) => {
    await house.supervisor.operations.testNow(['bob']);
    house.google.script(ann.refreshToken, tokenRateLimited(20));
    void house.supervisor.operations.testNow(['ann']);
    await house.google.until(({ token }) => token.length === 2);
    await passed(clock, 1_000);
    for (let each = 0; each < 4; each++) assert.is((await house.ask()).status, 200);
    assert.is(house.google.calls.token.length, 2);
  });
});

test('a request that nobody else can serve asks in a pause too', async () => {
  await withPair(async (house, clock) => {
    house.google.script('*', tokenRateLimited(20), 1);
    void house.supervisor.operations.testNow(['ann']);
    await house.google.until(({ token }) => token.length === 1);
    await passed(clock, 1_000);
    assert.is((await house.ask()).status, 200);
  });
});

test('schedule and imports wait for the pause of a 503 too: nothing is asked in it, and nothing told as failed', async () => {
  await withPair(async (house, clock) => {
    house.google.grant('1//0new-refresh-token', { email: 'new@example.com' });
    house.google.script('*', { ...tokenRateLimited(20), status: 503 }, 2);
    // both are overdue at a start
    await passed(clock, 1_500);
    await house.google.until(({ token }) => token.length === 2);
    const extras = { client: null, ownClient: null, projectId: null, file: null };
    const imported = house.supervisor.operations.importToken({ refreshToken: '1//0new-refresh-token', ...extras });
    await passed(clock, 18_000);
    assert.is(house.google.calls.token.length, 2, 'those that were sent before it began');
    await passed(clock, 8_000);
    assert.is((await imported).outcome, 'added');
    assert.is(
      new Set(house.google.calls.token.slice(2).map((call) => call.refreshToken)).size,
      3,
      'all are asked again',
    );
    assert.equal(
      house.events.filter((event) => event.startsWith('temporary')),
      [],
    );
    assert.not.ok(house.log.some((line) => line.startsWith('Token refresh failed')));
    assert.is(house.log.filter((line) => line.startsWith('The token endpoint asks for a pause')).length, 1);
  });
});

test('a request in a pause that never ends asks for twenty exchanges at most, and then has its 503', async () => {
  const many = Array.from({ length: 40 }, (_, index) => account(`a${index}`));
  const clock = setClock(Date.now());
  const prepare = (google: House['google']): void => google.script('*', tokenRateLimited(3_600), Infinity);
  await withHouse({ accounts: many, clock, prepare }, async (house) => {
    void house.supervisor.operations.testNow(['a0']);
    await house.google.until(({ token }) => token.length === 1);
    assert.is((await house.ask()).status, 503);
    const { length } = house.google.calls.token;
    assert.ok(length > 1 && length <= 21, `${length} exchanges`);
    assert.is((await house.ask()).status, 503);
    assert.ok(house.google.calls.token.length <= length + 20);
  });
});

test.run();
