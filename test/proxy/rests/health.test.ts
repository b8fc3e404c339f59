import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AskedModels } from '../../../src/proxy/rests/asked-models.js';
import { type HealthMember, healthOf, isCooling } from '../../../src/proxy/rests/health.js';
import type { Rest } from '../../../src/proxy/rests/rest.js';
import type { Subject } from '../../../src/proxy/subject/subject.js';

const [flash, pro]: [Subject, Subject] = [
  { model: 'flash', group: 'generate' },
  { model: 'pro', group: 'generate' },
];
const rest = (model: string, seconds: number, group: Rest['group'] = model === '' ? '' : 'generate'): Rest => ({
  ...{ who: 'a', about: 'account', cause: 'quota', words: '', step: 0, isSaid: true, setAt: 0 },
  ...{ model, group, seconds },
});
const member = (rests: readonly Rest[] = [], more: Partial<HealthMember> = {}): HealthMember => ({
  ...{ isOffByHand: false, serves: true, rests, keeps: () => false },
  ...more,
});
const out = member([], { serves: false });
const off = member([], { serves: false, isOffByHand: true });
const keeper = member([], { keeps: (model) => model === 'pro' });

const health = (members: readonly HealthMember[], asked: readonly Subject[] = [], unsaved = 0) => {
  const { status, noneServes } = healthOf({
    members,
    others: { serving: 0, out: 0 },
    asked,
    waitMs: 10_000,
    now: 0,
    unsaved,
  });
  return [status, ...noneServes.map(({ model, next }) => `${model} ${next === null ? 'never' : next / 1000}`)].join(
    ', ',
  );
};

test('how well a pool serves, in every state that there is', () => {
  for (const [members, asked, expected] of [
    [[], [], 'down'],
    [[off, off], [], 'down'],
    [[out], [flash], 'down, flash never'],
    [[member()], [], 'ok'],
    [[member(), off], [flash], 'ok'],
    [[member(), out], [flash], 'degraded'],
    [[member([rest('', 9)])], [flash], 'ok'],
    [[member([rest('', 60)])], [flash, pro], 'down, flash 60, pro 60'],
    [[member([rest('', 60)])], [], 'down,  60'],
    [[member([rest('', 60)]), member([rest('', 90)])], [flash], 'down, flash 60'],
    [[member([rest('', 60)]), member()], [flash], 'degraded'],
    [[member([rest('flash', 60)]), member()], [flash, pro], 'ok'],
    [[member([rest('flash', 60)]), member()], [flash], 'degraded'],
    [[member([rest('flash', 60)])], [flash, pro], 'degraded, flash 60'],
    [[member([rest('flash', 60)])], [pro], 'ok'],
    [[member([rest('flash', 60)])], [], 'down, flash 60'],
    [[member([rest('flash', 60, 'batch')])], [flash], 'ok'],
    [[member([rest('flash', 60, '')])], [flash], 'down, flash 60'],
    [[member([rest('flash', 60)]), member([rest('pro', 60)])], [], 'ok'],
    [[member([rest('flash', 60), rest('', 120)])], [flash], 'down, flash 120'],
    [[keeper], [pro], 'down, pro never'],
    [[keeper, member()], [flash, pro], 'ok'],
    [[keeper, member([rest('pro', 60)])], [flash, pro], 'degraded, pro 60'],
  ] as const) {
    assert.is(health(members, asked), expected);
  }
  assert.is(health([member()], [], 1), 'degraded', 'something is unsaved');
});

test('an account reads cooling where all that was asked for rests', () => {
  assert.not.ok(isCooling([], []));
  assert.ok(isCooling([rest('flash', 9)], []), 'nothing was asked for: whatever rests counts');
  assert.not.ok(isCooling([rest('flash', 9)], [flash, pro]));
  assert.ok(isCooling([rest('flash', 9), rest('pro', 9)], [flash, pro]));
  assert.ok(isCooling([rest('', 9)], [flash, pro]));
});

test('what was asked for is known for an hour, over a restart too, and not without end', () => {
  const now = 1_700_000_000_000;
  const asked = new AskedModels([], now);
  assert.ok(asked.note(flash, now));
  assert.not.ok(asked.note(flash, now + 10));
  assert.not.ok(asked.note(flash, now + 5_000));
  assert.not.ok(asked.note({ model: '', group: 'other' }, now));
  assert.ok(asked.note(pro, now + 5_000));
  const again = new AskedModels(asked.records(now + 6_000), now + 6_000);
  assert.equal(again.within(now + 6_000), [flash, pro]);
  assert.equal(again.within(now + 3_605_500), []);
  for (let at = 0; at < 4_000; at++) again.note({ model: `m-${at}`, group: 'generate' }, now);
  assert.is(again.within(now).length, 256);
  assert.equal(new AskedModels([{ ...flash, at: now }], now).within(now), [], 'one of the future is none');
});

test.run();
