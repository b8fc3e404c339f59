/** What the program logs against the table of the reference, in both directions. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { read } from '../../scripts/doc-lists.js';

const root = path.dirname(path.dirname(import.meta.dirname));

/** Stands for what is put into a text while the program runs. */
const HOLE = '\u0001';

interface Logged {
  readonly text: string;
  readonly level: string;
  readonly file: string;
}

/** Calls that log; the level that each has. */
const CALL =
  /(?:\b(?:logger|this\.logger)\.(?<level>info|warn|error|debug)|\bjournal\.(?<journal>note|warn)|\bservice\.note|\bparts\.log)\(/g;

/** Where a text is made elsewhere than where it is logged: how it begins, by file. */
const MADE_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  'src/proxy/supervisor/account-acts.ts': [
    `${HOLE}: waits for nothing any more; the next answer decides`,
    `${HOLE}: taken out of the proxy; e puts it back`,
    `${HOLE}: back in the proxy`,
    `${HOLE}: ${HOLE}; stopped: ${HOLE} not come to`,
  ],
  'src/proxy/supervisor/client-side.ts': [`The client keys stay as they were: ${HOLE}`],
  'src/proxy/supervisor/reload.ts': [`${HOLE} account files vanished at once ${HOLE}`],
  'src/proxy/supervisor/serving.ts': [
    `The machine slept: ${HOLE}`,
    `The addresses of this machine changed: ${HOLE}`,
    `${HOLE} acknowledged by nobody: the connection to the upstream was dead; sent again on a new one`,
  ],
  'src/proxy/reports/left-out.ts': [
    `Unreadable account file (${HOLE}): ${HOLE}`,
    `Skipping disabled account (${HOLE}): ${HOLE}`,
    `Skipping account (${HOLE}): proxy_disabled: ${HOLE}`,
    `Skipping account (${HOLE}): validation_blocked: ${HOLE}`,
    `Skipping account (${HOLE}): quota_protection: ${HOLE}`,
  ],
  'src/proxy/recovery/client-set-up.ts': [`OAuth client "${HOLE}" is saved and used from now on: ${HOLE}`],
  'src/proxy/recovery/undo.ts': [`brought back ${HOLE}`, `removed ${HOLE} again; its file lies in the trash`],
  'src/store/records/log.ts': [`A bug in ${HOLE}: ${HOLE}`],
  'src/commands/start/restart.ts': [`Restarted: pid ${HOLE} serves on ${HOLE}`],
  'src/commands/start/service.ts': [],
  'src/commands/start/take-over.ts': [],
  'src/commands/start/headless.ts': [],
  'src/proxy/grants/journal.ts': [],
};

/** The argument list of a call that begins at `from`, without its brackets. */
function argumentsAt(source: string, from: number): string {
  let depth = 1;
  let at = from;
  for (; at < source.length && depth > 0; at++) depth += source[at] === '(' ? 1 : source[at] === ')' ? -1 : 0;
  return source.slice(from, at - 1);
}

/** The texts of some code; what a template puts in is a hole. */
function textsIn(code: string): string[] {
  const texts: string[] = [];
  for (let at = 0; at < code.length; at++) {
    const quote = code[at] ?? '';
    if (!'\'"`'.includes(quote)) continue;
    let text = '';
    for (at++; at < code.length && code[at] !== quote; at++) {
      if (quote === '`' && code.startsWith('${', at)) {
        let depth = 1;
        for (at += 2; depth > 0 && at < code.length; at++) depth += code[at] === '{' ? 1 : code[at] === '}' ? -1 : 0;
        at--;
        text += HOLE;
      } else text += code[at] === '\\' ? (code[++at] ?? '') : (code[at] ?? '');
    }
    texts.push(text);
  }
  return texts;
}

