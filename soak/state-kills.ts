/**
 * The state, with its journal, its picture and the times at which accounts served, killed (SIGKILL) in its work, at
 * random moments and at each call of the disk: nothing is lost that was said to be on disk. Arguments: kills, seed.
 */
import { killState } from '../test/support/state-kills.js';

const kills = Number(process.argv[2] ?? 1_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
/** What waits for the disk leaves the processor to others. */
const AT_ONCE = 4;
const killed = await killState(kills, seed, AT_ONCE);
const { saved, midPicture, pictures, faults } = killed;
console.log(
  `state-kills: ${killed.kills} kills (seed ${seed}), ${midPicture} in the middle of a picture, ${pictures} lives with a new one, ${saved} changes on disk; ${faults.length} faults`,
);
for (const fault of faults) console.log(`  ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
