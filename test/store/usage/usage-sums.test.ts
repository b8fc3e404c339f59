import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeDay } from '../../../src/store/usage/usage-files.js';
import { readUsage, sumUsage } from '../../../src/store/usage/usage-reading.js';
import { LineScanner } from '../../../src/store/usage/line-scanner.js';
import { noUsage, usageNames, usageNumbers, type UsageLine } from '../../../src/store/usage/usage-line.js';
import { UsageSums } from '../../../src/store/usage/usage-sums.js';
import { withDirectory } from '../../support/directory.js';

const test = suite('sums of usage');

const text = fc.oneof(
  fc.constantFrom('ci', '-', 'anna@example.com', 'gemini-3-pro', '안나', 'a"b', 'c\\d', 'e\nf', ''),
  fc.string({ maxLength: 8 }),
);
const number = fc.oneof(fc.nat(), fc.constantFrom(0, 999_999_999_999_999, Number.MAX_SAFE_INTEGER, 1.5, -1));
const anyLine: fc.Arbitrary<UsageLine> = fc
  .tuple(
    fc.tuple(fc.constantFrom('2026-11-29', '2026-11-30'), text, text, text, text),
    fc.tuple(...usageNumbers.map(() => number)),
  )
  .map(([[day, account, model, key, protocol], numbers]) => ({
    ...{ day, account, model, key, protocol, ...noUsage },
    ...Object.fromEntries(usageNumbers.map((name, at) => [name, numbers[at] ?? 0])),
  }));

const added = (lines: readonly UsageLine[], by: (typeof usageNames)[number][]): UsageSums => {
  const sums = new UsageSums(by);
  for (const line of lines) sums.add(line);
  return sums;
};

test('a file is summed up as its lines would be one by one, whatever stands in them', () =>
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 12 }), fc.subarray([...usageNames], { minLength: 1 }), (lines, by) => {
      const file = lines.map((line) => JSON.stringify(line)).join('\n');
      const sums = new UsageSums(by);
      sums.addLines(Buffer.from(`${file}\n{"day":"2026-11-29","acc`), (day) => day === '2026-11-29');
      const ofDay = lines.filter(({ day }) => day === '2026-11-29');
      assert.equal(sums.sums, added(ofDay, by).sums);
    }),
  ));

test('as many names as there are have a sum each, in their order, whichever file they come from', () => {
  const line = (key: number): UsageLine => ({
    ...{ day: '2026-11-29', account: 'a', model: 'm', key: `key-${key}`, protocol: 'p' },
    ...{ ...noUsage, requests: 1, in: key },
  });
  const lines = Array.from({ length: 1_000 }, (_, at) => line(at));
  const file = Buffer.from(lines.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const sums = new UsageSums(['key']);
  for (let twice = 0; twice < 2; twice++) sums.addLines(file, () => true);
  assert.equal(
    sums.sums,
    lines
      .map(({ key, in: given }) => ({ key, ...noUsage, requests: 2, in: 2 * given }))
      .sort((one, other) => (one.key < other.key ? -1 : 1)),
  );
});

test('lines as this program writes them are scanned, not parsed', () => {
  const line: UsageLine = {
    day: '2026-11-29',
    account: 'a@b.c',
    model: 'm',
    key: 'ci',
    protocol: 'gemini',
    ...noUsage,
    in: 12,
  };
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  const scanner = new LineScanner(bytes, [1, 3]);
  assert.is(scanner.scan(0), bytes.length);
  assert.equal([scanner.id(), scanner.isId('a@b.c\nci\n'), scanner.isDay('2026-11-29')], ['a@b.c\nci\n', true, true]);
  for (const id of ['a@b.c\nc\n', 'a@b.c\ncii\n', 'a@b.c\n', 'a@b.cci\n\n', '']) assert.not.ok(scanner.isId(id), id);
  for (const day of ['', '2026-11-2', '2026-11-28', '2026-11-299']) assert.not.ok(scanner.isDay(day), day);
  assert.equal(
    usageNames.map((_, at) => scanner.name(at)),
    ['2026-11-29', 'a@b.c', 'm', 'ci', 'gemini'],
  );
  for (const other of [
    '',
    '{}',
    JSON.stringify(line).replace('"in":12', '"in":012'),
    JSON.stringify(line).replace('gemini', 'gem\\u0069ni'),
    JSON.stringify({ ...line, in: 1e16 }),
    '{"day":"2026-11-29"}',
    JSON.stringify({ ...line, more: 1 }),
    JSON.stringify({ ...line, in: 1.5 }),
  ]) {
    assert.is(new LineScanner(Buffer.from(`${other}\n`), [3]).scan(0), -1, other);
  }
});

test('days that were not asked for do not count, nor a day twice that a crash left in two files', () =>
  withDirectory(async (dir) => {
    const folder = dir.at('usage');
    const line = (day: string): UsageLine => ({
      ...{ day, account: 'a', model: 'm', key: 'k', protocol: 'p' },
      ...noUsage,
      requests: 1,
    });
    mkdirSync(folder);
    writeFileSync(
      `${folder}/2026-08.jsonl`,
      ['2026-08-30', '2026-08-31'].map((day) => `${JSON.stringify(line(day))}\n`).join(''),
    );
    await writeDay(folder, '2026-08-31', [line('2026-08-31')]);
    await writeDay(folder, '2026-11-29', [line('2026-11-29')]);
    const spans = [
      ['2026-08-01', '2026-11-30', 3],
      ['2026-08-31', '2026-11-28', 1],
      ['2026-08-30', '2026-08-30', 1],
      ['2026-09-01', '2026-09-30', 0],
    ] as const;
    for (const [since, until, requests] of spans) {
      const sums = new UsageSums(['key']);
      await sumUsage(folder, [since, until], sums);
      assert.is(sums.sums[0]?.requests ?? 0, requests, since);
      assert.is(readUsage(folder, since, until).length, requests);
    }
  }));

test('a file is read in pieces of whole lines, whatever their length, up to one that a crash cut off', () =>
  withDirectory(async (dir) => {
    const folder = dir.at('usage');
    const lines = Array.from({ length: 4_000 }, (_, at) => ({
      ...{
        day: '2026-11-29',
        account: 'a'.repeat(at === 1_500 ? 700_000 : 1 + (at % 97)),
        model: 'm',
        key: `k${at % 7}`,
      },
      ...{ protocol: 'p', ...noUsage, requests: 1, bytes: at },
    }));
    await writeDay(folder, '2026-11-29', lines);
    appendFileSync(`${folder}/2026-11-29.jsonl`, JSON.stringify(lines[0]).slice(0, -9));
    const sums = new UsageSums(['key', 'account']);
    let breaths = 0;
    await sumUsage(folder, ['2026-11-29', '2026-11-29'], sums, () => Promise.resolve((breaths += 1)));
    assert.equal(sums.sums, added(lines, ['key', 'account']).sums);
    assert.ok(breaths > 4);
  }));

test.run();
