/** A supervisor is restarted ten times under load. Arguments: requests, restarts, streams a restart, seconds a stream. */
import { withApp } from '../test/support/app.js';
import { restartRounds, RotatingGrants, streamFor } from '../test/support/handover.js';

const [requests = 10_000, restarts = 10, streams = 20, seconds = 30] = process.argv.slice(2).map(Number);
const accounts = ['anna', 'bob', 'carl', 'dora', 'emil'].map((name, at) => ({
  id: `a${at}`,
  email: `${name}@example.com`,
  refreshToken: `1//0token-of-${name}`,
}));

await withApp({ accounts, google: { tokenDelayMs: () => 300 } }, async (app) => {
  const grants = new RotatingGrants(app.google, accounts);
  streamFor(app.google, seconds * 2, 500);
  const {
    sent,
    knocked,
    streams: read,
    rotations,
    faults,
    took,
    ...times
  } = await restartRounds(app, grants, {
    ...{ restarts, requests, streams },
  });
  const bad = Object.entries(faults).filter(([, words]) => words.length > 0);
  const counted = Object.entries(faults).map(([name, words]) => `${words.length} ${name}`);
  console.log(
    `restart: ${restarts} restarts, ${sent} requests and ${knocked} new connections, ${read} streams of ${seconds} s, ${rotations} rotations: ${counted.join(', ')}; median ${times.median.toFixed(1)} ms, slowest ${times.slowest.toFixed(0)} ms; a restart took ${Math.round(Math.min(...took))} to ${Math.round(Math.max(...took))} ms`,
  );
  for (const [name, words] of bad) console.log(`${name}: ${words.slice(0, 10).join('; ')}`);
  process.exitCode = bad.length === 0 ? 0 : 1;
});
