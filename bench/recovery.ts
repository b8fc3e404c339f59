/**
 * How long the two moments take that everything is about, Google's own answer times taken off: from the answer
 * `invalid_grant` to "out of the pool and on disk", and from Enter in the form to "can be picked by the next request".
 * Beside them, in the same rounds, what this disk takes for one bare durable replacement of a file, since each of the two
 * moments holds at least one: what is over that is ours.
 */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Progress } from '../src/proxy/contract/operations.js';
import { withHouse, type House } from '../test/support/house.js';

const ROUNDS = Number(process.argv[2] ?? 40);

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;

const line = (what: string, values: readonly number[], goal: number | null): string =>
  `${what}: p50 ${quantile(values, 0.5).toFixed(1)} ms, p99 ${quantile(values, 0.99).toFixed(1)} ms${goal === null ? '' : ` (goal ${goal} ms)`}, ${values.length} rounds`;

const token = (round: number): string => `1//0token-of-round-${round}-long-enough`;

/** Open, write, fsync, rename, fsync of the folder, without our code and without leaving the thread. */
function bareReplacement(folder: string): number {
  const started = performance.now();
  const fd = openSync(path.join(folder, 'bare.tmp'), 'w', 0o600);
  writeSync(fd, Buffer.alloc(1_024, 'x'));
  fsyncSync(fd);
  closeSync(fd);
  renameSync(path.join(folder, 'bare.tmp'), path.join(folder, 'bare'));
  const folderFd = openSync(folder, 'r');
  fsyncSync(folderFd);
  closeSync(folderFd);
  return performance.now() - started;
}

/** From the moment Google sends its answer until the account is out of the pool and that is durably in its file. */
async function death(house: House, round: number): Promise<number> {
  const held = house.google.hold(token(round));
  const told = new Promise<number>((resolve) => {
    const stop = house.supervisor.onEvent(({ kind }) => {
      if (kind !== 'disabled') return;
      stop();
      resolve(performance.now());
    });
  });
  const testing = house.supervisor.operations.testNow(['bob']);
  await held.waiting();
  const released = performance.now();
  held.release();
  const done = await told;
  if (house.state('bob') !== 'disabled') throw new Error('the event came before the account was out');
  await testing;
  return done - released;
}

/**
 * From Enter until the account is in the pool; Google answers at once here, over loopback, so next to nothing of the
 * time is its own.
 */
async function recovery(house: House, round: number): Promise<number> {
  house.google.grant(token(round), { email: 'bob@example.com' });
  let back = NaN;
  const progress = ({ step, status }: Progress): void => {
    if (step === 'reloaded' && status === 'done') back = performance.now();
  };
  const entered = performance.now();
  const request = { accountId: 'bob', refreshToken: token(round), client: null, otherAccount: 'ask' } as const;
  const saved = house.supervisor.operations.readd(request, progress);
  await saved;
  house.google.revoke(token(round));
  return back - entered;
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
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(bareReplacement(house.dir.path));
      out.push(await death(house, round));
      back.push(await recovery(house, round + 1));
    }
    console.log(line('one bare durable replacement on this disk', bare, null));
    console.log(line('answer to out of the pool and on disk', out, 5));
    console.log(line('Enter to can be picked, verified and on disk', back, 20));
  },
);
