/** Pictures of every pane, form, dialog and state, at three sizes. */
import { test } from 'uvu';
import { setClock, type SetClock } from '../support/clock.js';
import { golden } from '../support/golden.js';
import { night } from '../support/scene.js';
import { withScreen, type Cell, type TestScreen } from '../support/screen.js';
import { TestSupervisor } from '../support/supervisor.js';

process.env.TZ = 'UTC';
// the charts' widgets come in a turn of their own, which is a short one once they are loaded
await import('blessed-contrib');

const TOKEN = `1//0g${'Zz9-'.repeat(24)}`;

interface Scene {
  readonly name: string;
  readonly sizes?: readonly (readonly [number, number])[];
  readonly env?: NodeJS.ProcessEnv;
  readonly supervisor?: (clock: SetClock) => TestSupervisor;
  readonly act?: (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>;
}

const all = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const;
const middle = [[120, 40]] as const;

const CLIENT_ID = '123456789012-abcdefghijklmnopqrstuvwxyz012345.apps.googleusercontent.com';

/** No account, no OAuth client. */
function firstStart(clock: SetClock): TestSupervisor {
  const text = 'no OAuth client is configured: press O and give its id and secret';
  return new TestSupervisor(clock, [], { clients: [], banners: [{ code: 'no_client', severity: 'error', text }] });
}

async function logIn(screen: TestScreen, supervisor: TestSupervisor): Promise<void> {
  await screen.press('.', 'o');
  const url = `https://accounts.google.com/o/oauth2/v2/auth?client_id=${CLIENT_ID}&scope=openid+email&state=s1&code_challenge=${'c'.repeat(43)}`;
  const where = { port: 41234, client: 'default', email: 'kim.ops@example.com', machine: 'ops@box' };
  await supervisor.last('startLogin').reply({ login: 'login-1', url, ...where });
  await screen.settle();
}

const scenes: readonly Scene[] = [
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
    sizes: all,
    async act(screen, supervisor) {
      await screen.press('r');
      await screen.paste(TOKEN);
      await screen.press('Enter');
      const { progress } = supervisor.last('regrant');
      progress({ step: 'exchange', status: 'done', text: '198 ms' });
      progress({ step: 'identity', status: 'done', text: 'kim.ops@example.com' });
      progress({ step: 'scopes', status: 'warning', text: 'generative-language.retriever is missing' });
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
      supervisor.last('regrant').progress({ step: 'exchange', status: 'failed', text: 'invalid_grant' });
      const text =
        'Google refused it: invalid_grant "Bad Request". Nothing was written; paste another one, or log in again.';
      await supervisor.last('regrant').reply({ outcome: 'refused', cause: 'revoked', text });
      await screen.settle();
    },
  },
  {
    name: 'form-other-account',
    sizes: all,
    async act(screen, supervisor) {
      await screen.press('r');
      await screen.paste(TOKEN);
      await screen.press('Enter');
      const text = 'This token belongs to carl@example.com, not to kim.ops@example.com. Save it for carl@example.com?';
      await supervisor
        .last('regrant')
        .reply({ outcome: 'other_account', pending: 'p', email: 'carl@example.com', text });
      await screen.settle();
    },
  },
  {
    name: 'form-saved',
    sizes: all,
    async act(screen, supervisor) {
      await screen.press('r');
      await screen.paste(TOKEN);
      await screen.press('Enter');
      const asked = supervisor.last('regrant');
      for (const step of ['exchange', 'identity', 'scopes', 'saved', 'reloaded', 'upstream'] as const)
        asked.progress({ step, status: 'done', text: '' });
      asked.progress({ step: 'served', status: 'running', text: 'waiting for a request' });
      const text = 'kim.ops@example.com is back: saved, in the pool, and the upstream answers.';
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
  { name: 'add', sizes: all, act: (screen) => screen.press('a') },
  { name: 'detail', sizes: all, act: (screen) => screen.press('Enter') },
  { name: 'help', sizes: all, act: (screen) => screen.press('?') },
  {
    name: 'palette',
    sizes: [...all, [60, 15]],
    async act(screen) {
      await screen.press(':');
      await screen.type('re');
    },
  },
  { name: 'quit', sizes: [...all, [60, 15]], act: (screen) => screen.press('q') },
  { name: 'suspend', sizes: all, act: (screen) => screen.press('C-z') },
  { name: 'remove', sizes: all, act: (screen) => screen.press('Space', 'Space', 'x') },
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
    sizes: all,
    async act(screen, supervisor) {
      await screen.press('2', 'z', 'k', 'k', 'm');
      supervisor.log('came while paused');
      await screen.news();
    },
  },
  { name: 'record', sizes: all, act: (screen) => screen.press('2', 'Enter') },
  { name: 'refreshes-focused', sizes: all, act: (screen) => screen.press('3', 'j') },
  {
    name: 'empty',
    sizes: all,
    supervisor: (clock) => new TestSupervisor(clock, [], { dataDir: '/home/ops/.regrant' }),
  },
  {
    name: 'no-client',
    sizes: all,
    supervisor: firstStart,
  },
  { name: 'setup', sizes: [...all, [60, 15]], supervisor: firstStart, act: (screen) => screen.press('O') },
  {
    name: 'setup-refused',
    sizes: all,
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
    sizes: all,
    supervisor: firstStart,
    async act(screen, supervisor) {
      await screen.press('O');
      await screen.paste(`${CLIENT_ID} GOCSPX-secret`);
      await screen.press('Enter');
      supervisor.set({ clients: [{ name: 'default', id: CLIENT_ID }], banners: [] });
      const text = 'OAuth client "default" is saved and used from now on: Google knows it';
      await supervisor.last('setUpClient').reply({ ok: true, text });
      await screen.settle();
    },
  },
  {
    name: 'login-page',
    sizes: all,
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
    sizes: all,
    async act(screen, supervisor) {
      await logIn(screen, supervisor);
      await screen.paste('http://127.0.0.1:41234/?code=4/0secret&state=s1');
    },
  },
  {
    name: 'login-checking',
    sizes: all,
    async act(screen, supervisor) {
      await logIn(screen, supervisor);
      await screen.press('Enter');
      const { progress } = supervisor.last('awaitLogin');
      progress({ step: 'exchange', status: 'done', text: '198 ms, client default' });
      progress({ step: 'identity', status: 'done', text: 'kim.ops@example.com' });
      progress({ step: 'scopes', status: 'warning', text: 'generative-language.retriever is missing' });
      progress({ step: 'saved', status: 'running', text: '' });
      await screen.settle();
    },
  },
  {
    name: 'login-other-account',
    sizes: all,
    async act(screen, supervisor) {
      await logIn(screen, supervisor);
      await screen.press('Enter');
      await supervisor.last('awaitLogin').reply({
        outcome: 'other_account',
        pending: 'p1',
        email: 'lou@example.com',
        text: 'this login is lou@example.com, not kim.ops@example.com; save it for lou@example.com?',
      });
      await screen.settle();
    },
  },
  {
    name: 'login-over',
    sizes: all,
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
    sizes: all,
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
      supervisor.set({ hint: 'demo: press r, paste 1//demo-kim-2 and press Enter' });
      await screen.news();
    },
  },
  {
    name: 'flash',
    sizes: all,
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
    sizes: all,
    async act(screen, supervisor) {
      await screen.press('a');
      await screen.paste(['1//0first-token-1', '1//0second-token-2', '1//0third-token-3'].join('\n'));
      await screen.press('Enter');
      const saved = { outcome: 'saved', accountId: 'x', email: 'x@example.com', created: true, keptOut: null } as const;
      await supervisor.last('regrant').reply({ ...saved, text: 'x@example.com is added and ready' });
      await screen.settle();
      await supervisor
        .last('regrant')
        .reply({ outcome: 'refused', cause: 'revoked', text: 'invalid_grant: Bad Request' });
      await screen.settle();
      supervisor.last('regrant').progress({ step: 'identity', status: 'done', text: 'y@example.com' });
      await screen.settle();
    },
  },
  {
    name: 'log-match',
    sizes: all,
    async act(screen) {
      await screen.press('2', '/');
      await screen.type('gemini');
      await screen.press('Enter', 'Escape', 'g', 'n', 't');
    },
  },
  { name: 'no-colour', sizes: middle, env: { TERM: 'xterm-256color', LANG: 'C.UTF-8', NO_COLOR: '1' } },
  { name: 'sixteen', sizes: middle, env: { TERM: 'xterm', LANG: 'C.UTF-8' } },
  { name: 'light', sizes: middle, env: { TERM: 'xterm-256color', LANG: 'C.UTF-8', COLORFGBG: '0;15' } },
  { name: 'ascii', sizes: middle, env: { TERM: 'linux', LANG: 'C' }, act: (screen) => screen.press('r') },
];

