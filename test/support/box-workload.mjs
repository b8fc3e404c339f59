// One box of a pool at work: it refreshes its accounts again and again through the store, as the proxy does, until it is
// killed or told `stop` on its standard input; `readd ID TOKEN` there is a re-add. Arguments: data directory, address of the
// token endpoint, ms that an access token is used.
//
// Standard output: `ready`, then `served N` each second; at the end `left` with what is not saved.
/* global AbortSignal, clearInterval */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { upsert } from '../../.cache/tests/src/store/accounts/patches.js';
import { openStore, closeStore } from '../../.cache/tests/src/store/open.js';
import { systemClock } from '../../.cache/tests/src/store/ground/clock.js';

const [dataDir, endpoint, life] = process.argv.slice(2);
const say = (line) => writeSync(1, `${line}\n`);
const LIFE_MS = Number(life);
const HELD_MS = 200;
const AT_ONCE = 6;

const store = await openStore({ dataDir, env: {}, clock: systemClock });
const unfollow = store.accounts.follow();
const { accounts, exchanges } = store;
const dueAt = new Map();
const busy = new Set();
let isQuiet = false;
let done = 0;
say('ready');

async function ask(token) {
  const url = `${endpoint}?token=${encodeURIComponent(token)}`;
  const response = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(3_000) });
  return { ok: response.ok, body: await response.json() };
}

async function exchange({ refreshToken: sent }) {
  const permit = await exchanges.permit(sent, 'refresh');
  // as the program does: what the other box gets comes to memory meanwhile
  if (permit.kind === 'held') await new Promise((resolve) => setTimeout(resolve, HELD_MS));
  if (permit.kind !== 'granted') return;
  let answer;
  try {
    answer = await ask(sent);
  } catch {
    exchanges.letGo(sent);
    return;
  }
  const now = Math.floor(Date.now() / 1000);
  const holders = accounts.list().flatMap(({ account }) => (account?.refreshToken === sent ? [account] : []));
  if (!answer.ok) {
    const refused = { at: now, cause: 'revoked', reason: 'invalid_grant: replaced' };
    await exchanges.condemn({ sent, refused, accounts: holders });
    return;
  }
  const { access_token: accessToken, refresh_token: rotated } = answer.body;
  const reply = { accessToken, expiresIn: 3599, expiresAt: now + 3599, tokenType: 'Bearer', idToken: null };
  const grant = { firstSeen: now, lastOk: now, ...(rotated === null ? {} : { rotated: true }) };
  await exchanges.land({ sent, rotated, answer: reply, issuer: null, holders, grant });
  done += 1;
}

/** Each box finds an access token too old at a time of its own, and now and then all at the same moment. */
function isDue({ id, accessToken }) {
  const known = dueAt.get(id);
  if (known?.accessToken === accessToken) return performance.now() > known.at;
  dueAt.set(id, { accessToken, at: performance.now() + LIFE_MS * (0.7 + 0.6 * Math.random()) });
  return false;
}

const work = setInterval(() => {
  if (isQuiet) return;
  const all = accounts.list();
  // each box begins with another account, as boxes do that were not started together
  const from = Math.floor(Math.random() * all.length);
  for (const { id, account, unreadable } of [...all.slice(from), ...all.slice(0, from)]) {
    if (account === null || unreadable !== null || account.disabled !== null) continue;
    if (busy.size >= AT_ONCE || busy.has(id) || !isDue(account)) continue;
    busy.add(id);
    exchange(account)
      .catch((error) => say(`fault ${error.stack}`))
      .finally(() => busy.delete(id));
  }
}, 10);
const tell = setInterval(() => say(`served ${done}`), 1_000);

/** What an operator pastes, once Google has said that it is good. */
async function readd(id, refreshToken) {
  const account = accounts.get(id)?.account ?? null;
  if (account === null) return;
  const answer = { accessToken: `ya29.${refreshToken}`, expiresIn: 3599, tokenType: 'Bearer', idToken: null };
  const expiresAt = Math.floor(Date.now() / 1000) + 3599;
  const credential = { email: account.email, name: null, refreshToken, clientKey: 'default' };
  await accounts.patch(id, upsert({ ...credential, answer: { ...answer, expiresAt } }));
}

function stop() {
  isQuiet = true;
  const end = setInterval(() => {
    if (busy.size > 0) return;
    clearInterval(end);
    clearInterval(work);
    clearInterval(tell);
    unfollow();
    void closeStore(store).then((left) => {
      say(`served ${done}`);
      say(`left ${JSON.stringify(left)}`);
      process.exit(0);
    });
  }, 20);
}

createInterface(process.stdin).on('line', (line) => {
  const [what, ...words] = line.split(' ');
  if (what === 'stop') stop();
  // cut off, it is kept in memory and written later
  else readd(...words).catch(() => undefined);
});
