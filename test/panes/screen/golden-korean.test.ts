/** The same pictures in Korean: whole letters, no border moved, and no word that is not of the catalogue. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { actions } from '../../../src/panes/actions/actions.js';
import { korean, koreanSentences } from '../../../src/store/words/korean/korean.js';
import { speak } from '../../../src/store/words/tongue.js';
import { setClock } from '../../support/clock.js';
import { golden } from '../../support/golden.js';
import { allSizes, type Scene } from '../../support/pictures.js';
import { night } from '../../support/scene.js';
import { nightScenes } from '../../support/scenes.js';
import { withScreen, type TestScreen } from '../../support/screen.js';
import type { TestSupervisor } from '../../support/supervisor.js';
import { stateScenes } from '../../support/state-scenes.js';

const KOREAN = { TERM: 'xterm-256color', LANG: 'ko_KR.UTF-8' };

const wordsIn = (text: string): readonly string[] => text.match(/(?<![\w/-])[A-Za-z][A-Za-z'_]+/g) ?? [];

/** Words of the field and names of keys, which the catalogue leaves as they are. */
const kept = new Set([...Object.values(korean), ...Object.values(koreanSentences)].flatMap(wordsIn));

/** Every string in what a screen is given. */
function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) yield* stringsIn(each);
}

/** Names, addresses, models: all that is one word; and the messages of the log, which is English. */
function dataOf(supervisor: TestSupervisor): ReadonlySet<string> {
  const { logs, events } = supervisor;
  const records = Array.from({ length: logs.next - logs.first }, (_, at) => logs.at(logs.first + at));
  const told = Array.from({ length: events.next - events.first }, (_, at) => events.at(events.first + at));
  const names = [...stringsIn([supervisor.snapshot(), told, records])].filter((text) => !text.includes(' '));
  return new Set([...names, ...records.map((record) => record?.msg ?? '')].flatMap(wordsIn));
}

/** The texts in a file of the tests, but for those that are one plain word, as a state is. */
function textsIn(name: string): readonly string[] {
  const source = readFileSync(`test/support/${name}.ts`, 'utf8').replace(/\/\*.*?\*\/|^\s*\/\/.*$/gms, '');
  const texts = source.match(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
  return texts.filter((text) => /[\s/]|\d/.test(text));
}

/** What the scenes let a supervisor and Google say; the names of actions, of keys, and of the log's levels. */
const madeUp = new Set([
  ...['scene', 'scenes', 'state-scenes', 'supervisor'].flatMap(textsIn).flatMap(wordsIn),
  ...actions.flatMap(({ id, shown }) => wordsIn(`${id} ${shown}`)),
  ...[
    'ERR',
    'WRN',
    'INF',
    'DBG',
    'policy_enforced',
    'msg',
    'ssh',
    'challenge',
    'c'.repeat(43),
    'touched',
    'missing',
    'request',
    'full',
    'user',
    'read',
    'ECONNREFUSED',
    'mnopqrstuvwxyz',
    'googleusercont',
    'ent',
  ],
]);

/** What words begin and end with. */
const partsOf = (words: Iterable<string>): Set<string> =>
  new Set(
    [...words].flatMap((word) =>
      Array.from(word, (_, at) => at).flatMap((at) => [word.slice(0, at + 1), word.slice(at)]),
    ),
  );
const keptParts = partsOf([...kept, ...madeUp]);

/** The words of a picture that are of nobody. Where a row is cut, or something lies over it, a part of a word will do. */
function strayWords(picture: string, data: ReadonlySet<string>): readonly string[] {
  const dataParts = partsOf(data);
  return picture.split('\n').flatMap((row) => {
    const isCut = /…|([║│╔╗╚╝┌┐└┘].*){3}/.test(row);
    return wordsIn(row).filter(
      (word) =>
        // a part of a long address that is broken into lines
        !/^(.)\1+$/.test(word) &&
        !kept.has(word) &&
        !madeUp.has(word) &&
        !data.has(word) &&
        !(isCut && (keptParts.has(word) || dataParts.has(word))),
    );
  });
}

/** Every row that begins with a border ends with one. */
function assertBorders(screen: TestScreen): void {
  for (const { cells, text } of screen.rows()) {
    const [first, last] = [cells[0]?.char ?? '', cells.at(-1)?.char ?? ''];
    if (/[║│╔┌╚└]/.test(first)) assert.match(last, /[║│╗┐╝┘]/, text);
  }
}

const inKorean = ({ env = {} }: Scene): boolean => Object.keys(env).length === 0;

for (const scene of [...nightScenes, ...stateScenes].filter(inKorean)) {
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
        assert.equal(strayWords(pictures.join('\n'), dataOf(supervisor)), []);
        golden(`korean/${scene.name}`, pictures.join('\n\n'));
      },
    );
  });
}

test.run();
