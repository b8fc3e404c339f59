/** A simulated month of 1,000 accounts with faults of every kind; prints the figures, fails where an account is wrong. */
import { month } from '../test/support/month.js';

const started = performance.now();
const options = { days: 30, accounts: 1_000, active: 50, seed: Number(process.argv[2] ?? 1) };
const { wrong, dead, refreshes, least, busiestMinute } = await month(options);
for (const line of wrong.slice(0, 20)) console.log(line);
console.log(
  `month: ${options.accounts} accounts, ${dead} died, ${wrong.length} wrong, ${refreshes} refreshes (${((refreshes / least - 1) * 100).toFixed(1)} % over the least of ${least}), ${busiestMinute} in the busiest minute, ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
process.exitCode = wrong.length === 0 && refreshes <= least * 1.05 ? 0 : 1;
