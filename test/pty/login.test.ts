import { OAuth2Server } from 'oauth2-mock-server';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProgramInTerminal } from '../../scripts/terminal.js';
import { withApp, type App } from '../support/app.js';

const bob = {
  id: 'b1',
  email: 'bob@example.com',
  refreshToken: '1//0dead-token-of-bob',
  disabled: true,
  disabled_at: 1_700_000_000,
  disabled_reason: 'invalid_grant: Token has been expired or revoked.',
};

/** An authorization server that is not ours; its consent page sends the browser straight back. */
async function withMockServer(
  email: string,
  use: (issuer: string, server: OAuth2Server) => Promise<void>,
): Promise<void> {
  const server = new OAuth2Server();
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  server.service.on('beforeUserinfo', (response: { body: unknown }) => {
    response.body = { sub: 'somebody', email };
  });
  server.service.on('beforeTokenSigning', (token: { payload: Record<string, unknown> }) => {
    token.payload.email = email;
  });
  try {
    await use(`http://127.0.0.1:${server.address().port}`, server);
  } finally {
    await server.stop();
  }
}

const settingsFor = (issuer: string) => ({
  oauth: { authUrl: `${issuer}/authorize`, tokenUrl: `${issuer}/token`, userInfoUrl: `${issuer}/userinfo` },
});

/** What a person copies: in a narrow terminal the link takes several rows, and only the terminal wrapped it. */
async function linkOn(screen: ProgramInTerminal): Promise<string> {
  await screen.shows(/Enter returns to the screen/);
  assert.not.ok(screen.modes().alternateScreen);
  const link = screen.lines().find((line) => line.startsWith('http'));
  if (link === undefined) throw new Error(`no link in ${screen.text()}`);
  assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/authorize\?\S+$/);
  assert.not.ok(screen.text().includes(link), 'it takes several rows');
  assert.ok(screen.written.includes(`\n${link}\r`), 'in the bytes it is one run');
  return link;
}

/** Opens the link as a browser does, and gives the address that it is sent to. */
const addressBehind = async (link: string): Promise<string> =>
  (await fetch(link, { redirect: 'manual' })).headers.get('location') ?? '';

async function openLogin(app: App, keys: string, columns = 60): Promise<ProgramInTerminal> {
  const screen = app.terminal([], { columns, rows: 50 });
  await screen.shows(/DISABLED +bob@example\.com/);
  for (const key of keys) {
    screen.type(key);
    if (key === 'r') await screen.shows(/new refresh token for bob@example\.com/);
  }
  return screen;
}

async function assertBack(app: App, screen: ProgramInTerminal): Promise<void> {
  await screen.shows(/bob@example\.com is re-added and ready/);
  screen.type('\r');
  await screen.shows(/ready +bob@example\.com/);
  const file = await app.dir.read('b1');
  assert.is(file.disabled, false);
  assert.is.not(file.token.refresh_token, bob.refreshToken);
}

test('o: the link is whole in 60 columns, y copies it, the listener gets the answer, and the screen says how it went', () =>
  withMockServer('bob@example.com', (issuer) =>
    withApp({ accounts: [bob], settings: settingsFor(issuer) }, async (app) => {
      const screen = await openLogin(app, 'o');
      const link = await linkOn(screen);
      const asked = new URL(link);
      assert.is(asked.searchParams.get('login_hint'), 'bob@example.com');
      assert.is(asked.searchParams.get('code_challenge_method'), 'S256');
      assert.match(screen.text(), /ssh -N -L \d+:127\.0\.0\.1:\d+/);
      screen.type('y');
      await screen.shows(/offered to the terminal/);
      const copied = /\x1b\]52;c;([^\x07]+)\x07/.exec(screen.written)?.[1] ?? '';
      assert.is(Buffer.from(copied, 'base64').toString(), link);
      assert.is((await fetch(await addressBehind(link))).status, 200);
      await screen.shows(/bob@example\.com is re-added and ready/);
      screen.type('\r');
      await assertBack(app, screen);
    }),
  ));

test('the whole address pasted on the page; a link is opened from the form by Ctrl-O, and the bare code pasted', () =>
  withMockServer('bob@example.com', (issuer) =>
    withApp({ accounts: [bob], settings: settingsFor(issuer) }, async (app) => {
      const screen = await openLogin(app, 'o');
      const address = await addressBehind(await linkOn(screen));
      screen.paste(`${address.slice(0, 40)}\r\n${address.slice(40)}`);
      await screen.shows(/log in with Google as bob@example\.com/);
      await screen.shows(/Enter sends it/);
      assert.not.ok(screen.text().includes(new URL(address).searchParams.get('code') ?? '-'));
      screen.type('\r');
      await assertBack(app, screen);

      const second = app.terminal([], { columns: 60, rows: 50 });
      await second.shows(/ready +bob@example\.com/);
      second.type('r');
      await second.shows(/new refresh token for bob@example\.com/);
      second.type('\x0f');
      const code = new URL(await addressBehind(await linkOn(second))).searchParams.get('code') ?? '';
      second.type('\r');
      await second.shows(/log in with Google as bob@example\.com/);
      second.paste(code);
      await second.shows(new RegExp(`${code.length} chars`));
      second.type('\r');
      await assertBack(app, second);
    }),
  ));

test('somebody else logs in: whose it is, and n saves nothing; Esc gives a login up', () =>
  withMockServer('anna@example.com', (issuer) =>
    withApp({ accounts: [bob], settings: settingsFor(issuer) }, async (app) => {
      const screen = await openLogin(app, 'o', 100);
      await fetch(await addressBehind(await linkOn(screen)));
      await screen.shows(/belongs to anna@example\.com/);
      screen.type('\r');
      await screen.shows(/y save it for that account/);
      screen.type('n');
      await screen.shows(/nothing was saved/);
      assert.is((await app.dir.read('b1')).disabled, true);
      screen.type('\r');
      await screen.shows(/DISABLED +bob@example\.com.*q quit/s);
      screen.type('o');
      const link = await linkOn(screen);
      screen.type('\r');
      await screen.shows(/Esc gives up/);
      screen.type('\x1b');
      await screen.shows(/q quit/);
      const port = new URL(new URL(link).searchParams.get('redirect_uri') ?? '').port;
      const isClosed = await fetch(`http://127.0.0.1:${port}/?x=1`).then(
        () => false,
        () => true,
      );
      assert.ok(isClosed);
    }),
  ));

test('a page does not outlive the program: SIGTERM while the link stands gives the terminal back', () =>
  withApp({ accounts: [bob] }, async (app) => {
    const screen = await openLogin(app, 'o', 100);
    await screen.shows(/Enter returns to the screen/);
    screen.kill('SIGTERM');
    assert.is(await screen.ended, 0);
    assert.ok(screen.written.lastIndexOf('\x1b[?2004l') > screen.written.lastIndexOf('\x1b[?2004h'));
    assert.ok(screen.written.lastIndexOf('\x1b[?1049l') > screen.written.lastIndexOf('\x1b[?1049h'));
  }));

test.run();
