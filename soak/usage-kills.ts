/**
 * Usage that is counted and written without a pause, killed (SIGKILL) at random moments: no file is torn, and each day has
 * what had been said to be written, also once its month is gathered. Needs a build. Arguments: kills, seed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { seeded } from '../test/support/random.js';
import { killUsage } from '../test/support/usage-kills.js';

const kills = Number(process.argv[2] ?? 1_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const folder = mkdtempSync(path.join(tmpdir(), 'regrant-usage-kills-'));
try {
  const killed = await killUsage(folder, kills, seeded(seed));
  const { days, requests, months, faults } = killed;
  console.log(
    `usage-kills: ${killed.kills} kills (seed ${seed}), ${requests} requests of ${days} days, ${months} months gathered; ${faults.length} faults`,
  );
  for (const fault of faults) console.log(`  ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
