/** What token endpoints answer, as seen in the field, and what each answer means. Nothing but a verdict disables. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { meaningOf } from '../../../src/proxy/oauth/token-endpoint-answer.js';
import { retryAfterMs } from '../../../src/proxy/http/headers.js';
import { causes } from '../../../src/proxy/contract/causes.js';
import { withHouse } from '../../support/house.js';

const JSON_TYPE = 'application/json; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const page = (text: string): string => `<!DOCTYPE html><html><body>${text}</body></html>`;
const oauth = (error: string, description?: string, more: object = {}): string =>
  JSON.stringify({ error, ...(description === undefined ? {} : { error_description: description }), ...more });

/** [who answers, status, content type, body, class and cause or subtype] */
const table: readonly (readonly [string, number, string, string, string])[] = [
  ['Google: revoked', 400, JSON_TYPE, oauth('invalid_grant', 'Token has been expired or revoked.'), 'grant'],
  ['Google: catch-all', 400, JSON_TYPE, oauth('invalid_grant', 'Bad Request'), 'grant'],
  ['Google: deleted', 400, JSON_TYPE, oauth('invalid_grant', 'Account has been deleted'), 'grant'],
  [
    'Google: session control',
    400,
    JSON_TYPE,
    oauth('invalid_grant', 'reauth related error (invalid_rapt)', {
      error_subtype: 'invalid_rapt',
      error_uri: 'https://support.google.com/a/answer/9368756',
    }),
    'grant invalid_rapt',
  ],
  [
    'Google: rapt required',
    400,
    JSON_TYPE,
    oauth('invalid_grant', 'reauth related error (rapt_required)', { error_subtype: 'rapt_required' }),
    'grant rapt_required',
  ],
  ['Google: no description', 400, JSON_TYPE, oauth('invalid_grant'), 'grant'],
  ['Google: wrong secret', 401, JSON_TYPE, oauth('invalid_client', 'Unauthorized'), 'client client_invalid'],
  [
    'Google: unknown client',
    401,
    JSON_TYPE,
    oauth('invalid_client', 'The OAuth client was not found.'),
    'client client_invalid',
  ],
  [
    'Google: deleted client',
    401,
    JSON_TYPE,
    oauth('deleted_client', 'The OAuth client was deleted.'),
    'client client_deleted',
  ],
  [
    'Google: disabled client',
    401,
    JSON_TYPE,
    oauth('disabled_client', 'The OAuth client was disabled.'),
    'client client_disabled',
  ],
  [
    'Google: token of another client',
    401,
    JSON_TYPE,
    oauth('unauthorized_client', 'Unauthorized'),
    'refused other_client',
  ],
  ['Google: Workspace policy', 400, JSON_TYPE, oauth('admin_policy_enforced'), 'refused admin_policy'],
  [
    'Google: Advanced Protection',
    400,
    JSON_TYPE,
    oauth('policy_enforced', 'Access blocked'),
    'refused advanced_protection',
  ],
  [
    'Google: organisation only',
    403,
    JSON_TYPE,
    oauth('org_internal', 'This client is restricted to users within its organization.'),
    'refused access_denied',
  ],
  ['Google: denied', 403, JSON_TYPE, oauth('access_denied', 'Account restricted'), 'refused access_denied'],
  ['a code that every object of JavaScript knows', 400, JSON_TYPE, oauth('constructor'), 'refused unknown'],
  ['Google: scope', 400, JSON_TYPE, oauth('invalid_scope', 'Some requested scopes were invalid.'), 'refused unknown'],
  [
    'Google: request',
    400,
    JSON_TYPE,
    oauth('invalid_request', 'Missing required parameter: refresh_token'),
    'refused unknown',
  ],
  ['Google: grant type', 400, JSON_TYPE, oauth('unsupported_grant_type', 'Invalid grant_type'), 'refused unknown'],
  ['Google: rate limit', 429, JSON_TYPE, oauth('rate_limit_exceeded', 'Rate Limit Exceeded'), 'temporary rate_limited'],
  ['Google: rate limit as 403', 403, JSON_TYPE, oauth('rate_limit_exceeded'), 'temporary rate_limited'],
  ['Google: internal failure', 500, JSON_TYPE, oauth('internal_failure'), 'temporary provider_trouble'],
  [
    'Google: backend error',
    503,
    JSON_TYPE,
    JSON.stringify({ error: { code: 503, message: 'Backend Error' } }),
    'temporary provider_trouble',
  ],
  ['Google: front end page', 502, HTML, page('502. That’s an error.'), 'temporary provider_trouble'],
  ['Google: 404 page', 404, HTML, page('404. That’s an error. /token'), 'temporary network'],
  [
    'Google: API-shaped 403',
    403,
    JSON_TYPE,
    JSON.stringify({ error: { code: 403, status: 'PERMISSION_DENIED', message: 'no' } }),
    'refused unknown',
  ],
  ['Keycloak: not active', 400, 'application/json', oauth('invalid_grant', 'Token is not active'), 'grant'],
  ['Keycloak: session gone', 400, 'application/json', oauth('invalid_grant', 'Session not active'), 'grant'],
  [
    'Keycloak: client',
    401,
    'application/json',
    oauth('unauthorized_client', 'Invalid client or Invalid client credentials'),
    'refused other_client',
  ],
  [
    'Okta: expired',
    400,
    'application/json',
    oauth('invalid_grant', 'The refresh token is invalid or expired.'),
    'grant',
  ],
  [
    'Okta: client',
    401,
    'application/json',
    oauth('invalid_client', 'Client authentication failed.'),
    'client client_invalid',
  ],
  ['Okta: rate limit', 429, 'application/json', JSON.stringify({ errorCode: 'E0000047' }), 'temporary rate_limited'],
  [
    'Azure AD: expired',
    400,
    JSON_TYPE,
    oauth('invalid_grant', 'AADSTS700082: The refresh token has expired due to inactivity.', {
      error_codes: [700082],
      suberror: 'bad_token',
    }),
    'grant',
  ],
  ['Azure AD: interaction', 400, JSON_TYPE, oauth('interaction_required', 'AADSTS50076'), 'refused unknown'],
  [
    'Facebook-style form',
    400,
    'application/x-www-form-urlencoded',
    'error=invalid_grant&error_description=expired',
    'grant',
  ],
  ['form with another error', 400, 'application/x-www-form-urlencoded', 'error=invalid_request', 'refused unknown'],
  ['server: 401 verdict', 401, JSON_TYPE, oauth('invalid_grant', 'gone'), 'grant'],
  ['server: no content type', 400, '', oauth('invalid_grant'), 'grant'],
  ['server: text/plain JSON', 400, 'text/plain', oauth('invalid_grant'), 'grant'],
  ['proxy page: login', 200, HTML, page('Please sign in to the corporate network'), 'temporary network'],
  ['proxy page: blocked', 403, HTML, page('Access to this site is blocked'), 'temporary network'],
  ['proxy page with the word', 400, HTML, page('{"error":"invalid_grant"}'), 'temporary network'],
  ['JSON called HTML', 400, HTML, oauth('invalid_grant'), 'temporary network'],
  ['page called JSON', 400, JSON_TYPE, page('invalid_grant'), 'temporary network'],
  ['proxy asks for a password', 407, HTML, page('Proxy Authentication Required'), 'temporary network'],
  ['gateway time-out', 504, HTML, page('504 Gateway Time-out'), 'temporary provider_trouble'],
  ['truncated JSON', 400, JSON_TYPE, '{"error":"invalid_grant","error_descr', 'temporary provider_trouble'],
  ['empty 400', 400, '', '', 'temporary provider_trouble'],
  ['empty object', 400, JSON_TYPE, '{}', 'temporary provider_trouble'],
  ['a list', 400, JSON_TYPE, '["invalid_grant"]', 'temporary provider_trouble'],
  ['a bare string', 400, JSON_TYPE, '"invalid_grant"', 'temporary provider_trouble'],
  ['null', 400, JSON_TYPE, 'null', 'temporary provider_trouble'],
  ['the word in the description only', 400, JSON_TYPE, oauth('invalid_request', 'invalid_grant'), 'refused unknown'],
  ['the word nested', 400, JSON_TYPE, JSON.stringify({ error: { error: 'invalid_grant' } }), 'refused unknown'],
  ['the word as a prefix', 400, JSON_TYPE, oauth('invalid_grant_type'), 'refused unknown'],
  ['the word in capitals', 400, JSON_TYPE, oauth('INVALID_GRANT'), 'refused unknown'],
  ['the word with a space', 400, JSON_TYPE, oauth('invalid_grant '), 'refused unknown'],
  ['verdict with 403', 403, JSON_TYPE, oauth('invalid_grant'), 'refused unknown'],
  ['verdict with 404', 404, JSON_TYPE, oauth('invalid_grant'), 'refused unknown'],
  ['verdict with 500', 500, JSON_TYPE, oauth('invalid_grant'), 'temporary provider_trouble'],
  ['verdict with 200', 200, JSON_TYPE, oauth('invalid_grant'), 'temporary provider_trouble'],
  ['verdict with 302', 302, JSON_TYPE, oauth('invalid_grant'), 'temporary network'],
  ['redirect', 307, HTML, '', 'temporary network'],
  ['request time-out', 408, JSON_TYPE, oauth('x'), 'temporary provider_trouble'],
  ['200 without a token', 200, JSON_TYPE, JSON.stringify({ expires_in: 3599 }), 'temporary provider_trouble'],
  ['200 with an empty token', 200, JSON_TYPE, JSON.stringify({ access_token: '' }), 'temporary provider_trouble'],
  ['200 with a page', 200, HTML, page('hello'), 'temporary network'],
  ['200 empty', 200, JSON_TYPE, '', 'temporary provider_trouble'],
  ['204', 204, '', '', 'temporary provider_trouble'],
  [
    'good',
    200,
    JSON_TYPE,
    JSON.stringify({ access_token: 'ya29.x', expires_in: 3599, scope: 'openid', token_type: 'Bearer' }),
    'token',
  ],
  ['good: life as text', 200, JSON_TYPE, JSON.stringify({ access_token: 'ya29.x', expires_in: '3599' }), 'token'],
  ['good: as a form', 200, 'application/x-www-form-urlencoded', 'access_token=abc&expires_in=3600', 'token'],
];

