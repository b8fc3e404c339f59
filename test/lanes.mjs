// How many processes of tests run at a time. Many wait for timers, disks and other processes more than they work: beside
// as many that work as there are cores, some of those fit, and more of either would only make all of them late.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const LANES = { working: availableParallelism(), waiting: 3 };
/** Of less of a core than this a process mostly waits. */
const MOSTLY_WAITS = 0.55;

/**
 * Runs all of these lists, in their order in each lane. A lane that has nothing left takes from the other kind, but for
 * those that wait: what works would be one more than the cores can do.
 *
 * @param shareOf - how much of a core the processes of a list use
 */
export async function inLanes(lists, shareOf, run) {
  const waits = lists.filter((list) => shareOf(list) < MOSTLY_WAITS);
  const works = lists.filter((list) => !waits.includes(list));
  const lane = async (next) => {
    for (let list = next(); list !== undefined; list = next()) await run(list);
  };
  await Promise.all([
    ...Array.from({ length: LANES.working }, () => lane(() => works.shift() ?? waits.shift())),
    ...Array.from({ length: LANES.waiting }, () => lane(() => waits.shift())),
  ]);
}

/** Seconds of a core that all child processes which have ended used, with theirs; null: this system does not tell. */
export function secondsOfChildren() {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
    // cutime and cstime of proc(5), in hundredths
    return (Number(fields[13]) + Number(fields[14])) / 100;
  } catch {
    return null;
  }
}
