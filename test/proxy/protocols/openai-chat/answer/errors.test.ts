import * as assert from 'node:assert/strict';
import { test } from 'uvu';
import { openAiError } from '../../../../../src/proxy/protocols/openai-chat/answer/errors.js';
import {
  type Trouble,
  type TroubleKind,
  noModel,
  refusedField,
} from '../../../../../src/proxy/protocols/translation/answer/trouble.js';

const error = (kind: TroubleKind, more: Partial<Trouble> = {}) =>
  openAiError({ kind, status: kind === 'bad_request' ? 400 : 500, message: 'why', ...more });

test('every trouble has the status, type and code of OpenAI’s own', () => {
  const table: [TroubleKind, number, string, string | null][] = [
    ['bad_request', 400, 'invalid_request_error', null],
    ['too_many_tokens', 400, 'invalid_request_error', 'context_length_exceeded'],
    ['unauthorized', 401, 'invalid_request_error', 'invalid_api_key'],
    ['accounts_refused', 503, 'server_error', null],
    ['forbidden', 403, 'permission_denied', null],
    ['no_model', 404, 'invalid_request_error', 'model_not_found'],
    ['not_found', 404, 'invalid_request_error', null],
    ['too_large', 413, 'invalid_request_error', null],
    ['rate_limited', 429, 'rate_limit_error', 'rate_limit_exceeded'],
    ['no_capacity', 503, 'server_error', null],
    ['unavailable', 503, 'server_error', null],
    ['none_serves', 503, 'server_error', null],
  ];
  for (const [kind, status, type, code] of table) {
    const answer = error(kind);
    assert.equal(answer.status, status, kind);
    assert.deepEqual(answer.body, { error: { message: 'why', type, param: null, code } });
  }
});

test('a failure of the upstream keeps its status', () => {
  for (const status of [500, 502, 504]) assert.equal(error('failed', { status }).status, status);
});

test('a refused field is the param, and a code that the protocol has for it is its code', () => {
  const refused = refusedField('x is gone', 'previous_response_id', 'previous_response_not_found');
  assert.deepEqual(openAiError(refused).body.error, {
    ...{ message: 'x is gone', type: 'invalid_request_error' },
    ...{ param: 'previous_response_id', code: 'previous_response_not_found' },
  });
});

test('an unknown model names the setting that could map it', () => {
  assert.match(JSON.stringify(openAiError(noModel('gpt-9')).body), /models\.aliases/);
});

test('a wait is told, and a client is told not to come back where it is of no use', () => {
  assert.deepEqual(error('rate_limited', { retryAfterSeconds: 3 }).headers, { 'Retry-After': '3' });
  assert.deepEqual(error('rate_limited', { retryAfterSeconds: 3_600 }).headers, {
    'Retry-After': '3600',
    'x-should-retry': 'false',
  });
  assert.deepEqual(error('none_serves').headers, { 'x-should-retry': 'false', 'retry-after-ms': '50' });
});

test.run();
