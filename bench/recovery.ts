/**
 * How long the two moments take that everything is about, Google's own answer times taken off: from the answer
 * `invalid_grant` to "out of the pool and on disk", and from Enter in the form to "can be picked by the next request".
 */
import type { Progress } from '../src/proxy/supervisor.js';
import { withHouse, type House } from '../test/support/house.js';

const ROUNDS = Number(process.argv[2] ?? 40);
const goals = { out: 5, back: 20 };

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;

const line = (what: string, values: readonly number[], goal: number): string =>
  `${what}: p50 ${quantile(values, 0.5).toFixed(1)} ms, p99 ${quantile(values, 0.99).toFixed(1)} ms (goal ${goal} ms), ${values.length} rounds`;

const token = (round: number): string => `1//0token-of-round-${round}-long-enough`;

/** From the moment Google lets its answer go until the file says so. */
async function death(house: House, round: number): Promise<number> {
  const held = house.google.hold(token(round));
  const testing = house.supervisor.operations.testNow(['bob']);
  await held.waiting();
  const released = performance.now();
  held.release();
  await house.until(() => house.state('bob') === 'disabled');
  await house.store.accounts.flush();
  const took = performance.now() - released;
  await testing;
  return took;
}

/** From Enter until the pool has the account, without the exchange itself. */
async function recovery(house: House, round: number): Promise<number> {
  house.google.grant(token(round), { email: 'bob@example.com' });
  const started = performance.now();
  let answered = started;
  let back = NaN;
  const progress = ({ step, status }: Progress): void => {
    if (step === 'exchange' && status === 'done') answered = performance.now();
    if (step === 'reloaded' && status === 'done') back = performance.now();
  };
  const request = { accountId: 'bob', refreshToken: token(round), client: null, otherAccount: 'ask' } as const;
  await house.supervisor.operations.regrant(request, progress);
  house.google.revoke(token(round));
  return back - answered;
}

const others = Array.from({ length: 20 }, (_, index) => ({
  id: `a${index}`,
  email: `a${index}@example.com`,
  refreshToken: `1//0other-token-${index}`,
  disabled: true,
}));
await withHouse(
  { accounts: [{ id: 'bob', email: 'bob@example.com', refreshToken: token(0) }, ...others] },
  async (house) => {
    const out: number[] = [];
    const back: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      out.push(await death(house, round));
      back.push(await recovery(house, round + 1));
    }
    console.log(line('answer to out of the pool and on disk', out, goals.out));
    console.log(line('exchange to can be picked, verified and on disk', back, goals.back));
  },
);
