import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { messageOf } from '../../../src/store/ground/errors.js';
import { within } from '../../../src/store/ground/within.js';
import { setClock } from '../../support/clock.js';

test('what comes in time is the answer, and leaves no timer behind', async () => {
  const clock = setClock();
  assert.is(await within(Promise.resolve(7), 100, clock, () => 'late'), 7);
  assert.equal(clock.due, []);
});

test('a failure in time is the failure', async () => {
  const clock = setClock();
  const failing = Promise.reject(new Error('no'));
  await within(failing, 100, clock, () => 'late').then(assert.unreachable, (error: unknown) =>
    assert.is(messageOf(error), 'no'),
  );
  assert.equal(clock.due, []);
});

test('what is late is given up; that it fails after that is nobody’s', async () => {
  const clock = setClock();
  let fail: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_resolve, reject) => (fail = reject));
  const answer = within(promise, 100, clock, () => 'late');
  clock.advance(100);
  assert.is(await answer, 'late');
  fail(new Error('an unhandled rejection would end this test'));
  await new Promise(setImmediate);
});

test.run();
