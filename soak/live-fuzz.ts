/** Raw connections with upgrades and frames of every kind, against the proxy in front of a Live service. Arguments: connections, seed. */
import { fuzzLive } from '../test/support/live-fuzz.js';
import { seeded } from '../test/support/random.js';

const connections = Number(process.argv[2] ?? 5_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const started = performance.now();
const { left, faults, servesOn, grownBytes } = await fuzzLive(connections, seeded(seed));
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(
  `live-fuzz: ${connections} connections; ${left} requests left over, ${faults} faults, ${servesOn ? 'serves on' : 'serves no more'}, ${(grownBytes / 1e6).toFixed(1)} MB more than at the first tenth; seed ${seed}, ${seconds} s`,
);
process.exitCode = left + faults === 0 && servesOn ? 0 : 1;
