// Takes the instance lock of a data directory, holds it for a while and lets it go; writes down each step in a journal
// that several of these append to. Exit status 3: somebody else holds it.
import { appendFileSync } from 'node:fs';
import { InstanceLock } from '../../.cache/tests/src/store/disk/lock.js';

const [file, journal, name, holdMs, at] = process.argv.slice(2);
/** Of a timer it is not known to the millisecond when it ends. */
const AWAKE_MS = 20;
// both have loaded by then, and reach for it in the same moment
const left = Number(at) - AWAKE_MS - Date.now();
if (left > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, left);
while (Date.now() < Number(at));
const say = (word) => appendFileSync(journal, `${word} ${name}\n`);
try {
  const lock = InstanceLock.acquire(file, 'the data directory');
  say('own');
  setTimeout(() => {
    say('free');
    lock.release();
  }, Number(holdMs));
} catch (error) {
  if (error.code !== 'LOCKED') throw error;
  say('refused');
  process.exitCode = 3;
}
