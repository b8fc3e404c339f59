import { mkdirSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readUsage, sumUsage, writeDay } from '../../../src/store/usage/usage-files.js';
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
  .tuple(fc.tuple(text, text, text, text), fc.tuple(...usageNumbers.map(() => number)))
  .map(([[account, model, key, protocol], numbers]) => ({
    ...{ day: '2026-11-29', account, model, key, protocol, ...noUsage },
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
      sums.addFile(Buffer.from(`${file}\n{"day":"2026-11-29","acc`), null);
      assert.equal(sums.sums, added(lines, by).sums);
    }),
  ));

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
  const bytes = Buffer.from(JSON.stringify(line));
  const scanner = new LineScanner(bytes);
  assert.ok(scanner.scan(0, bytes.length));
  assert.equal(
    usageNames.map((_, at) => scanner.name(at)),
    ['2026-11-29', 'a@b.c', 'm', 'ci', 'gemini'],
  );
  for (const other of [
    '{}',
    '{"day":"2026-11-29"}',
    JSON.stringify({ ...line, more: 1 }),
    JSON.stringify({ ...line, in: 1.5 }),
  ]) {
    assert.not.ok(new LineScanner(Buffer.from(other)).scan(0, other.length), other);
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

test.run();
