import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageBook } from '../../../src/proxy/reports/usage.js';
import { systemCode } from '../../../src/store/ground/errors.js';
import type { AccessRecord } from '../../../src/store/records/access-record.js';
import { tidyUsage, writeDay } from '../../../src/store/usage/usage-files.js';
import { readUsage } from '../../../src/store/usage/usage-reading.js';
import { dayBefore, dayOf, noUsage, type UsageLine, type UsageName } from '../../../src/store/usage/usage-line.js';
import { UsageFolder } from '../../../src/store/usage/usage-folder.js';
import { UsageSums } from '../../../src/store/usage/usage-sums.js';
import { nextDay, nextMonth } from '../../../src/proxy/clients/key-limits.js';
import { usedIn } from '../../../src/proxy/protocols/gemini/usage.js';
import { setClock } from '../../support/clock.js';
import { withDirectory } from '../../support/directory.js';

const test = suite('usage');

const record = (over: Partial<AccessRecord>): AccessRecord => ({
  ...{ id: 'r', method: 'POST', path: '/', model: 'gemini-3-flash', stream: false, status: 200 },
  ...{ account: 'a@example.com', ms: 1, ttfbMs: 1, bytes: 10, tokens: 9, tries: 1, left: [] },
  ...{ key: 'ci', protocol: 'gemini', used: { in: 3, cached: 1, out: 4, thoughts: 1 }, asksTokens: true },
  ...over,
});
const line = (day: string, over: Partial<UsageLine> = {}): UsageLine => ({
  ...{ day, account: 'a@example.com', model: 'm', key: 'k', protocol: 'gemini', ...noUsage, requests: 1 },
  ...over,
});
const summed = (lines: readonly UsageLine[], by: readonly UsageName[]) => {
  const sums = new UsageSums(by);
  for (const each of lines) sums.add(each);
  return sums.sums;
};
const logger = { warn: () => undefined };

test('a request counts for its combination; what failed, broke off or cannot be read is told apart', () =>
  withDirectory(async (dir) => {
    const clock = setClock(new Date(2026, 10, 29, 12).getTime());
    const book = new UsageBook({ store: new UsageFolder(dir.at('usage')), clock, logger, keepDays: () => 400 });
    book.count(record({}));
    book.count(record({ status: 429, used: null }));
    book.count(record({ broken: true }));
    book.count(record({ used: null }));
    book.count(record({ used: null, asksTokens: false, account: null, key: null, model: null }));
    await book.save();
    const lines = readUsage(dir.at('usage'), '2026-11-29', '2026-11-29');
    assert.equal(
      lines.map(({ key, account, requests, failed, in: given, cached, out, thoughts, unread }) => [
        ...[key, account, requests, failed, given, cached, out, thoughts, unread],
      ]),
      [
        ['ci', 'a@example.com', 4, 2, 6, 2, 8, 2, 1],
        ['-', '-', 1, 0, 0, 0, 0, 0, 0],
      ],
    );
    assert.is(book.today('ci'), 18);
  }));

test('a day that is over and written is let go, whether or not the next one has requests', () =>
  withDirectory(async (dir) => {
    const clock = setClock(new Date(2026, 10, 27, 22).getTime());
    const book = new UsageBook({ store: new UsageFolder(dir.at('usage')), clock, logger, keepDays: () => 1 });
    book.count(record({}));
    await book.save();
    for (let days = 0; days < 3; days++) {
      clock.advance(86_400_000);
      assert.is(book.today('ci'), 0);
      await book.save();
    }
    // the file is gone by now, as keepDays says, and nothing held says otherwise
    assert.equal(await book.summedBy('2026-11-27', '2026-11-27', ['day']), []);
    await book.close();
  }));

