/** A client of the control socket that never reads, for a minute under load: memory, and the others' pace. Argument: seconds. */
import net from 'node:net';
import { withApp } from '../test/support/app.js';
import { heldBy, megabytes } from '../test/support/held.js';
import { startLoad } from '../test/support/load.js';
import { pause } from '../test/support/pause.js';

const seconds = Number(process.argv[2] ?? 60);
const accounts = Array.from({ length: 50 }, (_, at) => ({ id: `a${at}`, email: `a${at}@example.com` }));

await withApp({ accounts }, async (app) => {
  const running = await app.headless();
  const phase = async (lasting = seconds) => {
    const load = startLoad(running.url, 4);
    await pause((lasting * 1000) / 2);
    const half = heldBy(running.pid).resident;
    await pause((lasting * 1000) / 2);
    return { ...(await load.end()), half, resident: heldBy(running.pid).resident };
  };
  const reading = app.terminal(['attach']);
  await reading.shows(/attached to/);
  // what is loaded, compiled and filled only once counts neither for the pace nor as a leak
  await phase(seconds / 4);
  const alone = await phase();
  const stalled = net.createConnection(app.dir.at('regrant.sock'));
  stalled.pause();
  stalled.write('{"id":1,"request":"subscribe"}\n');
  const together = await phase();
  reading.type('q');
  await reading.ended;
  stalled.destroy();
  await running.stop();
  console.log(
    `stalled: ${seconds} s beside a client that never reads: ${together.rate.toFixed(0)} requests a second (${alone.rate.toFixed(0)} without it), ${together.failed} failed; resident ${megabytes(alone.resident)} MB before, ${megabytes(together.half)} MB half-way, ${megabytes(together.resident)} MB at the end`,
  );
  const isBounded = together.resident < together.half + 16 * 1_048_576;
  process.exitCode = isBounded && together.failed === 0 && together.rate > alone.rate / 2 ? 0 : 1;
});
