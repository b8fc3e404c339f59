/** What every sheet can: it is searched, and shown whole outside the screen. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { night } from '../../support/scene.js';
import { withScreen, type TestScreen } from '../../support/screen.js';
import type { TestSupervisor } from '../../support/supervisor.js';

process.env.TZ = 'UTC';

const onNight = (use: (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>, rows = 40): Promise<void> => {
  const clock = setClock();
  const supervisor = night(clock);
  return withScreen(supervisor, { clock, rows }, (screen) => use(screen, supervisor));
};

/** Cells that stand out as matches. */
const matched = (screen: TestScreen): string =>
  screen
    .rows()
    .flatMap(({ cells }) => cells.filter(({ bg }) => bg === '221').map(({ char }) => char))
    .join('');

const sheets: readonly (readonly [name: string, keys: readonly string[], seek: string, title: string])[] = [
  ['the help', ['?'], 'proxy', '═ Keys  /proxy 1 of '],
  ["an account's detail", ['Enter'], 'google', '/google 1 of '],
  ['a record', ['2', 'Enter'], 'gemini', '/gemini 1 of 1'],
];

for (const [name, keys, sought, title] of sheets) {
  test(`${name} is searched by /, n and N, and keeps its place under it`, () =>
    onNight(async (screen) => {
      await screen.press(...keys, '/');
      await screen.type(sought);
      assert.ok(screen.has(` /${sought}`), 'typed in the last line');
      assert.ok(matched(screen).toLowerCase().includes(sought));
      await screen.press('Enter');
      assert.ok(screen.has(title), screen.text());
      await screen.press('n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n');
      assert.ok(screen.has(`no more matches of /${sought}`), screen.text());
      await screen.press('N', 'Escape');
      assert.not(screen.has(new RegExp(`/${sought} \\d`)), 'Esc: nothing is sought');
      await screen.press('Escape');
      assert.ok(screen.has('2 Log'));
    }));
}

test('a match below is scrolled to, and N goes back up', () =>
  onNight(async (screen) => {
    await screen.press('?', '/');
    await screen.type('repaint');
    await screen.press('Escape', '/');
    await screen.type('~detach|re-add|quit');
    await screen.press('Enter');
    const seen = new Set<string>();
    for (let n = 0; n < 12; n++) {
      seen.add(screen.rows().find(({ cells }) => cells[3]?.bg === '237')?.text ?? '');
      await screen.press('n');
    }
    assert.ok(seen.size >= 2, [...seen].join('\n'));
    assert.not(seen.has(''), 'the line of the match is always seen');
    await screen.press('N', 'N');
    assert.match(screen.row('Keys').text, /\d+ of \d+/);
  }, 20));

test('an expression that is wrong says so and is not left by Enter', () =>
  onNight(async (screen) => {
    await screen.press('?', '/');
    await screen.type('~[');
    await screen.press('Enter');
    assert.ok(screen.has('not a regular expression'));
    await screen.press('C-u');
    await screen.paste('reload  the');
    assert.ok(screen.has('/reload the'));
    await screen.press('Escape', 'n');
    assert.ok(screen.has('nothing is sought here'));
  }));

/** The page outside the screen. */
const page = (screen: TestScreen): string => {
  assert.is(screen.terminal.buffer.active.type, 'normal');
  return screen.text();
};

const raw: readonly (readonly [name: string, keys: readonly string[], shown: readonly (string | RegExp)[]])[] = [
  ['the selected account', ['Y'], ['kim.ops@example.com', 'TIMELINE']],
  ["an account's detail", ['Enter', 'Y'], ['kim.ops@example.com', 'WHY', 'TIMELINE']],
  ['a log record', ['2', 'Y'], ['"level": 30']],
  ['an open record', ['2', 'Enter', 'Y'], ['"level": 30']],
  ['an event', ['3', 'Y'], [/refreshed {2}choi@example\.com/]],
  ['the help', ['?', 'Y'], ['Accounts', 'paste a new refresh token']],
];
for (const [name, keys, shown] of raw) {
  test(`Y shows ${name} outside the screen, and Enter returns`, () =>
    onNight(async (screen) => {
      await screen.press(...keys);
      for (const text of shown)
        assert.ok(typeof text === 'string' ? page(screen).includes(text) : text.test(page(screen)), page(screen));
      await screen.press('Enter');
      assert.is(screen.terminal.buffer.active.type, 'alternate');
    }, 100));
}

