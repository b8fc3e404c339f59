/**
 * Requests through ten accounts while the upstream refuses, limits, resets and truncates: no client may see a failure before
 * the first byte, since one account is always well; and every request is accounted for.
 *
 * `npm run soak -- traffic`, or `node --import tsx soak/traffic.ts 20000` for so many requests (a million by itself).
 */
import { ask, reply, withRawUpstream } from '../test/support/proxy.js';

const requests = Number(process.argv[2] ?? 1_000_000);
const AT_ONCE = 32;
const accounts = Array.from({ length: 10 }, (_, number) => ({ id: `a${number}` }));

/** The same faults in every run. */
let seed = 1;
const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;

let truncated = 0;
await withRawUpstream(
  { accounts, proxy: { maxTries: 10 } },
  (request, response) => {
    request.resume();
    request.on('end', () => {
      const account = /ya29\.live-(.*)$/.exec(request.headers.authorization ?? '')?.[1];
      const fault = account === 'a0' ? 1 : random();
      if (fault < 0.02) reply(response, 429, {}, { 'retry-after': '1' });
      else if (fault < 0.04) reply(response, 503, {});
      else if (fault < 0.05) reply(response, 403, {});
      else if (fault < 0.06) request.socket.destroy();
      else if (fault < 0.065) {
        truncated++;
        response.writeHead(200, { 'content-length': 100 });
        response.write('half', () => request.socket.destroy());
      } else reply(response, 200, { candidates: [] });
    });
  },
  async (proxied) => {
    const seen = { good: 0, broken: 0, failed: 0 };
    let left = requests;
    let middleRss = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (left-- > 0) {
          if (left === Math.floor(requests / 2)) middleRss = process.memoryUsage.rss();
          const got = await ask(proxied).catch(() => null);
          if (got?.status !== 200) seen.failed++;
          else if (got.broken) seen.broken++;
          else seen.good++;
        }
      }),
    );
    const records = await proxied.recorded(requests);
    const growthMb = (process.memoryUsage.rss() - middleRss) / 1e6;
    const tries = records.reduce((sum, record) => sum + record.tries, 0);
    console.log(
      `traffic: ${requests} requests, ${seen.good} good, ${seen.broken} broken off after the first byte (${truncated} by the upstream), ` +
        `${seen.failed} failed before it; ${records.length} records, ${tries} tries; RSS ${growthMb.toFixed(0)} MB more in the second half`,
    );
    const accounted = records.length === requests && proxied.faults.length === 0;
    process.exitCode = seen.failed === 0 && seen.broken === truncated && accounted ? 0 : 1;
  },
);
