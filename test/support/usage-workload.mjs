// Usage (the built program's) that is counted and written without a pause until the process is killed, on days that pass
// quickly. Arguments: folder, the time to begin at in ms since 1970.
//
// Standard output, written at once so that a kill takes no line back: after each write the time, and how many requests
// of its day are on disk.
import { writeSync } from 'node:fs';
import { UsageBook } from '../../.cache/tests/src/proxy/reports/usage.js';
import { systemClock } from '../../.cache/tests/src/store/ground/clock.js';
import { UsageFolder } from '../../.cache/tests/src/store/usage/usage-folder.js';
import { dayOf } from '../../.cache/tests/src/store/usage/usage-line.js';

const DAY_MS = 86_400_000;
const [folder, from] = process.argv.slice(2);
let at = Number(from);
const clock = { ...systemClock, now: () => at };
const book = new UsageBook({
  store: new UsageFolder(folder),
  clock,
  logger: { warn: () => undefined },
  keepDays: () => 200,
});
const access = { id: 'r', method: 'POST', path: '/', stream: false, status: 200, ms: 1, ttfbMs: 1, bytes: 1 };

for (let round = 1; ; round++) {
  for (let i = 0; i < 50; i++) {
    book.count({
      ...access,
      ...{ account: `a${i % 7}`, model: `m${i % 5}`, key: `k${i}`, tokens: 1, tries: 1, left: [] },
    });
  }
  await book.save();
  const day = dayOf(at);
  const [{ requests: written }] = await book.summedBy(day, day, ['day']);
  writeSync(1, `${at} ${written}\n`);
  if (round % 2 === 0) at += DAY_MS;
}
