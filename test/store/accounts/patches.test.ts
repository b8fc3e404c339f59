import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../../src/store/ground/json.js';
import {
  create,
  cutReason,
  disable,
  enable,
  merge,
  refreshed,
  restore,
  rotate,
  setClient,
  setProject,
  setProxyDisabled,
  touch,
  upsert,
  type Patch,
} from '../../../src/store/accounts/patches.js';
import { setQuota } from '../../../src/store/accounts/quota-patches.js';
import { account } from '../../support/directory.js';
import { tokenAnswer } from '../../support/token-answer.js';

const sent = '1//0test-refresh-token-of-a1';
const now = Date.UTC(2026, 10, 23);
const answer = tokenAnswer('ya29.new');
const credential = {
  email: 'anna@example.com',
  name: 'Anna B.',
  refreshToken: '1//0other',
  answer: { ...answer, idToken: 'a.b.c' },
  clientKey: 'work',
};
const dead = { disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: gone' };
const file = (over: JsonObject = {}): JsonObject => account({ now, ...over });

/** What the patch changed, deep keys as `token.x`; `undefined` for what it took away. */
function changes(patch: Patch, before: JsonObject): JsonObject {
  const after = structuredClone(before);
  patch.apply(after);
  const changed: JsonObject = {};
  const compare = (was: JsonObject, is: JsonObject, path: string): void => {
    for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
      if (key === 'token' && path === '') compare(was.token as JsonObject, is.token as JsonObject, 'token.');
      else if (JSON.stringify(was[key]) !== JSON.stringify(is[key])) changed[path + key] = is[key];
    }
  };
  compare(before, after, '');
  const kept = Object.keys(before).filter((key) => key in after);
  assert.equal(
    Object.keys(after).filter((key) => key in before),
    kept,
    'keys stay in their places',
  );
  return changed;
}

test('disable: three fields, the first time stays, the reason is the latest', () => {
  assert.equal(changes(disable(sent, 1_800_000_000, 'invalid_grant: x'), file()), {
    disabled: true,
    disabled_at: 1_800_000_000,
    disabled_reason: 'invalid_grant: x',
  });
  assert.equal(changes(disable(sent, 1_800_000_000, 'invalid_grant: y'), file(dead)), {
    disabled_reason: 'invalid_grant: y',
  });
  assert.equal(changes(disable(sent, 1_800_000_000, 'x'), file({ disabled: true })).disabled_at, 1_800_000_000);
});

test('disable: not an account that holds another refresh token by now', () => {
  assert.equal(changes(disable('1//0older', 1, 'x'), file()), {});
});

test('a reason is cut to 800 code points, the last an ellipsis, and never inside one', () => {
  assert.is(cutReason('x'.repeat(800)).length, 800);
  const cut = cutReason('😀'.repeat(801));
  assert.is(Array.from(cut).length, 800);
  assert.ok(cut.endsWith('😀…'));
});

test('enable: the flag is cleared and the rest taken away, for the refresh token that was honoured only', () => {
  assert.equal(changes(enable('1//0another-token'), file(dead)), {});
  assert.equal(changes(enable(sent), file(dead)), {
    disabled: false,
    disabled_at: undefined,
    disabled_reason: undefined,
  });
});

test('refreshed: the access token and its times, for the refresh token that was sent only', () => {
  assert.equal(changes(refreshed(sent, { ...answer, expiresIn: 3600, idToken: 'i.d.t' }, 'ya29.known'), file()), {
    'token.access_token': 'ya29.new',
    'token.expires_in': 3600,
    'token.expiry_timestamp': 1_800_000_000,
    'token.id_token': 'i.d.t',
  });
  assert.equal(changes(refreshed('1//0older', answer, 'ya29.known'), file()), {});
});

test('refreshed: not over an access token that somebody got since and that ends later; over every other one', () => {
  const held = file().token as { access_token: string };
  const ending = (at: number): JsonObject => {
    const json = file();
    (json.token as JsonObject).expiry_timestamp = at;
    return json;
  };
  const { expiresAt } = answer;
  const takes = (json: JsonObject, replaced: string): boolean => {
    refreshed(sent, answer, replaced).apply(json);
    return (json.token as JsonObject).access_token === answer.accessToken;
  };
  assert.equal(
    [
      takes(ending(expiresAt + 1), 'ya29.known'),
      takes(ending(expiresAt), 'ya29.known'),
      takes(ending(expiresAt + 1), held.access_token),
      takes(ending(expiresAt + 1e9), held.access_token),
    ],
    [false, true, true, true],
  );
});

test('rotate: the refresh token too, unless the file holds another one by now', () => {
  const { 'token.refresh_token': refreshToken, 'token.access_token': accessToken } = changes(
    rotate(sent, '1//0rotated', answer),
    file(),
  );
  assert.is(refreshToken, '1//0rotated');
  assert.is(accessToken, 'ya29.new');
  assert.equal(changes(rotate('1//0older', '1//0rotated', answer), file()), {});
});

test('upsert: the credential, and the flags of a disabled account go; proxy_disabled and the rest stay', () => {
  const changed = changes(upsert(credential), file({ ...dead, proxy_disabled: true }));
  assert.equal(changed, {
    disabled: false,
    disabled_at: undefined,
    disabled_reason: undefined,
    'token.refresh_token': '1//0other',
    'token.access_token': 'ya29.new',
    'token.expiry_timestamp': 1_800_000_000,
    'token.id_token': 'a.b.c',
    'token.oauth_client_key': 'work',
  });
});

