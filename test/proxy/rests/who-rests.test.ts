/** What other boxes of the same pool set and lift. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RestOrder } from '../../../src/proxy/answers/answers-so-far.js';
import type { RestRecord } from '../../../src/proxy/rests/rest-records.js';
import { WhoRests } from '../../../src/proxy/rests/who-rests.js';
import type { Subject } from '../../../src/proxy/subject/subject.js';
import { setClock, type SetClock } from '../../support/clock.js';
import { type Played, playedElsewhere } from '../../support/elsewhere.js';

const flash: Subject = { model: 'flash', group: 'generate' };
const member = { id: 'a', quotaProject: 'p' };

const record = (clock: SetClock, over: Partial<RestRecord> = {}): RestRecord => ({
  ...{ who: 'a', about: 'account', model: 'flash', group: 'generate', setAt: clock.now() / 1000, seconds: 60 },
  ...{ step: 0, kind: 'rest', cause: 'quota', reason: 'no more' },
  ...over,
});

interface Two {
  readonly clock: SetClock;
  readonly others: Played;
  readonly who: WhoRests;
  /** Whom the others gave or took a rest, in order. */
  readonly told: string[];
  readonly saved: () => readonly RestRecord[];
  readonly until: () => number;
}

function two(): Two {
  const [clock, others, told] = [setClock(1_700_000_000_700), playedElsewhere(), [] as string[]];
  let records: () => readonly object[] = () => [];
  const state = {
    coolDowns: [],
    elsewhere: others.elsewhere,
    setCoolDowns: (take: typeof records) => (records = take),
  };
  const who = new WhoRests(state, clock, (whose) => told.push(whose));
  const until = (): number => who.rests.until(member, flash);
  return { clock, others, who, told, until, saved: () => records() as readonly RestRecord[] };
}

const order: RestOrder = {
  ...{ account: 'a', of: 'account', cause: 'quota', seconds: 30, maybeProject: false, words: '', url: null },
};

test('a rest that another box set keeps the account away here until the same moment, and its end is told to nobody', () => {
  const { clock, others, told, until, who } = two();
  clock.advance(5_000);
  others.rests({ now: [record(clock, { setAt: clock.now() / 1000 - 2 })] });
  assert.equal([told, until()], [['a'], clock.monotonic() + 58_000]);
  clock.advance(58_000);
  assert.is(who.release()?.who, 'a');
  assert.is(until(), 0);
});

test('one that another box lifted is over here too, and its next one is not doubled', () => {
  const { clock, others, told, until, who } = two();
  who.order({ order: { ...order, seconds: null }, member, subject: flash }, 0);
  others.rests({ gone: [record(clock)] });
  assert.equal([told, until()], [['a'], 0]);
  assert.is(who.order({ order: { ...order, seconds: null }, member, subject: flash }, 0)?.step, 0);
});

test('of two boxes that set one, the longer counts; how often it was doubled comes along', () => {
  const { clock, others, until, who } = two();
  who.order({ order: { ...order, seconds: 90 }, member, subject: flash }, 0);
  others.rests({ now: [record(clock, { step: 3 })] });
  assert.is(until(), 90_000);
  others.rests({ now: [record(clock, { seconds: 100, step: 3 })] });
  assert.is(until(), 100_000);
  clock.advance(100_000);
  while (who.release() !== null);
  assert.is(who.order({ order: { ...order, seconds: null }, member, subject: flash }, clock.monotonic())?.step, 3);
});

test('what boxes share says to the millisecond when a rest began', () => {
  const { saved, who } = two();
  who.order({ order, member, subject: flash }, 0);
  assert.is(saved()[0]?.setAt, 1_700_000_000.7);
});

test.run();
