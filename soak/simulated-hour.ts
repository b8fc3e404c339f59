/**
 * A simulated hour: twenty accounts of seven projects, of which many are ill in turn; none of what an account that is well
 * would have answered may fail, and the upstream is asked hardly more often than it must be. Arguments: seed, ticks of two
 * seconds.
 */
import { simulatedHour } from '../test/support/simulated-hour.js';

const seed = Number(process.argv[2] ?? 17);
const ticks = Number(process.argv[3] ?? 1_800);
const started = performance.now();
const { requests, bad, failed, unlucky, calls, least, troubles, rests } = await simulatedHour(seed, ticks);
const over = calls / least - 1;
console.log(
  `simulated-hour: ${requests} requests (seed ${seed}), ${bad} bad by themselves, ${failed.length} failed that should not have, ${unlucky} met nothing but passing troubles of the upstream; ${calls} calls of the upstream where ${least} are the least (${(100 * over).toFixed(1)} % over), beside ${troubles} that met a passing trouble; ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
console.log(`  rests: ${[...rests].map(([cause, count]) => `${cause} ${count}`).join(', ')}`);
for (const line of failed.slice(0, 20)) console.log(`  ${line}`);
process.exitCode = failed.length === 0 && over <= 0.1 ? 0 : 1;
