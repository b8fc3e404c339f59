/** The WHY / NEXT column: in little room the key that helps stays, and what is said is whole or cut by a mark. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { themeFor } from '../../../src/panes/text/theme.js';
import { whyCell } from '../../../src/panes/views/why.js';
import type { AccountRow } from '../../../src/proxy/contract/snapshot.js';
import { nightAccounts } from '../../support/scene.js';
import { account } from '../../support/supervisor.js';

const now = Date.UTC(2026, 10, 23, 2, 14, 7);
const { glyphs } = themeFor({ theme: 'dark', glyphs: 'unicode' }, { TERM: 'xterm-256color', LANG: 'C.UTF-8' });
const night = nightAccounts(now);

const why = (row: AccountRow | undefined, width: number): string =>
  row === undefined
    ? ''
    : whyCell(row, now, width, glyphs)
        .map(({ text }) => text)
        .join('');
const of = (email: string): AccountRow | undefined => night.find((row) => row.email === email);

test('a disabled account says its key in every width, and the word of the key where there is room', () => {
  const kim = of('kim.ops@example.com');
  assert.is(why(kim, 40), 'invalid_grant, 2m35s · r re-add');
  assert.is(why(kim, 30), 'invalid_grant · r re-add');
  assert.is(why(kim, 17), 'invalid_grant · r');
  assert.is(why(kim, 12), 'invalid… · r');
});

test('so does every other state that a key mends; a reason stands whole before a key that only explains', () => {
  assert.is(why(of('finn@example.com'), 17), 'by hand, 3d · e');
  assert.is(why(of('gus@corp.example'), 17), 'policy_enforced');
  const noClient = account('ann@example.com', { state: 'no_client', serves: false, reason: 'no client "work"' });
  assert.is(why(noClient, 20), 'no client "work" · O');
  assert.is(why(noClient, 12), 'no clie… · O');
});

test('an account that waits for a human says where the link is, and when it is tried again without', () => {
  const row = account('ann@example.com', {
    ...{ state: 'blocked', serves: false, reason: 'VALIDATION_REQUIRED', retryAt: now + 480_000 },
    validationUrl: 'https://accounts.google.com/x',
  });
  assert.is(why(row, 80), 'VALIDATION_REQUIRED · Enter shows the link · next try in 8 min');
  assert.is(why(row, 45), 'VALIDATION_REQUIRED · Enter shows the link');
});

test('a cool-down says how long it lasts yet, whatever the upstream asked for', () => {
  const over = { state: 'cooling', coolingUntil: now + 12_000 } as const;
  const asked = account('ann@example.com', { ...over, reason: 'rate limit, asked to wait 30 s' });
  assert.is(why(asked, 60), 'rate limit, asked to wait 30 s: 12 s left');
  assert.is(why(asked, 17), 'rate limit, 12 s');
  assert.is(why(account('ann@example.com', over), 17), 'cools, 12 s');
});

test('no width makes it longer than that', () => {
  for (const row of night)
    for (let width = 10; width < 80; width++) assert.ok(why(row, width).length <= width, row.email);
});

test.run();
