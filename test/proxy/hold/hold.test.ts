import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusalAnswer } from '../../../src/proxy/hold/own-refusal.js';
import { mayWait, WaitingLine } from '../../../src/proxy/hold/waiting-line.js';

const wait = { readyInMs: 4_000, waitedMs: 0, waitMs: 10_000, isLineFull: false };

test('a request waits where somebody will be ready before its time is up', () => {
  assert.ok(mayWait(wait));
  assert.ok(mayWait({ ...wait, waitedMs: 6_000 }));
  assert.not.ok(mayWait({ ...wait, waitedMs: 6_001 }));
  assert.not.ok(mayWait({ ...wait, readyInMs: null }));
  assert.not.ok(mayWait({ ...wait, readyInMs: 0, waitMs: 0 }), 'nobody waits where it is off');
  assert.not.ok(mayWait({ ...wait, isLineFull: true }));
});

test('first come, first served, and those whose own answer was a 429 behind the others', () => {
  const line = new WaitingLine<string>();
  const order = () => [...line].map(({ item }) => item).join(' ');
  line.join('bad', true);
  const one = line.join('one', false);
  line.join('two', false);
  assert.is(order(), 'one two bad');
  if (one !== null) line.leave(one);
  assert.is(order(), 'two bad');
  for (let at = 0; at < 1_022; at++) line.join('x', false);
  assert.is(line.join('one too many', false), null);
  assert.is(line.size, 1_024);
});

test('the own 429 says when, in every way that clients read', () => {
  const answer = refusalAnswer({
    kind: 'resting',
    text: 'no account can serve: 2 cooling',
    readyInMs: 47_310,
    isDaily: false,
  });
  assert.equal(answer, {
    status: 429,
    message: 'no account can serve: 2 cooling. Please retry in 47.4s.',
    details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '47.4s' }],
    headers: ['Retry-After', '48'],
  });
  const daily = refusalAnswer({ kind: 'resting', text: 'x', readyInMs: 5, isDaily: true });
  assert.match(JSON.stringify(daily.details), /QuotaFailure.*PerDay.*RetryInfo/);
  assert.equal(daily.headers, ['Retry-After', '1']);
});

test('the own 503 is not worth a retry, unless what is out passes by itself', () => {
  assert.equal(refusalAnswer({ kind: 'out', text: 'no account can serve: 1 disabled' }), {
    status: 503,
    message: 'no account can serve: 1 disabled',
    details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3600s' }],
    headers: ['x-should-retry', 'false'],
  });
  const passing = refusalAnswer({ kind: 'passing', text: 'x', readyInMs: 20_000 });
  assert.is(passing.status, 503);
  assert.equal(passing.headers, ['Retry-After', '20']);
});

test.run();
