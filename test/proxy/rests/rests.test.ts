import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RestCause } from '../../../src/proxy/answers/causes.js';
import { ProjectEvidence } from '../../../src/proxy/rests/project-evidence.js';
import { restEndOf } from '../../../src/proxy/rests/rest.js';
import { recordOf, restsOf } from '../../../src/proxy/rests/rest-records.js';
import { type NewRest, Rests } from '../../../src/proxy/rests/rests.js';
import type { Subject } from '../../../src/proxy/subject/subject.js';

const flash: Subject = { model: 'flash', group: 'generate' };
const account = { id: 'a', quotaProject: 'p' };
const rest = (cause: RestCause, more: Partial<NewRest> = {}): NewRest => ({
  ...{ who: 'a', about: 'account', model: '', group: '', words: '', seconds: null },
  ...{ cause, ...more },
});
const ofFlash = { model: 'flash', group: 'generate' } as const;

test('a rest of a model and a group keeps away what is of both, and nothing else', () => {
  const rests = new Rests();
  rests.set(rest('quota', { ...ofFlash, seconds: 60 }), 0, 0);
  assert.is(rests.until(account, flash), 60_000);
  for (const other of [
    { model: 'flash', group: 'batch' },
    { model: 'pro', group: 'generate' },
    { model: '', group: 'generate' },
    { model: '', group: 'other' },
  ] as const) {
    assert.is(rests.until(account, other), 0, JSON.stringify(other));
    assert.not.ok(rests.isAnyFor(other));
  }
  assert.ok(rests.isAnyFor(flash));
  assert.is(rests.until({ id: 'b', quotaProject: 'p' }, flash), 0);
});

test('one that names no model touches no request that does, and one of everything touches all', () => {
  const rests = new Rests();
  rests.set(rest('quota', { group: 'generate', seconds: 60 }), 0, 0);
  assert.is(rests.until(account, flash), 0);
  assert.is(rests.until(account, { model: '', group: 'generate' }), 60_000);
  assert.not.ok(rests.isWhole(account));
  rests.set(rest('terms', { who: 'p', about: 'project' }), 0, 0);
  assert.ok(rests.isWhole(account));
  assert.ok(rests.isWhole({ id: 'b', quotaProject: 'p' }), "a project's is of all its accounts");
  assert.is(rests.until(account, flash), 900_000);
});

test('each cause doubles from its first length to its longest, and begins anew after a success', () => {
  for (const [cause, lengths] of [
    ['quota', [2, 4, 8, 16, 32, 60, 60]],
    ['unauthorized', [60, 120, 240, 480, 900, 900]],
    ['forbidden', [60, 120, 240, 480, 960, 1_920, 3_600, 3_600]],
    ['no_model', [3_600, 3_600]],
    ['subscription', [900, 1_800, 3_600, 7_200, 14_400, 28_800, 57_600, 86_400, 86_400]],
  ] as const) {
    const rests = new Rests();
    let now = 0;
    for (const seconds of lengths) {
      assert.is(rests.set(rest(cause, ofFlash), now, now)?.seconds, seconds, cause);
      now += seconds * 1000;
      assert.ok(rests.release(now), cause);
    }
    rests.served(account, flash, now);
    assert.is(rests.set(rest(cause, ofFlash), now, now)?.seconds, lengths[0], `${cause} after a success`);
  }
});

test('a length that was said neither doubles the next nor takes back a doubling', () => {
  const rests = new Rests();
  let now = 0;
  for (const [said, seconds] of [
    [30, 30],
    [0.5, 0.5],
    [null, 2],
    [30, 30],
    [null, 4],
    // just as long as one that is not said would be
    [8, 8],
    [4, 4],
    [null, 8],
    [60, 60],
    [null, 16],
  ] as const) {
    assert.is(rests.set(rest('quota', { ...ofFlash, seconds: said }), now, now)?.seconds, seconds);
    now += seconds * 1000;
    while (rests.release(now) !== null);
  }
});

