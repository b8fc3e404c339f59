/** Pictures of every pane, form, dialog and state, at three sizes. */
import { otherAccountText } from '../../src/proxy/recovery/words.js';
import type { SetClock } from './clock.js';
import { allSizes as all, type Scene } from './pictures.js';
import { CLIENT_ID, loginUrl, night } from './scene.js';
import type { TestScreen } from './screen.js';
import { TestSupervisor } from './supervisor.js';

const TOKEN = `1//0g${'Zz9-'.repeat(24)}`;

/** No account, no OAuth client. */
function firstStart(clock: SetClock): TestSupervisor {
  const text = 'no OAuth client is configured: press O and give its id and secret';
  return new TestSupervisor(clock, [], { clients: [], banners: [{ code: 'no_client', severity: 'error', text }] });
}

async function logIn(screen: TestScreen, supervisor: TestSupervisor): Promise<void> {
  await screen.press('.', 'o');
  const where = { port: 41234, client: 'default', email: 'kim.ops@example.com', machine: 'ops@box' };
  await supervisor.last('startLogin').reply({ login: 'login-1', url: loginUrl, ...where });
  await screen.settle();
}

export const nightScenes: readonly Scene[] = [
  { name: 'main', sizes: [...all, [60, 15]] },
  {
    name: 'form-open',
    sizes: [...all, [60, 15]],
    act: async (screen) => {
      await screen.press('r');
    },
  },
  {
    name: 'form-checking',
    async act(screen, supervisor) {
      await screen.press('r');
      await screen.paste(TOKEN);
      await screen.press('Enter');
      const { progress } = supervisor.last('readd');
      progress({ step: 'exchange', status: 'done', text: '198 ms' });
      progress({ step: 'identity', status: 'done', text: 'kim.ops@example.com' });
      progress({ step: 'scopes', status: 'warning', text: 'missing: generative-language.retriever' });
      progress({ step: 'saved', status: 'running', text: '' });
      await screen.settle();
    },
  },
  {
    name: 'form-refused',
    sizes: [...all, [60, 15]],
    async act(screen, supervisor) {
      await screen.press('r');
      await screen.paste(TOKEN);
      await screen.press('Enter');
      supervisor.last('readd').progress({ step: 'exchange', status: 'failed', text: 'invalid_grant' });
      const text = 'Google refused this token: invalid_grant: Bad Request (revoked); nothing was changed';
      await supervisor.last('readd').reply({ outcome: 'refused', cause: 'revoked', text });
      await screen.settle();
    },
  },
  {
    name: 'form-other-account',
    async act(screen, supervisor) {
      await screen.press('r');
      await screen.paste(TOKEN);
      await screen.press('Enter');
      const text = otherAccountText('carl@example.com', 'kim.ops@example.com', true);
      await supervisor.last('readd').reply({ outcome: 'other_account', pending: 'p', email: 'carl@example.com', text });
      await screen.settle();
    },
  },
  {
    name: 'form-saved',
    async act(screen, supervisor) {
      await screen.press('r');
      await screen.paste(TOKEN);
      await screen.press('Enter');
      const asked = supervisor.last('readd');
      for (const step of ['exchange', 'identity', 'scopes', 'saved', 'reloaded', 'upstream'] as const)
        asked.progress({ step, status: 'done', text: '' });
      asked.progress({ step: 'served', status: 'running', text: 'waiting for the next request' });
      const text = 'kim.ops@example.com is re-added and ready';
      await asked.reply({
        outcome: 'saved',
        accountId: 'kim',
        email: 'kim.ops@example.com',
        created: false,
        keptOut: null,
        text,
      });
      supervisor.update(
        'kim.ops@example.com',
        { state: 'ready', serves: true, reason: '', since: null, cause: null },
        { alarm: null },
      );
      await screen.news();
    },
  },
  { name: 'add', act: (screen) => screen.press('a') },
  { name: 'detail', act: (screen) => screen.press('Enter') },
  { name: 'help', act: (screen) => screen.press('?') },
  {
    name: 'palette',
    sizes: [...all, [60, 15]],
    async act(screen) {
      await screen.press(':');
      await screen.type('re');
    },
  },
  { name: 'quit', sizes: [...all, [60, 15]], act: (screen) => screen.press('q') },
  { name: 'suspend', act: (screen) => screen.press('C-z') },
  { name: 'remove', act: (screen) => screen.press('Space', 'Space', 'x') },
  {
    name: 'filter',
    sizes: [...all, [60, 15]],
    async act(screen) {
      await screen.press('/');
      await screen.type('example.com');
    },
  },
  {
    name: 'log-zoomed-paused',
    async act(screen, supervisor) {
      await screen.press('2', 'z', 'k', 'k', 'm');
      supervisor.log('came while paused');
      await screen.news();
    },
  },
  { name: 'record', act: (screen) => screen.press('2', 'Enter') },
  { name: 'refreshes-focused', act: (screen) => screen.press('3', 'j') },
  {
    name: 'empty',
    supervisor: (clock) => new TestSupervisor(clock, [], { dataDir: '/home/ops/.regrant' }),
  },
  {
    name: 'no-client',
    supervisor: firstStart,
  },
  { name: 'setup', sizes: [...all, [60, 15]], supervisor: firstStart, act: (screen) => screen.press('O') },
  {
    name: 'setup-refused',
    supervisor: firstStart,
    async act(screen, supervisor) {
      await screen.press('O');
      await screen.paste(`${CLIENT_ID} GOCSPX-secret`);
      await screen.press('Enter');
      const text =
        'Google says invalid_client (Unauthorized); compare id and secret with what the Google Cloud console shows';
      await supervisor.last('setUpClient').reply({ ok: false, text: `nothing is saved: ${text}` });
      await screen.settle();
    },
  },
  {
    name: 'setup-saved',
    supervisor: firstStart,
    async act(screen, supervisor) {
      await screen.press('O');
      await screen.paste(`${CLIENT_ID} GOCSPX-secret`);
      await screen.press('Enter');
      supervisor.set({ clients: [{ name: 'default', id: CLIENT_ID, hasSecret: true }], banners: [] });
      const text = 'OAuth client "default" is saved and used from now on: Google knows it';
      await supervisor.last('setUpClient').reply({ ok: true, text });
      await screen.news();
    },
  },
  {
    name: 'login-page',
    act: (screen, supervisor) => logIn(screen, supervisor),
  },
  {
    name: 'login',
    sizes: [...all, [60, 15]],
    async act(screen, supervisor) {
      await logIn(screen, supervisor);
      await screen.press('Enter');
    },
  },
  {
    name: 'login-pasted',
    async act(screen, supervisor) {
      await logIn(screen, supervisor);
      await screen.paste('http://127.0.0.1:41234/?code=4/0secret&state=s1');
    },
  },
  {
    name: 'login-checking',
    async act(screen, supervisor) {
      await logIn(screen, supervisor);
      await screen.press('Enter');
      const { progress } = supervisor.last('awaitLogin');
      progress({ step: 'exchange', status: 'done', text: '198 ms, client default' });
      progress({ step: 'identity', status: 'done', text: 'kim.ops@example.com' });
      progress({ step: 'scopes', status: 'warning', text: 'missing: generative-language.retriever' });
      progress({ step: 'saved', status: 'running', text: '' });
      await screen.settle();
    },
  },
  {
    name: 'login-other-account',
    async act(screen, supervisor) {
      await logIn(screen, supervisor);
      await screen.press('Enter');
      await supervisor.last('awaitLogin').reply({
        outcome: 'other_account',
        pending: 'p1',
        email: 'lou@example.com',
        text: otherAccountText('lou@example.com', 'kim.ops@example.com', false),
      });
      await screen.settle();
    },
  },
  {
    name: 'login-over',
    async act(screen, supervisor) {
      await logIn(screen, supervisor);
      await screen.press('Enter');
      const text = 'the login is over: it was left for 15 minutes; nothing was saved';
      await supervisor.last('awaitLogin').reply({ outcome: 'login_over', text });
      await screen.settle();
    },
  },
  {
    name: 'charts',
    sizes: [...all, [60, 15]],
    async act(screen) {
      await screen.press(':');
      await screen.type('charts');
      await screen.press('Enter');
    },
  },
  {
    name: 'replay',
    supervisor(clock) {
      const supervisor = night(clock);
      supervisor.set({ lastLooked: clock.now() - 8 * 3600_000 });
      return supervisor;
    },
  },
  {
    name: 'hint',
    sizes: [...all, [60, 15]],
    async act(screen, supervisor) {
      supervisor.set({ hint: 'press . and r, paste  1//demo-kim-2  and press Enter.' });
      await screen.news();
    },
  },
  {
    name: 'flash',
    async act(screen, supervisor) {
      await screen.advance(468 + 40);
      const reason = 'invalid_grant: Token has been expired or revoked.';
      const now = screen.clock.now();
      const dead = { state: 'disabled', serves: false, reason, since: now, cause: 'revoked' } as const;
      const alarm = {
        at: now,
        accountId: 'anna-example-com',
        email: 'anna@example.com',
        text: 'invalid_grant',
        count: 2,
      };
      supervisor.update('anna@example.com', dead, { alarm });
      await screen.news();
    },
  },
  {
    name: 'batch',
    async act(screen, supervisor) {
      await screen.press('a');
      await screen.paste(['1//0first-token-1', '1//0second-token-2', '1//0third-token-3'].join('\n'));
      await screen.press('Enter');
      const saved = { outcome: 'saved', accountId: 'x', email: 'x@example.com', created: true, keptOut: null } as const;
      await supervisor.last('readd').reply({ ...saved, text: 'x@example.com is added and ready' });
      await screen.settle();
      await supervisor.last('readd').reply({
        outcome: 'refused',
        cause: 'revoked',
        text: 'Google refused this token: invalid_grant: Bad Request (revoked); nothing was changed',
      });
      await screen.settle();
      supervisor.last('readd').progress({ step: 'identity', status: 'done', text: 'y@example.com' });
      await screen.settle();
    },
  },
  {
    name: 'log-match',
    async act(screen) {
      await screen.press('2', '/');
      await screen.type('gemini');
      await screen.press('Enter', 'Escape', 'g', 'n', 't');
    },
  },
  { name: 'no-colour', env: { TERM: 'xterm-256color', LANG: 'C.UTF-8', NO_COLOR: '1' } },
  { name: 'sixteen', env: { TERM: 'xterm', LANG: 'C.UTF-8' } },
  { name: 'light', env: { TERM: 'xterm-256color', LANG: 'C.UTF-8', COLORFGBG: '0;15' } },
  { name: 'ascii', env: { TERM: 'linux', LANG: 'C' }, act: (screen) => screen.press('r') },
];
