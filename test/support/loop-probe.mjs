// Loaded into the program with --import: on SIGUSR2 it writes the longest stall of its event loop since the last one to a
// file, as JSON in ms. `stallMs` is what the program itself did to the loop: computed, or was blocked (as in a write). What
// its threads, ready to run, waited for a core (Linux tells) is left out: on a machine that does other work too that is
// most of the time. A collection of garbage waits for V8's helper threads, so theirs counts against being blocked.
import { openSync, readdirSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const TICK_MS = 2;
const bytes = Buffer.alloc(96);
const NOTHING = { stallMs: 0, withWaitMs: 0 };

function schedstat(thread) {
  try {
    return openSync(`/proc/self/task/${thread}/schedstat`, 'r');
  } catch {
    return null;
  }
}

function helperThreads() {
  try {
    return readdirSync('/proc/self/task').filter((thread) => thread !== String(process.pid));
  } catch {
    return [];
  }
}

/** What a thread has computed so far and how long it has waited for a core, in ms; zeros where the system does not tell. */
function timesOf(file) {
  if (file === null) return { busy: 0, waited: 0 };
  const [busy, waited] = bytes.latin1Slice(0, readSync(file, bytes, 0, bytes.length, 0)).split(' ');
  return { busy: Number(busy) / 1e6, waited: Number(waited) / 1e6 };
}

const [main, ...helpers] = [String(process.pid), ...helperThreads()].map(schedstat);
const look = () => ({
  at: performance.now(),
  main: timesOf(main),
  helpers: helpers.map((file) => timesOf(file).waited),
});

function stallOf(before, now) {
  const late = now.at - before.at - TICK_MS;
  if (main === null) return late;
  const busy = now.main.busy - before.main.busy;
  const blocked = late - busy - (now.main.waited - before.main.waited);
  const helped = Math.max(0, ...now.helpers.map((waited, index) => waited - before.helpers[index]));
  return Math.min(late, busy) + Math.max(0, blocked - helped);
}

let last = look();
let longest = NOTHING;

setInterval(() => {
  const now = look();
  longest = {
    stallMs: Math.max(longest.stallMs, stallOf(last, now)),
    withWaitMs: Math.max(longest.withWaitMs, now.at - last.at - TICK_MS),
  };
  last = now;
}, TICK_MS).unref();

process.on('SIGUSR2', () => {
  const file = process.env.LOOP_PROBE_FILE;
  writeFileSync(`${file}.part`, JSON.stringify(longest));
  renameSync(`${file}.part`, file);
  longest = NOTHING;
});
