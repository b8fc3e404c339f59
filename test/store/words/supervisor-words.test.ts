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

const textsIn = (source: string, pattern: RegExp): readonly string[] =>
  Array.from(source.matchAll(pattern), ([, text = '']) =>
    text.slice(1, -1).replaceAll("\\'", "'").replaceAll('\\`', '`'),
  );

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name));

const files = rooms.flatMap((room) => filesIn(path.join('src/proxy', room)));

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
    textsIn(readFileSync(file, 'utf8'), GIVEN)
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

/** Where it is said what is wrong with an account's file or row, and what a stop would lose of it. */
const stores = ['accounts', 'files', 'database'].flatMap((room) => filesIn(path.join('src/store', room)));

/** Any text. */
const ANY = /(`[^`]*`|'(?:[^'\\\n]|\\.)*')/g;

/** SQL, and names of work in the background, which stand in the log. */
const notTold =
  /^(?:select|insert|update|delete|with|where|create|begin|extract|id, )|not null|^(?:the (?:look|search|reading|clearing|saving|key|row) |telling |giving |hearing |looking |reading |more to come|as it was$|regrant key)/;

test('what is wrong with an account is in the catalogue, whoever finds it', async () => {
  await speak('ko');
  const missing = stores.flatMap((file) =>
    textsIn(readFileSync(file, 'utf8').replace(/\/\*.*?\*\/|\/\/.*$/gms, ''), ANY)
      .filter(
        (text) => /^(?:[a-z]|\$\{)/.test(text) && /[a-z]{2} [a-z]+ [a-z]/.test(text.replace(/\$\{[^{}]*\}/g, 'x')),
      )
      .filter((text) => !notTold.test(text))
      .filter((text) => fillings.every((filling) => !/[가-힣]/.test(told(filledWith(text, filling)))))
      .map((text) => `${file}: ${text}`),
  );
  await speak('en');
  assert.equal(missing, []);
});

test.run();
