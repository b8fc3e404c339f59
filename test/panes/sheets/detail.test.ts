/** All about one account: nothing of it is cut, in whatever width. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { accountDetail } from '../../../src/panes/sheets/detail.js';
import type { AccountRow } from '../../../src/proxy/contract/snapshot.js';
import { themeFor } from '../../../src/panes/text/theme.js';
import { night } from '../../support/scene.js';

const now = Date.UTC(2026, 10, 23, 2, 14, 7);
const theme = themeFor({ theme: 'dark', glyphs: 'unicode' }, { TERM: 'xterm-256color', LANG: 'C.UTF-8' });

function detail(email: string, width: number, over: Partial<AccountRow> = {}): string[] {
  const supervisor = night({ now: () => now });
  const snapshot = supervisor.snapshot();
  const row = snapshot.accounts.find((account) => account.email === email);
  if (row === undefined) throw new Error(`${email} is not there`);
  const id = '5f1c0c58-92a3-4f0e-8a55-0123456789ab';
  return accountDetail({ ...row, file: `${id}.json`, ...over }, snapshot, supervisor.events, now, width, theme).map(
    ({ spans }) => spans.map(({ text }) => text).join(''),
  );
}

test('a file name, a state and a use that are too long for a line go on in the next, part by part', () => {
  const lines = detail('kim.ops@example.com', 62);
  for (const each of lines) assert.ok(each.length <= 62, each);
  const text = lines.map((each) => each.trim()).join('\n');
  assert.match(text, /5f1c0c58-92a3-4f0e-8a55-0123456789ab\.json\nproject p-118 {3}since 2026-10-11/);
  assert.match(text, /\(2m35s\)\non disk: survives a restart/);
  assert.match(text, /last served 2m00s ago\nin flight 0/);
});

test('an e-mail that the title of the sheet cuts stands whole in it', () => {
  const email = `${'a.very.long.name.'.repeat(4)}@subsidiary.corporation.example`;
  const text = (width: number): string =>
    detail('anna@example.com', width, { email })
      .map((each) => each.trim())
      .join('')
      .replaceAll(' ', '');
  for (const width of [58, 78, 98]) assert.ok(text(width).startsWith(`ACCOUNT${email}STATE`), text(width));
  assert.ok(text(118).startsWith('STATE'));
});

test('what an account is refused for is said once', () => {
  const reason = 'policy_enforced (the administrator does not allow this app)';
  const why = { reason, trouble: reason };
  const text = detail('gus@corp.example', 118, why).join('\n');
  assert.is(text.split(reason).length, 2, text);
  assert.match(
    detail('gus@corp.example', 118, { ...why, trouble: 'network: ECONNREFUSED' }).join('\n'),
    /lately: network/,
  );
});

test('of a file that could never be read no OAuth client is claimed', () => {
  const text = detail('hana@example.com', 118, { client: '', clientKnown: false, email: '' }).join('\n');
  assert.match(text, /CLIENT {3}not known before the file can be read/);
});

test('the timeline tells a death whole: the words, the likeliest cause, and what it did', () => {
  for (const width of [58, 78, 118]) {
    const text = detail('kim.ops@example.com', width)
      .map((each) => each.trim())
      .join(' ');
    assert.match(text, /✖ DISABLED {2}invalid_grant "Token has been expired or revoked\." +164 ms/);
    assert.match(
      text,
      /likeliest: revoked \(it was 43 d old and worked 59 min before\) · on disk · out of pool in 3 ms · 0 requests failed$/,
    );
  }
});

test('what speaks for a cause stands beside all of them where there is room, else behind each', () => {
  const causes = (width: number): string[] =>
    detail('kim.ops@example.com', width).filter((each) => /^ {10}\d {2}/.test(each));
  const columns = causes(118).map((each) => each.search(/likeliest|possible/));
  assert.is(new Set(columns).size, 1, String(columns));
  for (const each of causes(78)) assert.match(each, /, (likeliest|possible)/);
});

test('a certain cause lists no other, and no other next step', () => {
  const over: Partial<AccountRow> = {
    cause: 'account_deleted',
    causes: [{ cause: 'account_deleted', fit: 'certain', because: 'Google says so' }],
    reason: 'invalid_grant: {"error":"invalid_grant","error_description":"Account has been deleted"}',
  };
  const text = detail('kim.ops@example.com', 118, over).join('\n');
  assert.match(text, /WHY {6}Google refused the refresh token\. Its words: invalid_grant: Account has been deleted\n/);
  assert.match(text, /1 {2}the Google account was deleted or suspended +certain: Google says so\n/);
  assert.not.match(text, /if it was|\n +2 {2}|not: |tell these apart|log in with Google instead|ask Google once more/);
  assert.match(text, /NEXT {5}restore the account with Google/);
});

test('an account that rests for one model only says which, and when that is asked again, before what else there is', () => {
  const reason = 'rate limit, asked to wait 45s';
  const rest = { reason, cause: 'quota', coolingWhat: 'gemini-3-flash', coolingUntil: now + 41_000 } as const;
  const text = detail('anna@example.com', 78, rest).join('\n');
  assert.match(text, /NEXT +gemini-3-flash is asked again in 41 s\n +nothing: it is asked again then; c asks at once/);
  assert.match(text, /WHY +gemini-3-flash: rate limit, asked to wait 45s/);
  const whole = detail('anna@example.com', 78, { ...rest, state: 'cooling', coolingWhat: 'project p-118' }).join('\n');
  assert.match(whole, /NEXT +serves again in 41 s/);
  assert.match(whole, /WHY +rate limit, asked to wait 45s \(project p-118\)/);
});

test.run();
