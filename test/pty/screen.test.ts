/** The built program on a real terminal: the whole cycle by keyboard, pastes, and how it gives the terminal back. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, withApp, type App } from '../support/app.js';

const ANNA = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna', accessEndsIn: 3000 };
const KIM = { id: 'k1', email: 'kim.ops@example.com', refreshToken: '1//0dead-token-of-kim' };
const FRESH = `1//0fresh-token-of-kim-${'q'.repeat(80)}`;

/** Two accounts, one of them with a dead grant: it is disabled by the refresh at start. */
const withDeadKim = (use: (app: App) => Promise<void>): Promise<void> =>
  withApp({ accounts: [ANNA, KIM] }, async (app) => {
    app.google.revoke(KIM.refreshToken);
    app.google.grant(FRESH, { email: KIM.email });
    await use(app);
  });

type Terminal = ReturnType<App['terminal']>;

/** The colours of the cells that this text stands on. */
function coloursOf(screen: Terminal, text: RegExp): Set<string | null> {
  for (const row of screen.cells()) {
    const found = text.exec(row.map((cell) => cell.text || ' ').join(''));
    if (found) return new Set(row.slice(found.index, found.index + found[0].length).flatMap(({ fg, bg }) => [fg, bg]));
  }
  throw new Error(`${String(text)} is not on the screen:\n${screen.text()}`);
}

/** Red as a person would say. */
const isRed = (colour: string | null): boolean => {
  const [r = 0, g = 0, b = 0] = (colour ?? '#000000').match(/[0-9a-f]{2}/gi)?.map((part) => parseInt(part, 16)) ?? [];
  return r >= 120 && g <= r * 0.6 && b <= r * 0.6;
};

const restored = { alternateScreen: false, bracketedPaste: false, cursorHidden: false };

const openForm = async (screen: Terminal): Promise<void> => {
  await screen.shows(/DISABLED +kim\.ops@example\.com/);
  screen.type('.r');
  await screen.shows(/new refresh token for kim\.ops@example\.com/);
};

test('a dead account is red, and r, paste, Enter bring it back', () =>
  withDeadKim(async (app) => {
    const screen = app.terminal();
    await screen.shows(/DISABLED +kim\.ops@example\.com/);
    assert.ok([...coloursOf(screen, /DISABLED +kim\.ops/)].some(isRed));
    assert.not.ok([...coloursOf(screen, /anna@example\.com/)].some(isRed));
    await openForm(screen);
    screen.paste(FRESH);
    await screen.shows(new RegExp(`${FRESH.length} chars`));
    screen.type('\r');
    await screen.shows(/ready +kim\.ops@example\.com/);
    assert.not.ok([...coloursOf(screen, /ready +kim\.ops@example\.com/)].some(isRed));
    await screen.shows(/is re-added and ready/);
    const file = await app.dir.read('k1');
    assert.is(file.token.refresh_token, FRESH);
    assert.is(file.disabled, false);
    assert.not.ok(screen.written.includes(FRESH));
    const { address } = await app.status();
    for (let n = 0; n < 2; n++) assert.is(await ask(`http://${address}`), 200);
    await screen.shows(/serves +kim\.ops@example\.com/);
    screen.kill('SIGTERM');
    assert.is(await screen.ended, 0);
    assert.equal(screen.modes(), restored);
  }));

test('line ends, q and other commands in a paste are text, and send nothing', () =>
  withDeadKim(async (app) => {
    const screen = app.terminal();
    await screen.shows(/DISABLED +kim\.ops@example\.com/);
    screen.paste('q\rq\rx\ry\r');
    await screen.shows(/paste ignored/);
    await openForm(screen);
    screen.paste('1//0half\rq\rd\nother-half\n\r');
    await screen.shows(/lines joined into one token/);
    await screen.shows(/\d+ chars/);
    const asked = app.google.calls.token.filter(({ refreshToken }) => refreshToken.includes('half'));
    assert.is(asked.length, 0);
    assert.match(screen.text(), /new refresh token for/);
    screen.type('\x15');
    await screen.shows(/paste it here/);
    screen.type('q');
    await screen.shows(/1 chars/);
    screen.type('\x03');
    await screen.shows(/Leave regrant/);
    screen.type('\x03');
    assert.is(await screen.ended, 0);
  }));

test('a paste in pieces, cut anywhere in its markers, is one paste', () =>
  withDeadKim(async (app) => {
    const screen = app.terminal();
    await openForm(screen);
    const bytes = `\x1b[200~${FRESH}\x1b[201~`;
    for (const at of [1, 3, 6, 40, bytes.length - 5, bytes.length - 1]) {
      screen.type(bytes.slice(0, at));
      // an ESC alone is a key after 25 ms, and on a machine that does much else 12 may be as many
      if (at > 1) await new Promise((done) => setTimeout(done, 12));
      screen.type(bytes.slice(at));
      await screen.shows(new RegExp(` ${FRESH.length} chars`));
      screen.type('\x15');
      await screen.shows(/paste it here/);
    }
    screen.kill('SIGTERM');
    assert.is(await screen.ended, 0);
  }));

test('SIGTERM gives the terminal back and exits 0; a crash gives it back too, says why, and exits 70', () =>
  withDeadKim(async (app) => {
    const ended = app.terminal();
    await openForm(ended);
    ended.kill('SIGTERM');
    assert.is(await ended.ended, 0);
    assert.equal(ended.modes(), restored);

    const bug = 'process.on("SIGUSR2",()=>{throw new Error("a-bug-of-the-test")})';
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(bug)}` };
    const crashed = app.terminal([], { env });
    await crashed.shows(/kim\.ops@example\.com/);
    crashed.kill('SIGUSR2');
    assert.is(await crashed.ended, 70);
    assert.equal(crashed.modes(), restored);
    assert.match(crashed.text(), /a-bug-of-the-test/);
  }));

test('Ctrl-Z asks, suspends and gives the terminal back; fg brings the same screen back', () =>
  withDeadKim(async (app) => {
    const shell = app.shell();
    await shell.shows(/\$ /);
    shell.type(`${shell.command}\r`);
    await shell.shows(/DISABLED +kim\.ops@example\.com/);
    shell.type('\x1a');
    await shell.shows(/Suspend\?/);
    shell.type('\x1a');
    await shell.shows(/Stopped/);
    assert.equal({ ...shell.modes(), bracketedPaste: false }, restored);
    shell.type('stty -a | tr " ;" "\\n" | grep -E "^-?(icanon|echo|isig)$" | tr "\\n" " "; echo end\r');
    await shell.shows(/isig icanon echo end/);
    shell.type('fg\r');
    await shell.shows(/DISABLED +kim\.ops@example\.com/);
    assert.equal(shell.modes(), { alternateScreen: true, bracketedPaste: true, cursorHidden: true });
    shell.type('qq');
    await shell.shows(/\$ $/m);
    shell.type('echo status=$?\r');
    await shell.shows(/status=0/);
  }));

test.run();
