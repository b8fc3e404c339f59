import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { beforeEnd, dueOfDay, placeOf } from '../../../src/proxy/background/places.js';
import { Schedule } from '../../../src/proxy/background/schedule.js';
import type { Assembly } from '../../../src/proxy/supervisor/assembly.js';
import type { Member } from '../../../src/proxy/pool/member.js';
import { accountOf } from '../../../src/store/accounts/account.js';
import type { StoredAccount } from '../../../src/store/accounts/stored-account.js';
import type { GrantRecord, StateElsewhere } from '../../../src/store/state/state-store.js';
import { grantKey } from '../../../src/store/ground/fingerprint.js';
import { defaultSettings } from '../../../src/store/settings/schema.js';
import { setClock } from '../../support/clock.js';
import { account } from '../../support/directory.js';
import { jsonReply } from '../../support/google.js';
import { withHouse, type House } from '../../support/house.js';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Moves the clock by small steps, letting what falls due come to its end in between; the exchanges of each step. */
async function pass(house: House, clock: ReturnType<typeof setClock>, ms: number, step: number): Promise<number[]> {
  const each: number[] = [];
  const { supervisor } = house as unknown as { supervisor: { parts: Pick<Assembly, 'grants'> } };
  const { exchanges } = supervisor.parts.grants.refresher;
  for (let passed = 0; passed < ms; passed += step) {
    const before = house.google.calls.token.length;
    clock.advance(step);
    await exchanges.settled();
    // who waited for them hears of it a few turns later
    await new Promise(setImmediate);
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
    const looked = new Set(house.google.calls.token.map((call) => call.refreshToken));
    assert.is(looked.size, accounts.length, 'every account is looked at');
    assert.ok(Math.max(...seconds) <= 16, `at most ${Math.max(...seconds)} in a second`);
    await pass(house, clock, 24 * HOUR - 90 * SECOND, HOUR / 4);
    for (const { refreshToken } of accounts) {
      const { length } = house.google.calls.token.filter((call) => call.refreshToken === refreshToken);
      assert.ok(length >= 1 && length <= 3, 'and idle ones once a day after that');
    }
    const { length } = house.google.calls.token;
    assert.ok(Math.abs(length - 2 * accounts.length) <= 4, `each at its own time: ${length}`);
  });
});

test('what another box has just exchanged is not exchanged again before what it knows of the grant is here', async () => {
  const clock = setClock();
  const json = account({ id: 'ann', refreshToken: '1//0of-another-box', accessEndsIn: 3_599, now: clock.now() });
  const ann: StoredAccount = {
    ...{ id: 'ann', file: 'ann', account: accountOf(json, 'ann'), unreadable: null, held: false, notSaved: null },
    unsaved: [],
  };
  const accessDeadline = clock.monotonic() + 3_599 * SECOND;
  const records: GrantRecord[] = [];
  let asked = 0;
  const elsewhere = {} as StateElsewhere;
  const schedule = new Schedule({
    store: { list: () => [ann], get: () => ann },
    state: { grant: () => records[0], refused: () => undefined, elsewhere },
    refresher: { refresh: () => Promise.reject(new Error(`asked ${(asked += 1)}`)), trouble: () => null },
    changes: { on: () => () => undefined },
    pool: { get: () => ({ accessDeadline, lastUsed: null }) as Member },
    clients: { of: () => ({ name: 'default', id: 'id', secret: '' }), refusal: () => null },
    clock,
    oauth: defaultSettings.oauth,
  });
  while (clock.due.length === 0) await new Promise(setImmediate);
  const passes = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += SECOND) {
      clock.advance(SECOND);
      await new Promise(setImmediate);
    }
  };
  await passes(30 * SECOND);
  records.push({ firstSeen: 0, lastOk: clock.now() / 1000 - 30 });
  await passes(HOUR / 2);
  assert.is(asked, 0);
  schedule.stop();
});

