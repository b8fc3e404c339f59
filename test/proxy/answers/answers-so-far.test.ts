import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AnswersSoFar, type Surroundings } from '../../../src/proxy/answers/answers-so-far.js';
import { verdictOf } from '../../../src/proxy/answers/judge.js';

const nowhere: Surroundings = { pathServed: false, pathServedBy: () => false, isOnly: false };
const reason = (text: string) => [{ reason: text, metadata: {} }];

const verdict = (status: number, error: object = {}, upstream: 'gemini' | 'cloudcode' = 'gemini') =>
  verdictOf(
    { status, retryAfter: null, body: JSON.stringify({ error: { code: status, message: 'no', ...error } }) },
    { upstream, subject: { model: 'm', group: 'generate' }, ofModel: true, ofStored: false },
    0,
  );
const told = (orders: readonly { account: string; cause: string; of: string }[]) =>
  orders.map(({ account, cause, of }) => `${account} ${cause} ${of}`);

const precondition = verdict(400, { status: 'FAILED_PRECONDITION' });
const scope = verdict(403, { details: reason('ACCESS_TOKEN_SCOPE_INSUFFICIENT') });

test('what is sure is ordered at once, and the next account is asked', () => {
  const so = new AnswersSoFar(nowhere);
  const licence = so.take('a', verdict(403, { details: reason('SUBSCRIPTION_REQUIRED') }));
  assert.equal(told(licence.orders), ['a subscription account']);
  assert.is(licence.next, 'another');
  assert.equal(told(so.take('b', verdict(403, { details: reason('BILLING_DISABLED') })).orders), [
    'b billing_disabled project',
  ]);
  assert.equal(so.take('c', verdict(503)), { next: 'another', orders: [], pathRefuses: false, isBest: true });
  assert.equal(so.served('d'), []);
});

test('an unknown 403, a missing model, a precondition and a lost project are about the account only if another serves', () => {
  for (const [answer, cause] of [
    [verdict(403), 'forbidden'],
    [verdict(404), 'no_model'],
    [precondition, 'precondition'],
    [verdict(404, { message: 'project lost-1 not found' }), 'project_gone'],
    [scope, 'scope'],
  ] as const) {
    const so = new AnswersSoFar(nowhere);
    assert.equal(so.take('a', answer).orders, [], cause);
    assert.equal(told(so.served('b')), [`a ${cause} account`]);
    assert.equal(so.served('a'), [], 'not if it then serves itself');
    assert.equal(so.ended(false).orders, [], 'not if nobody does');
  }
});

test('of a precondition one other account is asked, and no third', () => {
  const so = new AnswersSoFar(nowhere);
  assert.is(so.take('a', precondition).next, 'another');
  assert.is(so.take('b', precondition).next, 'client');
  assert.equal(so.ended(true), { orders: [], pathRefuses: false, notes: [] });
});

test('a 401 that a second account gets too is the path', () => {
  const so = new AnswersSoFar(nowhere);
  assert.is(so.take('a', verdict(401)).next, 'another');
  assert.equal(so.take('b', verdict(401)), { next: 'client', orders: [], pathRefuses: true, isBest: true });
  assert.equal(so.ended(true), { orders: [], pathRefuses: false, notes: [] });
  const served = new AnswersSoFar({ ...nowhere, pathServed: true });
  served.take('a', verdict(401));
  assert.is(served.take('b', verdict(401)).pathRefuses, false, 'one that has served is not remembered as such');
});

test('a 401 of one account is its own where another is served or answered otherwise, and else where the path has served', () => {
  const so = new AnswersSoFar(nowhere);
  so.take('a', verdict(401));
  assert.equal(told(so.served('b')), ['a unauthorized account']);
  const other = new AnswersSoFar(nowhere);
  other.take('a', verdict(401));
  other.take('b', verdict(429));
  assert.equal(told(other.ended(false).orders), ['a unauthorized account']);
  const alone = new AnswersSoFar({ ...nowhere, isOnly: true });
  alone.take('a', verdict(401));
  assert.equal(alone.ended(false), { orders: [], pathRefuses: true, notes: [] });
  const known = new AnswersSoFar({ ...nowhere, isOnly: true, pathServed: true });
  known.take('a', verdict(401));
  assert.equal(told(known.ended(false).orders), ['a unauthorized account']);
  const cut = new AnswersSoFar(nowhere);
  cut.take('a', verdict(401));
  cut.take('b', verdict(502));
  assert.equal(cut.ended(true), { orders: [], pathRefuses: false, notes: [] }, 'others were left that nobody asked');
});

test('a missing scope blocks at once where the path has served on the account, or there is no other', () => {
  for (const around of [
    { ...nowhere, pathServedBy: (account: string) => account === 'a' },
    { ...nowhere, isOnly: true },
  ]) {
    assert.equal(told(new AnswersSoFar(around).take('a', scope).orders), ['a scope account']);
  }
  const so = new AnswersSoFar(nowhere);
  so.take('a', scope);
  so.take('b', scope);
  assert.equal(
    so.ended(false).notes.map(({ account, words }) => `${account} ${words}`),
    ['a no', 'b no'],
  );
});

test('a lost project is asked for anew once, and then the next account is asked', () => {
  const so = new AnswersSoFar(nowhere);
  const lost = verdict(404, { message: 'project lost-1 not found' }, 'cloudcode');
  assert.is(so.take('a', lost).next, 'again');
  assert.is(so.take('a', lost).next, 'another');
  assert.is(so.take('b', lost).next, 'again', 'of each account its own');
  assert.equal(told(so.served('b')), ['a project_gone account']);
});

test('the client gets what may be about its request rather than what is about an account', () => {
  const so = new AnswersSoFar(nowhere);
  assert.ok(so.take('a', verdict(403, { details: reason('TOS_VIOLATION') })).isBest);
  assert.ok(so.take('b', verdict(503)).isBest);
  assert.not.ok(so.take('c', verdict(403, { details: reason('TOS_VIOLATION') })).isBest);
  assert.ok(so.take('d', verdict(500)).isBest);
});

test.run();
