// Loaded into the program under test before its own code: on SIGUSR2 it writes how long frames took and how late the event
// loop was since the last time to the file that BENCH_PROBE names, and begins anew. The loop is looked at from the first
// time on: 500 looks a second are a fortieth of a core, which is not to count as what requests cost. A frame is told with and without what
// its thread, ready to run, waited for the core (Linux tells), which no code in it can make shorter.
import { openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

const RESOLUTION_MS = 2;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
let frames = [];

const bytes = Buffer.alloc(96);
function schedstat() {
  try {
    return openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  } catch {
    return null;
  }
}
const file = schedstat();
/** How long this thread has waited for the core so far, ms; 0 where the system does not tell. */
const waited = () =>
  file === null ? 0 : Number(bytes.latin1Slice(0, readSync(file, bytes, 0, bytes.length, 0)).split(' ')[1]) / 1e6;

globalThis.shownTo = ({ prototype }) => {
  const { start } = prototype;
  prototype.start = function startTimed() {
    const { draw } = this.drawing;
    this.drawing.draw = (cause) => {
      const waitedBefore = waited();
      const startedAt = performance.now();
      draw.call(this.drawing, cause);
      const ms = performance.now() - startedAt;
      frames.push({ ms, withoutWait: ms - (waited() - waitedBefore) });
    };
    return start.call(this);
  };
};

process.on('SIGUSR2', () => {
  // The histogram counts from one look to the next, so the time between two looks is in every value.
  const late = (percentile) => Math.max(0, delay.percentile(percentile) / 1e6 - RESOLUTION_MS);
  const found = {
    framesMs: frames.map(({ ms }) => ms),
    ownFramesMs: frames.map(({ withoutWait }) => withoutWait),
    loopP99Ms: late(99),
    rss: process.memoryUsage.rss(),
  };
  frames = [];
  delay.reset();
  delay.enable();
  writeFileSync(`${process.env.BENCH_PROBE}.new`, JSON.stringify(found));
  renameSync(`${process.env.BENCH_PROBE}.new`, process.env.BENCH_PROBE);
});
