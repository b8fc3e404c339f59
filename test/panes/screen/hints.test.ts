/** What the screen tells a new user: at every step the key that leads on, and never one that does not act there. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { withScreen, type TestScreen } from '../../support/screen.js';
import { account, TestSupervisor } from '../../support/supervisor.js';

const small = (
  make: (clock: ReturnType<typeof setClock>) => TestSupervisor,
  use: (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>,
): Promise<void> => {
  const clock = setClock(Date.UTC(2026, 10, 23, 2, 14, 7));
  const supervisor = make(clock);
  return withScreen(supervisor, { clock, cols: 80, rows: 24 }, (screen) => use(screen, supervisor));
};
const foot = (screen: TestScreen): string => screen.rows().at(-1)?.text ?? '';
const noClient = (clock: ReturnType<typeof setClock>): TestSupervisor => new TestSupervisor(clock, [], { clients: [] });

test('without an OAuth client the foot has O, and keys that need an account say that O comes first', () =>
  small(noClient, async (screen, supervisor) => {
    assert.match(foot(screen), /O set up/);
    for (const key of ['r', 't', 'e', 'x', 'T']) {
      await screen.press(key);
      assert.match(foot(screen), /there is no account yet: O sets up the OAuth client first/);
    }
    supervisor.set({ clients: [{ name: 'default', id: '1.apps.googleusercontent.com', hasSecret: true }] });
    await screen.news();
    await screen.press('r');
    assert.match(foot(screen), /o logs in, a takes a token/);
    await screen.press('j');
    assert.not.match(foot(screen), /O set up/);
  }));

test('a form without an OAuth client leads to its set-up by Ctrl-O, since O is a letter there', () =>
  small(noClient, async (screen, supervisor) => {
    await screen.press('a');
    assert.ok(screen.has('none yet: Ctrl-O sets it up'));
    await screen.paste('1//0token');
    await screen.press('Enter');
    const text = 'nothing was sent: no OAuth client is configured; press O and give its id and secret';
    await supervisor.last('readd').reply({ outcome: 'refused', cause: 'client_missing', text });
    await screen.settle();
    assert.ok(screen.has('there is no OAuth client yet; Ctrl-O sets it up'));
    assert.not.ok(screen.has('press O'));
    await screen.press('C-o');
    assert.ok(screen.has('set up your OAuth client'));
  }));

test('what the upstream said against an account is told whole, in the form and in the login', () => {
  const said =
    '403: the Generative Language API is not enabled in the quota project; enable it in the Cloud console, then t';
  const words = (screen: TestScreen): string =>
    screen
      .rows()
      .map(({ text }) => text.replace(/[│║└┘┌┐─]/g, ' ').trim())
      .join(' ')
      .replace(/ +/g, ' ');
  return small(
    (clock) => new TestSupervisor(clock, [account('ann@example.com')]),
    async (screen, supervisor) => {
      await screen.press('r');
      await screen.paste('1//0token');
      await screen.press('Enter');
      supervisor.last('readd').progress({ step: 'upstream', status: 'warning', text: said });
      await screen.settle();
      assert.ok(words(screen).includes(`6 upstream answers ▲ ${said}`), screen.text());
      await screen.press('Escape', 'o');
      const where = { port: 41234, client: 'default', email: 'ann@example.com', machine: 'ops@box' };
      await supervisor.last('startLogin').reply({ login: 'l', url: 'https://accounts.google.com/o/x', ...where });
      await screen.settle();
      await screen.press('Enter');
      supervisor.last('awaitLogin').progress({ step: 'upstream', status: 'warning', text: said });
      await screen.settle();
      assert.ok(words(screen).includes(`▲ upstream answers ${said}`), screen.text());
    },
  );
});

test('with an account and no request yet, the line says how a client is pointed here, for this data directory', async () => {
  const at = (dataDir: string, expected: RegExp): Promise<void> =>
    small(
      (clock) => new TestSupervisor(clock, [account('ann@example.com')], { dataDir }),
      (screen) => {
        assert.match(screen.rows()[1]?.text.trim() ?? '', expected);
        return Promise.resolve();
      },
    );
  await at('/home/ops/.regrant', /^no request yet: eval "\$\(regrant env\)" points a client here$/);
  await at('/srv/pool', /^no request yet: eval "\$\(regrant env --data-dir \/srv\/pool\)" points a client here$/);
});

test('a new account is added, one that was dead has recovered', () =>
  small(
    (clock) => new TestSupervisor(clock, [account('ann@example.com')]),
    async (screen, supervisor) => {
      supervisor.event('recovered', 'ann@example.com', { text: 'added: refresh token of 103 chars' });
      await screen.news();
      assert.ok(screen.has(/✔ added +ann@… refresh token of 103 chars/));
      supervisor.event('recovered', 'ann@example.com', { text: 're-added: refresh token of 103 chars' });
      await screen.news();
      assert.ok(screen.has(/✔ recovered ann@… re-added: refresh token of 103 chars/));
    },
  ));

test('the link that Google wants opened is copied from the detail of a blocked account, elsewhere the e-mail', () => {
  const link = 'https://accounts.google.com/signin/continue?x=1';
  const blocked = account('ann@example.com', { state: 'blocked', serves: false, validationUrl: link });
  return small(
    (clock) => new TestSupervisor(clock, [blocked]),
    async (screen) => {
      const written: string[] = [];
      const write = screen.terminal.write.bind(screen.terminal);
      screen.terminal.write = (data, done) => {
        written.push(String(data));
        write(data, done);
      };
      const isCopied = (text: string): boolean =>
        written.join('').includes(`]52;c;${Buffer.from(text).toString('base64')}`);
      await screen.press('Enter');
      assert.ok(screen.has(`open this link in a browser (y copies it), then t:`));
      await screen.press('y');
      assert.ok(isCopied(link));
      await screen.press('Escape', 'y');
      assert.ok(isCopied('ann@example.com'));
    },
  );
});

test('an account whose OAuth client is not configured is told the key that sets it up', () =>
  small(
    (clock) =>
      new TestSupervisor(clock, [account('ann@example.com', { state: 'no_client', serves: false, client: 'work' })]),
    async (screen) => {
      await screen.press('Enter');
      assert.ok(screen.has('O  set up the OAuth client "work"'));
    },
  ));

test.run();