test('requests that were under way together double nothing', () => {
  const rests = new Rests();
  rests.set(rest('quota', ofFlash), 0, 100);
  for (let at = 110; at < 400; at += 10) rests.set(rest('quota', ofFlash), 50, at);
  assert.is(rests.until(account, flash), 390 + 2_000);
  rests.release(3_000);
  assert.is(rests.set(rest('quota', ofFlash), 3_000, 3_100)?.seconds, 4);
});

test('what was said counts as it was said, the longer of two, and no longer than a month', () => {
  const rests = new Rests();
  rests.set(rest('quota_daily', { ...ofFlash, seconds: 3_600 }), 0, 0);
  assert.is(rests.set(rest('quota', { ...ofFlash, seconds: 5 }), 1, 1), null);
  assert.is(rests.until(account, flash), 3_600_000);
  assert.is(rests.set(rest('quota', { ...ofFlash, seconds: 1e9 }), 1, 1)?.seconds, 31 * 86_400);
});

test('a success that was asked for before a rest was set ends nothing, one after it does', () => {
  const rests = new Rests();
  rests.set(rest('forbidden'), 10, 20);
  assert.equal(rests.served(account, flash, 15), []);
  assert.ok(rests.isWhole(account));
  assert.is(rests.served(account, flash, 25).length, 1);
  assert.not.ok(rests.isWhole(account));
});

test('lifting ends all of somebody, and every doubling with it', () => {
  const rests = new Rests();
  rests.set(rest('terms'), 0, 0);
  rests.set(rest('quota', { ...ofFlash, seconds: 1 }), 0, 0);
  rests.release(1_000);
  assert.is(rests.lift('a', ({ cause }) => cause === 'quota').length, 0);
  assert.is(rests.lift('a').length, 1);
  assert.ok(rests.isEmpty);
});

test('a model that clients think of costs no memory without end', () => {
  const rests = new Rests();
  rests.set(rest('unauthorized'), 0, 0);
  for (let at = 0; at < 4_000; at++)
    rests.set(rest('quota', { model: `m-${at}`, group: 'generate', seconds: 60 }), at, at);
  assert.ok([...rests].length <= 64);
  assert.ok(rests.isWhole(account), 'what matters most is not forgotten for it');
  while (rests.release(1e9) !== null);
  for (let at = 0; at < 9_000; at++) {
    rests.set(rest('quota', { who: `a-${at}`, ...ofFlash }), 2e9, 2e9);
    rests.release(3e9);
  }
  assert.ok([...rests.remembered].length <= 4_096);
});

test('invented models leave nothing behind, however many accounts answer for them', () => {
  const rests = new Rests();
  for (let at = 0; at < 40_000; at++) {
    rests.set(rest('quota', { who: `a-${at % 1_000}`, model: `m-${at}`, group: 'generate', seconds: 3_600 }), at, at);
  }
  assert.ok([...rests].length <= 16_384, `${[...rests].length}`);
  for (let at = 0; at < 1_000; at++)
    assert.ok(
      [...rests].some(({ who }) => who === `a-${at}`),
      `a-${at}`,
    );
  const { size } = (rests as unknown as { ends: { size: number } }).ends;
  assert.ok(size <= 2 * 16_384 + 1_100, `${size} ends wait for their time`);
});

test('what rests outlives a restart, counted from when it was set, whatever the wall clock did meanwhile', () => {
  const rests = new Rests();
  const set = rests.set(rest('forbidden', { words: 'no' }), 5_000, 5_000);
  if (set === null) throw new Error('not set');
  const record = recordOf(set, { now: 1_700_000_010_000, monotonic: 15_000 }, 1);
  assert.equal(record, {
    ...{ who: 'a', about: 'account', model: '', group: '', setAt: 1_700_000_000, seconds: 60, step: 0 },
    ...{ kind: 'rest', cause: 'forbidden', reason: 'no' },
  });
  const [again] = restsOf([JSON.parse(JSON.stringify(record))], { now: 1_700_000_020_000, monotonic: 1_000 });
  assert.is(again === undefined ? null : restEndOf(again), 41_000);
  const reopened = new Rests();
  if (again !== undefined) reopened.restore(again, 1_000);
  reopened.release(41_000);
  assert.is(reopened.set(rest('forbidden'), 41_000, 41_000)?.seconds, 120, 'the doubling too');
});

