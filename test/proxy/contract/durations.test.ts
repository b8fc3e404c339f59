/** How long something lasts, in a person's units, wherever it is told. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { accountLine } from '../../../src/commands/account-line.js';
import { spoken, took, wait } from '../../../src/proxy/contract/durations.js';

test('a wait is told as a person would', () => {
  for (const [seconds, text] of [
    [0.2, '1s'],
    [47.4, '48s'],
    [60, '1m'],
    [61, '1m1s'],
    [3_599.5, '1h'],
    [3_600 + 59, '1h'],
    [17_652.5, '4h54m'],
    [391_610, '4d12h'],
    [598_156.1, '6d22h'],
  ] as const) {
    assert.is(spoken(seconds), text, String(seconds));
  }
});

test('what was measured is told in ms, seconds, or two units', () => {
  for (const [ms, text] of [
    [0, '0 ms'],
    [212.4, '212 ms'],
    [1_800, '1.8 s'],
    [59_949, '59.9 s'],
    [155_000, '2m35s'],
    [7_260_000, '2h1m'],
  ] as const) {
    assert.is(took(ms), text, String(ms));
  }
});

test('a wait is told in seconds, minutes, or two units', () => {
  for (const [ms, text] of [
    [-1, '0 s'],
    [11_200, '12 s'],
    [120_000, '120 s'],
    [300_000, '5 min'],
    [7_200_000, '120 min'],
    [17_640_000, '4h54m'],
    [18_000_000, '5h'],
    [598_156_100, '6d22h'],
    [2_678_400_000, '31d'],
  ] as const) {
    assert.is(wait(ms), text, String(ms));
  }
});

const now = 1_800_000_000_000;
const who = { email: 'bob@example.com' };
const inSeconds = (seconds: number): number => now / 1_000 + seconds;

/** Accounts as `accounts --json` has them, and the line that status and accounts tell of each. */
const lines: readonly (readonly [account: Record<string, unknown>, line: string])[] = [
  [{ state: 'ready', cause: null, until: null }, 'ready          bob@example.com'],
  [
    { state: 'cooling', cause: 'quota_daily', until: inSeconds(598_156) },
    "cooling        bob@example.com  quota_daily: the day's quota is used up, 6d22h left",
  ],
  [
    { state: 'cooling', cause: 'quota', until: inSeconds(30) },
    'cooling        bob@example.com  quota: a quota is used up, 30 s left',
  ],
  [
    { state: 'refused', cause: 'admin_policy', until: inSeconds(840) },
    "refused        bob@example.com  admin_policy: the Workspace administrator's policy blocks this app, next try in 14 min",
  ],
  [
    { state: 'blocked', cause: 'validation', validation_blocked_reason: 'verify', until: inSeconds(600) },
    'blocked        bob@example.com  verify, next try in 10 min',
  ],
  [
    {
      state: 'disabled',
      cause: 'revoked',
      disabled_reason: 'invalid_grant: {"error_description":"gone"}',
      since: inSeconds(-273_600),
    },
    'disabled       bob@example.com  invalid_grant: gone, for 3d4h',
  ],
  [
    { state: 'proxy_disabled', cause: null, proxy_disabled_reason: '', since: inSeconds(-90) },
    'proxy_disabled bob@example.com  by hand, for 1m30s',
  ],
  [{ state: 'unreadable', cause: null, reason: 'not JSON' }, 'unreadable     bob@example.com  not JSON'],
];

for (const [account, line] of lines) {
  test(`a line of an account that is ${String(account.state)} says why and how long`, () => {
    assert.is(accountLine({ ...who, since: null, until: null, ...account }, now), line);
  });
}

test.run();
