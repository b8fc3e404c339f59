/**
 * The state, with its journal, its picture and the times at which accounts served, killed (SIGKILL) at random moments of
 * its work: nothing is lost that was said to be on disk. Needs a build. Arguments: kills, seed.
 */
import { seeded } from '../test/support/random.js';
import { killState } from '../test/support/state-kills.js';

const kills = Number(process.argv[2] ?? 1_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const killed = await killState(kills, seeded(seed));
const { saved, midPicture, pictures, faults } = killed;
console.log(
  `state-kills: ${killed.kills} kills (seed ${seed}), ${midPicture} in the middle of a picture, ${pictures} lives with a new one, ${saved} changes on disk; ${faults.length} faults`,
);
for (const fault of faults) console.log(`  ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