test('upsert: a name is filled in, never replaced', () => {
  assert.is(changes(upsert(credential), file({ name: null })).name, 'Anna B.');
  assert.is(changes(upsert(credential), file({ name: '' })).name, 'Anna B.');
  assert.not('name' in changes(upsert(credential), file({ name: 'Mine' })));
});

test('upsert: the very same tokens leave the account disabled', () => {
  const same = { ...credential, refreshToken: sent, answer: { ...credential.answer, accessToken: 'ya29.stale-a1' } };
  assert.not('disabled' in changes(upsert(same), file(dead)));
  assert.is(changes(upsert({ ...credential, refreshToken: sent }), file(dead)).disabled, false);
});

test('restore: takes an upsert back, and nothing else', () => {
  const before = file({ ...dead, name: null });
  const after = structuredClone(before);
  upsert(credential).apply(after);
  touch(4_000_000_000).apply(after);
  restore(credential.refreshToken, before).apply(after);
  assert.equal(after, { ...before, last_used: 4_000_000_000 });
  assert.equal(changes(restore('1//0third', before), file()), {}, 'a third credential came meanwhile');
});

test('setProxyDisabled: out with time and reason, and back', () => {
  const out = { proxy_disabled: true, proxy_disabled_at: 5, proxy_disabled_reason: 'by hand' };
  assert.equal(changes(setProxyDisabled({ at: 5, reason: 'by hand' }), file()), out);
  assert.equal(changes(setProxyDisabled(null), file(out)), {
    proxy_disabled: false,
    proxy_disabled_at: undefined,
    proxy_disabled_reason: undefined,
  });
});

test('setClient and setProject: one key each; the client only of the token that was sent', () => {
  assert.equal(changes(setClient(sent, 'work'), file()), { 'token.oauth_client_key': 'work' });
  assert.equal(changes(setClient('1//0older', 'work'), file()), {});
  assert.equal(changes(setProject('p-9'), file()), { 'token.project_id': 'p-9' });
});

test('touch: forward only, and not for a disabled account', () => {
  assert.equal(changes(touch(4_000_000_000), file()), { last_used: 4_000_000_000 });
  assert.equal(changes(touch(1), file()), {});
  assert.equal(changes(touch(4_000_000_000), file(dead)), {});
  assert.equal(changes(touch(7), file({ last_used: 'yesterday' })), { last_used: 7 });
});

test('merge carries what another program changed; create changes nothing', () => {
  const base = file();
  assert.equal(changes(merge(base, { ...base, custom_label: 'x' }), file({ quota: { models: [] } })), {
    custom_label: 'x',
  });
  assert.equal(changes(create(), base), {});
});

test('a token that is no object is made one rather than lost in a crash', () => {
  const json: JsonObject = { token: 'oops' };
  setProject('p-9').apply(json);
  assert.equal(json, { token: { project_id: 'p-9' } });
});

test('a life that no token has is written as the nearest that one has, and its end with it', () => {
  const answered = 1_700_000_000;
  for (const [said, written] of [
    [0, 60],
    [-5, 60],
    [59, 60],
    [60, 60],
    [3_599, 3_599],
    [86_401, 86_400],
    [1e9, 86_400],
  ] as const) {
    const json = file();
    const answer = {
      accessToken: 'ya29.b',
      expiresIn: said,
      expiresAt: answered + said,
      tokenType: 'Bearer',
      idToken: null,
    };
    const held = json.token as { refresh_token: string; access_token: string };
    refreshed(held.refresh_token, answer, held.access_token).apply(json);
    const { expires_in, expiry_timestamp } = json.token as Record<string, unknown>;
    assert.equal([expires_in, expiry_timestamp], [written, answered + written], `${said}`);
  }
});

test('what is no project id is not written, whatever a server says', () => {
  for (const odd of ['', ' ', 'a b', 'p\r\nx: y', 'p\0', 'é', '../x', 'p'.repeat(300_000), '\uD800']) {
    assert.equal(changes(setProject(odd), file()), {}, odd.slice(0, 20));
  }
  for (const id of ['p-9', 'example.com:my-project', '123456789012']) {
    assert.equal(changes(setProject(id), file()), { 'token.project_id': id });
  }
});

test('of 60,000 models a thousand are kept, in time that grows with their number', () => {
  const took = [30_000, 60_000].map((count) => {
    const models = Array.from({ length: count }, (_, at) => ({ name: `m${at}`, percentage: 1, resetTime: null }));
    const json = { ...file(), quota: { models: models.map(({ name }) => ({ name, kept: true })) } };
    const start = performance.now();
    setQuota({ models, at: 1, groups: null, protectedModels: models.map(({ name }) => name) }).apply(json);
    const written = json.quota.models as readonly Record<string, unknown>[];
    assert.equal([written.length, written[999]?.name, written[999]?.kept], [1_000, 'm999', true]);
    return performance.now() - start;
  });
  assert.ok(Math.max(...took) < 1_000, `${took.join(', ')} ms`);
});

test.run();
