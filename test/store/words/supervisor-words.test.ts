/** Every text that a supervisor gives to screens, commands and notices is read in Korean: they are taken from its source. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { korean, koreanSentences } from '../../../src/store/words/korean/korean.js';
import { told } from '../../../src/store/words/told.js';
import { speak } from '../../../src/store/words/tongue.js';

/** Where texts are made that go over the socket, to a screen, or to whoever is notified. */
const rooms = ['supervisor', 'recovery', 'notices', 'reports', 'clients', 'grants', 'contract'];

/** Texts that are for logs, for a browser, or for a client of the proxy, which are English. */
const english = ['All accounts are saved again', 'The answer has arrived.', 'The client keys stay as they were'];

/** A text in a place where one is given to people: `text: '…'`, `const text = …`. */
const GIVEN =
  /\b(?:text|words|fault)(?:: | = |: string = )(`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/g;

const textsIn = (source: string): readonly string[] =>
  Array.from(source.matchAll(GIVEN), ([, text = '']) =>
    text.slice(1, -1).replaceAll("\\'", "'").replaceAll('\\`', '`'),
  );

const files = rooms.flatMap((room) => {
  const folder = path.join('src/proxy', room);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name));
});

/** What may stand in the place of a value: a name, a number, a duration, nothing. */
const fillings = ['kim@example.com', '7', '7 s', ''];

const filledWith = (text: string, filling: string): string =>
  text.replace(/\$\{[^{}]*=== 1 \? '([^']*)' : '([^']*)'\}/g, '$2').replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, filling);

const kept = new Set(
  [...Object.values(korean), ...Object.values(koreanSentences)].flatMap((text) => text.match(/[A-Za-z_]{2,}/g) ?? []),
);
const stray = (text: string): readonly string[] =>
  (text.replaceAll('kim@example.com', '').match(/[A-Za-z_]{2,}/g) ?? []).filter((word) => !kept.has(word));

test('what a supervisor tells is in the catalogue, sentence by sentence', async () => {
  await speak('ko');
  const missing = files.flatMap((file) =>
    textsIn(readFileSync(file, 'utf8'))
      .filter((text) => text.includes(' ') && /[a-z]{3}/.test(text.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '')))
      .filter((text) => !english.some((start) => text.startsWith(start)))
      .filter((text) =>
        fillings.every((filling) => {
          const filled = filledWith(text, filling);
          const said = told(filled);
          return !/[가-힣]/.test(said) || stray(said).length > 0;
        }),
      )
      .map((text) => `${file}: ${text}`),
  );
  await speak('en');
  assert.equal(missing, []);
});

test.run();
