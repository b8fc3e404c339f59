import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { googleTrouble, troubleIn } from '../../../../../src/proxy/protocols/translation/answer/google-trouble.js';
import {
  isHopeless,
  noModel,
  retryHeaders,
  troubleOf,
} from '../../../../../src/proxy/protocols/translation/answer/trouble.js';

const kind = (status: number, message = '', more: object = {}) => troubleOf({ status, message, ...more }).kind;

test('each status of an upstream is a trouble of its own kind', () => {
  const kinds = {
    400: 'bad_request',
    401: 'accounts_refused',
    403: 'accounts_refused',
    404: 'not_found',
    413: 'too_large',
  };
  const later = {
    429: 'rate_limited',
    503: 'unavailable',
    500: 'failed',
    502: 'failed',
    504: 'failed',
    529: 'no_capacity',
  };
  for (const [status, wanted] of Object.entries({ ...kinds, ...later }))
    assert.is(kind(Number(status)), wanted, status);
  assert.is(kind(412), 'bad_request');
  assert.is(kind(403, '', { aboutRequest: true }), 'forbidden');
});

test('an error within an answer is told by its code, else its word, with the time it says', () => {
  const details = [{ '@type': 'x/google.rpc.RetryInfo', retryDelay: '7.5s' }];
  const capacity = [{ '@type': 'x/google.rpc.ErrorInfo', reason: 'MODEL_CAPACITY_EXHAUSTED' }];
  for (const [error, ...wanted] of [
    [{ code: 503, message: 'm' }, 'unavailable', 503, undefined],
    [{ status: 'RESOURCE_EXHAUSTED', message: 'm' }, 'rate_limited', 429, undefined],
    [{ code: 429, details }, 'rate_limited', 429, 8],
    [{ code: 429, message: 'Please retry in 1m2s' }, 'rate_limited', 429, 62],
    [{ code: 429, details: capacity }, 'no_capacity', 429, undefined],
    [{ code: 200, message: 'odd' }, 'failed', 500, undefined],
    [{ code: 7 }, 'failed', 500, undefined],
    [{}, 'failed', 500, undefined],
  ] as const) {
    const { kind, status, retryAfterSeconds } = troubleIn(error as Parameters<typeof troubleIn>[0]);
    assert.equal([kind, status, retryAfterSeconds], wanted, JSON.stringify(error));
  }
});

test('what is neither an answer nor an error is a failure of the upstream', () => {
  const asked = {
    upstream: 'gemini',
    subject: { model: 'm', group: 'generate' },
    ofModel: true,
    ofStored: false,
  } as const;
  for (const status of [201, 204, 302, 304]) {
    const trouble = googleTrouble({ status, retryAfter: null, body: '' }, asked, 'm', 0);
    assert.equal(trouble, { kind: 'failed', status: 502, message: `the upstream answered ${status}` });
  }
});

test('too many tokens are told in the words that clients look for', () => {
  const told = [
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    'The input token count 1200000 exceeds the maximum number of tokens allowed 1048576.',
    'prompt is too long: 1200000 tokens > 1048576 maximum',
  ];
  for (const message of told) {
    const trouble = troubleOf({ status: 400, message });
    assert.is(trouble.kind, 'too_many_tokens');
    assert.is(trouble.message, 'prompt is too long: 1200000 tokens > 1048576 maximum');
  }
  assert.is(
    troubleOf({ status: 400, message: 'it exceeds the maximum number of tokens' }).message,
    'prompt is too long',
  );
});

test('a 429 for want of capacity is none of the client', () => {
  assert.is(kind(429, 'No capacity available for model gemini-3-pro on the server'), 'no_capacity');
  assert.is(kind(429, 'x', { reason: 'MODEL_CAPACITY_EXHAUSTED' }), 'no_capacity');
  assert.is(kind(429, 'You exceeded your current quota', { reason: 'RATE_LIMIT_EXCEEDED' }), 'rate_limited');
});

test('a model that nobody has is told with the setting that helps', () => {
  assert.match(noModel('gpt-9').message, /"gpt-9".*models\.aliases/);
  assert.is(troubleOf({ status: 404, message: 'x', model: 'gpt-9' }).kind, 'no_model');
});

test('clients are told when to come back, and not to where that is of no use', () => {
  const rate = (seconds: number) => troubleOf({ status: 429, message: '', retryAfterSeconds: seconds });
  assert.equal(retryHeaders(rate(60)), { 'Retry-After': '60' });
  assert.equal(retryHeaders(rate(61)), { 'Retry-After': '61', 'x-should-retry': 'false' });
  const nobody = { kind: 'none_serves', status: 503, message: '' } as const;
  assert.equal(retryHeaders(nobody), { 'x-should-retry': 'false', 'retry-after-ms': '50' });
  assert.equal(retryHeaders({ ...nobody, retryAfterSeconds: 5 }), { 'Retry-After': '5' });
  assert.not.ok(isHopeless({ ...nobody, retryAfterSeconds: 5 }));
  assert.equal(retryHeaders(troubleOf({ status: 500, message: '' })), {});
});

test.run();
