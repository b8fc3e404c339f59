import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { authorize, consentOf } from '../../../src/proxy/oauth/authorization.js';

const authorization = authorize({
  authUrl: 'https://accounts.example/auth',
  client: { name: 'default', id: 'id', secret: '' },
  scopes: ['openid'],
  email: null,
  redirectUri: 'http://127.0.0.1:1',
});

for (const error of [
  'constructor',
  '__proto__',
  'toString',
  'access_denied',
  '',
  'x'.repeat(9_999),
  '\u0000',
  '\ud800',
]) {
  test(`an answer with the error ${error.slice(0, 20)} is a fault in words`, () => {
    const answer = new URLSearchParams({ state: authorization.state, error });
    const consent = consentOf(answer, authorization);
    assert.ok('fault' in consent);
    if ('fault' in consent) assert.type(consent.fault, 'string');
  });
}

test.run();
