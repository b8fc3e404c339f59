// The store at work on a data directory: refreshes, rotations, verdicts, re-adds, toggles and touches of
// random accounts, several at a time, until it is killed. Arguments: data directory, seed, and `vanishing` where it takes
// all account files away at its start and re-adds each.
//
// Standard output, written at once so that a kill takes no line back: `ready {"accounts":n,"unreadable":n}`, then
// `begun {…}` for each change just before the store gets it, and `done NUMBER` when the store says that it is on disk.
import { unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../../.cache/tests/src/store/open.js';
import { systemClock } from '../../.cache/tests/src/store/ground/clock.js';
import * as patches from '../../.cache/tests/src/store/accounts/patches.js';

const [dataDir, seed, files] = process.argv.slice(2);
const vanishes = files === 'vanishing';
let random = Number(seed) >>> 0;
const below = (bound) => {
  random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
  return Math.floor((random / 2 ** 32) * bound);
};
const say = (line) => writeSync(1, `${line}\n`);

// held whole, as the program does
const store = await openStore({ dataDir, env: {}, clock: systemClock });
const { accounts } = store;
const list = accounts.list();
const unreadable = list.filter((stored) => stored.unreadable !== null).length;
say(`ready ${JSON.stringify({ accounts: list.length, unreadable })}`);

let last = 0;
const answer = (number) => ({
  accessToken: `ya29.${seed}-${number}`,
  expiresIn: 3599,
  expiresAt: 1_900_000_000,
  tokenType: 'Bearer',
  idToken: null,
});

/** Name of the change → its patch, and what a reader of this output has to know of it. */
const changes = {
  refresh: (number, { refreshToken: sent }) => [
    patches.refreshed(sent, answer(number)),
    { sent, access: answer(number).accessToken },
  ],
  rotate: (number, { refreshToken: sent }) => {
    const to = `1//0rotated-${seed}-${number}`;
    return [patches.rotate(sent, to, answer(number)), { sent, to, access: answer(number).accessToken }];
  },
  disable: (number, { refreshToken: sent }) => [
    patches.disable(sent, 1_700_000_000 + number, 'invalid_grant: Token has been expired or revoked.'),
    { sent, at: 1_700_000_000 + number },
  ],
  readd: (number, { email }) => {
    const refreshToken = `1//0added-${seed}-${number}`;
    const credential = { email, name: null, refreshToken, answer: answer(number), clientKey: 'default' };
    return [patches.upsert(credential), { to: refreshToken, access: answer(number).accessToken }];
  },
  toggle: (number, { proxyDisabled }) => {
    const at = proxyDisabled === null ? 1_700_000_000 + number : null;
    return [patches.setProxyDisabled(at === null ? null : { at, reason: 'by hand' }), { at }];
  },
  touch: (number) => [patches.touch(4_000_000_000 + number), { at: 4_000_000_000 + number }],
};

const choose = ({ disabled }) => {
  const choice = below(100);
  if (disabled !== null && choice < 50) return 'readd';
  if (choice < 25) return 'refresh';
  if (choice < 50) return 'rotate';
  if (choice < 60) return 'disable';
  if (choice < 70) return 'readd';
  return choice < 90 ? 'toggle' : 'touch';
};

/** The accounts whose files were taken away, and which are not re-added yet. */
const vanished = [];

async function work() {
  for (;;) {
    const again = vanished.shift();
    const id = again ?? list[below(list.length)].id;
    const kind = again === undefined ? choose(accounts.get(id).account) : 'readd';
    // as a re-add does: what it replaces goes into the trash first
    if (kind === 'readd') await store.trash.keepReplaced(id, accounts.json(id));
    const number = ++last;
    const account = accounts.get(id).account;
    const [patch, about] = changes[kind](number, account);
    if (kind === 'disable')
      store.state.refuse(`fingerprint-${seed}-${number}`, { at: 1, cause: 'revoked', reason: 'x' });
    say(`begun ${JSON.stringify({ number, id, kind, ...about })}`);
    const saved = accounts.patch(id, patch).then(
      () => say(`done ${number}`),
      (error) => {
        // a change without a credential is not written where the file is gone
        if (!vanishes || error.code !== 'NOT_SAVED') throw error;
      },
    );
    if (kind === 'readd') saved.then(() => store.trash.proven(id)).catch(() => undefined);
    // some wait for the disk, some send the next change after it at once
    if (below(3) > 0) await saved;
    if (below(4) === 0) await sleep(below(5));
  }
}

if (vanishes) {
  for (const { file } of list) unlinkSync(join(dataDir, 'accounts', file));
  await accounts.reread();
  vanished.push(...list.map(({ id }) => id));
}
await Promise.all([work(), work(), work(), work()]);
