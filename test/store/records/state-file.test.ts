/** What outlives a restart and is no account. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import { StateFile } from '../../../src/store/records/state-file.js';
import { setClock } from '../../support/clock.js';
import { withDirectory } from '../../support/directory.js';
import { withHouse } from '../../support/house.js';

const token = '1//0a-refresh-token-that-is-nowhere';
const refused = { at: 1_700_000_000, cause: 'revoked', reason: 'invalid_grant: gone' };
const grant = { firstSeen: 1, lastOk: 2, endsAt: 3, lifetime: 4, warnedHours: 24, scopes: 'openid' };
const cooling = { project: 'p-1', model: 'gemini-3-flash', until: 5, reason: '429' };

test('refused tokens, grants, cool-downs and the last look outlive a restart; tokens by fingerprint only, closed to others', async () => {
  await withDirectory(async (dir) => {
    const state = StateFile.open(dir.path, setClock());
    state.refuse(fingerprint(token), refused);
    state.setGrant(fingerprint(token), grant);
    state.setCoolDowns(() => [cooling]);
    state.looked(6);
    await state.flush();
    const again = StateFile.open(dir.path, setClock());
    assert.equal(again.refused(fingerprint(token)), refused);
    assert.equal(again.grant(fingerprint(token)), grant);
    assert.equal([again.coolDowns, again.lastLooked], [[cooling], 6]);
    assert.not.match(readFileSync(dir.at('accounts.json'), 'utf8'), /1\/\/0/);
    assert.is(statSync(dir.at('accounts.json')).mode & 0o777, 0o600);
  });
});

test('the first refusal of a token counts; one that Google took after all is forgiven, one that nobody holds forgotten', async () => {
  await withDirectory((dir) => {
    const state = StateFile.open(dir.path, setClock());
    for (const at of [1, 2]) state.refuse('a', { ...refused, at });
    assert.is(state.refused('a')?.at, 1);
    state.forgive('a');
    assert.is(state.refused('a'), undefined);
    state.refuse('b', refused);
    state.refuse('c', refused);
    state.prune(new Set(['c']));
    assert.equal([state.refused('b'), state.refused('c')], [undefined, refused]);
  });
});

test('several changes are one write, and a disk that takes none is let be', async () => {
  await withDirectory(async (dir) => {
    const clock = setClock();
    const state = StateFile.open(dir.at('gone'), clock);
    for (let at = 0; at < 100; at++) state.looked(at);
    assert.is(clock.due.length, 1);
    await state.flush();
    mkdirSync(dir.at('gone'));
    state.looked(100);
    await state.flush();
    assert.is(StateFile.open(dir.at('gone'), clock).lastLooked, 100);
  });
});

test('one that is torn, empty or of wrong types counts as empty where it is, and no more', async () => {
  await withDirectory((dir) => {
    for (const text of ['', '{"refused":', '[]', 'null', '\0\0', '"x"']) {
      writeFileSync(dir.at('accounts.json'), text);
      assert.is(StateFile.open(dir.path, setClock()).refused('a'), undefined);
    }
    writeFileSync(dir.at('accounts.json'), JSON.stringify({ refused: { a: refused }, grants: 7, coolDowns: [{}] }));
    const state = StateFile.open(dir.path, setClock());
    assert.equal([state.refused('a'), state.grant('a'), state.coolDowns], [refused, undefined, []]);
  });
});

test('losing it costs no account: who serves and who is out is in the account files', async () => {
  const dead = { disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: gone' };
  const accounts = [
    { id: 'ann', email: 'ann@example.com', refreshToken: '1//0token-of-ann' },
    { id: 'bob', email: 'bob@example.com', refreshToken: '1//0token-of-bob', ...dead },
  ];
  const prepare = (google: { grant(token: string, terms: { email: string }): void }): void =>
    google.grant('1//0token-of-ann', { email: 'ann@example.com' });
  await withHouse({ accounts, prepare }, async (house) => {
    assert.is((await house.ask()).status, 200);
    await house.stop();
    rmSync(house.dir.at('state'), { recursive: true });
    await house.start();
    assert.is((await house.ask()).status, 200);
    assert.equal(
      ['ann', 'bob'].map((id) => house.state(id)),
      ['ready', 'disabled'],
    );
    assert.is((await house.dir.read('bob')).disabled_at, 1_700_000_000);
  });
});

test.run();