test('a day ends at midnight here; a month that goes on counts on over a restart', () =>
  withDirectory(async (dir) => {
    const clock = setClock(new Date(2026, 10, 29, 23, 59, 59).getTime());
    const parts = { store: new UsageFolder(dir.at('usage')), clock, logger, keepDays: () => 400 };
    const book = new UsageBook(parts);
    book.count(record({}));
    clock.advance(2_000);
    assert.equal([book.today('ci'), book.thisMonth('ci')], [0, 9]);
    book.count(record({}));
    await book.save();
    const again = new UsageBook(parts);
    assert.equal([again.today('ci'), again.thisMonth('ci')], [9, 18]);
    clock.advance(86_400_000);
    assert.equal([again.today('ci'), again.thisMonth('ci')], [0, 0]);
    assert.equal(readdirSync(dir.at('usage')).sort(), ['2026-11-29.jsonl', '2026-11-30.jsonl']);
  }));

test('days of months that are long over lie in one file each, still a line a day; what is older than kept goes', () =>
  withDirectory(async (dir) => {
    const folder = dir.at('usage');
    const now = new Date(2026, 10, 29, 12).getTime();
    for (const day of ['2025-09-01', '2026-08-01', '2026-08-31', '2026-09-05', '2026-11-28']) {
      await writeDay(folder, day, [line(day)]);
    }
    await tidyUsage(folder, now, 400);
    assert.equal(readdirSync(folder).sort(), ['2026-08.jsonl', '2026-09-05.jsonl', '2026-11-28.jsonl']);
    assert.equal(
      readUsage(folder, '2026-08-02', '2026-11-28').map(({ day }) => day),
      ['2026-08-31', '2026-09-05', '2026-11-28'],
    );
    // a crash between the month's file and the end of a day's leaves both
    await writeDay(folder, '2026-08-31', [line('2026-08-31')]);
    assert.is(readUsage(folder, '2026-08-01', '2026-08-31').length, 2);
    await tidyUsage(folder, now, 400);
    assert.is(readUsage(folder, '2026-08-01', '2026-08-31').length, 2);
  }));

test('a line that was cut off is no line, and a file that is none does no harm', () =>
  withDirectory((dir) => {
    const folder = dir.at('usage');
    mkdirSync(folder);
    writeFileSync(`${folder}/2026-11-28.jsonl`, `${JSON.stringify(line('2026-11-28'))}\n{"day":"2026-`);
    writeFileSync(`${folder}/notes.txt`, 'mine');
    assert.is(readUsage(folder, '2026-11-01', '2026-11-30').length, 1);
  }));

/** Makes a file one that exists and cannot be read, also by root; what comes back puts it right again. */
function unreadable(file: string): () => void {
  renameSync(file, `${file}.aside`);
  symlinkSync(file, file);
  return () => {
    rmSync(file, { force: true });
    renameSync(`${file}.aside`, file);
  };
}

test('a day or a month that cannot be read is not gathered: nothing is written or removed until it can be', () =>
  withDirectory(async (dir) => {
    const folder = dir.at('usage');
    const now = new Date(2026, 10, 29, 12).getTime();
    const days = ['2026-08-01', '2026-08-02', '2026-08-03'];
    for (const day of days) await writeDay(folder, day, [line(day)]);
    const readable = unreadable(`${folder}/2026-08-02.jsonl`);
    const fault = (): Promise<unknown> =>
      tidyUsage(folder, now, 400).then(
        () => null,
        (error: unknown) => systemCode(error),
      );
    assert.is(await fault(), 'ELOOP');
    readable();
    assert.is(readUsage(folder, '2026-08-01', '2026-08-31').length, 3);
    await tidyUsage(folder, now, 400);
    assert.equal(readdirSync(folder), ['2026-08.jsonl']);
    await writeDay(folder, '2026-08-04', [line('2026-08-04')]);
    const readableMonth = unreadable(`${folder}/2026-08.jsonl`);
    assert.is(await fault(), 'ELOOP');
    readableMonth();
    await tidyUsage(folder, now, 400);
    assert.is(readUsage(folder, '2026-08-01', '2026-08-31').length, 4);
  }));

