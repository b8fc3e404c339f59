/** Pictures of every state of an account, a form, a dialog and the screen that is not the one they begin with. */
import type { AccountRow, AccountState } from '../../src/proxy/contract/snapshot.js';
import { keptOutText } from '../../src/proxy/recovery/words.js';
import { lossOf } from '../../src/store/accounts/patches.js';
import type { SetClock } from './clock.js';
import { allSizes, type Scene } from './pictures.js';
import type { TestScreen } from './screen.js';
import { account, TestSupervisor } from './supervisor.js';

const TOKEN = `1//0g${'Zz9-'.repeat(24)}`;
const KIM = 'kim.ops@example.com';
const MINUTE = 60_000;

/** One account in each state there is, and what can be the matter with one that serves. */
function everyState(clock: SetClock): TestSupervisor {
  const now = clock.now();
  const out = (state: AccountState, over: Partial<AccountRow>): AccountRow =>
    account(`${state.replace('_', '.')}@example.com`, { state, serves: false, since: now - 25 * MINUTE, ...over });
  const blocked = {
    reason: 'Google asks a human to verify the account',
    validationUrl: 'https://accounts.google.com/signin/c',
  };
  return new TestSupervisor(clock, [
    account('ready@example.com', { accessExpiresAt: now + 41 * MINUTE, requests: 12, quotaPercent: 82 }),
    out('cooling', { serves: true, reason: 'rate limit, asked to wait 30 s', coolingUntil: now + 12_000 }),
    out('disabled', {
      cause: 'revoked',
      reason: 'invalid_grant: Bad Request',
      notSaved: 'no space left on the disk (ENOSPC)',
    }),
    out('proxy_disabled', { reason: 'by hand' }),
    out('refused', { cause: 'access_denied', reason: 'access_denied: not a test user', retryAt: now + 14 * MINUTE }),
    out('blocked', blocked),
    out('no_client', { reason: 'OAuth client "work" is not configured', client: 'work' }),
    out('unreadable', { email: '', file: 'x7.json', reason: 'token.refresh_token is missing', refreshToken: null }),
    account('trouble@example.com', {
      trouble: 'connection refused',
      retryAt: now + 8000,
      accessExpiresAt: now + 9e5,
    }),
    account('asked@example.com', { refreshing: true, accessExpiresAt: now - 1 }),
  ]);
}

/** Every account serves. */
const calm = (clock: SetClock): TestSupervisor =>
  new TestSupervisor(clock, [account('ann@example.com', { requests: 3 }), account('bob@example.com')]);

const detailOf =
  (email: string): NonNullable<Scene['act']> =>
  async (screen) => {
    await screen.press('/');
    await screen.type(email);
    await screen.press('Enter', 'Enter');
  };

async function sent(screen: TestScreen, key: string): Promise<void> {
  await screen.press(key);
  await screen.paste(TOKEN);
  await screen.press('Enter');
}

async function begunLogin(screen: TestScreen, supervisor: TestSupervisor): Promise<void> {
  await screen.press('.', 'o');
  const where = { port: 41234, client: 'default', email: KIM, machine: 'ops@box' };
  await supervisor.last('startLogin').reply({ login: 'login-1', url: 'https://accounts.google.com/o/x', ...where });
  await screen.settle();
  await screen.press('Enter');
}

const savedAs = { outcome: 'saved', accountId: 'kim', email: KIM, created: false, keptOut: null } as const;

