/** 500 rounds of the instance lock, two contenders at a time, killed at random. Argument: rounds. */
import { lockRounds } from '../test/support/lock-rounds.js';
import { seeded } from '../test/support/random.js';

const started = performance.now();
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const figures = await lockRounds(Number(process.argv[2] ?? 500), seeded(seed));
const { rounds, owned, refused, killed, twoOwners, lockedOut } = figures;
console.log(
  `lock: ${rounds} rounds, ${owned} owners, ${refused} refused, ${killed} killed, ${twoOwners} times two owners, ${lockedOut} lock-outs, seed ${seed}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
process.exitCode = twoOwners + lockedOut === 0 && killed > 0 && refused > 0 ? 0 : 1;