test('who uses an account is asked for where that is shown, not for its page', () =>
  onNight(async (screen, supervisor) => {
    const asked = (): number => supervisor.asked.filter(({ name }) => name === 'usage').length;
    await screen.press('Y', 'Enter');
    assert.is(asked(), 0);
    await screen.press('Enter');
    assert.is(asked(), 1);
    await supervisor.last('usage').reply([]);
    await screen.press('Y', 'Enter', 'j', 'k');
    assert.is(asked(), 1, 'not again before it may have changed');
  }));

test('a link stands alone on its line of the page, whole, whatever its length', () =>
  onNight(async (screen, supervisor) => {
    const link = `https://accounts.google.com/signin/continue?plt=${'Ab0-'.repeat(60)}`;
    supervisor.update('gus@corp.example', { state: 'blocked', reason: 'Google asks to verify', validationUrl: link });
    await screen.news();
    await screen.press('/');
    await screen.type('gus');
    await screen.press('Enter', 'Enter', 'Y');
    const lines = screen.text().split('\n');
    const from = lines.findLastIndex((line) => line.startsWith('https://'));
    assert.is(lines.slice(from, from + 3).join(''), link);
  }, 60));

test('an event of another day has its date in what is copied and on its page', () =>
  onNight(async (screen, supervisor) => {
    supervisor.event('recovered', 'kim.ops@example.com', {
      text: 'recovered',
      at: screen.clock.now() - 2 * 86_400_000,
    });
    await screen.news();
    await screen.press('3', 'Y');
    assert.match(page(screen), /^\d\d-\d\d \d\d:\d\d {2}recovered/);
  }));

for (const [name, env, colours] of [
  ['256 on dark', { TERM: 'xterm-256color', COLORFGBG: '15;0' }, { line: '117', failed: '221', axis: '245' }],
  ['256 on light', { TERM: 'xterm-256color', COLORFGBG: '0;15' }, { line: '25', failed: '91', axis: '242' }],
  ['16 on dark', { TERM: 'xterm', COLORFGBG: '15;0' }, { line: '6', failed: '3', axis: '' }],
  ['16 on light', { TERM: 'xterm', COLORFGBG: '0;15' }, { line: '4', failed: '5', axis: '' }],
] as const) {
  test(`the charts have the colours that their legend has, ${name}`, async () => {
    const clock = setClock();
    const supervisor = night(clock);
    supervisor.set({ alarm: null });
    await withScreen(supervisor, { clock, env: { LANG: 'C.UTF-8', ...env } }, async (screen) => {
      await screen.press(':');
      await screen.type('charts');
      await screen.press('Enter');
      const seen = screen.rows().slice(4, -2);
      const used = new Set(seen.flatMap(({ cells }) => cells.map(({ fg, char }) => (char === ' ' ? '' : fg))));
      const plain = ['', 'default', '245', '242', '8', '79', '23', '2'];
      assert.equal([...used].filter((fg) => !plain.includes(fg)).sort(), [colours.line, colours.failed].sort());
      if (colours.axis === '') return;
      assert.is(screen.row(/-1s +now/).cells.find(({ char }) => char === 'n')?.fg, colours.axis);
    });
  });
}

test('an account that is listed alone offers no other', () =>
  onNight(async (screen) => {
    await screen.press('Enter');
    assert.match(screen.row('═ kim.ops').text, /1 of 9 · \[ \] other account/);
    await screen.press('Escape', '/');
    await screen.type('kim');
    await screen.press('Enter', 'Enter');
    assert.match(screen.row('═ kim.ops').text, /1 of 1 ═/);
  }));

test('the sheet of the boxes says whole that the pool is of this machine alone', () =>
  onNight(async (screen) => {
    await screen.resize(80, 24);
    await screen.press(':');
    await screen.type('boxes');
    await screen.press('Enter');
    const text = screen
      .rows()
      .map((row) => row.text.replace(/[║│]/g, ' '))
      .join(' ')
      .replace(/\s+/g, ' ');
    assert.ok(text.includes('database.url names a PostgreSQL for several'), screen.text());
  }));

test.run();
