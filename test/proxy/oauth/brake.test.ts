import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Brake, type ExchangeAsker, type ExchangeEnding, type Turn } from '../../../src/proxy/oauth/brake.js';
import { setClock, type SetClock } from '../../support/clock.js';

const good: ExchangeEnding = { kind: 'answer' };
const pause = (askedMs: number | null): ExchangeEnding => ({ kind: 'pause', askedMs });

/** Asks through a brake, and notes when what was sent. */
function asking(clock: SetClock = setClock(), perSecond = 5) {
  const brake = new Brake(clock, perSecond);
  const sent: { readonly asker: ExchangeAsker; readonly at: number; readonly turn: Turn }[] = [];
  const ask = (asker: ExchangeAsker, count = 1): void => {
    for (let each = 0; each < count; each++) {
      const turn = brake.turn(asker);
      turn.ready.then(
        () => sent.push({ asker, at: clock.monotonic(), turn }),
        () => undefined,
      );
    }
  };
  /** Lets time pass in small steps; every exchange ends like this at once. */
  const pass = async (ms: number, ending: ExchangeEnding | null = good): Promise<number> => {
    const before = sent.length;
    let ended = before;
    const settle = async (): Promise<void> => {
      await new Promise(setImmediate);
      for (; ending !== null && ended < sent.length; ended++) {
        sent[ended]?.turn.end(ending);
        await new Promise(setImmediate);
      }
    };
    await settle();
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100);
      await settle();
    }
    return sent.length - before;
  };
  return { brake, clock, sent, ask, pass };
}

test('what nobody waits for gets at most 5t + 10 in any t seconds', async () => {
  const { ask, pass, sent } = asking();
  ask('background', 500);
  await pass(30_000);
  for (const { at: from } of sent) {
    for (const seconds of [1, 3, 10]) {
      const within = sent.filter(({ at }) => at >= from && at <= from + seconds * 1_000).length;
      assert.ok(within <= 5 * seconds + 10, `${within} within ${seconds} s from ${from}`);
    }
  }
  assert.ok(sent.length >= 150, `${sent.length} of the 160 that may be`);
});

/** How many more than 5t + 10 of these times are within some t seconds, at most; the end of each window is one of them. */
const over = (times: readonly number[], perSecond: number): number =>
  Math.max(
    -Infinity,
    ...times.flatMap((from, first) =>
      times.slice(first).map((to, more) => more + 1 - ((to - from) / 1_000) * perSecond - 10),
    ),
  );

/** Lets time pass from one timer to the next, so that what each of them brings about happens at its time. */
async function run(clock: SetClock, ms: number): Promise<void> {
  const end = clock.now() + ms;
  for (let next = -Infinity; next < end;) {
    for (let turn = 0; turn < 3; turn++) await Promise.resolve();
    next = Math.min(clock.due[0] ?? Infinity, end);
    clock.advance(next - clock.now());
  }
}

test('in any t seconds at most 5t + 10, whatever is asked when, how it ends, and who asks beside it', async () => {
  const step = fc.record({
    afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 20_000 })),
    asker: fc.constantFrom<ExchangeAsker>('background', 'background', 'operator', 'request'),
    count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 })),
    ending: fc.constantFrom<ExchangeEnding>(good, good, { kind: 'nothing' }, pause(null), pause(3_000)),
  });
  const rate = fc.constantFrom(0.5, 5, 20);
  await fc.assert(
    fc.asyncProperty(rate, fc.array(step, { maxLength: 12 }), async (perSecond, steps) => {
      const clock = setClock();
      const brake = new Brake(clock, perSecond);
      const sent: number[] = [];
      for (const { afterMs, asker, count, ending } of steps) {
        await run(clock, afterMs);
        for (let each = 0; each < count; each++) {
          const turn = brake.turn(asker);
          void turn.ready.then(() => {
            if (asker === 'background') sent.push(clock.monotonic());
            clock.after(each * 30, () => turn.end(ending));
          });
        }
      }
      await run(clock, 60_000);
      assert.ok(over(sent, perSecond) < 0.01, `${over(sent, perSecond)} more than may be: ${sent.join(' ')}`);
    }),
    { numRuns: 60 },
  );
});