for (const [who, status, contentType, body, expected] of table) {
  test(`${who}: ${expected}`, () => {
    const meaning = meaningOf({ status, contentType: contentType.toLowerCase(), body, retryAfter: null });
    const detail =
      meaning.kind === 'grant' ? meaning.subtype : meaning.kind === 'token' ? '' : (meaning.cause as string);
    assert.is(`${meaning.kind} ${detail}`.trim(), expected);
  });
}

const aboutClient: readonly (readonly [string, number, string])[] = [
  [oauth('invalid_request', 'client_secret is missing.'), 400, 'client client_invalid'],
  [oauth('invalid_request', 'Could not determine client ID from request.'), 400, 'client client_invalid'],
  [oauth('invalid_request', 'The OAuth client was not found.'), 400, 'client client_invalid'],
  [oauth('invalid_request', 'The OAuth client was not found.'), 404, 'client client_invalid'],
  [oauth('unauthorized_client', 'The OAuth client was not found.'), 401, 'client client_invalid'],
  [oauth('invalid_request', 'Missing required parameter: client_id'), 400, 'client client_invalid'],
  [oauth('access_denied', 'The client secret is invalid.'), 403, 'client client_invalid'],
  [oauth('invalid_request', 'The OAuth client was deleted.'), 400, 'client client_deleted'],
  [oauth('access_denied', 'The OAuth client was disabled.'), 401, 'client client_disabled'],
  [
    JSON.stringify({ error: { code: 400, message: 'client_secret is missing.', status: 'INVALID_ARGUMENT' } }),
    400,
    'client client_invalid',
  ],
  // about the token, the account or the request, not about the client
  [oauth('invalid_grant', 'The OAuth client was not found.'), 400, 'grant'],
  [oauth('unauthorized_client', 'Unauthorized'), 401, 'refused other_client'],
  [oauth('unauthorized_client', 'Client is unauthorized to retrieve access tokens.'), 401, 'refused other_client'],
  [oauth('invalid_request', 'refresh_token is missing.'), 400, 'refused unknown'],
  [oauth('access_denied', 'Account restricted'), 400, 'refused access_denied'],
];

