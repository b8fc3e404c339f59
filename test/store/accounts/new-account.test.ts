import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { accountOf } from '../../../src/store/accounts/account.js';
import { importedAccount, newAccount } from '../../../src/store/accounts/new-account.js';
import { account } from '../../support/directory.js';
import { tokenAnswer } from '../../support/token-answer.js';

const answer = tokenAnswer('ya29.new', 'a.b.c');
const credential = { email: 'anna@example.com', name: 'Anna B.', refreshToken: '1//0other', answer, clientKey: 'work' };
const dead = { disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: gone' };

test('a new account is a readable one, with its seconds', () => {
  const parsed = accountOf(newAccount('n1', credential, 1_800_000_000), 'n1');
  assert.is(parsed.email, credential.email);
  assert.is(parsed.clientKey, 'work');
  assert.is(parsed.createdAt, 1_800_000_000);
  assert.is(parsed.disabled, null);
});

test('an account of another program keeps what its file says, but for the verdict on its earlier credential', () => {
  const theirs = account({ id: 'theirs', email: 'Anna@Example.com', ...dead });
  const json = importedAccount('n1', theirs, credential, 1_800_000_000);
  const { disabled_at: _at, disabled_reason: _reason, token: before, ...rest } = theirs;
  const { token, ...after } = json ?? {};
  assert.equal(after, { ...rest, id: 'n1', email: 'anna@example.com', disabled: false });
  const { id_token: _idToken, ...taken } = token as Record<string, unknown>;
  assert.equal(taken, {
    ...before,
    refresh_token: '1//0other',
    access_token: 'ya29.new',
    expiry_timestamp: 1_800_000_000,
    oauth_client_key: 'work',
  });
  assert.is(importedAccount('n1', { ...theirs, proxy_disabled: 'odd' }, credential, 1), null);
});

test.run();
