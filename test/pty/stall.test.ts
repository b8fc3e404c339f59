/** A terminal that takes nothing, as at the end of a dead link. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, withApp, type App } from '../support/app.js';

const ANNA = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna', accessEndsIn: 3000 };
const KIM = { id: 'k1', email: 'kim.ops@example.com', refreshToken: '1//0dead-token-of-kim' };

const withDeadKim = (use: (app: App) => Promise<void>): Promise<void> =>
  withApp({ accounts: [ANNA, KIM] }, async (app) => {
    app.google.revoke(KIM.refreshToken);
    await use(app);
  });

test('a reader that takes nothing for 6 s harms no request and no signal; afterwards the picture is right', () =>
  withDeadKim(async (app) => {
    const probe = app.dir.at('loop');
    const env = {
      NODE_OPTIONS: `--import=${new URL('../support/loop-probe.mjs', import.meta.url).href}`,
      LOOP_PROBE_FILE: probe,
    };
    const screen = app.terminal([], { env });
    await screen.shows(/DISABLED +kim\.ops@example\.com/);
    const { address } = await app.status();
    const url = `http://${address}`;
    const stallOfLoop = async (): Promise<number> => {
      screen.kill('SIGUSR2');
      await new Promise((done) => setTimeout(done, 100));
      return Number(readFileSync(probe, 'utf8'));
    };
    await stallOfLoop();
    screen.stall();
    const from = performance.now();
    let slowest = 0;
    let requests = 0;
    while (performance.now() - from < 6000) {
      const started = performance.now();
      assert.is(await ask(url), 200);
      slowest = Math.max(slowest, performance.now() - started);
      requests += 1;
      await new Promise((done) => setTimeout(done, 5));
    }
    const stall = await stallOfLoop();
    console.log(
      `  stalled reader: ${requests} requests, slowest ${slowest.toFixed(0)} ms, loop stall ${stall.toFixed(0)} ms`,
    );
    assert.ok(slowest < 1000, `a request took ${slowest} ms`);
    // A blocking terminal holds the loop for seconds; what a busy machine adds is far below this.
    assert.ok(stall < 250, `the loop stood still for ${stall} ms`);
    screen.resume();
    await screen.shows(/DISABLED +kim\.ops@example\.com/);
    await screen.shows(/the terminal took nothing for/);
    screen.stall();
    screen.kill('SIGTERM');
    screen.resume();
    assert.is(await screen.ended, 0);
    assert.equal(screen.modes(), { alternateScreen: false, bracketedPaste: false, cursorHidden: false });
  }));

test.run();
