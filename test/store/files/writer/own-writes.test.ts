import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../../../src/store/ground/json.js';
import { applyOwn, OwnWrites } from '../../../../src/store/files/writer/own-writes.js';
import {
  disable,
  enable,
  merge,
  refreshed,
  rotate,
  setProxyDisabled,
  touch,
  upsert,
  type Patch,
} from '../../../../src/store/accounts/patches.js';
import { account } from '../../../support/directory.js';
import { tokenAnswer } from '../../../support/token-answer.js';

const sent = '1//0test-refresh-token-of-a1';
const credential = {
  email: 'anna@example.com',
  name: null,
  refreshToken: '1//0other',
  answer: tokenAnswer('ya29.other'),
  clientKey: 'default',
};
const off = setProxyDisabled({ at: 5, reason: 'by hand' });
const verdict = disable(sent, 1_800_000_000, 'invalid_grant: gone');

/** A file that we changed step by step, and what we remember of it. */
function history(...patches: readonly Patch[]): { own: OwnWrites; states: JsonObject[]; known: JsonObject } {
  const own = new OwnWrites();
  let json: JsonObject = account();
  const states = [json];
  for (const patch of patches) {
    json = structuredClone(json);
    const write = applyOwn(patch, json, 0);
    if (write !== null) own.add([write]);
    states.push(json);
  }
  return { own, states, known: json };
}

const names = (own: OwnWrites, found: JsonObject, known: JsonObject, now = 1): string[] =>
  own.undoneBy(found, known, now).map(({ name }) => name);

const withQuota = (json: JsonObject | undefined): JsonObject => ({ ...json, quota: { models: [], last_updated: 5 } });

test('a copy from before the change, saved with another change, is stale', () => {
  for (const patch of [
    verdict,
    off,
    rotate(sent, '1//0new', tokenAnswer('ya29.a')),
    upsert(credential),
    refreshed(sent, tokenAnswer('ya29.b'), 'ya29.known'),
  ]) {
    const { own, states, known } = history(patch);
    assert.equal(names(own, withQuota(states[0]), known), [patch.name], patch.name);
    assert.equal(names(own, withQuota(known), known), [], `${patch.name}: a save on top of it undoes nothing`);
  }
});

