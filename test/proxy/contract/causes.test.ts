import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { causes } from '../../../src/proxy/contract/causes.js';
import { rankCauses, type Evidence } from '../../../src/proxy/grants/ranking.js';

const DAY = 86_400;
const plain: Evidence = {
  words: 'Token has been expired or revoked.',
  subtype: '',
  everWorked: true,
  age: 43 * DAY,
  accountAge: 50 * DAY,
  idle: 3_540,
  lifetime: null,
  scopes: 'openid https://www.googleapis.com/auth/cloud-platform',
  othersDiedAtSeven: 0,
  logins: [],
};
const first = (over: Partial<Evidence>): string => {
  const { cause, fit } = rankCauses({ ...plain, ...over })[0];
  return `${cause} ${fit}`;
};
const fitOf = (cause: string, over: Partial<Evidence>): string => {
  const ranked = rankCauses({ ...plain, ...over }).find((entry) => entry.cause === cause);
  return ranked === undefined ? 'missing' : `${ranked.fit}: ${ranked.because}`;
};

test('an old grant that worked an hour ago was most likely revoked, and says by what that is known', () => {
  assert.is(first({}), 'revoked likely');
  assert.is(fitOf('revoked', {}), 'likely: it was 43 d old and worked 59 min before');
  assert.is(fitOf('testing_expired', {}), 'ruled_out: older than 7 d');
  assert.is(fitOf('idle_expired', {}), 'ruled_out: it worked 59 min before');
  assert.is(fitOf('reauth_required', {}), 'ruled_out: no error_subtype');
  assert.is(fitOf('password_changed', {}), 'ruled_out: no Gmail scope');
  assert.is(fitOf('token_malformed', {}), 'ruled_out: it has worked');
});

test("Google's own words are certain", () => {
  assert.is(first({ subtype: 'invalid_rapt' }), 'reauth_required certain');
  assert.is(first({ subtype: 'rapt_required' }), 'reauth_required certain');
  assert.is(first({ words: 'Account has been deleted' }), 'account_deleted certain');
  assert.is(first({ words: 'User has been suspended.' }), 'account_deleted certain');
});

test('seven days point at an app in Testing: by the life Google gave, by the age at death, and by others', () => {
  assert.is(first({ lifetime: 7 * DAY, age: 7 * DAY }), 'testing_expired likely');
  assert.is(first({ age: 7 * DAY + 3_600 }), 'testing_expired likely');
  assert.match(fitOf('testing_expired', { age: 7 * DAY, othersDiedAtSeven: 2 }), /so did 2 others$/);
  assert.match(fitOf('testing_expired', { lifetime: 7 * DAY, age: 2 * DAY }), /^ruled_out: only 2 d old/);
  assert.match(
    fitOf('testing_expired', { lifetime: 90 * DAY, age: 7 * DAY }),
    /^ruled_out: Google gave the grant 90 d/,
  );
});

test('an account that was here before regrant says less: its token may be younger than itself', () => {
  const before = { age: 600, idle: 20 };
  assert.is(fitOf('revoked', before), 'likely: its account is 50 d old and worked a moment before');
  assert.is(fitOf('testing_expired', before), 'possible: if its token is newer than the account (50 d)');
  assert.is(fitOf('testing_expired', { ...before, accountAge: 7 * DAY }), 'likely: its account is 7 d old');
  assert.is(fitOf('revoked', { ...before, accountAge: 3_600 }), 'likely: worked a moment before');
});

test('six months unused, a token that never worked, a Gmail scope', () => {
  assert.is(first({ idle: 190 * DAY, age: 400 * DAY }), 'idle_expired likely');
  assert.is(first({ words: 'Bad Request', everWorked: false, idle: null, age: null }), 'token_malformed likely');
  assert.is(first({ words: 'Bad Request' }), 'revoked likely', 'Bad Request alone says nothing');
  assert.is(fitOf('password_changed', { scopes: 'https://mail.google.com/' }), 'possible: it has a Gmail scope');
});

test('logins of the same user and client speak for the limit of live tokens, many of them loudly', () => {
  const HOUR = 3_600;
  assert.is(fitOf('token_limit', {}), 'possible: if this client logs in often');
  const three = { logins: [600, 900, 3_000], scopes: '' };
  assert.is(fitOf('token_limit', three), 'possible: 3 logins in the last hour by this client');
  assert.equal(
    rankCauses({ ...plain, ...three })
      .slice(0, 3)
      .map(({ cause }) => cause),
    ['revoked', 'token_limit', 'password_changed'],
    'what there is evidence for goes first',
  );
  assert.is(fitOf('token_limit', { logins: [90_000] }), 'possible: 1 login in the last week by this client');
  const often = Array.from({ length: 30 }, (_, index) => index * 5 * HOUR);
  assert.is(fitOf('token_limit', { logins: often }), 'likely: 30 logins in the last week by this client');
  assert.is(first({ logins: often }), 'token_limit likely');
});

test('every cause of a dead grant is judged, and where nothing is known none is ruled out but by words', () => {
  const grantCauses = Object.entries(causes).filter(([, entry]) => entry.class === 'grant');
  const unknown = { ...plain, everWorked: false, age: null, idle: null, scopes: '', words: '' };
  const ranked = rankCauses(unknown);
  assert.is(ranked.length, grantCauses.length);
  assert.equal(
    ranked.filter(({ fit }) => fit === 'ruled_out').map(({ cause }) => cause),
    ['reauth_required', 'account_deleted'],
  );
});

test('each cause has a sentence and a next step', () => {
  for (const [name, { short, sentence, next }] of Object.entries(causes)) {
    assert.ok(short.length > 10 && sentence.endsWith('.') && next.length > 5, name);
  }
});

test.run();