for (const [body, status, expected] of aboutClient) {
  test(`words about the client are about the client, whatever the code: ${body} is ${expected}`, () => {
    const meaning = meaningOf({ status, contentType: JSON_TYPE, body, retryAfter: null });
    const cause = 'cause' in meaning ? meaning.cause : '';
    assert.is(`${meaning.kind} ${cause}`.trim(), expected);
  });
}

test('a life that is none counts as not said, and never as one that has ended', () => {
  const lifeOf = (life: unknown): number | null => {
    const body = JSON.stringify({ access_token: 'ya29.x', expires_in: life });
    const meaning = meaningOf({ status: 200, contentType: JSON_TYPE, body, retryAfter: null });
    return meaning.kind === 'token' ? meaning.token.expires_in : null;
  };
  for (const none of [0, -5, 0.4, '0', '', '-1', null, undefined, 'soon']) assert.is(lifeOf(none), 3_599, String(none));
  assert.equal(['60', 60, 1].map(lifeOf), [60, 60, 1]);
});

test('the table is long enough, and only 400 and 401 in it are verdicts', () => {
  assert.ok(table.length >= 50);
  for (const [who, status, , , expected] of table) {
    if (expected.startsWith('grant')) assert.ok(status === 400 || status === 401, who);
  }
});

