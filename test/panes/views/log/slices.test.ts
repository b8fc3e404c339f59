/** A filter never holds the loop for longer than a picture may take, however long the log and whatever the expression. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AccountOrder } from '../../../../src/panes/desk/order.js';
import { isPattern, parsePattern, type Pattern } from '../../../../src/panes/text/pattern.js';
import { themeFor } from '../../../../src/panes/text/theme.js';
import { LogView } from '../../../../src/panes/views/log/log-view.js';
import { explosive } from '../../../support/explosive.js';
import { setClock, type SetClock } from '../../../support/clock.js';
import type { ScreenOptions } from '../../../../src/panes/screen/screen-options.js';
import { account, TestSupervisor } from '../../../support/supervisor.js';
import { withScreen } from '../../../support/screen.js';

/** A picture is drawn ten times a second. */
const PICTURE_US = 100_000;
const monotonic = (): number => performance.now();

const pattern = (source: string): Pattern => {
  const parsed = parsePattern(source);
  if (!isPattern(parsed)) throw new Error(`no pattern: ${source}`);
  return parsed;
};

/** 20,000 lines as they come, some of them thousands of letters long. */
function fullLog(): TestSupervisor {
  const supervisor = new TestSupervisor(setClock());
  for (let n = 0; n < 20_000; n++) {
    const long = n % 500 === 0 ? `${'aA0_-. '.repeat(500)}!` : '';
    supervisor.log(`Token refresh failed (user${n}@example.com): 429, quota of project p-${n} ${long}`);
  }
  return supervisor;
}

/** The longest slice, in µs of processor time, and how many there were. */
function slices(work: () => boolean): { longest: number; count: number } {
  let [longest, count] = [0, 0];
  for (let busy = true; busy; count++) {
    const before = process.cpuUsage();
    busy = work();
    longest = Math.max(longest, process.cpuUsage(before).user);
  }
  return { longest, count };
}

const { logs } = fullLog();
const { glyphs } = themeFor({ theme: 'dark', glyphs: 'ascii' }, {});

for (const source of [...explosive, 'plain text', '!~^\\[?[a-z]']) {
  test(`the log of 20,000 lines is filtered by ~${source.slice(0, 40)} in slices`, () => {
    const view = new LogView(monotonic);
    view.filter(pattern(source.startsWith('!') || source.includes('plain') ? source : `~${source}`));
    const { longest } = slices(() => {
      view.window(logs, { width: 118, height: 20, now: 0, longestEmail: 20, glyphs });
      return view.busy;
    });
    assert.ok(longest < PICTURE_US, `${longest / 1000} ms`);
  });
}

test('ten thousand accounts are filtered in slices, each of them looked at once', () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => account(`user${n}@example.com`, { reason: 'aA0 '.repeat(60) }));
  const order = new AccountOrder(monotonic);
  const filter = pattern('~(\\S+\\s*)+user9');
  const options = { sort: 'e-mail', direction: 'forwards', filter, frozen: false } as const;
  let listed = 0;
  const first = slices(() => {
    listed = order.arrange(rows, options, 0).length;
    return order.busy;
  });
  assert.is(listed, 1111);
  assert.ok(first.longest < PICTURE_US, `${first.longest / 1000} ms`);
  const again = slices(() => {
    order.arrange(rows, options, 0);
    return order.busy;
  });
  assert.is(again.count, 1);
});

for (const [pane, source] of [
  ['1', '~(\\S+\\s*)+dora'],
  ['2', '~(\\S+\\s*)+dora'],
  ['3', '~(a+)+$'],
] as const) {
  test(`${source} typed in pane ${pane} leaves the screen alive, and finds what it means`, async () => {
    const clock = { ...setClock(), monotonic };
    const hostile = 'a'.repeat(4000);
    const supervisor = new TestSupervisor(clock, [account('dora@example.com', { reason: hostile })]);
    for (let n = 0; n < 1000; n++) supervisor.log(`${hostile} ${n % 10 === 0 ? 'dora' : ''}`);
    supervisor.event('refused', 'dora@example.com', { text: hostile });
    await withScreen(supervisor, { clock, cols: 120, rows: 40 }, async (screen) => {
      await screen.press(pane, '/');
      await screen.type(source);
      for (let n = 0; n < 40 && screen.has('seeking'); n++) await screen.advance(100);
      await screen.press('Enter');
      assert.ok(screen.has(`/${source}`), screen.text());
      await screen.press('?');
      assert.ok(screen.has('Keys'), 'the next key acts');
    });
  });
}

