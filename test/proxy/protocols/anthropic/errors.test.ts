import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { errorBody, messagesError } from '../../../../src/proxy/protocols/anthropic/errors.js';
import type { TroubleKind } from '../../../../src/proxy/protocols/translation/answer/trouble.js';

const rows: readonly (readonly [TroubleKind, number, number, string])[] = [
  ['bad_request', 400, 400, 'invalid_request_error'],
  ['too_many_tokens', 400, 400, 'invalid_request_error'],
  ['unauthorized', 401, 401, 'authentication_error'],
  ['accounts_refused', 403, 503, 'api_error'],
  ['forbidden', 403, 403, 'permission_error'],
  ['no_model', 404, 404, 'not_found_error'],
  ['not_found', 404, 404, 'not_found_error'],
  ['too_large', 413, 413, 'request_too_large'],
  ['rate_limited', 429, 429, 'rate_limit_error'],
  ['no_capacity', 429, 529, 'overloaded_error'],
  ['unavailable', 503, 529, 'overloaded_error'],
  ['failed', 504, 504, 'api_error'],
  ['none_serves', 503, 503, 'api_error'],
];

test('each trouble has its status and type in the Messages API', () => {
  for (const [kind, came, status, type] of rows) {
    const { headers: _, ...error } = messagesError({ kind, status: came, message: 'why' }, 'req_1');
    assert.equal(
      error,
      { status, body: { type: 'error', error: { type, message: 'why' }, request_id: 'req_1' } },
      kind,
    );
  }
});

test('an error says when to come back', () => {
  const { headers } = messagesError({ kind: 'rate_limited', status: 429, message: '', retryAfterSeconds: 3 }, 'req_1');
  assert.equal(headers, { 'Retry-After': '3' });
});

test('an error within a stream has no id of a request', () => {
  assert.equal(errorBody({ kind: 'failed', status: 502, message: 'x' }), {
    type: 'error',
    error: { type: 'api_error', message: 'x' },
  });
});

test.run();