test('an edit that does nothing but undo a flag is meant', () => {
  const { own, states, known } = history(off);
  assert.equal(names(own, { ...states[0] }, known), []);
  const sorted = Object.fromEntries(Object.entries(states[0] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
  assert.equal(names(own, sorted, known), [], 'an editor that sorts the keys changes nothing');
});

test('a flag cleared while its time stays is meant, whatever else changed', () => {
  const { own, known } = history(verdict);
  assert.equal(names(own, withQuota({ ...known, disabled: false }), known), []);
});

test('a refresh token that we replaced does not come back, not even alone', () => {
  const { own, states, known } = history(rotate(sent, '1//0new', tokenAnswer('ya29.a')));
  assert.equal(names(own, { ...states[0] }, known), ['rotate']);
});

test('a third refresh token is somebody else having dealt with the account', () => {
  const { own, known } = history(rotate(sent, '1//0new', tokenAnswer('ya29.a')));
  assert.equal(
    names(own, withQuota({ ...known, token: { ...(known.token as JsonObject), refresh_token: '1//0third' } }), known),
    [],
  );
});

test('a stale save in which the access token was renewed still undoes the rotation', () => {
  const { own, states, known } = history(rotate(sent, '1//0new', tokenAnswer('ya29.a')));
  const token = { ...(states[0]?.token as JsonObject), access_token: 'ya29.by-another-program', expiry_timestamp: 9 };
  assert.equal(names(own, { ...states[0], token }, known), ['rotate']);
});

test('disabled cleared together with an access token that nobody here has seen is meant', () => {
  const { own, states, known } = history(verdict);
  const token = { ...(states[0]?.token as JsonObject), access_token: 'ya29.by-another-program' };
  assert.equal(names(own, { ...states[0], token }, known), []);
});

test('an access token that we ourselves replaced is not one that nobody here has seen: the verdict after it holds', () => {
  for (const replaced of [
    rotate(sent, '1//0new', tokenAnswer('ya29.a')),
    upsert({ ...credential, refreshToken: '1//0new' }),
  ]) {
    const { own, states, known } = history(replaced, disable('1//0new', 1_800_000_000, 'invalid_grant: gone'));
    assert.equal(names(own, withQuota(states[0]), known), [replaced.name, 'disable']);
  }
});

test('an access token that came after a re-add comes again with it', () => {
  const { own, states, known } = history(
    upsert({ ...credential, refreshToken: '1//0new' }),
    refreshed('1//0new', tokenAnswer('ya29.newest'), 'ya29.known'),
  );
  assert.equal(names(own, withQuota(states[0]), known), ['upsert', 'refreshed']);
  const byHand = { ...(states[0]?.token as JsonObject), refresh_token: '1//0third' };
  const json: JsonObject = withQuota({ ...states[0], token: byHand });
  for (const patch of own.undoneBy(json, known, 1)) patch.apply(json);
  assert.equal(json.token, byHand, 'but not over a third refresh token');
});

test('of more changes than are remembered the oldest are forgotten', () => {
  const own = new OwnWrites();
  const json: JsonObject = account();
  for (let at = 0; at < 100; at++) {
    const write = applyOwn(refreshed(sent, tokenAnswer(`ya29.${at}`), 'ya29.known'), json, 0);
    if (write === null) throw new Error('nothing changed');
    own.add([write]);
    own.landed([write]);
  }
  assert.is((own as unknown as { writes: readonly unknown[] }).writes.length, 64);
});

test('a copy several changes old: all that it undid comes again, in order', () => {
  const { own, states, known } = history(
    refreshed(sent, tokenAnswer('ya29.1'), 'ya29.known'),
    refreshed(sent, tokenAnswer('ya29.2'), 'ya29.known'),
    rotate(sent, '1//0new', tokenAnswer('ya29.3')),
    off,
  );
  assert.equal(names(own, withQuota(states[0]), known), ['refreshed', 'refreshed', 'rotate', 'setProxyDisabled']);
  assert.equal(names(own, withQuota(states[2]), known), ['rotate', 'setProxyDisabled']);
});

test('what we took back ourselves is not applied again', () => {
  const { own, states, known } = history(verdict, enable(sent), off, setProxyDisabled(null));
  assert.equal(names(own, withQuota(states[0]), known), []);
  const inBetween = history(verdict, upsert(credential));
  assert.equal(names(inBetween.own, withQuota(inBetween.states[0]), inBetween.known), ['upsert']);
});

test('a copy older than five minutes, or what cannot be undone, is nobody', () => {
  const { own, states, known } = history(off);
  assert.equal(names(own, withQuota(states[0]), known, 299_999), ['setProxyDisabled']);
  assert.equal(names(own, withQuota(states[0]), known, 300_000), []);
  assert.is(applyOwn(touch(4_000_000_000), account(), 0), null);
  assert.is(applyOwn(setProxyDisabled(null), account(), 0), null, 'a patch that changed nothing');
});

test('a flag put back has the newest change of it applied again, not what went before that', () => {
  const { own, known } = history(
    verdict,
    upsert(credential),
    rotate('1//0other', '1//0newest', tokenAnswer('ya29.newest')),
    disable('1//0newest', 1_800_000_001, 'invalid_grant: gone'),
  );
  const { disabled: _d, disabled_at: _a, disabled_reason: _r, ...enabled } = known;
  assert.equal(names(own, withQuota(enabled), known), ['disable']);
});

test('what is applied again takes along what came after it about the same keys', () => {
  const { own, states, known } = history(
    verdict,
    upsert(credential),
    disable('1//0other', 1_800_000_001, 'invalid_grant: gone'),
  );
  // the re-add clears the flag anew, so the verdict after it has to come again, though the save left that alone
  assert.equal(names(own, withQuota({ ...known, token: states[0]?.token }), known), ['upsert', 'disable']);
});

test('a re-add does not come again over a third refresh token, whatever else the save undid', () => {
  const { own, states, known } = history(verdict, upsert(credential));
  const token = { ...(known.token as JsonObject), refresh_token: '1//0third' };
  assert.equal(names(own, withQuota({ ...states[1], token }), known), []);
});

test('a change that landed again keeps its place, and what it found the first time', () => {
  const rotated = rotate(sent, '1//0new', tokenAnswer('ya29.a'));
  const { own, states, known } = history(rotated, disable('1//0new', 1, 'invalid_grant: gone'));
  const json = structuredClone(states[0] ?? {});
  const again = applyOwn(rotated, json, 400_000);
  assert.ok(again);
  own.add([again]);
  assert.equal(names(own, withQuota(states[0]), known), ['rotate', 'disable'], 'under way');
  own.landed([again]);
  assert.equal(names(own, withQuota(states[0]), known), ['rotate', 'disable'], 'landed');
  assert.equal(names(own, withQuota(states[0]), known, 400_001), ['rotate'], 'remembered for another five minutes');
});

test('what we merged for the other program comes again if the copy it had in its hands undoes it, for two seconds', () => {
  const before = account({ x_theirs: { one: 1 } });
  const { own, states, known } = history(
    merge(before, { ...before, x_theirs: { one: 1, two: 2 }, x_more: { a: [1] } }),
  );
  const stale = { ...states[0], x_three: 3 };
  assert.equal(names(own, stale, known, 1_999), ['merge']);
  assert.equal(names(own, { ...known, x_three: 3 }, known), [], 'a save on top of it');
  assert.equal(names(own, { ...states[0] }, known), [], 'taken away by hand');
  assert.equal(names(own, stale, known, 2_000), []);
});

test('a write that did not land is forgotten', () => {
  const own = new OwnWrites();
  const known = structuredClone(account());
  const write = applyOwn(off, known, 0);
  assert.ok(write);
  own.add([write]);
  own.forget([write]);
  assert.equal(names(own, withQuota(account()), known), []);
});

test.run();