/** Fails, where the frames themselves would go on for ever at one point in time. */
const MOST_AT_ONCE = 500;

/** Every look at its monotonic clock takes a millisecond, so that a slice ends after some rows. */
function busyClock(): SetClock {
  const clock = setClock();
  let [looks, atOnce, last] = [0, 0, 0];
  return {
    ...clock,
    get due() {
      return clock.due;
    },
    monotonic: () => (looks += 1),
    after(ms, act) {
      atOnce = clock.now() === last && ms === 0 ? atOnce + 1 : 0;
      last = clock.now();
      if (atOnce > MOST_AT_ONCE) throw new Error('frames are drawn without end');
      return clock.after(ms, act);
    },
  };
}

type Filters = Partial<Record<'accounts' | 'log' | 'refreshes', string>>;

const zoomedWith = (filters: Filters): NonNullable<ScreenOptions['memory']> => ({
  read: () => ({ zoomed: true, filters: { accounts: '', log: '', refreshes: '', ...filters } }),
  write: () => undefined,
});

for (const [what, filters, keys] of [
  ['the log, while the accounts are zoomed', { log: 'line' }, []],
  ['the events, while the accounts are zoomed', { refreshes: 'token' }, []],
  ['the accounts, while the log is zoomed', { accounts: 'example' }, ['2']],
  ['all panes, while the help covers them', { accounts: 'example', log: 'line', refreshes: 'token' }, ['?']],
  ['all panes, while a page is open', { accounts: 'example', log: 'line', refreshes: 'token' }, ['Y']],
] as const) {
  test(`a kept filter of ${what}, is done with after some frames`, async () => {
    const clock = busyClock();
    const rows = Array.from({ length: 100 }, (_, n) => account(`user${n}@example.com`));
    const supervisor = new TestSupervisor(clock, rows);
    for (let n = 0; n < 300; n++) supervisor.log(`line ${n}`);
    for (let n = 0; n < 300; n++) supervisor.event('refreshed', `user${n}@example.com`, { text: 'token' });
    await withScreen(supervisor, { clock, cols: 120, rows: 40, memory: zoomedWith(filters) }, async (screen) => {
      await screen.press(...keys);
      await screen.advance(0);
      assert.ok(
        clock.due.every((at) => at > clock.now()),
        'nothing is left to be drawn at once',
      );
    });
  });
}

test('a kept filter on a screen that is too small for any pane is done after some frames', async () => {
  const clock = busyClock();
  const supervisor = new TestSupervisor(clock, [account('dora@example.com')]);
  for (let n = 0; n < 300; n++) supervisor.log(`line ${n}`);
  await withScreen(supervisor, { clock, cols: 20, rows: 5, memory: zoomedWith({ log: 'line' }) }, async (screen) => {
    await screen.advance(0);
    assert.ok(clock.due.every((at) => at > clock.now()));
  });
});

for (const [what, cols, keys] of [
  ['on the screen', 120, []],
  ['on a screen that became too small for it', 20, []],
  ['while a page is open over it', 120, ['Y']],
] as const) {
  test(`a search in a record of hundreds of lines is done with after some slices, ${what}`, async () => {
    const clock = busyClock();
    const supervisor = new TestSupervisor(clock);
    const fields = Object.fromEntries(
      Array.from({ length: 300 }, (_, n) => [`field${n}`, n % 30 === 0 ? 'dora' : 'x']),
    );
    supervisor.log('a record', { line: JSON.stringify(fields) });
    await withScreen(supervisor, { clock, cols: 120, rows: 40 }, async (screen) => {
      await screen.press('2', 'Enter', '/');
      await screen.type('dora');
      await screen.press('Enter');
      await screen.resize(cols, 40);
      await screen.press(...keys);
      for (let n = 0; n < 30; n++) await screen.advance(1);
      assert.ok(
        clock.due.every((at) => at > clock.now()),
        'nothing is left to be drawn at once',
      );
      await screen.resize(120, 40);
      await screen.press(...(keys.length > 0 ? ['Enter'] : []), 'n', 'n');
      assert.ok(screen.has('/dora 3 of 10'), screen.text());
    });
  });
}

test.run();