test('a day whose file cannot be read at the start is counted on, and written once what it says is added', () =>
  withDirectory(async (dir) => {
    const clock = setClock(new Date(2026, 10, 29, 12).getTime());
    const warnings: string[] = [];
    const parts = {
      ...{ store: new UsageFolder(dir.at('usage')), clock, keepDays: () => 400 },
      logger: { warn: (said: unknown) => void warnings.push(String(said)) },
    };
    const before = new UsageBook(parts);
    before.count(record({}));
    before.count(record({ key: 'other' }));
    await before.save();
    const file = dir.at('usage', '2026-11-29.jsonl');
    const written = readFileSync(file, 'utf8');
    const readable = unreadable(file);
    const book = new UsageBook(parts);
    book.count(record({}));
    await book.save();
    await book.save();
    assert.is(warnings.length, 1);
    assert.match(warnings[0] ?? '', /tried again/);
    assert.is(readFileSync(`${file}.aside`, 'utf8'), written);
    readable();
    clock.advance(86_400_000);
    book.count(record({}));
    await book.save();
    assert.equal(
      readUsage(dir.at('usage'), '2026-11-29', '2026-11-30').map(({ day, key, requests }) => [day, key, requests]),
      [
        ['2026-11-29', 'ci', 2],
        ['2026-11-29', 'other', 1],
        ['2026-11-30', 'ci', 1],
      ],
    );
    assert.equal([book.today('ci'), book.thisMonth('ci'), book.thisMonth('other')], [9, 27, 9]);
    assert.is(warnings.length, 1);
  }));

test('models that a client makes up have no line each without end, and count all the same', () =>
  withDirectory(async (dir) => {
    const book = new UsageBook({
      store: new UsageFolder(dir.at('usage')),
      clock: setClock(),
      logger,
      keepDays: () => 400,
    });
    for (let at = 0; at < 20_100; at++) book.count(record({ model: `m-${at}` }));
    book.count(record({ model: 'x'.repeat(15_000) }));
    book.count(record({ model: 'm-7' }));
    const today = dayOf(setClock().now());
    const lines = await book.summedBy(today, today, ['model']);
    assert.is(lines.length, 20_001);
    assert.is(lines.find(({ model }) => model === '(others)')?.requests, 101);
    assert.is(lines.find(({ model }) => model === 'm-7')?.requests, 2);
  }));

test('sums are by the names asked for, in their order', () => {
  const lines = [line('2026-11-28', { key: 'b' }), line('2026-11-28', { key: 'a' }), line('2026-11-29', { key: 'a' })];
  assert.equal(
    summed(lines, ['key']).map(({ key, requests, day }) => [key, requests, day]),
    [
      ['a', 2, undefined],
      ['b', 1, undefined],
    ],
  );
});

test('days and months are those of this zone, over daylight saving time', () => {
  const noon = new Date(2026, 9, 25, 12).getTime();
  assert.is(dayOf(nextDay(noon)), '2026-10-26');
  assert.is(dayOf(nextDay(noon) - 1), '2026-10-25');
  assert.is(dayOf(nextMonth(noon)), '2026-11-01');
  assert.is(dayBefore(noon, 30), '2026-09-25');
});

test('what Gemini says it used is taken apart: in without cached, tool use with in, out without thoughts', () => {
  const metadata = {
    promptTokenCount: 10,
    cachedContentTokenCount: 4,
    candidatesTokenCount: 7,
    thoughtsTokenCount: 2,
    toolUsePromptTokenCount: 3,
    totalTokenCount: 22,
  };
  assert.equal(usedIn(Buffer.from(JSON.stringify({ candidates: [], usageMetadata: metadata }))), {
    in: 9,
    cached: 4,
    out: 7,
    thoughts: 2,
  });
  assert.is(usedIn(Buffer.from('{"candidates":[]}')), null);
  const events =
    'data: {"usageMetadata":{"promptTokenCount":5}}\n\ndata: {"usageMetadata": {"promptTokenCount": 5,\n "candidatesTokenCount": 6}}\n\n';
  assert.equal(usedIn(Buffer.from(events)), { in: 5, cached: 0, out: 6, thoughts: 0 });
});

test.run();
