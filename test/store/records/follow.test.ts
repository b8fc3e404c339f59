/** Following other programs' logs: nothing is lost and nothing is told twice, whatever is done to the file. */
import fs, {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../../src/store/ground/clock.js';
import { LogFollower } from '../../../src/store/records/follow.js';

interface Followed {
  readonly file: string;
  readonly lines: string[];
  readonly troubles: (string | null)[];
  readonly skipped: number[];
  readonly start: () => void;
  readonly until: (count: number) => Promise<void>;
}

async function following(use: (followed: Followed) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'regrant-follow-'));
  const file = path.join(folder, 'other.log');
  const lines: string[] = [];
  const troubles: (string | null)[] = [];
  const skipped: number[] = [];
  let follower: LogFollower | null = null;
  const start = (): void => {
    follower = new LogFollower(file, systemClock, {
      line: (text) => lines.push(text),
      trouble: (reason) => troubles.push(reason),
      skipped: (bytes) => skipped.push(bytes),
    });
  };
  const until = async (count: number): Promise<void> => {
    for (let waited = 0; lines.length < count && waited < 8000; waited += 20) await pause(20);
    await pause(50);
  };
  try {
    await use({ file, lines, troubles, skipped, start, until });
  } finally {
    (follower as LogFollower | null)?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `line ${from + at}`);

test('lines come as they are written, whole, with characters that a write splits', () =>
  following(async ({ file, lines, start, until }) => {
    writeFileSync(file, 'before\n');
    start();
    const bytes = Buffer.from('grüße 日本 🙂\r\n');
    for (const byte of bytes) {
      appendFileSync(file, Buffer.from([byte]));
      await pause(2);
    }
    appendFileSync(file, 'without its end');
    await until(2);
    assert.equal(lines, ['before', 'grüße 日本 🙂']);
    appendFileSync(file, '\n');
    await until(3);
    assert.is(lines[2], 'without its end');
  }));

test('rotation by renaming, five times while it is written: no line is lost, none comes twice', () =>
  following(async ({ file, lines, start, until }) => {
    writeFileSync(file, '');
    start();
    const all = numbered(0, 300);
    for (const [at, line] of all.entries()) {
      if (at > 0 && at % 50 === 0) renameSync(file, `${file}.${at}`);
      appendFileSync(file, `${line}\n`);
      await pause(8);
    }
    await until(all.length);
    assert.equal(lines, all);
  }));

test('a file that has its name for a moment only is read too', () =>
  following(async ({ file, lines, start, until }) => {
    writeFileSync(file, 'one\n');
    start();
    await until(1);
    for (const line of ['two', 'three']) {
      renameSync(file, `${file}.${line}`);
      writeFileSync(file, `${line}\n`);
      await pause(150);
    }
    await until(3);
    assert.equal(lines, ['one', 'two', 'three']);
  }));

test('truncation and writing anew is read from the first byte', () =>
  following(async ({ file, lines, start, until }) => {
    writeFileSync(file, '');
    start();
    appendFileSync(file, 'one\ntwo\nthree\n');
    await until(3);
    truncateSync(file, 0);
    await pause(700);
    appendFileSync(file, 'four\n');
    await until(4);
    assert.equal(lines, ['one', 'two', 'three', 'four']);
  }));

test('a file that is not there yet is said once, looked for, and read from its start', () =>
  following(async ({ file, lines, troubles, start, until }) => {
    start();
    await pause(1200);
    assert.is(troubles.length, 1);
    assert.match(troubles[0] ?? '', /no such file/i);
    writeFileSync(file, 'first\nsecond\n');
    await until(2);
    assert.equal(lines, ['first', 'second']);
    assert.is(troubles.at(-1), null);
  }));

test('of a long file only the end is shown at first, from a whole line on', () =>
  following(async ({ file, lines, start, until }) => {
    writeFileSync(file, `${numbered(0, 20_000).join('\n')}\n`);
    start();
    assert.is(lines.at(-1), 'line 19999');
    assert.match(lines[0] ?? '', /^line \d+$/);
    assert.ok(lines.length < 5000);
    const before = lines.length;
    appendFileSync(file, 'next\n');
    await until(before + 1);
    assert.equal(lines.slice(before), ['next']);
  }));

test('where the system has no watch to give, the file is followed all the same, by one descriptor', () =>
  following(async ({ file, lines, troubles, start, until }) => {
    const { watch } = fs;
    fs.watch = () => {
      throw Object.assign(new Error('ENOSPC: no more watches'), { code: 'ENOSPC' });
    };
    syncBuiltinESMExports();
    try {
      writeFileSync(file, 'before\n');
      start();
      await pause(1200);
      if (process.platform === 'linux') {
        const open = readdirSync('/proc/self/fd').filter((fd) => opened(fd) === file);
        assert.is(open.length, 1);
      }
      appendFileSync(file, 'after\n');
      await until(2);
      assert.equal([lines, troubles], [['before', 'after'], []]);
    } finally {
      fs.watch = watch;
      syncBuiltinESMExports();
    }
  }));

test('a line without an end is handed on as far as it is taken, once, and costs no memory', () =>
  following(async ({ file, lines, start, until }) => {
    writeFileSync(file, '');
    start();
    const before = process.memoryUsage().rss;
    for (let at = 0; at < 48; at++) {
      appendFileSync(file, 'x'.repeat(1024 * 1024));
      await pause(10);
    }
    appendFileSync(file, '\nnext\n');
    await until(2);
    assert.equal([lines.length, lines[0]?.length, lines[1]], [2, 65_536, 'next']);
    assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
  }));

test('of a hole of three gigabytes the end is read, and what is left out is said', () =>
  following(async ({ file, lines, skipped, start, until }) => {
    writeFileSync(file, 'before\n');
    start();
    truncateSync(file, 3 * 1024 ** 3);
    appendFileSync(file, '\nafter\n');
    await until(2);
    assert.equal([lines.at(-1), skipped.length], ['after', 1]);
    assert.ok((skipped[0] ?? 0) > 3 * 1024 ** 3 - 5 * 1024 * 1024);
  }));

test('a pipe that nobody writes into is said to be none, and followed no further than that', () =>
  following(async ({ file, lines, troubles, start, until }) => {
    execFileSync('mkfifo', [file]);
    start();
    assert.equal(troubles, ['no regular file']);
    rmSync(file);
    writeFileSync(file, 'a file again\n');
    await until(1);
    rmSync(file);
    execFileSync('mkfifo', [file]);
    await pause(700);
    assert.equal([lines, troubles], [['a file again'], ['no regular file', null, 'no regular file']]);
  }));

/** The file of a descriptor, on systems that say. */
function opened(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

test.run();
