/** Every text that a supervisor gives to screens, commands and notices is read in Korean: they are taken from its source. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NotBroughtBack } from '../../../src/store/accounts/account-store.js';
import { NotSaved } from '../../../src/store/accounts/stored-account.js';
import { messageOf } from '../../../src/store/ground/errors.js';
import { parseJson } from '../../../src/store/ground/json.js';
import { saying } from '../../../src/store/words/saying.js';
import { korean, koreanSentences } from '../../../src/store/words/korean/korean.js';
import { told } from '../../../src/store/words/told.js';
import { speak } from '../../../src/store/words/tongue.js';

/** Where texts are made that go over the socket, to a screen, or to whoever is notified. */
const rooms = ['supervisor', 'recovery', 'notices', 'reports', 'clients', 'grants', 'contract', 'oauth', 'upstreams'];

/** Texts that are for logs, for a browser, or for a client of the proxy, which are English, and parts of others. */
const english = [
  'All accounts are saved again',
  'The answer has arrived.',
  'The client keys stay as they were',
  'There is nothing here.',
  'this API key has used',
  'Skipping account',
  'Skipping disabled account',
  'do what Google asks for',
  'it is asked again by itself, after',
  "this machine's clock is",
];

/** A text where one is given to people: `text: '…'`, `const text = …`, `return '…'`, `fault('…')`, `const NOT_SAVED = …`. */
const GIVEN =
  /(?:\b(?:text|words|fault)(?:: | = |: string = )|\breturn |\b(?:refusal|fault|temporary|shown)\((?:'\w+', )?\s*|\b[A-Z][A-Z_]+ =\s+)(`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/g;

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
      // a template with another one in it is not taken whole
      .filter((text) => (text.match(/\$\{/g)?.length ?? 0) === (text.match(/\}/g)?.length ?? 0))
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
  /^(?:token_fp|select|insert|update|delete|with|where|create|begin|extract|id, )|not null|^(?:the (?:look|search|reading|clearing|saving|key|row) |telling |giving |hearing |looking |reading |more to come|as it was$|regrant key)/;

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

/** Errors whose text is for a client of the proxy, or for a line of the log. */
const notForOperators = ['BadRequest', 'NotAnEvent', 'NoAccessToken', 'BodyRefused'];

/** The classes of errors, by what they say they extend. */
function errorClasses(sources: readonly string[]): ReadonlySet<string> {
  const known = new Set(['Error']);
  const all = sources.flatMap((source) =>
    Array.from(source.matchAll(/\bclass (\w+) extends (\w+)/g), ([, name = '', of = '']) => ({ name, of })),
  );
  for (let before = 0; before < known.size;) {
    before = known.size;
    for (const { name, of } of all) if (known.has(of) && !notForOperators.includes(name)) known.add(name);
  }
  return known;
}

/** `new Name(…)` with what is in the parentheses, which may hold two levels of further ones. */
const MADE = /\bnew ([A-Z]\w*)\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/g;
/** What only the catalogue's words go through, checked when it is compiled. */
const TYPED = /\b(?:saying|english|tell)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g;

/** Faults of the program itself, and of its parts among each other. */
const ownFaults = [
  'the last row fits all',
  'no connection to relay',
  'it was not handed over',
  'the control socket was not opened',
];

test('the text of an error is of the catalogue, in whatever room it is made', async () => {
  await speak('ko');
  const sources = filesIn('src')
    .filter((file) => !file.startsWith('src/demo/'))
    .map((file) => readFileSync(file, 'utf8').replace(/\/\*.*?\*\/|^\s*\/\/.*$/gms, ''));
  const errors = errorClasses(sources);
  const given = sources.flatMap((source) =>
    Array.from(source.replace(TYPED, '').matchAll(MADE), ([, name = '', parts = '']) => ({ name, parts }))
      .filter(({ name }) => errors.has(name))
      .flatMap(({ name, parts }) => textsIn(parts, ANY).map((text) => ({ name, text })))
      .filter(({ text }) => /[a-z]{2}[a-z,]* [a-z]/.test(text) && !ownFaults.includes(text)),
  );
  const missing = given.filter(({ text }) =>
    fillings.every((filling) => !/[가-힣]/.test(told(filledWith(text, filling)))),
  );
  await speak('en');
  assert.equal(missing, []);
  assert.ok(given.some(({ name }) => name === 'UnreadableAccount'));
});

test('what a restart waits for, a change that is not saved and a folder that is not listed are read whole', async () => {
  await speak('ko');
  const read = [
    'a new process takes over: waiting for 2 answers of the token endpoint and 1 operation',
    'a new process takes over: waiting for 1 answer of the token endpoint',
    'not restarted: not everything is on disk: a1.json: its new access token (no space left on the disk (ENOSPC)); pid 7 serves on as before',
    new NotSaved('a1.json', 'permission denied (EACCES)').message,
    new NotBroughtBack('a1', saying('an account of that name stands there again')).message,
    parsedBadly('['.repeat(200_000)),
  ].map(told);
  const left = read.flatMap((text) => stray(text.replaceAll('a1.json', '').replaceAll('ENOSPC', '')));
  await speak('en');
  assert.equal(left, []);
  assert.ok(read.every((text) => /[가-힣]/.test(text)));
});

function parsedBadly(text: string): string {
  try {
    parseJson(text);
  } catch (error) {
    return messageOf(error);
  }
  return '';
}

test.run();
