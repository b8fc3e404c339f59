/**
 * What choosing an account costs: the whole of `Pool.pick`, on real account objects, by pool size, with 30 % of the
 * accounts cooling; and with one account beginning and one ending to cool at every pick.
 */
import type { AccountChanges } from '../src/proxy/grants/account-changes.js';
import type { OAuthClients } from '../src/proxy/oauth/clients.js';
import type { Refresher } from '../src/proxy/grants/refresh.js';
import { Pool } from '../src/proxy/pool/pool.js';
import { accountOf } from '../src/store/accounts/account.js';
import type { AccountFiles } from '../src/store/files/account-files.js';
import type { StoredAccount } from '../src/store/accounts/stored-account.js';
import { type Clock, systemClock } from '../src/store/ground/clock.js';
import type { Member } from '../src/proxy/pool/member.js';
import type { Subject } from '../src/proxy/subject/subject.js';
import type { StateStore } from '../src/store/state/state-store.js';

export interface SelectionResult {
  readonly accounts: number;
  readonly pickNs: number;
  /** One account begins and one ceases to cool at each pick. */
  readonly churnNs: number;
}

const subject: Subject = { model: 'm', group: 'generate' };
const nobody: ReadonlySet<string> = new Set();

function poolOf(count: number, clock: Clock): Pool {
  const listed = Array.from({ length: count }, (_, number): StoredAccount => {
    const id = `account-${number}`;
    const token = {
      refresh_token: `1//${id}`,
      access_token: 'ya29.x',
      expiry_timestamp: 4e9,
      project_id: `p${number}`,
    };
    const account = accountOf({ id, email: `${id}@example.com`, token, disabled: false }, id);
    return { id, file: `${id}.json`, account, unreadable: null, held: false, notSaved: null, unsaved: [] };
  });
  const byId = new Map(listed.map((stored) => [stored.id, stored]));
  const nothing = (): void => undefined;
  const parts = {
    store: { list: () => listed, get: (id: string) => byId.get(id) },
    state: { coolDowns: [], setCoolDowns: nothing, refused: nothing },
    changes: { on: nothing },
    refresher: { trouble: () => null },
    clients: { nameOf: () => 'default', get: () => ({}), refusal: () => null },
  } as unknown as {
    store: AccountFiles;
    state: StateStore;
    changes: AccountChanges;
    refresher: Refresher;
    clients: OAuthClients;
  };
  return new Pool({ ...parts, clock });
}

/** CPU time, so that other work on the machine does not count. */
function nsEach(times: number, act: (index: number) => void): number {
  for (let index = 0; index < times / 5; index++) act(index);
  const before = process.cpuUsage();
  for (let index = 0; index < times; index++) act(index);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1e3) / times;
}

export function selection(accounts: number): SelectionResult {
  let shiftMs = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + shiftMs };
  const pool = poolOf(accounts, clock);
  const members = pool.list();
  const rest = (member: Member, what: Subject, seconds: number): void => {
    const order = {
      account: member.id,
      of: 'project',
      cause: 'quota',
      maybeProject: false,
      words: '',
      url: null,
    } as const;
    pool.rest(member, { order: { ...order, seconds }, subject: what, askedAt: clock.monotonic() });
  };
  members.forEach((member, number) => {
    if (number % 10 < 3) rest(member, number % 2 ? subject : { model: '', group: 'other' }, 3_600);
  });
  const pickNs = nsEach(1_000_000, () => void pool.pick(subject, nobody));
  let next = 0;
  const churnNs = nsEach(200_000, () => {
    const member = members[(next = (next + 7) % members.length)];
    if (member !== undefined) rest(member, subject, 3);
    shiftMs += 1;
    pool.pick(subject, nobody);
  });
  return { accounts, pickNs, churnNs };
}

if (process.argv[1] === import.meta.filename) {
  for (const accounts of [10, 1_000, 10_000, 100_000]) console.log(JSON.stringify(selection(accounts)));
}
