import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { standingOf, type Circumstances } from '../../../src/proxy/pool/standing.js';
import { accountOf } from '../../../src/store/accounts/account.js';
import { account } from '../../support/directory.js';

const now = 1_700_000_000_000;
const LIFE_MS = 600_000;
const around: Circumstances = {
  ...{
    clientConfigured: true,
    clientName: 'default',
    clientRefusal: null,
    trouble: null,
    pauseLeftMs: 0,
    refused: null,
  },
  accessLeftMs: LIFE_MS,
};
const standing = (parts: object, unreadable: string | null, accessLeftMs = LIFE_MS) => {
  const json = account({ id: 'a1', now, ...parts });
  const stored = {
    id: 'a1',
    file: 'a1.json',
    account: accountOf(json, 'a1'),
    held: false,
    notSaved: null,
    unsaved: [],
  };
  return standingOf({ ...stored, unreadable }, { ...around, accessLeftMs }, now);
};

const blockedUntil = now / 1000 + 60;
const keptOut: readonly (readonly [parts: object, state: string])[] = [
  [{ disabled: true, disabled_at: 1, disabled_reason: 'invalid_grant: x' }, 'disabled'],
  [{ quota: { models: [], is_forbidden: true } }, 'blocked'],
  [{ proxy_disabled: true }, 'proxy_disabled'],
  [{ validation_blocked: true, validation_blocked_until: blockedUntil }, 'blocked'],
];
for (const [parts, state] of keptOut) {
  test(`what its file kept out (${Object.keys(parts)[0] ?? ''}) does not begin to serve when the file becomes unreadable`, () => {
    assert.equal([standing(parts, null).state, standing(parts, null).serves], [state, false]);
    assert.equal([standing(parts, 'not JSON').state, standing(parts, 'not JSON').serves], ['unreadable', false]);
  });
}

test('whoever its file keeps out for what Google said has the cause of that, by hand there is none', () => {
  assert.equal(
    keptOut.map(([parts]) => standing(parts, null).cause),
    ['revoked', 'forbidden', null, 'validation'],
  );
});

test('a readable account whose file breaks serves for as long as its access token lives', () => {
  const broken = standing({}, 'not JSON');
  assert.equal([broken.state, broken.serves, broken.until], ['unreadable', true, now + LIFE_MS]);
  assert.equal([standing({}, 'not JSON', 0).serves, standing({}, 'not JSON', 0).until], [false, null]);
});

test('an unreadable account is looked at again when its validation block ends', () => {
  const parts = { validation_blocked: true, validation_blocked_until: blockedUntil };
  assert.is(standing(parts, 'not JSON').until, blockedUntil * 1000);
});

test.run();
