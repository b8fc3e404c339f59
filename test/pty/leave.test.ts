import { writeFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProgramInTerminal } from '../../scripts/terminal.js';
import { ask, withApp, type App } from '../support/app.js';
import { bringBobBack } from '../support/comeback.js';
import { startLoad } from '../support/load.js';

const two = [
  { id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna' },
  { id: 'b1', email: 'bob@example.com', refreshToken: '1//0dead-token-of-bob' },
];

/** The alternate screen is left, the cursor shown, bracketed paste off: the last word about each. */
function assertGivenBack({ written }: ProgramInTerminal): void {
  for (const [off, on] of [
    ['\x1b[?1049l', '\x1b[?1049h'],
    ['\x1b[?2004l', '\x1b[?2004h'],
    ['\x1b[?25h', '\x1b[?25l'],
  ] as const) {
    assert.ok(written.lastIndexOf(off) > written.lastIndexOf(on), `${JSON.stringify(off)} is not the last word`);
  }
}

async function firstScreen(app: App): Promise<{ screen: ProgramInTerminal; url: string; pid: number }> {
  const screen = app.terminal();
  await screen.shows(/anna@example\.com/);
  const { address, pid } = await app.status();
  return { screen, url: `http://${address}`, pid };
}

test('d gives the shell back and serves on in the background; the next regrant attaches, and d there leaves that screen', () =>
  withApp({ accounts: two }, async (app) => {
    const { screen, url, pid } = await firstScreen(app);
    screen.type('d');
    assert.is(await screen.ended, 0);
    assertGivenBack(screen);
    assert.match(screen.text(), /regrant goes on in the background \(pid \d+, 127\.0\.0\.1:\d+\): `regrant` brings/);
    const now = await app.status();
    assert.is.not(now.pid, pid);
    assert.is(`http://${now.address}`, url);
    assert.is(await ask(url), 200);
    const next = app.terminal();
    await next.shows(new RegExp(`attached to ${now.pid}`));
    next.type('d');
    assert.is(await next.ended, 0);
    assert.is((await app.run(['stop'])).status, 0);
  }));

test('q asks, d there leaves with requests under way: they end well, Ctrl-Z stops nothing, Ctrl-C asks first', () =>
  withApp({ accounts: two }, async (app) => {
    const { screen, url } = await firstScreen(app);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    app.google.upstream(async () => {
      await held;
      return undefined;
    });
    const slow = ask(url);
    await app.google.until(({ gemini }) => gemini.length > 0);
    screen.type('q');
    await screen.shows(/go on serving without a screen/);
    screen.type('\x1b');
    await screen.shows(/^(?!.*go on serving)/s);
    screen.type('q');
    await screen.shows(/go on serving without a screen/);
    screen.type('d');
    await screen.shows(/waiting for 1 request that began here; Ctrl-C cuts them/);
    app.google.upstream(null);
    assert.is(await ask(url), 200, 'the successor serves');
    screen.type('\x1a');
    await screen.shows(/Ctrl-Z would let 1 request stand still/);
    screen.type('\x03');
    await screen.shows(/Ctrl-C again cuts 1 request/);
    release();
    assert.is(await slow, 200);
    assert.is(await screen.ended, 0);
    assertGivenBack(screen);
    assert.is((await app.run(['stop'])).status, 0);
  }));

test('a restart under two screens: both go on with the successor, the one in the first process too', () =>
  withApp({ accounts: two }, async (app) => {
    const { screen, pid } = await firstScreen(app);
    const attached = app.terminal();
    await attached.shows(new RegExp(`attached to ${pid}`));
    attached.type('r');
    await attached.shows(/new refresh token for/);
    const restarted = await app.run(['restart']);
    assert.is(restarted.status, 0, restarted.stderr);
    const now = (await app.status()).pid;
    await screen.shows(new RegExp(`attached to ${now}`));
    await attached.shows(/new refresh token for/);
    attached.type('\x1b');
    await attached.shows(new RegExp(`attached to ${now}`));
    for (const one of [screen, attached]) {
      one.type('d');
      assert.is(await one.ended, 0);
    }
    assert.is((await app.run(['stop'])).status, 0);
  }));

test('the terminal is killed under load: no request fails, and the screen comes back by attach, with every key', () =>
  withApp({ accounts: two, google: { pace: () => ({ firstByteMs: 5, chunkMs: 0 }) } }, async (app) => {
    const { screen, url, pid } = await firstScreen(app);
    const load = startLoad(url, 2);
    await load.reached(50);
    screen.hangUp();
    const attached = app.terminal([], { columns: 90, rows: 30, term: 'screen-256color' });
    await attached.shows(/att.*anna@example\.com/s);
    assert.is((await app.status()).pid, pid);
    await bringBobBack(app, attached);
    assert.is((await app.dir.read('b1')).token.refresh_token, '1//0new-token-of-bob');
    attached.type('\x1b');
    await attached.shows(/q quit/);

    const second = app.terminal(['attach'], { columns: 140, rows: 45 });
    await second.shows(new RegExp(`attached to ${pid}`));
    second.type('2');
    attached.type('z');
    await second.shows(/═ 2 Log/);
    attached.type('d');
    assert.is(await attached.ended, 0);
    assertGivenBack(attached);
    second.type('q');
    assert.is(await second.ended, 0);
    // on a quick machine all of this is over before so many were sent
    await load.reached(301);
    const { sent, failed } = await load.end();
    assert.ok(sent > 300, `${sent} requests`);
    assert.is(failed, 0);
    process.kill(pid, 'SIGTERM');
  }));

test('a terminal that goes away over the link of a login leaves the proxy serving', () =>
  withApp({ accounts: two }, async (app) => {
    const { screen, url, pid } = await firstScreen(app);
    screen.type('o');
    await screen.shows(/Enter returns to the screen/);
    screen.hangUp();
    assert.is(await ask(url), 200);
    assert.is((await app.status()).pid, pid);
    assert.is((await app.run(['stop'])).status, 0);
  }));

test('SIGHUP alone takes the screen and not the proxy; Enter brings it back while the terminal lives', () =>
  withApp({ accounts: two }, async (app) => {
    const { screen, url } = await firstScreen(app);
    screen.kill('SIGHUP');
    await screen.shows(/goes on serving on/);
    assertGivenBack(screen);
    assert.is(await ask(url), 200);
    screen.type('\r');
    await screen.shows(/ready +anna@example\.com/);
    screen.kill('SIGTERM');
    assert.is(await screen.ended, 0);
    assertGivenBack(screen);
  }));

test('a hang-up of an attached screen ends that client alone', () =>
  withApp({ accounts: two }, async (app) => {
    const running = await app.headless();
    const screens = [app.terminal(), app.terminal()];
    for (const screen of screens) await screen.shows(/attached to/);
    screens[0]?.hangUp();
    await screens[0]?.ended;
    screens[1]?.kill('SIGHUP');
    assert.is(await screens[1]?.ended, 0);
    assert.is(await ask(running.url), 200);
    await running.stop();
  }));

test('a supervisor that stops or dies leaves the attached screen with a plain word and exit 3', () =>
  withApp({ accounts: two }, async (app) => {
    const first = await app.headless();
    const one = app.terminal();
    await one.shows(/attached to/);
    await first.stop();
    assert.is(await one.ended, 3);
    assertGivenBack(one);
    assert.match(one.text(), new RegExp(`regrant: the supervisor \\(pid ${first.pid}\\) was stopped`));

    const second = await app.headless();
    const two = app.terminal(['attach']);
    await two.shows(/attached to/);
    second.process.kill('SIGKILL');
    assert.is(await two.ended, 3);
    assertGivenBack(two);
    assert.match(two.text().replaceAll('\n', ''), /went away without a word: it crashed or was killed/);

    const nobody = app.terminal(['attach']);
    assert.is(await nobody.ended, 3);
    assert.match(nobody.text(), /nothing to attach to/);
    // the dead one left its socket and its lock file: neither is in the way
    const third = await app.headless();
    assert.is((await third.stop()).status, 0);
  }));

test('a crash gives the terminal back, says that it is a bug, and ends with 70', () =>
  withApp({ accounts: two }, async (app) => {
    const preload = app.dir.at('crash-on-usr2.mjs');
    await writeFile(
      preload,
      `process.on('SIGUSR2', () => { throw new Error('made by a test, 1//0not-to-be-seen-token'); });`,
    );
    const screen = app.terminal([], { env: { NODE_OPTIONS: `--import ${preload}` } });
    await screen.shows(/anna@example\.com/);
    screen.kill('SIGUSR2');
    assert.is(await screen.ended, 70);
    assertGivenBack(screen);
    assert.match(screen.text(), /regrant: this is a bug, please report it:\s+Error: made by a test/);
    const files = await app.dir.everything(/mjs$/);
    assert.match(files.get('logs/crash.log') ?? '', /made by a test/);
    for (const text of [screen.written, files.get('logs/crash.log') ?? '']) assert.not.match(text, /not-to-be-seen/);
    const next = await app.headless();
    assert.is((await next.stop()).status, 0);
  }));

test.run();