test('one that was set in the future is dropped, one of the old form is read, and nonsense is nothing', () => {
  const at = { now: 1_700_000_000_000, monotonic: 500 };
  const whole = { who: 'a', about: 'account', model: '', group: '', setAt: 1_699_999_990, seconds: 60, step: 2 };
  assert.is(restsOf([{ ...whole, kind: 'blocked', reason: 'r' }], at)[0]?.cause, 'project_denied');
  assert.is(restsOf([{ ...whole, kind: 'terms', reason: 'r' }], at)[0]?.cause, 'terms');
  assert.is(restsOf([{ ...whole, kind: 'quota', reason: 'r' }], at)[0]?.step, 2);
  assert.equal(restsOf([{ ...whole, setAt: 1_700_000_001, kind: 'rest' }], at), []);
  assert.equal(restsOf([{ ...whole, setAt: 1_600_000_000, kind: 'rest' }], at), [], 'over long ago');
  const [old] = restsOf([{ project: 'p', model: 'flash', until: at.now + 30_000, reason: 'rate limit' }], at);
  assert.equal(old, {
    ...{ who: 'p', about: 'project', model: 'flash', group: '', words: 'rate limit', step: 0, setAt: 500, seconds: 30 },
    ...{ cause: 'quota', isSaid: true },
  });
  assert.is(restsOf([{ project: 'p', model: null, until: at.now + 1, reason: '' }], at)[0]?.model, '');
  for (const nonsense of [
    null,
    7,
    {},
    { who: 'a' },
    { project: 'p' },
    { ...whole, setAt: 'x' },
    { ...whole, seconds: -1 },
  ]) {
    assert.equal(restsOf([nonsense], at), []);
  }
});

test('a second account within the minute shows that the quota is the project', () => {
  const evidence = new ProjectEvidence();
  assert.not.ok(evidence.note('a', 'p', flash, 0));
  assert.not.ok(evidence.note('a', 'p', flash, 10), 'the same one says nothing new');
  assert.not.ok(evidence.note('b', 'q', flash, 20), 'another project');
  assert.not.ok(evidence.note('b', 'p', { model: 'pro', group: 'generate' }, 20), 'another model');
  assert.not.ok(evidence.note('b', 'p', { model: 'flash', group: 'batch' }, 20), 'another group');
  assert.ok(evidence.note('b', 'p', flash, 60_010));
  assert.not.ok(evidence.note('a', 'p', flash, 120_011), 'too late');
});

test('evidence about models that clients make up is forgotten, the oldest first', () => {
  const evidence = new ProjectEvidence();
  const about = (at: number): Subject => ({ model: `m-${at}`, group: 'generate' });
  for (let at = 0; at < 2_000; at++) evidence.note('a', 'p', about(at), 0);
  assert.is((evidence as unknown as { last: Map<string, unknown> }).last.size, 1_000);
  assert.equal([evidence.note('b', 'p', about(0), 1), evidence.note('b', 'p', about(1_999), 1)], [false, true]);
});

test('whatever happens, nobody rests longer than was said, or twice as long as before', () => {
  const event = fc.record({
    wait: fc.nat(200_000),
    cause: fc.constantFrom<RestCause>('quota', 'forbidden', 'unauthorized', 'terms'),
    seconds: fc.option(fc.integer({ min: 0, max: 5_000 })),
    kind: fc.constantFrom('set', 'served'),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const rests = new Rests();
      let [now, longest] = [0, 0];
      for (const { wait, cause, seconds, kind } of events) {
        now += wait;
        while (rests.release(now) !== null);
        if (kind === 'served') {
          rests.served(account, flash, now);
          assert.is(rests.until(account, flash), 0);
          longest = 0;
          continue;
        }
        const set = rests.set(rest(cause, { ...ofFlash, seconds }), now, now);
        if (set === null) continue;
        if (seconds !== null) assert.is(set.seconds, seconds);
        longest = Math.max(longest, set.seconds);
        assert.ok(set.seconds <= 86_400);
        assert.is(rests.until(account, flash), restEndOf(set));
      }
    }),
  );
});

test.run();
