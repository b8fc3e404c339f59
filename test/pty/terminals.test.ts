/** What the program makes of each kind of terminal, and of none. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withApp, type App } from '../support/app.js';

const ANNA = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna', accessEndsIn: 3000 };
const KIM = { id: 'k1', email: 'kim.ops@example.com', refreshToken: '1//0dead-token-of-kim' };

const withDeadKim = (use: (app: App) => Promise<void>): Promise<void> =>
  withApp({ accounts: [ANNA, KIM] }, async (app) => {
    app.google.revoke(KIM.refreshToken);
    await use(app);
  });

test('a terminal that cannot place a cursor, or none at all, is said with what to do instead (2)', () =>
  withDeadKim(async (app) => {
    for (const term of ['dumb']) {
      const screen = app.terminal([], { env: { TERM: term }, term });
      assert.is(await screen.ended, 2);
      assert.match(screen.text(), /--headless/);
    }
    const { status, stderr } = await app.run([]);
    assert.is(status, 2);
    assert.match(stderr, /--headless/);
  }));

for (const term of ['xterm', 'screen-256color', 'tmux-256color', 'xterm-kitty', 'alacritty', 'foot', 'linux']) {
  test(`on TERM=${term} the picture stands and nothing else is printed`, () =>
    withDeadKim(async (app) => {
      const screen = app.terminal([], { term });
      await screen.shows(/DISABLED +kim\.ops@example\.com/);
      assert.not.match(screen.text(), /Error on|lqqk/);
      screen.kill('SIGTERM');
      assert.is(await screen.ended, 0, screen.text());
      assert.is(screen.modes().bracketedPaste, false);
    }));
}

test.run();
