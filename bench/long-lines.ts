/**
 * What a log full of the longest lines of another program takes in memory, and for how long a filter over it keeps a key
 * waiting: the longest of the slices that it is worked off in. Run by `npm run bench -- scale`, with `--expose-gc`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { isPattern, parsePattern } from '../src/panes/text/pattern.js';
import { FeedFilter } from '../src/panes/views/log/feed-filter.js';
import { recordText } from '../src/panes/views/log/record-lines.js';
import { timeSlice } from '../src/panes/views/log/time-slice.js';
import { systemClock } from '../src/store/ground/clock.js';
import { Log } from '../src/store/records/log.js';
import type { LogRecord } from '../src/store/records/log-record.js';

const LINES = 20_000;

const heldMb = (): number => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1_048_576;
};

const folder = mkdtempSync(path.join(tmpdir(), 'regrant-bench-log-'));
try {
  const log = new Log({ folder, level: 'info', clock: systemClock });
  const before = heldMb();
  for (let at = 0; at < LINES; at++) log.join(`${at} ${'가'.repeat(16_000)}`, 'followed.log');
  const pattern = parsePattern('나다');
  if (!isPattern(pattern)) throw new Error('no pattern');
  const filter = new FeedFilter<LogRecord>((record) => pattern.matches(recordText(record)));
  let filterMs = 0;
  while (!filter.complete) {
    const startedAt = performance.now();
    filter.refresh(
      log,
      timeSlice(() => performance.now()),
    );
    filterMs = Math.max(filterMs, performance.now() - startedAt);
  }
  console.log(JSON.stringify({ mb: heldMb() - before, filterMs }));
  await log.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
