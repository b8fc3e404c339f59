import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KeyLimits, type LimitReached } from '../../../src/proxy/clients/key-limits.js';
import type { KeyRules } from '../../../src/proxy/contract/key-shapes.js';
import type { StoredKey } from '../../../src/store/keys/key-file.js';
import type { KeyMinuteRecord } from '../../../src/store/state/state-store.js';
import { setClock } from '../../support/clock.js';

const test = suite('limits of keys');
const ZONE = process.env.TZ;
test.after(() => {
  if (ZONE === undefined) delete process.env.TZ;
  else process.env.TZ = ZONE;
});

/** What outlives a restart. */
function memory() {
  let records: () => readonly KeyMinuteRecord[] = () => [];
  return {
    get keyMinutes() {
      return records();
    },
    setKeyMinutes: (latest: () => readonly KeyMinuteRecord[]) => (records = latest),
    /** What is on disk stays as it is. */
    freeze: () => {
      const kept = records();
      records = () => kept;
    },
  };
}

const keyWith = (rules: KeyRules) => ({
  ...{ name: 'ci', isLive: () => true },
  rules: {
    ...{ sha256: '', created: null, expires: null, models: [], note: '', old: null, pin: false, off: false },
    ...{ tokensPerDay: 0, tokensPerMonth: 0, requestsPerMinute: 0, maxInFlight: 0, ...rules },
  } as StoredKey,
});

function limitsAt(at: number, used = { today: 0, month: 0 }) {
  const clock = setClock(at);
  const state = memory();
  const tokens = { today: () => used.today, thisMonth: () => used.month };
  const open = () => new KeyLimits({ tokens, now: () => clock.now(), state });
  return { clock, state, used, open, limits: open() };
}

const retryAfter = (error: { headers?: readonly string[] } | null): number => Number(error?.headers?.[1] ?? NaN);

test('requests a minute: exact, over a restart too, and the time that is told is the time', () => {
  const { clock, state, open, limits } = limitsAt(Date.UTC(2026, 10, 30, 6, 0, 12));
  const key = keyWith({ requestsPerMinute: 5 });
  const began = (of: KeyLimits, count: number) =>
    Array.from({ length: count }, () => of.begin(key)).map((one) => one === null);
  assert.equal(began(limits, 3), [true, true, true]);
  limits.save();
  state.freeze();
  const again = open();
  assert.equal(began(again, 4), [true, true, false, false]);
  const wait = retryAfter(again.begin(key));
  assert.is(wait, 48);
  clock.advance(wait * 1_000 - 1);
  assert.ok(again.begin(key) !== null);
  clock.advance(1);
  assert.is(again.begin(key), null);
  // what was counted of a minute that is over counts no more
  assert.is(open().begin(key), null);
});

test('Google’s clients read how long to wait, and that a day’s limit is not worth it', () => {
  const refused = (rules: KeyRules) => {
    const { limits } = limitsAt(Date.UTC(2026, 10, 30, 6, 0, 12), { today: 9, month: 9 });
    const key = keyWith(rules);
    return limits.begin(key) ?? limits.begin(key);
  };
  const minute = refused({ requestsPerMinute: 1 });
  assert.match(minute?.message ?? '', 'Please retry in 48s.');
  assert.equal(minute?.details, [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '48s' }]);
  for (const rules of [{ tokensPerDay: 1 }, { tokensPerMonth: 1 }]) {
    assert.match(JSON.stringify(refused(rules)?.details), /QuotaFailure.*PerDay.*RetryInfo/);
  }
});

const zones = [
  { zone: 'UTC', from: [2026, 10, 30, 9], hours: 15 },
  { zone: 'Europe/Berlin', from: [2026, 2, 29, 0], hours: 23 },
  { zone: 'Europe/Berlin', from: [2026, 9, 25, 0], hours: 25 },
  { zone: 'Australia/Lord_Howe', from: [2026, 3, 5, 0], hours: 24.5 },
  { zone: 'America/Santiago', from: [2026, 8, 6, 1], hours: 23 },
] as const;

for (const { zone, from, hours } of zones) {
  test(`tokens a day: until the day here is over, which is in ${hours} h (${zone})`, () => {
    process.env.TZ = zone;
    const { clock, used, limits } = limitsAt(new Date(from[0], from[1], from[2], from[3]).getTime(), {
      today: 100,
      month: 100,
    });
    const key = keyWith({ tokensPerDay: 100 });
    const wait = retryAfter(limits.begin(key));
    assert.is(wait, hours * 3_600);
    clock.advance(wait * 1_000 - 1_000);
    assert.is(retryAfter(limits.begin(key)), 1);
    clock.advance(1_000);
    used.today = 0;
    assert.is(limits.begin(key), null);
  });
}

test('tokens a month: until the month here is over, daylight saving or not', () => {
  process.env.TZ = 'Europe/Berlin';
  const { limits } = limitsAt(new Date(2026, 2, 28, 0).getTime(), { today: 0, month: 7 });
  assert.is(retryAfter(limits.begin(keyWith({ tokensPerMonth: 7 }))), 4 * 86_400 - 3_600);
});

test('whatever begins and ends in whatever order: no limit is passed by more than what was in flight', () => {
  const steps = fc.array(fc.oneof(fc.constant('begin' as const), fc.nat({ max: 40 })), { maxLength: 120 });
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 6 }),
      (order, tokensPerDay, maxInFlight) => {
        const { used, limits } = limitsAt(Date.UTC(2026, 10, 30, 6));
        const key = keyWith({ tokensPerDay, maxInFlight });
        let inFlight = 0;
        let later = 0;
        for (const step of order) {
          if (step === 'begin') {
            const isLet = limits.begin(key) === null;
            assert.is(isLet, used.today < tokensPerDay && inFlight < maxInFlight);
            if (isLet) inFlight += 1;
          } else if (inFlight > 0) {
            if (used.today >= tokensPerDay) later += step;
            limits.end(key);
            inFlight -= 1;
            used.today += step;
          }
          assert.is(limits.inFlight('ci'), inFlight);
        }
        assert.ok(used.today <= tokensPerDay - 1 + 40 + later);
      },
    ),
    { numRuns: 200 },
  );
});

test('that a limit is reached is told once a period', () => {
  const { clock, used, limits } = limitsAt(new Date(2026, 10, 30, 6, 0, 5).getTime(), { today: 9, month: 9 });
  const told: LimitReached[] = [];
  limits.onReached((reached) => told.push(reached));
  const day = keyWith({ tokensPerDay: 9 });
  for (let i = 0; i < 3; i++) limits.begin(day);
  assert.equal(
    told.map(({ key, kind, period, text }) => [key, kind, period, text]),
    [['ci', 'tokens_per_day', '2026-11-30', 'the key ci has used its 9 tokens a day']],
  );
  used.today = 0;
  limits.begin(keyWith({ tokensPerMonth: 9 }));
  used.today = 9;
  clock.advance(86_400_000);
  limits.begin(day);
  assert.equal(
    told.map(({ period }) => period),
    ['2026-11-30', '2026-11', '2026-12-01'],
  );
});

test.run();
