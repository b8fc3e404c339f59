/** What several boxes used, in the database that they share. */
import fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageBook } from '../../../../src/proxy/reports/usage.js';
import type { AccessRecord } from '../../../../src/store/records/access-record.js';
import { ownLines } from '../../../../src/store/shared/usage/usage-rows.js';
import { SharedUsage } from '../../../../src/store/shared/usage/shared-usage.js';
import { usageNames, usageNumbers, type UsageName } from '../../../../src/store/usage/usage-line.js';
import { systemDisk } from '../../../../src/store/disk/disk.js';
import { setClock, type SetClock } from '../../../support/clock.js';
import { withDirectory } from '../../../support/directory.js';
import { type PostgresServer, testOnPostgres } from '../../../support/postgres.js';
import type { Relay } from '../../../support/postgres-relay.js';
import { type BoxAtPool, until, withBoxes } from '../../../support/shared-pool.js';

const record = (over: Partial<AccessRecord> = {}): AccessRecord => ({
  ...{ id: 'r', method: 'POST', path: '/', model: 'gemini-3-flash', stream: false, status: 200 },
  ...{ account: 'a@example.com', ms: 1, ttfbMs: 1, bytes: 10, tokens: 9, tries: 1, left: [] },
  ...{ key: 'ci', protocol: 'gemini', used: { in: 3, cached: 1, out: 4, thoughts: 1 }, asksTokens: true },
  ...over,
});
const noon = (day: number): number => new Date(2026, 10, day, 12).getTime();

/** Folders of boxes of which a test looks at none. */
const ofBoxes = mkdtempSync(join(tmpdir(), 'regrant-boxes-'));
test.after(() => rmSync(ofBoxes, { recursive: true }));

interface Counting {
  readonly book: UsageBook;
  readonly warnings: string[];
}

async function countingOn(
  box: BoxAtPool,
  clock: SetClock,
  { keepDays = 400, stateFolder = join(ofBoxes, box.schema, box.name) } = {},
): Promise<Counting> {
  const { database, listening, name } = box;
  const store = await SharedUsage.open({ database, listening, box: name, clock, stateFolder, disk: systemDisk });
  const warnings: string[] = [];
  const logger = { warn: (said: unknown) => void warnings.push(String(said)) };
  return { book: new UsageBook({ store, clock, logger, keepDays: () => keepDays }), warnings };
}

const used = ({ book }: Counting, key = 'ci'): readonly number[] => [book.today(key), book.thisMonth(key)];

testOnPostgres('what a key used counts on every box, today and this month, over restarts and midnight', (server) =>
  withBoxes(server, ['a', 'b'], async (a, b) => {
    const [clockA, clockB] = [setClock(noon(28)), setClock(noon(28))];
    const [onA, onB] = [await countingOn(a, clockA), await countingOn(b, clockB)];
    onA.book.count(record());
    assert.equal(used(onA), [9, 9]);
    await onA.book.save();
    const tookMs = await until(() => onB.book.today('ci') === 9);
    assert.ok(tookMs < 1000, `${tookMs} ms`);
    onB.book.count(record());
    onB.book.count(record({ key: 'other' }));
    await onB.book.save();
    await until(() => onA.book.today('ci') === 18);
    assert.equal(
      [...onA.book.keysToday()].map(([key, { requests }]) => [key, requests]),
      [
        ['ci', 2],
        ['other', 1],
      ],
    );
    // only one of them has midnight already
    clockA.advance(86_400_000);
    assert.equal(used(onA), [0, 18]);
    onB.book.count(record());
    await onB.book.save();
    await until(() => onA.book.thisMonth('ci') === 27);
    assert.equal(used(onA), [0, 27]);
    onA.book.count(record());
    await onA.book.save();
    await until(() => onB.book.thisMonth('ci') === 36);
    assert.equal(used(onB), [27, 36]);
    clockB.advance(86_400_000);
    assert.equal(used(onB), [9, 36]);
    // killed, and started again: what it had written is its own again
    const again = await countingOn(a, clockA);
    assert.equal(used(again), [9, 36]);
    again.book.count(record());
    await again.book.save();
    await until(() => onB.book.today('ci') === 18);
    assert.equal(used(again), [18, 45]);
    assert.equal([...onA.warnings, ...onB.warnings], []);
  }),
);

const behindAWire =
  (use: (a: BoxAtPool, b: BoxAtPool, wire: Relay) => Promise<void>) =>
  async (server: PostgresServer): Promise<void> => {
    const wire = await server.relay();
    await withBoxes(
      server,
      ['a', 'b'],
      (a, b) => use(a, b, wire),
      (settings) => ({ ...settings, url: wire.url }),
    );
  };