test('an operator’s work doubles its pace every ten seconds without a pause, up to 50 a second, the schedule’s does not', async () => {
  const { ask, pass } = asking();
  ask('operator', 5_000);
  const each = [];
  for (let second = 0; second < 5; second++) each.push(await pass(10_000));
  assert.ok((each[0] ?? 0) <= 60, String(each));
  assert.ok((each[1] ?? 0) >= 95 && (each[1] ?? 0) <= 110, String(each));
  assert.ok((each[2] ?? 0) >= 190 && (each[2] ?? 0) <= 215, String(each));
  assert.ok((each[4] ?? 0) <= 510, String(each));
});

test('a pause stops all; after it one goes first, and the others follow its answer', async () => {
  const { ask, pass, sent, brake } = asking();
  ask('background', 1);
  await pass(0, pause(30_000));
  ask('background', 5);
  ask('operator', 5);
  assert.is(await pass(29_800), 0);
  assert.ok(brake.pauseLeftMs > 0);
  assert.is(await pass(1_000, null), 1, 'the scout');
  assert.is(sent.at(-1)?.asker, 'operator');
  assert.is(await pass(10_000, null), 0, 'nobody follows before it is answered');
  sent.at(-1)?.turn.end(good);
  assert.is(brake.pauseLeftMs, 0);
  assert.is(await pass(5_000), 9);
});

test('where nothing is said a pause is 2 s, doubling to 60 s; an answer begins anew', async () => {
  const { ask, pass, sent, brake, clock } = asking();
  const lengths: number[] = [];
  brake.onPause((ms) => lengths.push(ms));
  ask('background', 8);
  await pass(0, null);
  for (let round = 0; round < 7; round++) {
    sent.at(-1)?.turn.end(pause(null));
    clock.advance(60_000);
    ask('background');
    await pass(0, null);
  }
  assert.equal(lengths, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  sent.at(-1)?.turn.end(good);
  ask('background');
  await pass(1_000, null);
  sent.at(-1)?.turn.end(pause(null));
  assert.is(lengths.at(-1), 2_000);
});

test('what was under way when a pause began makes it no longer, but for what it is told', async () => {
  const { ask, pass, sent, brake, clock } = asking();
  ask('background', 4);
  await pass(0, null);
  sent[0]?.turn.end(pause(null));
  sent[1]?.turn.end(pause(null));
  assert.is(brake.pauseLeftMs, 2_000);
  sent[2]?.turn.end(pause(10_000));
  assert.is(brake.pauseLeftMs, 10_000);
  sent[3]?.turn.end(good);
  clock.advance(1_000);
  assert.is(brake.pauseLeftMs, 9_000, 'an answer to what was sent before ends nothing');
});

test('a request goes before all and past the rate; one that waits goes once a request wants it', async () => {
  const { brake, ask, pass, sent } = asking();
  ask('background', 20);
  await pass(0);
  assert.is(sent.length, 10);
  ask('request', 3);
  assert.is(await pass(0), 3);
  const late = brake.turn('background');
  let isReady = false;
  void late.ready.then(() => (isReady = true));
  late.hurry();
  await pass(0);
  assert.ok(isReady);
});

test('of what no request waits for three are on their way; a fourth goes once one is answered, or after so long that they arrived', async () => {
  const { ask, pass, sent, clock } = asking();
  ask('background', 3);
  ask('operator', 3);
  assert.is(await pass(0, null), 3);
  ask('request', 5);
  assert.is(await pass(2_900, null), 5, 'a request needs no place');
  sent.find(({ asker }) => asker !== 'request')?.turn.end(good);
  assert.is(await pass(0, null), 1);
  assert.is(await pass(100, null), 2, 'two of the first hang, and have arrived long since');
  ask('background', 10);
  assert.is(await pass(2_700, null), 0);
  assert.is(clock.due.length, 1, 'one timer for those that wait');
  assert.is(await pass(300, null), 3);
});

test('at the end whoever waits is told, and nobody is sent after that', async () => {
  const { brake, ask, pass, sent } = asking();
  ask('background', 20);
  await pass(0);
  const before = sent.length;
  const waiting = brake.turn('operator');
  brake.close(new Error('the end'));
  await waiting.ready.then(
    () => assert.unreachable(),
    (error: unknown) => assert.match(String(error), /the end/),
  );
  ask('request');
  assert.is(await pass(10_000), 0);
  assert.is(sent.length, before);
});

test.run();
