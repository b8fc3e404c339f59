/** What `t` and `T` ask for: three at a time, once each, with how far they are, until somebody stops them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExchangeAsker } from '../../../src/proxy/oauth/brake.js';
import type { Assembly } from '../../../src/proxy/supervisor/assembly.js';
import { setClock } from '../../support/clock.js';
import { adminPolicy, badGateway, tokenRateLimited } from '../../support/google.js';
import { type HouseOptions, withHouse } from '../../support/house.js';

const accounts = Array.from({ length: 10 }, (_, index) => ({
  id: `a${index}`,
  email: `a${index}@example.com`,
  refreshToken: `1//0refresh-token-number-${index}`,
}));
const ids = accounts.map(({ id }) => id);

test('three at a time whoever asks, nobody twice, and how far they are is told', async () => {
  await withHouse({ accounts }, async (house) => {
    for (const { email, refreshToken } of accounts.slice(2)) house.google.grant(refreshToken, { email });
    house.google.script('1//0refresh-token-number-0', adminPolicy());
    house.google.script('1//0refresh-token-number-1', badGateway());
    const held = house.google.hold('*');
    const all = house.supervisor.operations.testNow(ids);
    const again = house.supervisor.operations.testNow(['a9', 'a0']);
    await held.waiting(3);
    const { since, ...counts } = house.supervisor.snapshot().testing ?? {};
    assert.type(since, 'number');
    assert.equal(counts, { done: 0, of: 10, refused: 0, unanswered: 0 });
    const seen: string[] = [];
    const stop = house.supervisor.onChange(() => seen.push(JSON.stringify(house.supervisor.snapshot().testing)));
    held.release();
    const results = await all;
    assert.equal(
      results.map(({ accountId, ok, cause }) => `${accountId} ${ok ? 'good' : cause}`),
      ['a0 admin_policy', 'a1 provider_trouble', ...ids.slice(2).map((id) => `${id} good`)],
    );
    assert.equal(
      (await again).map(({ accountId }) => accountId),
      ['a9', 'a0'],
    );
    stop();
    assert.is(house.google.calls.token.length, 10);
    assert.ok(
      seen.some((text) => text.startsWith('{"done":9,"of":10,"refused":1,"unanswered":1,')),
      seen.join('\n'),
    );
    assert.is(seen.at(-1), 'null', 'the screen hears of the end');
  });
});

test('what cannot be asked about counts as unanswered, not as refused', async () => {
  const foreign = {
    ...accounts[0],
    id: 'foreign',
    email: 'foreign@example.com',
    token: { oauth_client_key: 'nobody' },
  };
  await withHouse(
    { accounts: [foreign, ...accounts.slice(1, 3)], prepare: (_google, dir) => dir.putRaw('torn.json', '{"id":') },
    async (house) => {
      const held = house.google.hold('*');
      house.google.grant('1//0refresh-token-number-1', { email: 'a1@example.com' });
      house.google.script('1//0refresh-token-number-2', adminPolicy());
      const all = house.supervisor.operations.testNow(['foreign', 'torn', 'a1', 'a2']);
      await held.waiting(2);
      await house.until(() => house.supervisor.snapshot().testing?.done === 2);
      const { since: _since, ...counts } = house.supervisor.snapshot().testing ?? {};
      assert.equal(counts, { done: 2, of: 4, refused: 0, unanswered: 2 });
      held.release();
      assert.equal(
        (await all).map(({ ok }) => ok),
        [false, false, true, false],
      );
    },
  );
});

test('doctor shares the rate of the schedule (5t + 10 together); only what `t` and `T` ask may speed up', async () => {
  const prepare: HouseOptions['prepare'] = (google) => {
    for (const { email, refreshToken } of accounts) google.grant(refreshToken, { email });
  };
  await withHouse({ accounts, clock: setClock(Date.now()), prepare }, async (house) => {
    const { brake } = (house.supervisor as unknown as { parts: Pick<Assembly, 'grants'> }).parts.grants;
    const asked: ExchangeAsker[] = [];
    const turn = brake.turn.bind(brake);
    brake.turn = (asker) => {
      asked.push(asker);
      return turn(asker);
    };
    const { operations } = house.supervisor;
    const checked = await operations.checkNow(ids.slice(0, 4));
    assert.ok(checked.every(({ ok }) => ok));
    assert.equal(asked.splice(0), ['background', 'background', 'background', 'background']);
    await operations.testNow(ids.slice(4, 6));
    assert.equal(asked, ['operator', 'operator']);
  });
});

test('schedule, tests, `doctor` and imports together have three exchanges on their way: no more arrives after a 429', async () => {
  const clock = setClock(Date.now());
  await withHouse({ accounts, clock }, async ({ google, supervisor, log }) => {
    const added = Array.from({ length: 6 }, (_, index) => `1//0token-of-somebody-else-${index}`);
    for (const { email, refreshToken } of accounts) google.grant(refreshToken, { email });
    for (const [index, token] of added.entries()) google.grant(token, { email: `new${index}@example.com` });
    const held = google.hold('*');
    google.script('*', tokenRateLimited(30), 3);
    const { operations } = supervisor;
    const extras = { client: null, ownClient: null, projectId: null, file: null };
    const verdicts = Promise.all(added.map((refreshToken) => operations.importToken({ refreshToken, ...extras })));
    const asked = Promise.all([operations.testNow(ids.slice(0, 5)), operations.checkNow(ids.slice(5))]);
    const turns = async (): Promise<void> => {
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    };
    clock.advance(2_000);
    await held.waiting(3);
    await turns();
    assert.is(google.calls.token.length, 3);
    held.release();
    for (let second = 0; second < 29; second++) {
      await turns();
      clock.advance(1_000);
    }
    assert.is(google.calls.token.length, 3, 'these were refused, and nobody else came');
    const all = Promise.all([verdicts, asked]);
    for (let second = 0; second < 60; second++) {
      await turns();
      clock.advance(1_000);
    }
    const [imported, tested] = await all;
    assert.equal(new Set(imported.map(({ outcome }) => outcome)), new Set(['added']));
    assert.ok(tested.flat().every(({ ok }) => ok));
    assert.not.ok(log.some((line) => line.startsWith('Token refresh failed')));
  });
});

test('asking by hand before the time does not put off the next automatic try', async () => {
  const clock = setClock(Date.now());
  const [a0] = accounts;
  await withHouse({ accounts: accounts.slice(0, 1), clock }, async (house) => {
    house.google.script(a0?.refreshToken ?? '', adminPolicy(), 10);
    const pauses: number[] = [];
    for (let time = 0; time < 4; time++) {
      await house.supervisor.operations.testNow(['a0']);
      const { retryAt } = house.supervisor.snapshot().accounts[0] ?? {};
      pauses.push(Math.round(((retryAt ?? 0) - clock.now()) / 60_000));
    }
    assert.equal(pauses, [15, 15, 15, 15]);
  });
});

test('stopped, those under way end and the others are not asked', async () => {
  await withHouse({ accounts }, async (house) => {
    for (const { email, refreshToken } of accounts) house.google.grant(refreshToken, { email });
    const held = house.google.hold('*');
    const asked = house.supervisor.operations.testNow(ids);
    await held.waiting(3);
    const said = await house.supervisor.operations.stopTests();
    assert.is(said.text, 'testing stopped: 7 accounts were not asked about');
    assert.is(house.supervisor.snapshot().testing?.of, 3);
    held.release();
    assert.equal(
      (await asked).map(({ accountId }) => accountId),
      ids.slice(0, 3),
    );
    assert.is(house.supervisor.snapshot().testing, null);
    assert.is(house.google.calls.token.length, 3);
    assert.is((await house.supervisor.operations.testNow(['a9']))[0]?.ok, true, 'and more may be asked for');
  });
});

test('a stop of the program begins no test that still waits', async () => {
  await withHouse({ accounts, clock: setClock(Date.now()) }, async (house) => {
    for (const { email, refreshToken } of accounts) house.google.grant(refreshToken, { email });
    const held = house.google.hold('*');
    const asked = house.supervisor.operations.testNow(ids);
    await held.waiting(3);
    const stopping = house.stop();
    held.release();
    await stopping;
    assert.is((await asked).length, 3);
    assert.is(house.google.calls.token.length, 3);
    await house.start();
  });
});

test.run();
