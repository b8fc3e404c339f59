/** The store killed 1,000 times (SIGKILL) at random moments of its work: what its files say each time. Arguments: kills, seed. */
import { seeded } from '../test/support/random.js';
import { killStore } from '../test/support/store-kills.js';

const kills = Number(process.argv[2] ?? 1_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const started = performance.now();
const { saved, midWrite, torn, lost, resurrected, rotatedOnTheWay } = await killStore(
  { kills, accounts: 12, mostChanges: 60 },
  seeded(seed),
);
console.log(
  `store-kills: ${kills} kills, ${midWrite} of them in the middle of a write; ${saved} changes saved; ${torn.length} torn files, ${lost.length} lost fields, ${resurrected.length} flags resurrected; ${rotatedOnTheWay} rotated tokens between answer and fsync; seed ${seed}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
for (const line of [...torn, ...lost, ...resurrected].slice(0, 10)) console.log(`  ${line}`);
process.exitCode = torn.length + lost.length + resurrected.length === 0 ? 0 : 1;
