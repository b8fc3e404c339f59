/** A terminal that takes nothing, as at the end of a dead link. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, withApp, type App } from '../support/app.js';
import { pause } from '../support/pause.js';

const ANNA = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna', accessEndsIn: 3000 };
const KIM = { id: 'k1', email: 'kim.ops@example.com', refreshToken: '1//0dead-token-of-kim' };

/** What the loop probe tells. */
interface Stall {
  readonly stallMs: number;
  readonly withWaitMs: number;
}

/**
 * More than beside a terminal that reads: a blocking one holds the loop for seconds, while a busy machine makes everything
 * slower in both. Where the system does not tell what the thread waited for a core, that is in it.
 */
const MOST_STALL_MS = process.platform === 'linux' ? 10 : 250;
/** More than the machine itself does to a loop once in a while. */
const BLOCKED_MS = 500;

/** The status of a request; a failure where the proxy stands still. */
const answered = (url: string): Promise<number> =>
  Promise.race([
    ask(url),
    new Promise<never>((_, failed) => setTimeout(() => failed(new Error('no answer in 5 s')), 5000).unref()),
  ]);

/** One request after the other for so long; how many, and the slowest in ms. */
async function requestsFor(ms: number, url: string): Promise<{ readonly requests: number; readonly slowest: number }> {
  const from = performance.now();
  let slowest = 0;
  let requests = 0;
  while (performance.now() - from < ms) {
    const started = performance.now();
    assert.is(await answered(url), 200);
    slowest = Math.max(slowest, performance.now() - started);
    requests += 1;
    await new Promise((done) => setTimeout(done, 5));
  }
  return { requests, slowest };
}

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
    const stallOfLoop = async (): Promise<Stall> => {
      rmSync(probe, { force: true });
      screen.kill('SIGUSR2');
      while (!existsSync(probe)) await pause(10);
      return JSON.parse(readFileSync(probe, 'utf8')) as Stall;
    };
    // the first requests compile what the others run
    await requestsFor(1000, url);
    await stallOfLoop();
    const whileRead = await requestsFor(3000, url);
    const reading = await stallOfLoop();
    screen.stall();
    // full pictures, until the terminal's own buffer holds no more of them
    for (let time = 0; time < 20; time++) {
      screen.type('\x0c');
      await requestsFor(20, url);
    }
    await stallOfLoop();
    // what the terminal does to the loop it does in each third of the time, what the machine does once in one of them
    const stalls: Stall[] = [];
    let [requests, slowest] = [0, 0];
    for (let third = 0; third < 3; third++) {
      const asked = await requestsFor(2000, url);
      [requests, slowest] = [requests + asked.requests, Math.max(slowest, asked.slowest)];
      stalls.push(await stallOfLoop());
    }
    const [least, most] = [Math.min, Math.max].map((of) => of(...stalls.map(({ stallMs }) => stallMs)));
    const stallMs = least ?? Infinity;
    const withWaitMs = Math.max(...stalls.map((stall) => stall.withWaitMs));
    console.log(
      `  stalled reader: ${requests} requests, slowest ${slowest.toFixed(0)} ms, loop stall ${stallMs.toFixed(1)} to ${most?.toFixed(1)} ms ` +
        `(${reading.stallMs.toFixed(1)} ms while it read), ${withWaitMs.toFixed(1)} ms with what it waited for a core`,
    );
    // where the machine does much else, a request waits beside a terminal that reads too
    assert.ok(slowest < 1000 + whileRead.slowest, `a request took ${slowest} ms`);
    assert.ok(
      stallMs < reading.stallMs + MOST_STALL_MS,
      `the loop stood still for ${stallMs} ms, and for ${reading.stallMs} ms while the terminal read`,
    );
    assert.ok((most ?? Infinity) < BLOCKED_MS, `the loop stood still for ${most} ms`);
    screen.resume();
    await screen.shows(/DISABLED +kim\.ops@example\.com/);
    await screen.shows(/the terminal took nothing for (?:[6-9]|[1-9]\d)s/);
    screen.stall();
    screen.kill('SIGTERM');
    screen.resume();
    assert.is(await screen.ended, 0);
    assert.equal(screen.modes(), { alternateScreen: false, bracketedPaste: false, cursorHidden: false });
  }));

test.run();
