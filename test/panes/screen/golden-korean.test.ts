/** The same pictures in Korean: whole letters, no border moved, and no word that is not of the catalogue. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { actions } from '../../../src/panes/actions/actions.js';
import { speak } from '../../../src/store/words/tongue.js';
import { boxScenes } from '../../support/box-scenes.js';
import { setClock } from '../../support/clock.js';
import { golden } from '../../support/golden.js';
import { markKorean, unmarked } from '../../support/marked-korean.js';
import { allSizes, type Scene } from '../../support/pictures.js';
import { night, wordsOfOthers } from '../../support/scene.js';
import { nightScenes } from '../../support/scenes.js';
import { withScreen, type TestScreen } from '../../support/screen.js';
import type { TestSupervisor } from '../../support/supervisor.js';
import { stateScenes } from '../../support/state-scenes.js';

const KOREAN = { TERM: 'xterm-256color', LANG: 'ko_KR.UTF-8' };

markKorean();

/** What is shown as it is: names, addresses, files, models, codes of Google, and the log, which is English. */
function dataOf(supervisor: TestSupervisor): readonly string[] {
  const { logs, events } = supervisor;
  const now = supervisor.snapshot();
  const records = Array.from({ length: logs.next - logs.first }, (_, at) => logs.at(logs.first + at));
  const told = Array.from({ length: events.next - events.first }, (_, at) => events.at(events.first + at));
  return [
    now.version,
    now.address,
    now.dataDir,
    ...now.clients.flatMap(({ name, id }) => [name, id]),
    ...now.accounts.flatMap(({ id, file, email, name, client, projectId, refreshToken, validationUrl }) => [
      id,
      file,
      `accounts/${file}`,
      email,
      name,
      client,
      projectId ?? '',
      refreshToken?.sha256 ?? '',
      validationUrl ?? '',
    ]),
    ...records.flatMap((record) => [
      record?.msg ?? '',
      record?.source ?? '',
      ...[record?.access].flatMap((access) =>
        access == null ? [] : [access.path, access.model ?? '', access.key ?? '', ...access.left],
      ),
    ]),
    ...told.flatMap((event) => [event?.email ?? '', event?.box ?? '']),
    ...(now.boxes?.all ?? []).flatMap(({ name, address }) => [name, address]),
  ];
}

/** What the palette lists and a record holds: names of actions, to be typed, and of fields. */
const namesIn: Readonly<Record<string, readonly string[]>> = {
  palette: actions.map(({ id }) => id),
  record: ['level', 'time', 'msg'],
  // a word of the log alone in its line
  'log-wrapped': ['failed'],
};

/** Names of keys, of the log's levels, and of programs. */
const names = [...actions.map(({ shown }) => shown), 'Ctrl-O', 'ERR', 'WRN', 'INF', 'DBG', 'regrant', 'ssh -N -L'];

/** The text without this datum, wherever it stands as a whole. */
function without(text: string, datum: string): string {
  const isPart = (at: number): boolean =>
    (/^\w/.test(datum) && /[\w@]$|[\w][.-]$/.test(text.slice(0, at))) ||
    (/\w$/.test(datum) && /^[\w@]|^[.-]\w/.test(text.slice(at + datum.length)));
  let rest = '';
  let from = 0;
  for (let at = text.indexOf(datum); at !== -1; at = text.indexOf(datum, at + 1)) {
    if (at < from || isPart(at)) continue;
    rest += `${text.slice(from, at)} `;
    from = at + datum.length;
  }
  return rest + text.slice(from);
}

/** Data of more letters are looked for in parts first, since others may be in them. */
const LONG = 20;
/** So many letters tell what a part is of. */
const KNOWN_BY = 8;

/** Durations, sizes, percentages and short hash sums as they stand in columns. */
const numbers = /(?<![\w.])(?:\d[\d.,:]*(?:[smhd]\d+)*(?: ?ms|[smhdkM])?|[0-9a-f]{8})(?!\w)|^\d*[smhd](?= )/g;

/** Where a text may be cut: at a border, at `…`, between columns, and where a row ends. */
const cuts = /[│║┌┐└┘╔╗╚╝]|(?<=…)| {2,}|─{2,}|═{2,}/;

/**
 * What is left of a segment of a row that is, begins or ends with a part of a datum that was cut or broken into lines: two
 * words and more of it, or so many letters that it is known; where something cut it
 * any.
 */
