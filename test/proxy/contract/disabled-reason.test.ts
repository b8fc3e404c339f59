import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rankCauses, type Evidence } from '../../../src/proxy/grants/ranking.js';
import { disabledReason, readDisabledReason } from '../../../src/proxy/contract/disabled-reason.js';

test('the stored reason gives the words back', () => {
  for (const [words, subtype] of [
    ['Token has been expired or revoked.', ''],
    ['reauth related error (invalid_rapt)', 'invalid_rapt'],
    ['', ''],
  ] as const) {
    assert.equal(readDisabledReason(disabledReason(words, subtype)), { words, subtype });
  }
  assert.equal(readDisabledReason('something of another program'), { words: '', subtype: '' });
});

const body = (members: Record<string, string>, space = 0): string =>
  JSON.stringify({ error: 'invalid_grant', ...members }, null, space);
const rapt = { error_description: 'reauth related error (invalid_rapt)', error_subtype: 'invalid_rapt' };
const deleted = { error_description: 'Account has been deleted' };
const revoked = { error_description: 'Token has been expired or revoked.' };
const bad = { error_description: 'Bad Request' };

/** Reasons as other programs write them, and the first cause that each has to give. */
const foreign: readonly (readonly [reason: string, cause: string, fit: string])[] = [
  [`invalid_grant: ${body(rapt)}`, 'reauth_required', 'certain'],
  [`invalid_grant: ${body(rapt, 2)}`, 'reauth_required', 'certain'],
  [body(rapt), 'reauth_required', 'certain'],
  [`OAuth error: Token refresh failed: ${body(rapt, 2)}`, 'reauth_required', 'certain'],
  [
    `invalid_grant: Token refresh failed (400): ${body({ error_subtype: 'rapt_required' })}`,
    'reauth_required',
    'certain',
  ],
  [`{"status":400,"body":${JSON.stringify(body(rapt))}}`, 'reauth_required', 'certain'],
  [JSON.stringify(JSON.stringify({ message: body(rapt) })), 'reauth_required', 'certain'],
  [`invalid_grant: ${body(rapt).slice(0, -8)}...`, 'reauth_required', 'certain'],
  ['invalid_grant: reauth related error (invalid_rapt)', 'reauth_required', 'certain'],
  ['error=invalid_grant&error_description=reauth+related&error_subtype=invalid_rapt', 'reauth_required', 'certain'],
  ['refresh failed: invalid_rapt', 'reauth_required', 'certain'],
  [`invalid_grant: ${body(deleted)}`, 'account_deleted', 'certain'],
  [`Error: ${body(deleted, 2)}`, 'account_deleted', 'certain'],
  [`invalid_grant: ${body(deleted).slice(0, -1)}…`, 'account_deleted', 'certain'],
  ['invalid_grant: User has been suspended.', 'account_deleted', 'certain'],
  ['the account was deleted', 'account_deleted', 'certain'],
  [`invalid_grant: {"error":{"code":400,"message":"Account has been deleted"}}`, 'account_deleted', 'certain'],
  [`invalid_grant: ${body(bad)}`, 'token_malformed', 'likely'],
  [`invalid_grant: ${body(revoked)}`, 'testing_expired', 'possible'],
  [`invalid_grant: ${body({})}`, 'testing_expired', 'possible'],
  ['invalid_grant: {"error": "inval', 'testing_expired', 'possible'],
  ['something of another program', 'testing_expired', 'possible'],
  ['', 'testing_expired', 'possible'],
];

const nothingKnown: Omit<Evidence, 'words' | 'subtype'> = {
  ...{ everWorked: false, age: null, accountAge: null, idle: null, lifetime: null, scopes: '' },
  ...{ othersDiedAtSeven: 0, logins: [] },
};

for (const [reason, cause, fit] of foreign) {
  test(`of another program's reason ${reason.slice(0, 60)} the cause is ${cause}`, () => {
    const [first] = rankCauses({ ...nothingKnown, ...readDisabledReason(reason) });
    assert.equal([first.cause, first.fit], [cause, fit]);
  });
}

test("Google's words are told without the JSON around them", () => {
  assert.is(readDisabledReason(`invalid_grant: ${body(revoked, 2)}`).words, 'Token has been expired or revoked.');
  assert.is(readDisabledReason(JSON.stringify(body(deleted))).words, 'Account has been deleted');
});

test('an endless reason is read at its beginning, in no time', () => {
  const started = performance.now();
  readDisabledReason('account '.repeat(100_000));
  readDisabledReason('"error" : "'.repeat(100_000));
  assert.ok(performance.now() - started < 200);
});

test.run();
