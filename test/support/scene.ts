/** A bad night: nine accounts of every kind, some log, some events, for pictures and golden screens. */
import type { AccountRow } from '../../src/proxy/contract/snapshot.js';
import { account, TestSupervisor } from './supervisor.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const deathCauses: AccountRow['causes'] = [
  { cause: 'revoked', fit: 'likely', because: 'it was 43 d old and worked 59 min before' },
  { cause: 'password_changed', fit: 'possible', because: 'only if it has a Gmail scope' },
  { cause: 'token_limit', fit: 'possible', because: 'if this client logs in often' },
  { cause: 'reauth_required', fit: 'ruled_out', because: 'no error_subtype' },
  { cause: 'account_deleted', fit: 'ruled_out', because: 'Google does not say so' },
  { cause: 'testing_expired', fit: 'ruled_out', because: 'older than 7 d' },
  { cause: 'idle_expired', fit: 'ruled_out', because: 'it worked 59 min before' },
  { cause: 'token_malformed', fit: 'ruled_out', because: 'it has worked' },
];

export const CLIENT_ID = '123456789012-abcdefghijklmnopqrstuvwxyz012345.apps.googleusercontent.com';

export const loginUrl = `https://accounts.google.com/o/oauth2/v2/auth?client_id=${CLIENT_ID}&scope=openid+email&state=s1&code_challenge=${'c'.repeat(43)}`;

/** What scenes let Google and others say, which stands on screens as it is. */
export const wordsOfOthers: readonly string[] = [
  'Token has been expired or revoked.',
  'Bad Request',
  'Unauthorized',
  'not a test user',
  // its codes, scopes and keys
  'invalid_grant',
  'invalid_client',
  'policy_enforced',
  'access_denied',
  'generative-language.retriever',
  'token.refresh_token',
  // what is pasted, typed and printed there
  'https://accounts.google.com/o/x',
  loginUrl,
  CLIENT_ID,
  `123456789012-${'a'.repeat(32)}.apps.googleusercontent.com`,
  '1//demo-kim-2',
  'zebra',
  'gemini',
  'example.com',
  're',
  'sha256',
  'countTokens',
  'JSON',
  'nginx',
  'ops@box',
  'db.example:5432',
  '/home/ops/.regrant/views/log-20261123T021407-4711.jsonl',
  ...['carl', 'lou', 'x', 'y'].map((name) => `${name}@example.com`),
];

export function nightAccounts(now: number): AccountRow[] {
  const at = (ms: number): number => now - ms;
  return [
    account('anna@example.com', {
      accessExpiresAt: now + 41.2 * MINUTE,
      requests: 1204,
      inFlight: 1,
      lastUsed: at(0),
      quotaPercent: 82,
      projectId: 'p-101',
    }),
    account('ben.long.name@corp.example', {
      accessExpiresAt: now + 12.6 * MINUTE,
      requests: 988,
      errors: 2,
      inFlight: 1,
      lastUsed: at(0),
      quotaPercent: 61,
      projectId: 'p-102',
    }),
    account('kim.ops@example.com', {
      id: 'kim',
      state: 'disabled',
      cause: 'revoked',
      causes: deathCauses,
      reason: 'invalid_grant: Token has been expired or revoked.',
      since: at(155 * SECOND),
      requests: 871,
      errors: 1,
      lastUsed: at(2 * MINUTE),
      projectId: 'p-118',
      createdAt: at(43 * DAY),
      accessExpiresAt: at(177 * SECOND),
    }),
    account('choi@example.com', {
      accessExpiresAt: now + 3.05 * MINUTE,
      requests: 790,
      inFlight: 1,
      lastUsed: at(2 * SECOND),
      quotaPercent: 40,
      grantEndsAt: now + 45.5 * HOUR,
    }),
    account('dora@example.com', {
      state: 'cooling',
      serves: true,
      reason: '429',
      coolingUntil: now + 12 * SECOND,
      coolingWhat: 'project p-118',
      accessExpiresAt: now + 55.2 * MINUTE,
      requests: 655,
      errors: 9,
      lastUsed: at(12 * SECOND),
      quotaPercent: 0,
    }),
    account('eun@example.com', {
      accessExpiresAt: now + 36.9 * MINUTE,
      requests: 601,
      lastUsed: at(4 * SECOND),
      quotaPercent: 58,
      borrowedUntil: now + 36.9 * MINUTE,
    }),
    account('finn@example.com', {
      state: 'proxy_disabled',
      reason: 'by hand',
      since: at(3 * DAY),
      accessExpiresAt: now + 22.3 * MINUTE,
      lastUsed: at(3 * DAY),
      quotaPercent: 99,
    }),
    account('gus@corp.example', {
      state: 'refused',
      cause: 'admin_policy',
      reason: 'policy_enforced: the administrator does not allow this app',
      since: at(HOUR),
      retryAt: now + 14 * MINUTE,
      errors: 3,
      lastUsed: at(HOUR),
    }),
    account('hana@example.com', {
      state: 'unreadable',
      file: 'x7.json',
      reason: 'not JSON, see line 31',
      serves: true,
      accessExpiresAt: now + 44 * MINUTE,
      requests: 310,
      lastUsed: at(9 * SECOND),
      quotaPercent: 77,
    }),
  ];
}

