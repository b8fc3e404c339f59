/** Every timer fails once while clients go on: nobody notices. With source maps: timers are told apart by their places. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fastClock } from '../support/clock.js';
import { failingTimers } from '../support/failing-timers.js';
import type { Google } from '../support/google.js';
import { withHouse, type House } from '../support/house.js';
import { pause } from '../support/pause.js';

const accounts = ['ann', 'bob'].map((id) => ({ id, email: `${id}@example.com`, refreshToken: `1//0token-of-${id}` }));

/** What sets its next timer in a timer, and so ends for good where one fault ends it. */
const LOOPS = [
  ...['store/disk/file-watch', 'store/disk/lock', 'store/files/watch', 'store/files/trash', 'store/records/log-file'],
  ...['proxy/background/agenda', 'proxy/background/last-used', 'proxy/background/warnings', 'proxy/reports/usage'],
  ...['proxy/notices/notifier', 'proxy/transport/idle-timeouts', 'proxy/clients/key-gate'],
];

async function keepAsking(house: House, wrong: string[], isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const { status, text } = await house.ask();
    if (status !== 200) wrong.push(`${status} ${text}`);
    await pause(10);
  }
}

/** What is to be said of the clients and the timers after some time. */
interface Outcome {
  readonly wrong: readonly string[];
  readonly ended: readonly string[];
  readonly notTriedAgain: readonly string[];
}

test('every timer fails once: 0 requests fail, and each loop goes on', async () => {
  const clock = failingTimers(fastClock(60));
  let outcome: Outcome | null = null;
  const prepare = (google: Google): void => {
    for (const { refreshToken, email } of accounts) google.grant(refreshToken, { email });
  };
  const settings = { notify: { command: 'cat >/dev/null' } };
  const inHouse = withHouse({ accounts, clock, settings, prepare }, async (house) => {
    const wrong: string[] = [];
    let isOver = false;
    const clients = [keepAsking(house, wrong, () => isOver), keepAsking(house, wrong, () => isOver)];
    await house.supervisor.operations.setProxyDisabled(['bob'], true);
    const goesOn = (loop: string): boolean =>
      [...clock.ranAfter].some(([place, ran]) => place.startsWith(loop) && ran > 1);
    const began = performance.now();
    const notTried = (): string[] => [...clock.ranAfter].flatMap(([place, ran]) => (ran === 0 ? [place] : []));
    while (!(LOOPS.every(goesOn) && notTried().length === 0) && performance.now() - began < 20_000) await pause(50);
    isOver = true;
    await Promise.all(clients);
    outcome = { wrong, ended: LOOPS.filter((loop) => !goesOn(loop)), notTriedAgain: notTried() };
  });
  assert.match(await inHouse.then(String, String), /A bug in something at its time: the first timer of/);
  assert.equal(outcome, { wrong: [], ended: [], notTriedAgain: [] });
});

test.run();
