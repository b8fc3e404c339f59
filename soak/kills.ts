/** 200 attached screens and 2,000 clients killed at random: descriptors and memory of the supervisor come back. Argument: screens. */
import path from 'node:path';
import { withApp } from '../test/support/app.js';
import { type Held, heldBy, megabytes } from '../test/support/held.js';
import { killScreens, killSockets } from '../test/support/kills.js';
import { pause } from '../test/support/pause.js';
import { seeded } from '../test/support/random.js';

const screens = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const accounts = Array.from({ length: 20 }, (_, at) => ({ id: `a${at}`, email: `a${at}@example.com` }));

/** What it uses once its garbage has been collected. */
async function settled(pid: number): Promise<Held> {
  await pause(2_000);
  process.kill(pid, 'SIGUSR2');
  await pause(2_000);
  return heldBy(pid);
}

await withApp({ accounts }, async (app) => {
  const random = seeded(seed);
  const collector = path.join(import.meta.dirname, '..', 'test', 'support', 'collector.mjs');
  const first = app.terminal([], { env: { NODE_OPTIONS: `--import ${collector}` } });
  await first.shows(/a1@example\.com/);
  const { pid } = await app.status();
  first.hangUp();
  // memory that is loaded and filled once is no leak
  await killScreens(app, Math.ceil(screens / 10), random);
  await killSockets(app.dir.at('regrant.sock'), 200, random);
  const before = await settled(pid);
  await killScreens(app, screens, random);
  await killSockets(app.dir.at('regrant.sock'), screens * 10, random);
  const after = await settled(pid);
  const { status } = await app.run(['stop']);
  console.log(
    `kills: ${screens} screens and ${screens * 10} clients killed: descriptors ${before.descriptors} before, ${after.descriptors} after; resident ${megabytes(before.resident)} MB before, ${megabytes(after.resident)} MB after; stop ${status}; seed ${seed}`,
  );
  const isGood =
    after.descriptors <= before.descriptors && after.resident < before.resident + 16 * 1_048_576 && status === 0;
  process.exitCode = isGood ? 0 : 1;
});