test('in the whole program each answer of the table gets its verdict and a next step, and none disables but a verdict', async () => {
  // those are not told as failed, but asked again after the pause that they ask for
  const asking = table.filter(([, status]) => status !== 429 && status !== 503);
  const accounts = asking.map((_, index) => ({
    id: `a${index}`,
    email: `a${index}@example.com`,
    refreshToken: `1//0token-of-row-${index}`,
    token: { oauth_client_key: `c${index}` },
  }));
  // each with a client of its own: what is said of a client is said of all of its accounts
  const clients = Object.fromEntries(asking.map((_, index) => [`c${index}`, { id: `${index}-client`, secret: '' }]));
  await withHouse({ accounts, settings: { oauth: { clients } } }, async (house) => {
    for (const [index, [, status, contentType, body]] of asking.entries()) {
      const reply = { status, headers: { 'content-type': contentType }, body };
      house.google.script(`1//0token-of-row-${index}`, reply, Infinity);
    }
    const results = await house.supervisor.operations.testNow(accounts.map(({ id }) => id));
    for (const [index, [who, , , , expected]] of asking.entries()) {
      const result = results[index];
      const [kind = ''] = expected.split(' ');
      const { disabled } = await house.dir.read(`a${index}`);
      assert.is(disabled, kind === 'grant', who);
      const cause = result?.cause ?? null;
      assert.is(cause === null ? 'token' : causes[cause].class, kind, who);
      if (cause !== null) assert.ok(result?.text.endsWith(causes[cause].next), `${who}: ${result?.text}`);
    }
  });
});

test('Retry-After is seconds, fractions of them, or a date; anything else says nothing', () => {
  const now = Date.UTC(2026, 10, 22);
  assert.is(retryAfterMs('12', now), 12_000);
  assert.is(retryAfterMs(' 1.5 ', now), 1_500);
  assert.is(retryAfterMs(new Date(now + 90_000).toUTCString(), now), 90_000);
  assert.is(retryAfterMs(new Date(now - 90_000).toUTCString(), now), 0);
  for (const odd of [null, '', 'soon', '-5x']) assert.is(retryAfterMs(odd, now), null);
});

test.run();
