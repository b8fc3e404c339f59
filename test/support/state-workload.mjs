// The state of a data directory at work: records of all its tables that come, change and go, and the times at which
// accounts served, which go into the account files now and into the state then, as at a stop; until it is killed.
// Arguments: data directory, seed, and the number of the disk's call at which it kills itself (0: somebody else does):
// before it, in it or behind it, by turns.
//
// Standard output, written at once so that a kill takes no line back: `begun {"number","table","key","value"}` for each
// change just before the state gets it, and `done TABLES NUMBER` when the changes of these tables up to that number are
// said to be on disk: `state`, all but `used`; `all`; `used`.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { LastUsed } from '../../.cache/tests/src/proxy/background/last-used.js';
import { systemDisk } from '../../.cache/tests/src/store/disk/disk.js';
import { removeStrays } from '../../.cache/tests/src/store/disk/durable.js';
import { AccountFiles } from '../../.cache/tests/src/store/files/account-files.js';
import { systemClock } from '../../.cache/tests/src/store/ground/clock.js';
import { StateFile } from '../../.cache/tests/src/store/state/state-file.js';

const [dataDir, seed, lastCall] = process.argv.slice(2);
let random = Number(seed) >>> 0;
const below = (bound) => {
  random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
  return Math.floor((random / 2 ** 32) * bound);
};
const pause = new Int32Array(new SharedArrayBuffer(4));
function say(line) {
  let left = Buffer.from(`${line}\n`);
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(1, left));
    } catch (error) {
      // whoever reads it is behind
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}
/** Long records make a long journal, and so a new picture every few rounds. */
const words = (number) => `${number} 않습니다 ${'x'.repeat(200 + below(400))}`;

let calls = 0;
const die = () => process.kill(process.pid, 'SIGKILL');
const mortal =
  (act) =>
  async (...given) => {
    if (++calls !== Number(lastCall)) return act(...given);
    const moment = calls % 3;
    if (moment === 0) die();
    const acting = act(...given);
    if (moment === 1) die();
    await acting;
    return die();
  };
const disk = Object.fromEntries(Object.entries(systemDisk).map(([name, act]) => [name, mortal(act)]));

// as at a start of the program, without what is of no account here: a thousand of them are made
const places = { accounts: join(dataDir, 'accounts'), state: join(dataDir, 'state') };
for (const folder of Object.values(places)) await removeStrays(folder);
const accounts = await AccountFiles.open(places.accounts, systemClock, disk);
const state = StateFile.open(places.state, systemClock, disk);
const ids = accounts.list().map(({ id }) => id);

let last = 0;
const begun = (table, key, value) => say(`begun ${JSON.stringify({ number: last, table, key, value })}`);

const known = (records, key) => new Map(records.map((record) => [key(record), record]));
const lists = {
  coolDowns: known(state.coolDowns, ({ who }) => who),
  askedModels: known(state.askedModels, ({ model }) => model),
  keyMinutes: known(state.keyMinutes, ({ key }) => key),
  resources: known(state.resources, ({ name }) => name),
};
const madeOf = {
  coolDowns: (key, number) => ({ who: key, model: '', group: '', setAt: number, seconds: 60, reason: words(number) }),
  askedModels: (key, number) => ({ model: key, group: 'generate', at: number }),
  keyMinutes: (key, number) => ({ key, minute: number, requests: below(9) }),
  resources: (key, number) => ({ name: key, project: words(number), account: null, host: null }),
};
const give = {
  coolDowns: () => state.setCoolDowns(() => [...lists.coolDowns.values()]),
  askedModels: () => state.setAskedModels(() => [...lists.askedModels.values()]),
  keyMinutes: () => state.setKeyMinutes(() => [...lists.keyMinutes.values()]),
  resources: () => state.setResources(() => [...lists.resources.values()]),
};

function changeList(table, number) {
  const key = `${table}-${below(12)}`;
  const record = below(4) === 0 ? null : madeOf[table](key, number);
  begun(table, key, record);
  if (record === null) lists[table].delete(key);
  else lists[table].set(key, record);
  give[table]();
}

const changes = [
  (number) => {
    const key = `refused-${below(12)}`;
    const refused = { at: number, cause: 'revoked', reason: words(number) };
    begun('refused', key, state.refused(key) ?? refused);
    state.refuse(key, refused);
  },
  () => {
    const key = `refused-${below(12)}`;
    begun('refused', key, null);
    state.forgive(key);
  },
  (number) => {
    const key = `grant-${below(12)}`;
    const record = { firstSeen: 1, lastOk: number, scopes: words(number) };
    begun('grants', key, record);
    state.setGrant(key, record);
  },
  () => {
    const key = `grant-${below(12)}`;
    begun('grants', key, null);
    state.dropGrant(key);
  },
  (number) => {
    const token = `login-${below(12)}`;
    const login = { client: `client-${number}`, email: 'a@example.com', at: 1_900_000_000, token };
    begun('logins', login.token, login);
    state.noteLogin(login);
  },
  (number) => {
    begun('screen', 'lastLooked', number);
    state.looked(number);
  },
  ...Object.keys(lists).map((table) => (number) => changeList(table, number)),
];

/** When each account last served, as the pool has it after a start. */
const served = new Map(
  ids.map((id) => [id, 1_000 * Math.max(state.lastUsed(id) ?? 0, accounts.get(id).account.lastUsed ?? 0)]),
);
const pool = { list: () => ids.map((id) => ({ id, lastUsed: served.get(id) })) };
const lastUsed = () => new LastUsed(pool, accounts, state, systemClock);
let used = lastUsed();

for (let round = 1; ; round++) {
  const some = 1 + below(40);
  for (let i = 0; i < some; i++) {
    last++;
    changes[below(changes.length)](last);
  }
  last++;
  const id = ids[below(ids.length)];
  const at = served.get(id) / 1_000 + 1 + below(9);
  begun('used', id, at);
  served.set(id, 1_000 * at);
  const number = last;
  if (below(3) === 0) {
    // as at a stop
    used.stop();
    used.remember();
    await state.flush();
    say(`done all ${number}`);
    used = lastUsed();
  } else if (below(2) === 0) {
    await Promise.all([used.save().then(() => say(`done used ${number}`)), state.flush()]);
    say(`done state ${number}`);
  } else {
    await state.flush();
    say(`done state ${number}`);
  }
}
