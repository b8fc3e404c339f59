import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rotation, type Contender, type Strategy } from '../../../src/proxy/pool/rotation.js';
import { Rests } from '../../../src/proxy/rests/rests.js';
import type { Subject } from '../../../src/proxy/subject/subject.js';

interface Played extends Contender {
  inFlight: number;
  protectedModels: readonly string[];
  rules: { priority: number; maxInFlight: number };
}

const of = (model: string): Subject => ({ model, group: 'generate' });
const nobody: ReadonlySet<string> = new Set();
const never = (): never => {
  throw new RangeError('no such account');
};

function played(count: number, strategy: Strategy = 'round-robin') {
  const rests = new Rests();
  const rotation = new Rotation<Played>(() => strategy, rests);
  const members = Array.from({ length: count }, (_, number): Played => {
    const id = `m${number}`;
    return {
      id,
      number,
      quotaProject: `p${number}`,
      inFlight: 0,
      protectedModels: [],
      rules: { priority: 0, maxInFlight: 0 },
    };
  });
  for (const member of members) rotation.put(member, true);
  const member = (number: number): Played => members[number] ?? never();
  const cool = (number: number, model: string | null, untilMs = 100): void => {
    const what = model === null ? ({ model: '', group: '' } as const) : of(model);
    const who = member(number).quotaProject;
    rests.set({ who, about: 'project', ...what, cause: 'quota', words: '', seconds: untilMs / 1000 }, 0, 0);
    rotation.put(member(number), true);
  };
  const ids = (model: string, times: number): string =>
    Array.from({ length: times }, () => rotation.next(of(model), nobody)?.id ?? '-').join(' ');
  return { rotation, rests, member, cool, ids };
}

test('round-robin goes round, each model for itself', () => {
  const { ids } = played(3);
  assert.is(ids('a', 4), 'm0 m1 m2 m0');
  assert.is(ids('b', 2), 'm0 m1');
  assert.is(ids('a', 1), 'm1');
});

test('what cools for one model serves the others; what cools altogether serves none', () => {
  const { ids, cool } = played(3);
  cool(1, 'a');
  cool(2, null);
  assert.is(ids('a', 3), 'm0 m0 m0');
  assert.is(ids('b', 3), 'm0 m1 m0');
});

test('a cool-down ends when it is released, and the longer of two counts', () => {
  const { ids, cool, rests, rotation, member } = played(2);
  cool(0, 'a', 100);
  cool(0, 'a', 200);
  cool(0, 'a', 150);
  assert.is(rests.release(199), null);
  assert.equal(rests.release(200), { who: 'p0', ...of('a') });
  rotation.put(member(0), true);
  assert.is(ids('a', 2), 'm0 m1');
});

test('least-busy takes who serves fewest requests, in turn where they are equal', () => {
  const { ids, member } = played(3, 'least-busy');
  assert.is(ids('a', 3), 'm0 m1 m2');
  member(0).inFlight = 2;
  member(1).inFlight = 1;
  member(2).inFlight = 1;
  assert.is(ids('a', 3), 'm1 m2 m1');
});

test('fill-first stays with the first account that can serve, and comes back to it', () => {
  const { ids, cool, rests, rotation, member } = played(3, 'fill-first');
  assert.is(ids('a', 2), 'm0 m0');
  cool(0, null);
  assert.is(ids('a', 2), 'm1 m1');
  rests.release(100);
  rotation.put(member(0), true);
  assert.is(ids('a', 1), 'm0');
});

test('a protected model, or the group of it, is not asked of that account', () => {
  const { ids, member, rotation } = played(2);
  member(0).protectedModels = ['gemini-3-flash'];
  rotation.put(member(0), true);
  assert.is(ids('gemini-2.5-flash', 2), 'm1 m1');
  assert.is(ids('gemini-3-pro', 2), 'm0 m1');
  member(0).protectedModels = [];
  rotation.put(member(0), true);
  assert.is(ids('gemini-2.5-flash', 2), 'm0 m1');
});

test('nobody is asked twice, and who leaves is not asked at all', () => {
  const { rotation, member } = played(3);
  rotation.remove(member(2));
  assert.is(rotation.next(of('a'), new Set(['m0']))?.id, 'm1');
  assert.is(rotation.next(of('a'), new Set(['m0', 'm1'])), null);
});

test('made-up model names do not pile up', () => {
  const { ids } = played(2);
  for (let number = 0; number < 1_000; number++) ids(`made-up-${number}`, 1);
  assert.is(ids('a', 2), 'm0 m1');
});

test.run();
