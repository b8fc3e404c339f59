/**
 * Three boxes of one pool as processes over a real PostgreSQL, while boxes are killed, wires cut and the server stopped at
 * once; the provider's books beside database and spools in the end. Arguments: minutes (30) at most, seed, exchanges
 * (100,000) at most.
 */
import { withPostgres } from '../test/support/postgres.js';
import { fractions } from '../test/support/random.js';
import { runMachines } from '../test/support/several-machines.js';

const minutes = Number(process.argv[2] ?? 30);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const exchanges = Number(process.argv[4] ?? 100_000);

await withPostgres(async (server) => {
  const figures = await runMachines(server, {
    ...{ exchanges, seconds: minutes * 60, boxes: 3, accounts: 40, lifeMs: 250, blows: 1 },
    random: fractions(seed),
  });
  const { twiceInFlight, sentAgain, lost, wronglyDisabled, faults } = figures;
  console.log(
    `several-machines: ${JSON.stringify({ ...figures, faults: faults.length })}; seed ${seed}, ${minutes} min`,
  );
  for (const line of faults.slice(0, 10)) console.log(`  ${line}`);
  process.exitCode = twiceInFlight + sentAgain + lost + wronglyDisabled + faults.length === 0 ? 0 : 1;
});
