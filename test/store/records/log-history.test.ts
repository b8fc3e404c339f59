/** The log's files are read around a time, over the ends of those that they were rotated into. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linesAround } from '../../../src/store/records/log-history.js';
import { withDirectory } from '../../support/directory.js';

const START = Date.UTC(2026, 10, 20);
const LINES = 9000;

/** One line a second, each some hundred bytes long, three times two alike in time. */
const lineAt = (n: number): string =>
  JSON.stringify({ level: 30, time: START + n * 1000, msg: `line ${n} ${'x'.repeat((n * 37) % 200)}` });

/** Three files, as a rotation leaves them; the last one ends within a line. */
async function withFiles(use: (folder: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    const folder = directory.at('logs');
    mkdirSync(folder);
    const lines = Array.from({ length: LINES }, (_, n) => `${lineAt(n)}\n`);
    writeFileSync(path.join(folder, '20261120-0000-01-regrant.log'), lines.slice(0, 3000).join(''));
    writeFileSync(
      path.join(folder, '20261121-0000-01-regrant.log'),
      `no json at all\n${lines.slice(3000, 3010).join('')}`,
    );
    writeFileSync(path.join(folder, 'regrant.log'), `${lines.slice(3010).join('')}{"level":30,"time":99`);
    writeFileSync(path.join(folder, 'crash.log'), lines.slice(0, 10).join(''));
    await use(folder);
  });
}

const numbersOf = (lines: readonly string[]): number[] =>
  lines.flatMap((line) => {
    const [, number] = /"line (\d+) /.exec(line) ?? [];
    return number === undefined ? [] : [Number(number)];
  });

test('wherever a time lies, the lines around it are there, in order and without a gap', () =>
  withFiles(async (folder) => {
    for (const n of [0, 1, 2, 500, 2990, 2999, 3000, 3005, 3009, 3010, 3011, 5000, 8998, 8999]) {
      const { lines, older, newer } = await linesAround(folder, START + n * 1000);
      const numbers = numbersOf(lines);
      assert.ok(numbers.includes(n), `line ${n} of ${numbers[0]}–${numbers.at(-1)}`);
      numbers.forEach((number, at) => assert.is(number, (numbers[0] ?? 0) + at));
      assert.is(older, numbers[0] !== 0, `older at ${n}`);
      assert.is(newer, numbers.at(-1) !== LINES - 1, `newer at ${n}`);
      assert.ok(Buffer.byteLength(JSON.stringify(lines)) < 1_048_576);
    }
  }));

test('a time before all of them gives the first, one behind all of them the last', () =>
  withFiles(async (folder) => {
    assert.is(numbersOf((await linesAround(folder, 1)).lines)[0], 0);
    assert.is(numbersOf((await linesAround(folder, START * 2)).lines).at(-1), LINES - 1);
  }));

test('where there is no folder, no file, or none with a time in it, there are no lines', () =>
  withDirectory(async (directory) => {
    const none = { lines: [], older: false, newer: false };
    assert.equal(await linesAround(directory.at('nowhere'), START), none);
    writeFileSync(directory.at('regrant.log'), 'no json\n');
    assert.equal(await linesAround(directory.path, START), none);
  }));

/** How many files of this process are open below a folder. */
const openIn = (folder: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  }).length;

test('what bears the name of a log and cannot be read is left out, and every file is closed again', () =>
  withFiles(async (folder) => {
    mkdirSync(path.join(folder, 'a-regrant.log'));
    execFileSync('mkfifo', [path.join(folder, 'b-regrant.log')]);
    const { lines } = await linesAround(folder, START + 4000 * 1000);
    assert.ok(numbersOf(lines).includes(4000));
    assert.is(openIn(folder), 0);
  }));

test.run();
