/** All attackers at once beside 50 honest clients for an hour, with quiet minutes to compare with. Argument: minutes. */
import { megabytes } from '../test/support/held.js';
import { amiss, hostileHour } from '../test/support/hostile-hour.js';

const minutes = Number(process.argv[2] ?? 60);
const turns = Math.max(1, Math.round(minutes / 6));
const figures = await hostileHour({
  turns,
  warmUpMs: 30_000,
  quietMs: 60_000,
  attackMs: (minutes / turns - 1) * 60_000,
  everyMs: 2_500,
  size: 1,
});
const { honest, sent, failed, quiet, attacked, cpu, resident, descriptors, logged, fought, status } = figures;
const rounds = Object.values(fought.rounds).reduce((sum, count) => sum + count, 0);
console.log(
  `hostile: ${minutes} minutes, ${rounds} rounds of ${Object.keys(fought.rounds).length} attacks beside ${honest} honest clients: ${sent} of their requests, ${failed.length} failed; p50 ${attacked[0].toFixed(1)} ms and p99 ${attacked[1].toFixed(1)} ms, quiet ${quiet[0].toFixed(1)} and ${quiet[1].toFixed(1)}; ${(100 * cpu[1]).toFixed(1)} % of a core, quiet ${(100 * cpu[0]).toFixed(1)}; resident ${resident.map(megabytes).join(', ')} MB before, at most, after; descriptors ${descriptors.join(', ')}; ${logged} honest lines in the log; end ${status}`,
);
const wrong = amiss(figures, 2);
for (const words of wrong) console.log(`  ${words}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