testOnPostgres(
  'a database that lacks what was written is told it again, and one that is away loses nothing',
  behindAWire((a, b, wire) =>
    withDirectory(async ({ path: stateFolder }) => {
      const clock = setClock(noon(28));
      const [onA, onB] = [await countingOn(a, clock, { stateFolder }), await countingOn(b, clock)];
      onA.book.count(record());
      onA.book.count(record({ key: 'other' }));
      await onA.book.save();
      await until(() => onB.book.today('ci') === 9);
      // as if a backup were restored from before it
      await a.database.run('delete from {usage}');
      wire.refuse();
      await until(() => !a.database.isUp && !b.database.isUp);
      onA.book.count(record());
      await onA.book.save();
      assert.is(onA.warnings.length, 1);
      assert.match(onA.warnings[0] ?? '', /^What was used cannot be written to the database: .*it is tried again$/);
      assert.equal(used(onA), [18, 18]);
      wire.thaw();
      await until(() => a.database.isUp && b.database.isUp);
      const lines = async (): Promise<readonly (readonly [string, number])[]> =>
        (await ownLines(a.database, '2026-11-28', 'a')).map(({ key, requests }) => [key, requests] as const).sort();
      for (let tries = 0; tries < 200 && (await lines()).length < 2; tries++) {
        await onA.book.save();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.equal(await lines(), [
        ['ci', 2],
        ['other', 1],
      ]);
      await until(() => onB.book.today('ci') === 18);
    }),
  ),
);

testOnPostgres('a restored backup is told the days that are over too, also by a box that was not running', (server) =>
  withBoxes(server, ['a', 'b'], (a, b) =>
    withDirectory(async ({ path: stateFolder }) => {
      const clock = setClock(noon(20));
      const [onA, onB] = [await countingOn(a, clock, { stateFolder }), await countingOn(b, clock)];
      for (let day = 20; day < 25; day++) {
        onA.book.count(record());
        onA.book.count(record({ key: 'other' }));
        await onA.book.save();
        clock.advance(86_400_000);
      }
      await onA.book.save();
      const days = async (): Promise<string> =>
        (await onB.book.summedBy('2026-11-01', '2026-11-30', ['day']))
          .map(({ day, requests }) => `${day?.slice(8)}:${requests}`)
          .join(' ');
      assert.is(await days(), '20:2 21:2 22:2 23:2 24:2');
      const putBack = (): Promise<unknown> =>
        b.database.run(`delete from {usage} where day > '2026-11-21' or (key = 'other' and day = '2026-11-21')`);
      await putBack();
      a.listening.lapses.found();
      await until(() => !a.listening.lapses.isOpen);
      assert.is(await days(), '20:2 21:2 22:2 23:2 24:2');
      assert.equal([...(a.listening.lapses.last?.rows ?? [])], [['usage', 7]]);
      await putBack();
      const again = await countingOn(a, clock, { stateFolder });
      await again.book.save();
      assert.is(await days(), '20:2 21:2 22:2 23:2 24:2');
      // what is older than is kept stays away
      const short = await countingOn(a, clock, { stateFolder, keepDays: 3 });
      await short.book.save();
      assert.is(await days(), '22:2 23:2 24:2');
    }),
  ),
);

testOnPostgres(
  'what was counted while the database was away outlives a kill, and is delivered once',
  behindAWire((a, b, wire) =>
    withDirectory(async ({ path: stateFolder }) => {
      const clock = setClock(noon(28));
      const onA = await countingOn(a, clock, { stateFolder });
      onA.book.count(record());
      await onA.book.save();
      wire.refuse();
      await until(() => !a.database.isUp && !b.database.isUp);
      for (let second = 0; second < 50; second++) {
        onA.book.count(record());
        await onA.book.save();
        clock.advance(1000);
      }
      // killed here: of its last seconds nothing is known
      const spool = join(stateFolder, 'usage-spool', 'a');
      const [file = ''] = readdirSync(spool);
      const left = readFileSync(join(spool, file));
      wire.thaw();
      await until(() => a.database.isUp && b.database.isUp);
      const kept = async (): Promise<number> => (await ownLines(a.database, '2026-11-28', 'a'))[0]?.requests ?? 0;
      for (let times = 0; times < 2; times++) {
        const again = await countingOn(a, clock, { stateFolder });
        assert.is(await kept(), 42 + times, 'a second at most is lost of each twenty');
        assert.equal(readdirSync(spool), []);
        again.book.count(record());
        await again.book.save();
        assert.is(await kept(), 43 + times);
        // as if it had been killed before the file was removed
        writeFileSync(join(spool, file), left);
      }
      await countingOn(a, clock, { stateFolder });
      assert.is(await kept(), 44);
      assert.equal(
        (await onA.book.summedBy('2026-11-01', '2026-11-30', ['key'])).map(({ key }) => key),
        ['ci'],
      );
    }),
  ),
);

testOnPostgres('what is older than usage.keepDays goes, whichever box wrote it', (server) =>
  withBoxes(server, ['a', 'b'], async (a, b) => {
    const clock = setClock(noon(20));
    const [onA, onB] = [await countingOn(a, clock, { keepDays: 3 }), await countingOn(b, clock, { keepDays: 9 })];
    for (let day = 20; day < 28; day++) {
      for (const { book } of [onA, onB]) {
        book.count(record());
        await book.save();
      }
      clock.advance(86_400_000);
    }
    await onA.book.save();
    assert.equal(
      (await onB.book.summedBy('2026-11-01', '2026-11-30', ['day'])).map(({ day, requests }) => [day, requests]),
      [
        ['2026-11-25', 2],
        ['2026-11-26', 2],
        ['2026-11-27', 2],
      ],
    );
  }),
);

testOnPostgres('of more lines than one statement sums up each counts once', (server) =>
  withBoxes(server, ['a'], async (a) => {
    const { book } = await countingOn(a, setClock(noon(28)));
    // as the superuser, who waits for longer than a box does
    await server.sql(`insert into "${a.schema}".usage (day, account, model, key, protocol, box, doc)
      select '2026-11-20'::date + d, 'a' || n, 'm', 'k' || d, 'openai', 'b', '{"requests":1,"in":2}'
      from generate_series(0, 4) d, generate_series(1, 9000) n where d <> 2`);
    const sums = await book.summedBy('2026-11-21', '2026-11-28', ['day', 'key']);
    assert.equal(
      sums.map(({ day, key, requests, in: fresh }) => [day, key, requests, fresh]),
      [1, 3, 4].map((day) => [`2026-11-2${day}`, `k${day}`, 9_000, 18_000]),
    );
    assert.equal(
      (await book.summedBy('2026-11-01', '2026-11-30', ['model'])).map(({ requests }) => requests),
      [36_000],
    );
  }),
);

testOnPostgres('sums are of all boxes, written or not, by whatever names', (server) =>
  withBoxes(server, ['a', 'b'], async (a, b) => {
    const clock = setClock(noon(26));
    const boxes = [await countingOn(a, clock), await countingOn(b, clock)];
    const name = fc.constantFrom('x', 'y', 'a\0b', 'a\ufffdb', '\ud800', '"\\', '__proto__');
    const request = fc.record({ account: name, model: name, key: name, at: fc.nat(1), save: fc.boolean() });
    const all: Record<UsageName, string>[] = [];
    const ask = async (by: readonly UsageName[]): Promise<void> => {
      const sound = (text: string): string => text.replace(/[\0\ud800]/g, '\ufffd');
      const counts = new Map<string, number>();
      for (const line of all) {
        const id = JSON.stringify(by.map((one) => sound(line[one])));
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
      // what it has not written yet is known to the first of them alone
      await boxes[1]?.book.save();
      for (const { book } of boxes) {
        if (book !== boxes[0]?.book) await boxes[0]?.book.save();
        const sums = await book.summedBy('2026-11-01', '2026-11-30', by);
        const found = sums.map(
          (sum) => [JSON.stringify(by.map((one) => sound(sum[one] ?? ''))), sum.requests] as const,
        );
        assert.equal(new Map(found), counts);
        assert.equal(Object.keys(sums[0] ?? {}).sort(), [...by, ...usageNumbers].sort());
      }
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 8 }),
        fc.subarray([...usageNames], { minLength: 1 }),
        async (requests, by) => {
          for (const { at, save, ...names } of requests) {
            boxes[at]?.book.count(record(names));
            const day = clock.now() < noon(27) ? '2026-11-26' : '2026-11-27';
            all.push({ day, protocol: 'gemini', ...names });
            if (save) await boxes[at]?.book.save();
          }
          await ask(by);
        },
      ),
      { numRuns: 15, seed: 4, endOnFailure: true },
    );
    clock.advance(86_400_000);
    boxes[0]?.book.count(record({ account: 'x', model: 'x', key: 'x' }));
    all.push({ day: '2026-11-27', protocol: 'gemini', account: 'x', model: 'x', key: 'x' });
    await ask(['day', 'key']);
    assert.equal(
      boxes.flatMap(({ warnings }) => warnings),
      [],
    );
  }),
);

test.run();