/** The supervisor of the bad night. */
export function night(clock: { now(): number }): TestSupervisor {
  const start = clock.now();
  const perSecond = [9, 11, 14, 12, 8, 10, 15, 18, 12, 9, 7, 12, 14, 16, 13, 12, 11, 12];
  const supervisor = new TestSupervisor(clock, nightAccounts(start), {
    traffic: {
      requests: 5419,
      errors: 15,
      inFlight: 3,
      waiting: 0,
      perSecond,
      errorsPerSecond: perSecond.map((_, at) => (at === 4 ? 1 : 0)),
    },
    alarm: {
      at: start - 155 * SECOND,
      accountId: 'kim',
      email: 'kim.ops@example.com',
      text: 'invalid_grant, Google says the refresh token is dead',
      count: 1,
    },
  });
  const ago = (ms: number): { at: number } => ({ at: start - ms });
  supervisor.event('refreshed', 'anna@example.com', {
    text: 'refreshed',
    ...ago(206 * SECOND),
    tookMs: 201,
    nextAt: start + 51 * MINUTE,
  });
  supervisor.event('disabled', 'kim.ops@example.com', {
    ...ago(155 * SECOND),
    accountId: 'kim',
    cause: 'revoked',
    tookMs: 164,
    text: 'invalid_grant "Token has been expired or revoked."',
    detail:
      'likeliest: revoked (it was 43 d old and worked 59 min before) · on disk · out of pool in 3 ms · 0 requests failed',
  });
  supervisor.event('refused', 'gus@corp.example', {
    ...ago(123 * SECOND),
    cause: 'admin_policy',
    tookMs: 180,
    text: 'policy_enforced: the account file is not touched',
  });
  supervisor.event('refreshed', 'choi@example.com', {
    text: 'refreshed',
    ...ago(9 * SECOND),
    tookMs: 212,
    nextAt: start + 52 * MINUTE,
  });
  const time = (ms: number): { time: number } => ({ time: start - ms });
  supervisor.log('Pool reloaded: 9 accounts, 1 unreadable (x7.json)', time(200 * SECOND));
  supervisor.log(
    'Token refresh failed (kim.ops@example.com): invalid_grant (Token has been expired or revoked.), trying next account',
    { ...time(155 * SECOND), level: 50, account: 'kim.ops@example.com' },
  );
  supervisor.log('Disabling account due to invalid_grant (kim.ops@example.com): refresh_token likely revoked/expired', {
    ...time(155 * SECOND),
    level: 50,
    account: 'kim.ops@example.com',
  });
  const gemini = '/v1beta/models/gemini-2.5-pro';
  supervisor.access({ account: 'choi@example.com', ms: 130, path: `${gemini}:countTokens`, tokens: 911, key: 'ci' });
  supervisor.access({ account: 'ben.long.name@corp.example', ms: 1100, tries: 2, left: ['kim.ops: refresh failed'] });
  supervisor.access({ account: 'dora@example.com', status: 429, ms: 90 }, 40);
  const stream = { stream: true, ttfbMs: 410, path: `${gemini}:streamGenerateContent` };
  supervisor.access({ account: 'anna@example.com', ms: 1800, tokens: 3204, key: 'laptop', ...stream });
  return supervisor;
}