test('10,000 accounts that are all due at a start make no burst, and one timer waits for them all', async () => {
  const clock = setClock();
  const accounts = new Map<string, StoredAccount>();
  for (let index = 0; index < 10_000; index++) {
    const json = account({ id: `a${index}`, refreshToken: `1//0token-${index}`, now: clock.now() });
    const stored = { id: json.id, file: `${json.id}.json`, account: accountOf(json, json.id) };
    accounts.set(json.id, { ...stored, unreadable: null, held: false, notSaved: null, unsaved: [] });
  }
  const lastOk = new Map<string, number>();
  let asked = 0;
  const order = new Set<string>();
  const start = clock.now();
  const lastPlace = (id: string): number => dueOfDay(placeOf(id), 0, start);
  const client = { name: 'default', id: 'id', secret: '' };
  const schedule = new Schedule({
    store: { list: () => [...accounts.values()], get: (id) => accounts.get(id) },
    state: { grant: (key) => ({ firstSeen: 0, lastOk: lastOk.get(key) }), refused: () => undefined, elsewhere: null },
    refresher: {
      refresh(id) {
        const stored = accounts.get(id)?.account ?? null;
        if (stored === null) throw new TypeError(id);
        asked++;
        order.add(id);
        lastOk.set(grantKey(stored), clock.now() / 1000);
        return Promise.resolve(stored);
      },
      trouble: () => null,
    },
    changes: { on: () => () => undefined },
    pool: { get: () => undefined },
    clients: { of: () => client, refusal: () => null },
    clock,
    oauth: defaultSettings.oauth,
  });
  assert.is(clock.due.length, 0, 'nothing begins before all are planned');
  for (let turns = 0; turns < 10_000 && clock.due.length === 0; turns++) await new Promise(setImmediate);
  const seconds: number[] = [];
  for (let second = 0; second < 610; second++) {
    if (order.size === 10_000) break;

    const before = asked;
    // within a second the refreshes come to their ends: at most three are under way
    for (let part = 0; part < 10; part++) {
      clock.advance(SECOND / 10);
      await new Promise(setImmediate);
    }
    seconds.push(asked - before);
    assert.ok(clock.due.length <= 1, 'one timer for all');
  }
  assert.is(order.size, 10_000);
  assert.ok(asked < 10_200, 'twice only whose own time came meanwhile');
  assert.ok(Math.max(...seconds) <= 50, `${Math.max(...seconds)} in one second`);
  assert.equal(
    [...order],
    [...order].sort((one, other) => lastPlace(one) - lastPlace(other)),
    'in the order of their places',
  );
  schedule.stop();
  assert.is(clock.due.length, 0);
});

test('the refreshes under way are of as many accounts, also where each is told to have begun', async () => {
  const clock = setClock();
  const accounts = Array.from({ length: 8 }, (_, index) => {
    const json = account({ id: `a${index}`, refreshToken: `1//0token-${index}`, now: clock.now() });
    const stored = { id: json.id, file: `${json.id}.json`, account: accountOf(json, json.id) };
    return { ...stored, unreadable: null, held: false, notSaved: null, unsaved: [] };
  });
  let tell = (_ids: readonly string[]): void => undefined;
  const asked: string[] = [];
  const schedule = new Schedule({
    store: {
      list: () => accounts,
      get: (id) => accounts.find((stored) => stored.id === id),
    },
    state: { grant: () => undefined, refused: () => undefined, elsewhere: null },
    refresher: {
      refresh(id) {
        asked.push(id);
        tell([id]);
        return new Promise(() => undefined);
      },
      trouble: () => null,
    },
    changes: {
      on(_place, listener) {
        tell = listener;
        return () => undefined;
      },
    },
    pool: { get: () => undefined },
    clients: { of: () => ({ name: 'default', id: 'id', secret: '' }), refusal: () => null },
    clock,
    oauth: defaultSettings.oauth,
  });
  for (let second = 0; second < 60; second++) {
    clock.advance(SECOND);
    await new Promise(setImmediate);
  }
  assert.is(asked.length, 3);
  assert.is(new Set(asked).size, 3, asked.join(' '));
  schedule.stop();
});

test('an account that serves is refreshed ahead of its expiry, an idle one once a day', async () => {
  // far from the account's own time of the day
  const clock = setClock((Math.floor(Date.now() / DAY) + placeOf('ann') + 0.2) * DAY);
  const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
  const prepare = (google: House['google']): void => {
    google.grant(ann.refreshToken, { email: ann.email, expiresIn: 3_599 });
    google.upstream(() => jsonReply(200, { candidates: [] }));
  };
  await withHouse({ accounts: [ann], clock, prepare }, async (house) => {
    assert.is((await house.ask()).status, 200);
    // its place is between half of the 3,599 s and 300 s before their end, the refreshAheadSeconds
    const place = (3_599_000 + beforeEnd(placeOf('ann'), 3_599_000, 300_000)) / SECOND;
    await pass(house, clock, (place - 5) * SECOND, SECOND);
    assert.is(house.google.calls.token.length, 1);
    assert.is(sum(await pass(house, clock, 10 * SECOND, SECOND)), 1, 'it served with that token');
    const untilDaily = dueOfDay(placeOf('ann'), clock.now(), clock.now()) - clock.now();
    assert.is(sum(await pass(house, clock, untilDaily - HOUR, HOUR / 4)), 0, 'nobody asked since');
    assert.is(sum(await pass(house, clock, 2 * HOUR, HOUR / 4)), 1, 'the daily look');
  });
});

test('a token that lives shorter than the refresh-ahead time is not refreshed without end', async () => {
  const clock = setClock(Date.now());
  const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
  const prepare = (google: House['google']): void => {
    google.grant(ann.refreshToken, { email: ann.email, expiresIn: 60 });
    google.upstream(() => jsonReply(200, { candidates: [] }));
  };
  await withHouse({ accounts: [ann], clock, prepare }, async (house) => {
    assert.is((await house.ask()).status, 200);
    const minutes = await pass(house, clock, 600 * SECOND, SECOND);
    assert.ok(sum(minutes) <= 21, `${sum(minutes)} refreshes in ten minutes`);
  });
});

test.run();