function withoutParts(segment: string, data: readonly string[], { isOver, isCut }: Cut): string {
  let rest = segment.replace(/^[\s("']+|[\s)"',;:?…]+$/g, '');
  const isKnown = (part: string): boolean => part.length >= KNOWN_BY || /\S {1,2}\S/.test(part);
  for (const datum of data) {
    if (!hasWords(rest)) return '';
    if (rest.length >= (isOver ? 2 : KNOWN_BY) && datum.includes(rest)) return '';
    const starts = Array.from(rest.matchAll(/(?<![^\s(])[^\s(]/g), ({ index }) => index);
    const tail = starts.find((from) => {
      const part = rest.slice(from);
      return (isCut || isOver || isKnown(part)) && datum.startsWith(part);
    });
    if (tail !== undefined) rest = rest.slice(0, tail).trim();
    const ends = Array.from(rest.matchAll(/\S(?!\S)/g), ({ index }) => index + 1);
    const head = ends.findLast((to) => {
      const part = rest.slice(0, to);
      return (isOver || isKnown(part)) && datum.endsWith(part);
    });
    if (head !== undefined) rest = rest.slice(head).trim();
  }
  return rest;
}

/** Whether something lies over a row, and whether a segment ends in `…`. */
interface Cut {
  readonly isOver: boolean;
  readonly isCut: boolean;
}

const hasWords = (text: string): boolean => /[A-Za-z]/.test(text);

/** The words of a marked picture that are neither of the catalogue nor data. */
function strayWords(picture: string, data: readonly string[]): readonly string[] {
  const known = [...new Set([...data, ...names, ...wordsOfOthers])]
    .filter(hasWords)
    .sort((a, b) => b.length - a.length);
  const sentences = known.filter((datum) => datum.length > LONG);
  const seen = new Map(
    picture.split('\n').flatMap((row) => {
      // what lies over a row may cut it anywhere
      const isOver = (row.match(/[│║┌┐└┘╔╗╚╝]/g) ?? []).length > 2;
      return row.split(cuts).map((segment) => [segment, { isOver, isCut: segment.endsWith('…') }] as const);
    }),
  );
  return [...seen].flatMap(([segment, cut]) => {
    if (!hasWords(known.reduce(without, segment).replace(numbers, ' '))) return [];
    const whole = withoutParts(segment, sentences, cut);
    const left = known.reduce(without, whole);
    const rest = withoutParts(left, known, {
      ...cut,
      isCut: cut.isCut && whole.length + 1 >= segment.trim().length,
    }).replace(numbers, ' ');
    return hasWords(rest) ? [rest] : [];
  });
}

test('a word that is neither of the catalogue nor data is seen, wherever it stands', () => {
  const data = ['kim@example.com', 'Token refresh failed (kim@example.com): invalid_grant, trying next account'];
  const stray = (row: string): readonly string[] => strayWords(row, data);
  const clean = [
    '║ ● 정상 kim@example.com 41:12 1.8s 2m35s ▲ ║',
    '│ 02:11 ERR Token refresh failed (kim@example.com): invalid_gr…│',
    '│ ✔ 갱신됨 kim@… 102 ms ▲ │',
    '║ r 다시 추가 · t 시험 · 9b1d02aa ║',
  ];
  for (const row of clean) assert.equal(stray(row), [], row);
  const planted = ['Refreshing', 'ready', 'token', 'failed', 'account', 'e-mail', 'kim', 'of 8'];
  for (const word of planted) {
    for (const row of clean) {
      assert.is(stray(row.replace(/ (?=ERR|● |✔ |r 다시)/, ` ${word} `)).length, 1, `${word}: ${row}`);
      assert.is(stray(row.replace(/│$|║$/, ` ${word} ║`)).length, 1, `${word} at the end of ${row}`);
    }
  }
});

/** Every row that begins with a border ends with one. */
function assertBorders(screen: TestScreen): void {
  for (const { cells, text } of screen.rows()) {
    const [first, last] = [cells[0]?.char ?? '', cells.at(-1)?.char ?? ''];
    if (/[║│╔┌╚└]/.test(first)) assert.match(last, /[║│╗┐╝┘]/, text);
  }
}

const inKorean = ({ env = {} }: Scene): boolean => Object.keys(env).length === 0;

for (const scene of [...nightScenes, ...stateScenes, ...boxScenes].filter(inKorean)) {
  test(`${scene.name} in Korean`, async () => {
    await speak('ko');
    const clock = setClock(Date.UTC(2026, 10, 23, 2, 14, 7));
    const supervisor = scene.supervisor?.(clock) ?? night(clock);
    const [[cols, rows]] = allSizes;
    await withScreen(
      supervisor,
      { clock, cols, rows, attached: scene.attached ?? false, env: KOREAN },
      async (screen) => {
        await scene.act?.(screen, supervisor);
        const pictures: string[] = [];
        for (const [wide, tall] of allSizes) {
          await screen.resize(wide, tall);
          await screen.advance(100);
          assertBorders(screen);
          pictures.push(screen.text());
        }
        assert.equal(strayWords(pictures.join('\n'), [...dataOf(supervisor), ...(namesIn[scene.name] ?? [])]), []);
        golden(`korean/${scene.name}`, unmarked(pictures.join('\n\n')));
      },
    );
  });
}

test.run();
