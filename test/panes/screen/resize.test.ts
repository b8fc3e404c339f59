/** A storm of sizes, whatever is open: every border closes, nothing stays of the size before, too small says so. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { seeded } from '../../support/random.js';
import { night } from '../../support/scene.js';
import { withScreen, type TestScreen } from '../../support/screen.js';

const open: Readonly<Record<string, readonly string[]>> = {
  'the panes': [],
  'a zoomed log': ['2', 'z', 'k'],
  'a detail': ['Enter'],
  'the form': ['r'],
  'the help': ['?'],
  'the charts': [':', 'c', 'h', 'a', 'r', 't', 's', 'Enter'],
  'the palette': [':'],
  'the set-up': ['O'],
  'the question before the end': ['q'],
  'a filter': ['/', 'e', 'x'],
};

function assertWhole(screen: TestScreen, cols: number, rows: number): void {
  const lines = screen.rows().map(({ text }) => text.trimEnd());
  if (cols < 60 || rows < 15) {
    assert.is(lines.join(' ').trim().replace(/ +/g, ' '), `regrant needs 60x15, has ${cols}x${rows}`);
    return;
  }
  assert.match(lines[0] ?? '', /^ regrant .*\d\d:\d\d:\d\d$/);
  assert.is.not(lines.slice(-2).join(''), '', 'the foot is at the bottom');
  for (const line of lines.filter((text) => /^[╔║╚┌│└]/.test(text))) {
    assert.is(line.length, cols, line);
    assert.match(line, /[╗║╝┐│┘]$/);
  }
}

for (const [what, keys] of Object.entries(open)) {
  test(`sixty sizes over ${what}`, async () => {
    const clock = setClock(Date.UTC(2026, 10, 23, 2, 14, 7));
    const random = seeded(what.length);
    const between = (least: number, most: number): number => least + random(most - least + 1);
    await withScreen(night(clock), { clock, cols: 80, rows: 24 }, async (screen) => {
      await screen.press(...keys);
      for (let round = 0; round < 12; round++) {
        // most of a storm's sizes are gone before they are drawn
        for (let gust = 0; gust < 4; gust++) {
          screen.output.columns = between(20, 220);
          screen.output.rows = between(5, 70);
          screen.output.emit('resize');
        }
        const [cols, rows] = [between(20, 220), between(5, 70)];
        await screen.resize(cols, rows);
        assertWhole(screen, cols, rows);
      }
      await screen.resize(80, 24);
      const after = screen.text();
      await screen.press('C-l');
      assert.is(after, screen.text(), 'nothing of another size is left');
      assertWhole(screen, 80, 24);
    });
  });
}

const onNight = (use: (screen: TestScreen) => Promise<void>): Promise<void> => {
  const clock = setClock(Date.UTC(2026, 10, 23, 2, 14, 7));
  return withScreen(night(clock), { clock, cols: 80, rows: 24 }, use);
};

/** Another size, of which no signal told. */
function resizeUntold(screen: TestScreen, columns: number, rows: number): void {
  screen.terminal.resize(columns, rows);
  screen.output.untold = { columns, rows };
}

for (const [what, redraw] of [
  ['fg', (): boolean => process.emit('SIGCONT')],
  ['SIGWINCH', (): boolean => process.emit('SIGWINCH')],
] as const) {
  test(`after ${what} the true size is asked and all is drawn anew, at the same size too`, () =>
    onNight(async (screen) => {
      const before = screen.text();
      screen.terminal.write('\x1b[2J\x1b[Hgarbage');
      redraw();
      await screen.advance(100);
      assert.is(screen.text(), before);
      resizeUntold(screen, 120, 40);
      redraw();
      await screen.advance(100);
      assertWhole(screen, 120, 40);
    }));
}

test('Ctrl-L asks the true size', () =>
  onNight(async (screen) => {
    resizeUntold(screen, 100, 30);
    await screen.press('C-l');
    assertWhole(screen, 100, 30);
  }));

test('a stop from outside gives the terminal back, fg draws it at the size that it got meanwhile', () =>
  onNight(async (screen) => {
    process.emit('SIGTSTP');
    await screen.settle();
    assert.is(screen.suspensions, 1);
    assert.is(screen.input.isRaw, false);
    assert.is(screen.terminal.buffer.active.type, 'normal');
    resizeUntold(screen, 120, 40);
    process.emit('SIGCONT');
    await screen.settle();
    assert.is(screen.input.isRaw, true);
    assert.is(screen.terminal.buffer.active.type, 'alternate');
    assertWhole(screen, 120, 40);
    await screen.press('?');
    assert.ok(screen.has('Keys'));
  }));

test.run();