const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name}`);

/** Every message in the source, and the files that log one that is made elsewhere. */
function loggedIn(files: readonly string[], textOf: (file: string) => string): { logged: Logged[]; carried: string[] } {
  const logged: Logged[] = [];
  const carried = new Set<string>();
  for (const file of files) {
    const source = textOf(file);
    for (const call of source.matchAll(CALL)) {
      const level = call.groups?.level ?? (call.groups?.journal === 'warn' ? 'warn' : 'info');
      const texts = textsIn(argumentsAt(source, call.index + call[0].length)).filter((text) =>
        /[a-z] |: |^[A-Z][a-z]+$/.test(text),
      );
      if (texts.length === 0) carried.add(file);
      for (const text of texts) logged.push({ text, level, file });
    }
  }
  return { logged, carried: [...carried] };
}

const LEAST_LETTERS = 8;

/** The rows of the table: the message as an expression, and its levels. */
function rowsOf(reference: string): { row: string; pattern: RegExp; levels: string[] }[] {
  const table = /\| `msg` \| level \|\n\| --- \| --- \|\n((?:\|.*\n)+)/.exec(reference)?.[1] ?? '';
  return table
    .trim()
    .split('\n')
    .flatMap((line) => {
      const cut = line.lastIndexOf('|', line.length - 2);
      const levels = line
        .slice(cut + 1, -1)
        .trim()
        .split(', ');
      return [...line.slice(0, cut).matchAll(/`([^`]+)`/g)]
        .map(([, message = '']) => message)
        .filter((message) => /[a-z>] |: |^[A-Z][a-z]+$/.test(message) && !/^[,+]|^<status>/.test(message))
        .map((row) => {
          const parts = row.split(/<[^>]*>|…/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
          // a row of little more than what is put in would pass for any message
          const between = parts.join('').replace(/[^a-z]/gi, '').length < LEAST_LETTERS ? HOLE : '.*';
          return { row, pattern: new RegExp(`^${parts.join(between)}$`, 's'), levels };
        });
    });
}

const { logged, carried } = loggedIn(sources, (file) => readFileSync(path.join(root, file), 'utf8'));
const rows = rowsOf(read('docs/reference.md'));
const elsewhere = Object.values(MADE_ELSEWHERE).flat();

test('each message that the program logs is a row of the reference, with its level', () => {
  for (const { text, level, file } of logged) {
    const found = rows.filter(({ pattern }) => pattern.test(text));
    assert.ok(found.length > 0, `${file} logs what is in no row: ${text.replaceAll(HOLE, '<…>')}`);
    assert.ok(
      found.some(({ levels }) => levels.includes(level)),
      `${text}: ${level}`,
    );
  }
  for (const text of elsewhere)
    assert.ok(
      rows.some(({ pattern }) => pattern.test(text)),
      text.replaceAll(HOLE, '<…>'),
    );
});

test('each row of the reference is a message of the program', () => {
  const all = [...logged.map(({ text }) => text), ...elsewhere];
  for (const { row, pattern } of rows)
    assert.ok(
      all.some((text) => pattern.test(text)),
      `nothing logs: ${row}`,
    );
});

test('a file that logs a text made elsewhere says here which', () => {
  assert.equal(
    carried.filter((file) => !Object.hasOwn(MADE_ELSEWHERE, file)),
    [],
  );
});

test('a message that is in no row is found, and a row that nothing logs', () => {
  const planted = loggedIn(['a.ts'], () => "x; logger.warn({ a: f('(') }, `Planted (${name}): ${why(`${1}`)} now`);");
  assert.equal(planted.logged, [{ text: `Planted (${HOLE}): ${HOLE} now`, level: 'warn', file: 'a.ts' }]);
  assert.not(rows.some(({ pattern }) => pattern.test(planted.logged[0]?.text ?? '')));
  const [row] = rowsOf('| `msg` | level |\n| --- | --- |\n| `Never said (<email>): …` | info |\n');
  assert.not(logged.some(({ text }) => row?.pattern.test(text) === true));
});

test.run();
