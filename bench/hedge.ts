/**
 * What it costs requests when the token endpoint hangs for one account of three: 200 of them, a few at a time, against
 * a bound of twice the healthy median plus the hedge time.
 */
import { HEDGE_MS } from '../src/proxy/grants/access-tokens.js';
import { withHouse, type House } from '../test/support/house.js';

const REQUESTS = 200;
const AT_ONCE = 8;
const accounts = ['ann', 'bob', 'cat'].map((id) => ({
  id,
  email: `${id}@example.com`,
  refreshToken: `1//0refresh-token-of-${id}`,
}));

/** ms of each request, and how many failed. */
async function load(house: House): Promise<{ readonly times: readonly number[]; readonly failed: number }> {
  const times: number[] = [];
  let failed = 0;
  let left = REQUESTS;
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const started = performance.now();
      if ((await house.ask()).status !== 200) failed++;
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  return { times: times.sort((a, b) => a - b), failed };
}

const at = (times: readonly number[], share: number): number => times[Math.floor((times.length - 1) * share)] ?? NaN;

await withHouse(
  {
    accounts,
    prepare: (google) => {
      for (const { email, refreshToken } of accounts) google.grant(refreshToken, { email });
    },
  },
  async (house) => {
    const healthy = await load(house);
    const held = house.google.hold('1//0refresh-token-of-cat');
    house.google.expireAccess('cat@example.com');
    const hanging = await load(house);
    held.release();
    const bound = 2 * at(healthy.times, 0.5) + HEDGE_MS;
    const slowest = at(hanging.times, 1);
    console.log(
      `hanging endpoint: ${hanging.failed} of ${REQUESTS} failed, slowest ${slowest.toFixed(0)} ms, p50 ${at(hanging.times, 0.5).toFixed(1)} ms; healthy p50 ${at(healthy.times, 0.5).toFixed(1)} ms, slowest ${at(healthy.times, 1).toFixed(0)} ms; bound 2 x ${at(healthy.times, 0.5).toFixed(1)} + ${HEDGE_MS} = ${bound.toFixed(0)} ms: ${slowest <= bound && hanging.failed === 0 ? 'held' : 'NOT HELD'}`,
    );
  },
);
