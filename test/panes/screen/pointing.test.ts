/** A mouse, where it is wished: wheel, rows, panes and the keys of the foot; nothing of it where it is not. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { night } from '../../support/scene.js';
import { withScreen, type TestScreen } from '../../support/screen.js';
import type { TestSupervisor } from '../../support/supervisor.js';

process.env.TZ = 'UTC';

const ui = { theme: 'auto', glyphs: 'auto', language: 'auto', flash: true, bell: false } as const;

type Flow = (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>;
const withMouse = (use: Flow, mouse = true, size: { cols?: number; rows?: number } = {}): Promise<void> => {
  const clock = setClock();
  const supervisor = night(clock);
  supervisor.set({ ui: { ...ui, mouse } });
  return withScreen(supervisor, { clock, ...size }, (screen) => use(screen, supervisor));
};

/** A press and its release where this text stands. */
async function click(screen: TestScreen, text: string, button = 0): Promise<void> {
  const row = screen.row(text);
  const place = `${row.text.indexOf(text) + 1};${row.y + 1}`;
  await screen.send(`\x1b[<${button};${place}M\x1b[<${button};${place}m`);
}

/** The keys of the foot stand below all else that may say so. */
async function clickFoot(screen: TestScreen, text: string): Promise<void> {
  const row = screen.matching(text).at(-1);
  await screen.send(`\x1b[<0;${(row?.text.indexOf(text) ?? 0) + 1};${(row?.y ?? 0) + 1}M`);
}

const selected = (screen: TestScreen): string => /\S+@\S+/.exec(screen.row('▶').text)?.[0] ?? '';
const focused = (screen: TestScreen): string => /╔═ (\S+)/.exec(screen.text())?.[1] ?? '';

for (const [cols, rows] of [
  [80, 24],
  [120, 40],
  [200, 60],
] as const) {
  test(`a click selects the row and the pane that it is in, at ${cols}x${rows}`, () =>
    withMouse(
      async (screen) => {
        for (const email of ['finn@example.com', 'hana@example.com', 'eun@example.com']) {
          await click(screen, email);
          assert.is(selected(screen), email);
        }
        await click(screen, '200 ');
        assert.is(focused(screen), '2');
        assert.ok(screen.has('PAUSED'));
        const line = screen.rows().findLast(({ cells }) => cells[3]?.bg === '237');
        assert.match(line?.text ?? '', / 200 /);
        await click(screen, '3 Refresh');
        assert.is(focused(screen), '3');
      },
      true,
      { cols, rows },
    ));
}

test('the wheel moves the pane that it is over, and a sheet', () =>
  withMouse(async (screen) => {
    const before = selected(screen);
    await click(screen, 'anna@example.com', 65);
    assert.is.not(selected(screen), before);
    await click(screen, 'Pool reloaded', 64);
    assert.is(focused(screen), '2');
    assert.ok(screen.has('PAUSED'));
    await screen.press('?');
    const first = screen.rows()[3]?.text;
    await click(screen, 'Keys', 65);
    assert.is.not(screen.rows()[3]?.text, first);
    await click(screen, 'Keys', 64);
    assert.is(screen.rows()[3]?.text, first);
  }));

test('a key of the foot is pressed by a click on it or on what it does', () =>
  withMouse(async (screen, supervisor) => {
    await clickFoot(screen, 't test');
    assert.is(supervisor.asked.at(-1)?.name, 'testNow');
    await clickFoot(screen, '? keys');
    assert.ok(screen.has('═ Keys'));
    await clickFoot(screen, 'Esc back');
    assert.not.ok(screen.has('═ Keys'));
    await clickFoot(screen, '3 panes');
    assert.is(focused(screen), '3');
    await clickFoot(screen, 'q quit');
    assert.ok(screen.has('Leave regrant?'));
    await click(screen, 'anna@example.com');
    assert.ok(screen.has('Leave regrant?'), 'a question is answered by its keys');
    await clickFoot(screen, 'Esc stay');
    assert.not.ok(screen.has('Leave regrant?'));
  }));

test('a click beside an open form changes nothing of it, one on its keys acts', () =>
  withMouse(async (screen) => {
    await screen.press('r');
    await screen.type('abc');
    await click(screen, 'anna@example.com');
    assert.ok(screen.has('3 chars'));
    await clickFoot(screen, 'Ctrl-U clear');
    assert.not.ok(screen.has('3 chars'));
    await clickFoot(screen, 'Esc close');
    assert.not.ok(screen.has('new refresh token'));
  }));

test('the terminal is asked to tell of its mouse only where that is wished, and no longer once the screen is away', async () => {
  const modes = (screen: TestScreen): string => screen.terminal.modes.mouseTrackingMode;
  await withMouse(async (screen, supervisor) => {
    assert.is(modes(screen), 'vt200');
    await screen.press('Y');
    assert.is(modes(screen), 'none', 'on a page text is selected');
    await screen.press('Enter');
    assert.is(modes(screen), 'vt200');
    supervisor.set({ ui: { ...ui, mouse: false } });
    await screen.news();
    assert.is(modes(screen), 'none');
    supervisor.set({ ui: { ...ui, mouse: true } });
    await screen.news();
    screen.open.close();
    await screen.settle();
    assert.is(modes(screen), 'none');
  });
  await withMouse(async (screen) => {
    assert.is(modes(screen), 'none');
    await Promise.resolve();
  }, false);
});

test.run();