export const stateScenes: readonly Scene[] = [
  { name: 'states', sizes: [...allSizes, [60, 15]], supervisor: everyState },
  { name: 'calm', supervisor: calm },
  {
    name: 'down',
    supervisor: (clock) => new TestSupervisor(clock, [account(KIM, { state: 'refused', serves: false })]),
  },
  { name: 'attached', attached: true },
  {
    name: 'draining',
    async act(screen, supervisor) {
      supervisor.set({ draining: true });
      await screen.news();
    },
  },
  {
    name: 'banners',
    async act(screen, supervisor) {
      const texts = [
        'no OAuth client is configured: press O and give its id and secret',
        'the log file cannot be written: no space left on the disk (ENOSPC)',
        'a new process takes over: waiting for the new process to start',
        'no news from pid 4711: all this is old; it is suspended (fg) or hangs (kill)',
      ];
      const severities = ['error', 'warning', 'info', 'warning'] as const;
      supervisor.set({
        banners: texts.map((text, at) => ({ code: `b${at}`, severity: severities[at] ?? 'info', text })),
      });
      await screen.news();
    },
  },
  {
    name: 'testing',
    async act(screen, supervisor) {
      await screen.press('T');
      supervisor.set({
        testing: { done: 4, of: 9, refused: 1, unanswered: 1, since: supervisor.snapshot().now - 2_000 },
      });
      await screen.news();
    },
  },
  {
    name: 'acting',
    async act(screen, supervisor) {
      await screen.press('*');
      const acting = {
        what: 'off',
        done: 12_345,
        failed: 12,
        of: 20_000,
        since: supervisor.snapshot().now - 50_000,
      } as const;
      supervisor.set({ acting });
      await screen.news();
    },
  },
  { name: 'marks', act: (screen) => screen.press('Space', 'j', 'Space', 's') },
  ...['ready', 'cooling', 'proxy.disabled', 'refused', 'blocked', 'no.client', 'x7', 'trouble'].map((name): Scene => ({
    name: `detail-${name.replace('.', '-')}`,
    supervisor: everyState,
    act: detailOf(name),
  })),
  {
    name: 'form-clients',
    async act(screen, supervisor) {
      const ids = ['default', 'work'].map((name, at) => ({
        name,
        id: `${at}-${'a'.repeat(32)}.apps.googleusercontent.com`,
        hasSecret: true,
      }));
      supervisor.set({ clients: ids });
      await screen.news();
      await screen.press('r', 'Tab', 'Tab');
    },
  },
  {
    name: 'form-pasted',
    async act(screen) {
      await screen.press('r');
      await screen.paste(`{"refresh_token":"${TOKEN}"}`);
    },
  },
  {
    name: 'form-identity-unknown',
    async act(screen, supervisor) {
      await sent(screen, 'r');
      const text = 'Google took the token, but does not say whose it is: answers 503; nothing is saved yet, ask again';
      await supervisor.last('readd').reply({ outcome: 'identity_unknown', pending: 'p', email: null, text });
      await screen.settle();
    },
  },
  {
    name: 'form-kept-out',
    async act(screen, supervisor) {
      await sent(screen, 'r');
      const keptOut = keptOutText('proxy_disabled', 'by hand');
      const text = `${KIM} is re-added; ${keptOut}`;
      await supervisor.last('readd').reply({ ...savedAs, keptOut, text });
      await screen.settle();
    },
  },
  {
    name: 'batch-pasted',
    async act(screen) {
      await screen.press('a');
      await screen.paste(['1//0first-token-1', '1//0second-token-2', '1//0third-token-3'].join('\n'));
    },
  },
  { name: 'login-starting', act: (screen) => screen.press('.', 'o') },
  {
    name: 'login-identity-unknown',
    async act(screen, supervisor) {
      await begunLogin(screen, supervisor);
      const text = 'Google took the token, but does not say whose it is: answers 503; nothing is saved yet, ask again';
      await supervisor.last('awaitLogin').reply({ outcome: 'identity_unknown', pending: 'p1', email: null, text });
      await screen.settle();
    },
  },
  {
    name: 'login-saved',
    async act(screen, supervisor) {
      await begunLogin(screen, supervisor);
      const asked = supervisor.last('awaitLogin');
      for (const step of ['exchange', 'identity', 'scopes', 'saved', 'reloaded', 'upstream'] as const)
        asked.progress({ step, status: 'done', text: step === 'identity' ? KIM : '' });
      await asked.reply({ ...savedAs, text: `${KIM} is re-added and ready` });
      await screen.settle();
    },
  },
  {
    name: 'setup-checking',
    supervisor: (clock) => new TestSupervisor(clock, [], { clients: [] }),
    async act(screen) {
      await screen.press('O');
      await screen.paste(`123456789012-${'a'.repeat(32)}.apps.googleusercontent.com GOCSPX-secret`);
      await screen.press('Enter');
    },
  },
  {
    name: 'quit-unsaved',
    async act(screen, supervisor) {
      supervisor.update('anna@example.com', {
        notSaved: 'no space left on the disk (ENOSPC)',
        unsaved: [lossOf.rotate],
      });
      await screen.news();
      await screen.press('q');
    },
  },
  { name: 'quit-again', act: (screen) => screen.press('C-c', 'C-c') },
  {
    name: 'filter-wrong',
    async act(screen) {
      await screen.press('/');
      await screen.type('~[');
    },
  },
  {
    name: 'filter-none',
    async act(screen) {
      for (const pane of ['1', '3', '2']) {
        await screen.press(pane, '/');
        await screen.type('zebra');
        await screen.press('Enter');
      }
    },
  },
  { name: 'log-wrapped', act: (screen) => screen.press('2', 'k', 'k', 'w', 't') },
  { name: 'log-account', act: (screen) => screen.press('2', 'c', 'l') },
  {
    name: 'log-sources',
    async act(screen, supervisor) {
      supervisor.log('GET /healthz 200', { source: 'nginx' });
      supervisor.log('upstream timed out', { source: 'nginx', level: 40 });
      await screen.news();
    },
  },
  {
    name: 'refreshes-newer',
    async act(screen, supervisor) {
      await screen.press('3', 'j', 'z');
      supervisor.event('recovered', KIM, { text: 'recovered: Google honours its stored refresh token again' });
      supervisor.event('served', KIM, {
        text: 'first request since its recovery: POST /v1beta/models/gemini-2.5-pro:generateContent (request r9)',
      });
      await screen.news();
    },
  },
  {
    name: 'said-long',
    async act(screen, supervisor) {
      await screen.press('2', 'S');
      const text = `6 lines saved to /home/ops/.regrant/views/log-20261123T021407-4711.jsonl`;
      await supervisor.last('saveView').reply({ ok: true, text });
      await screen.settle();
    },
  },
  {
    name: 'too-small',
    sizes: [
      [59, 15],
      [60, 14],
      [20, 5],
    ],
  },
  { name: 'form-ascii', env: { TERM: 'vt100', LANG: 'C' }, supervisor: everyState, act: (screen) => screen.press('r') },
];
