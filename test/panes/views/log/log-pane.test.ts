/** The log in its pane: columns that stand one below the other, matches, broken lines, other days, lines that are gone. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isPattern, parsePattern, type Pattern } from '../../../../src/panes/text/pattern.js';
import { themeFor } from '../../../../src/panes/text/theme.js';
import { LogView } from '../../../../src/panes/views/log/log-view.js';
import { logPane } from '../../../../src/panes/views/log/log-pane.js';
import { TestSupervisor } from '../../../support/supervisor.js';

process.env.TZ = 'UTC';

const now = Date.UTC(2026, 10, 30, 2, 14, 7);
const theme = themeFor({ theme: 'dark', glyphs: 'unicode' }, { TERM: 'xterm-256color', LANG: 'C.UTF-8' });
const plain = (row: string): string => row.replace(/\x1b\[[\d;]*m/g, '');
const inside = (row: string): string => plain(row).slice(1, -1);

const pattern = (source: string): Pattern => {
  const parsed = parsePattern(source);
  if (!isPattern(parsed)) throw new Error(`no pattern: ${source}`);
  return parsed;
};

const view = (): LogView => new LogView(() => 0);

function pane(log: LogView, supervisor: TestSupervisor, width: number, height = 20): string[] {
  return logPane({ view: log, feed: supervisor.logs, now, longestEmail: 26, focused: true }, width, height, theme);
}

function traffic(): TestSupervisor {
  const supervisor = new TestSupervisor({ now: () => now });
  const accounts = ['a@x.io', 'ben.long.name@corp.example', null];
  for (const [at, status] of [200, 429, 503, 0, 404, 200].entries()) {
    const ms = [3, 812, 1812, 61_000, 599_000, 4.4][at] ?? 0;
    const model = at === 4 ? null : ['gemini-2.5-pro', 'gemini-2.5-flash-lite-preview-09-2025'][at % 2];
    supervisor.access({
      ...{ status, ms, model: model ?? null, account: accounts[at % 3] ?? null },
      ...{ tokens: at === 2 ? null : 10 ** at, tries: at, key: at % 2 === 0 ? 'laptop' : null },
    });
  }
  return supervisor;
}

for (const width of [60, 70, 80, 100, 120, 160, 200]) {
  test(`at ${width} cells the columns stand one below the other, whatever they hold`, () => {
    const rows = pane(view(), traffic(), width).map(inside);
    const lines = rows.filter((row) => /^ \d\d:\d\d:\d\d/.test(row));
    assert.is(lines.length, 6);
    const columnOf = (row: string, word: RegExp): number => row.search(word);
    const starts = new Set(lines.map((row) => columnOf(row, /a@x|ben\.l|no account/)));
    assert.is(starts.size, 1, lines.join('\n'));
    const states = new Set(lines.map((row) => columnOf(row, / (?:200|429|503|left|404)/)));
    assert.is(states.size, 1);
    const titles = rows.find((row) => row.startsWith(' TIME')) ?? '';
    assert.is(titles.indexOf('ACCOUNT'), [...starts][0]);
    for (const title of ['TOK', 'TRY']) assert.is(titles.includes(title), width >= 70);
    assert.is(titles.includes('KEY'), width >= 112);
  });
}

test('a low pane has no titles, so that it has a line more', () => {
  assert.not(pane(view(), traffic(), 120, 7).some((row) => plain(row).includes('ACCOUNT')));
});

const work: readonly (readonly [path: string, model: string | null, said: RegExp])[] = [
  ['/v1beta/models/gemini-2.5-pro:countTokens', 'gemini-2.5-pro', / {2}countTokens/],
  ['/v1beta/models/gemini-embedding-001:batchEmbedContents', 'gemini-embedding-001', / {2}batchEmbedContents/],
  ['/upload/v1beta/files?uploadType=resumable', null, /POST upload\/files .* {2}upload/],
  ['/v1beta/files/abc', null, /POST files\/abc/],
  ['/v1beta/models/veo-3:predictLongRunning', 'veo-3', / {2}predictLongRunning/],
  ['/v1beta/models/gemini-2.5-pro:generateContent', 'gemini-2.5-pro', /no account +$/],
  ['/v1/messages/count_tokens', 'gemini-2.5-pro', / {2}countTokens/],
];
for (const [path, model, said] of work) {
  test(`the line of ${path} says what was asked for`, () => {
    const supervisor = new TestSupervisor({ now: () => now });
    const group = path.includes('count_tokens') ? { group: 'count' } : {};
    supervisor.access({ path, model, ...group });
    assert.match(inside(pane(view(), supervisor, 120)[2] ?? ''), said);
  });
}

test('every match of a line stands out, in whatever column, and a wide letter as a whole', () => {
  const supervisor = traffic();
  supervisor.log('pro and pro again, 한국어 and 한국어');
  const log = view();
  log.filter(pattern('pro'));
  const shown = pane(log, supervisor, 120);
  const marked = (row: string): string[] =>
    Array.from(
      row.matchAll(new RegExp(`${theme.sgr.match.replace('[', '\\[')}([^\\x1b]*)`, 'g')),
      ([, text = '']) => text,
    );
  assert.equal(marked(shown.find((row) => row.includes('again')) ?? ''), ['pro', 'pro']);
  assert.equal(marked(shown.find((row) => row.includes('503')) ?? ''), ['pro']);
  log.filter(pattern('국'));
  const korean = marked(pane(log, supervisor, 120).find((row) => row.includes('again')) ?? '');
  assert.equal(
    korean.map((text) => text.length),
    [2, 2],
  );
});

test('a broken line loses nothing, wherever matches stand in it, at every width', () => {
  const words =
    'Token refresh failed (kim.ops@example.com): invalid_grant (Token has been expired), waited 30 s, 한국어 사람';
  for (const source of ['', 'o', 'expired', '~[a-z]+', 'Token', '한국어', '사람']) {
    for (let width = 60; width <= 130; width += 7) {
      const supervisor = new TestSupervisor({ now: () => now });
      supervisor.log(words, { level: 40 });
      const log = view();
      log.wrapped = true;
      if (source !== '') log.filter(pattern(source));
      const rows = pane(log, supervisor, width, 12).slice(1, -1).map(inside);
      const said = rows
        .join(' ')
        .replace(/\s+/g, ' ')
        .replace(/[\ue000]/g, '');
      assert.ok(said.includes(words), `${width} ${source}: ${said}`);
      assert.ok(
        rows.some((row) => row.includes('30 s')),
        'a unit stays with its number',
      );
    }
  }
});

test('a line of another day says so, and the lines of today beside it keep their columns', () => {
  const supervisor = new TestSupervisor({ now: () => now });
  supervisor.access({ account: 'a@x.io' });
  supervisor.log('from another program', { time: 0, source: 'nginx' });
  assert.match(inside(pane(view(), supervisor, 120)[2] ?? ''), /^ 02:14:07 INF 200/);
  const older = new TestSupervisor({ now: () => now });
  older.log('the day before', { time: now - 86_400_000 });
  older.access({ account: 'a@x.io' });
  const [, titles = '', before = '', today = ''] = pane(view(), older, 120).map(inside);
  assert.match(before, /^ 11-29 02:14 INF the day before/);
  assert.match(today, /^ 02:14:07 {4}INF 200/);
  assert.is(titles.indexOf('ST'), today.indexOf('200'));
});

test('standing still on a line that is held no more says so', () => {
  const supervisor = new TestSupervisor({ now: () => now });
  for (let n = 0; n < 10; n++) supervisor.log(`line ${n}`);
  const log = view();
  log.standOn(3, supervisor.logs);
  assert.match(plain(pane(log, supervisor, 120)[0] ?? ''), /PAUSED ═/);
  for (let n = 0; n < 20_000; n++) supervisor.log(`later ${n}`);
  assert.match(plain(pane(log, supervisor, 120)[0] ?? ''), /PAUSED, its line is held no more: k and j read the files/);
});

test('only the default key tells no clients apart: it has no column', () => {
  const supervisor = new TestSupervisor({ now: () => now });
  supervisor.access({ key: 'default' });
  const log = view();
  assert.not(plain(pane(log, supervisor, 200)[1] ?? '').includes('KEY'));
  supervisor.access({ key: 'ci' });
  assert.ok(plain(pane(log, supervisor, 200)[1] ?? '').includes('KEY'));
});

test('n goes to the marks once a line was marked, and to the matches once something was sought after that', () => {
  const supervisor = new TestSupervisor({ now: () => now });
  for (let n = 0; n < 20; n++) supervisor.log(`line ${n}${n % 5 === 0 ? ' dora' : ''}`);
  const { logs } = supervisor;
  const log = view();
  const at = (): string => log.current(logs)?.msg ?? '';
  const title = (): string => plain(pane(log, supervisor, 120)[0] ?? '');
  log.filter(pattern('dora'));
  log.filter(null);
  for (const seq of [3, 7]) {
    log.standOn(seq, logs);
    log.toggleMark(logs);
  }
  log.toStart(logs);
  assert.is(log.seek(1, logs), 'found');
  assert.is(at(), 'line 3');
  assert.match(title(), / mark 1 of 2/);
  log.seek(1, logs);
  assert.is(at(), 'line 7');
  assert.is(log.seek(1, logs), 'none');
  log.filter(pattern('line'));
  log.standOn(0, logs);
  log.seek(1, logs);
  assert.is(at(), 'line 1', 'a filter comes first again');
  log.standOn(2, logs);
  log.toggleMark(logs);
  log.filter(null);
  log.standOn(3, logs);
  log.seek(-1, logs);
  assert.is(at(), 'line 2', 'marked among what was filtered');
  for (const seq of [2, 3, 7]) {
    log.standOn(seq, logs);
    log.toggleMark(logs);
  }
  log.seek(1, logs);
  assert.is(at(), 'line 8', 'without marks the last filter is what is sought');
});

test.run();