/** Runs of cells that do not look like plain text, a line a row: `12+8 203` is eight cells from the twelfth on in colour 203. */
function coloursOf(screen: TestScreen): string {
  const lookOf = ({ fg, bg, bold, inverse }: Cell): string =>
    [fg === 'default' ? '' : fg, bg === 'default' ? '' : `on ${bg}`, bold ? 'bold' : '', inverse ? 'reverse' : '']
      .filter((part) => part !== '')
      .join(' ');
  return screen
    .rows()
    .map(({ y, cells }) => {
      const runs: { from: number; length: number; look: string }[] = [];
      for (const [x, cell] of cells.entries()) {
        const look = lookOf(cell);
        const last = runs.at(-1);
        if (last?.look === look) last.length += 1;
        else runs.push({ from: x, length: 1, look });
      }
      const shown = runs.filter(({ look }) => look !== '').map(({ from, length, look }) => `${from}+${length} ${look}`);
      return `${String(y).padStart(2)}  ${shown.join(' | ')}`.trimEnd();
    })
    .join('\n');
}

for (const scene of scenes) {
  for (const [cols, rows] of scene.sizes ?? all) {
    test(`${scene.name} at ${cols}x${rows}`, async () => {
      const clock = setClock(Date.UTC(2026, 10, 23, 2, 14, 7));
      const supervisor = scene.supervisor?.(clock) ?? night(clock);
      const options = {
        clock,
        cols,
        rows,

        ...(scene.env !== undefined && { env: scene.env }),
      };
      await withScreen(supervisor, options, async (screen) => {
        await scene.act?.(screen, supervisor);
        await screen.settle();
        golden(`${scene.name}-${cols}x${rows}`, screen.text());
        golden(`${scene.name}-${cols}x${rows}.colours`, coloursOf(screen));
      });
    });
  }
}

test.run();
