import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProgramInTerminal } from '../../../scripts/terminal.js';
import { withApp, type App } from '../../support/app.js';
import { loginPage, sshLine } from '../../../src/panes/forms/login-page.js';

const anna = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna' };

/** The link as somebody copies it: whatever the width, one line that only the terminal wraps. */
async function linkOn(screen: ProgramInTerminal): Promise<string> {
  await screen.shows(/Ctrl-C gives up/);
  const link = screen.lines().find((line) => line.startsWith('http'));
  if (link === undefined) throw new Error(`no link in ${screen.text()}`);
  assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/auth\?\S+$/);
  return link;
}

async function answerTo(app: App, link: string, email: string): Promise<string> {
  app.google.signIn(email);
  return (await fetch(link, { redirect: 'manual' })).headers.get('location') ?? '';
}

for (const where of ['the running supervisor', 'the files'] as const) {
  test(`login through ${where}: the link is whole in 60 columns, the address pasted back in two lines is enough`, () =>
    withApp({ accounts: [anna] }, async (app) => {
      const running = where === 'the files' ? null : await app.headless();
      const screen = app.terminal(['login'], { columns: 60, rows: 60 });
      const link = await linkOn(screen);
      assert.match(screen.text(), /ssh -N -L \d+:127\.0\.0\.1:\d+/);
      const address = await answerTo(app, link, 'new@example.com');
      screen.type('http://127.0.0.1:1/?nothing=here\r');
      await screen.shows(/holds no code/);
      screen.type(`${address.slice(0, 70)}\r${address.slice(70)}\r`);
      assert.is(await screen.ended, 0, screen.text());
      assert.match(screen.text(), /new@example\.com is added and ready/);
      const accounts = await app.run(['accounts']);
      assert.match(accounts.stdout, /^ready +new@example\.com$/m);
      await running?.stop();
    }));
}

test('login by listener in a pipe, for a suggested account; the one who did log in is named', () =>
  withApp({ accounts: [anna] }, async (app) => {
    const screen = app.terminal(['login', 'anna@example.com'], { columns: 200, rows: 50 });
    const link = await linkOn(screen);
    assert.is(new URL(link).searchParams.get('login_hint'), 'anna@example.com');
    const other = new URL(link);
    other.searchParams.delete('login_hint');
    const address = await answerTo(app, other.href, 'carla@example.com');
    assert.is((await fetch(address)).status, 200);
    assert.is(await screen.ended, 0);
    assert.match(screen.text(), /it was carla@example\.com who logged in, not anna@example\.com/);
  }));

test('Ctrl-C gives up; an unknown client is refused', () =>
  withApp({ accounts: [anna] }, async (app) => {
    const screen = app.terminal(['login'], { columns: 100 });
    await linkOn(screen);
    screen.type('\x03');
    assert.is(await screen.ended, 130);
    const unknown = await app.run(['login', '--client', 'nope']);
    assert.is(unknown.status, 1);
    assert.match(unknown.stderr, /there is no OAuth client "nope"/);
  }));

test('a terminal that goes away gives up too, and leaves nothing locked', () =>
  withApp({ accounts: [anna] }, async (app) => {
    const screen = app.terminal(['login'], { columns: 100 });
    await linkOn(screen);
    screen.hangUp();
    await screen.ended;
    const accounts = await app.run(['accounts']);
    assert.match(accounts.stdout, /anna@example\.com/);
  }));

test('the ssh line names this machine as SSH knows it, else by its own name', () => {
  const offer = { login: 'l', url: 'https://x', port: 4711, client: 'default', email: null, machine: 'ops@box' };
  assert.is(sshLine(offer, {}), 'ssh -N -L 4711:127.0.0.1:4711 ops@box');
  assert.is(
    sshLine(offer, { SSH_CONNECTION: '10.0.0.9 50000 10.0.0.5 22' }),
    'ssh -N -L 4711:127.0.0.1:4711 ops@10.0.0.5',
  );
  assert.is(
    sshLine(offer, { SSH_CONNECTION: 'fe80::9 50000 fe80::5 2222' }),
    'ssh -N -L 4711:127.0.0.1:4711 -p 2222 ops@fe80::5',
  );
  const page = loginPage({ ...offer, url: `https://x/${'y'.repeat(600)}` }, {}, 'keys');
  assert.ok(page.split('\n').includes(`https://x/${'y'.repeat(600)}`));
});

const ACTS = ['\x1b[2J', '\x1b]52;c;Ynll\x07', '\x9b31m', '\r', '\x08\x08', '\u202e', '\x00', '\x1bP1$q\x1b\\'];

test('nothing that a login prints acts on the terminal: words of settings, of the machine and of SSH', () => {
  for (const act of ACTS) {
    const word = `a${act}b`;
    const offer = {
      login: 'l',
      url: `https://x/${word}`,
      port: 1,
      client: word,
      email: word,
      machine: `${word}@${word}`,
    };
    for (const env of [{}, { SSH_CONNECTION: `1 2 ${word} ${word}` }]) {
      const page = loginPage(offer, env, 'keys');
      assert.not.match(page, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    }
  }
});

test('an e-mail of Google that acts on terminals is printed without its acts', () =>
  withApp({ accounts: [anna] }, async (app) => {
    const child = app.start(['login', 'anna@example.com']);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: string) => (text += part));
    while (!/^http:\S+$/m.test(text)) await new Promise((resolve) => setImmediate(resolve));
    const link = new URL(/^http:\S+$/m.exec(text)?.[0] ?? '');
    link.searchParams.delete('login_hint');
    const address = await answerTo(app, link.href, 'carla\x1b]0;mine\x07@example.com');
    await fetch(address);
    await new Promise((resolve) => child.once('close', resolve));
    assert.match(text, /carla/);
    assert.not.match(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  }));

test.run();
