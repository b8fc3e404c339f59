import type { Account } from '../../store/accounts/account.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import type { ResourceRecord } from '../../store/records/state-store.js';
import type { AccountState } from '../contract/snapshot.js';
import type { Standing } from './standing.js';

/** An account in the pool, with what only the running proxy knows of it. One object for as long as the account exists. */
export interface Member {
  readonly id: string;
  readonly email: string;
  /** As `x-goog-user-project` names it; null: the account has none. */
  readonly projectId: string | null;
  /** What Google's rate limits count for: the account's project, else that of its OAuth client, else the account itself. */
  readonly quotaProject: string;
  /** May be empty or expired. */
  readonly accessToken: string;
  /** When the access token ends, on the clock that nobody can set (`Clock.monotonic`, ms). */
  readonly accessDeadline: number;
  readonly standing: Standing;
  /** Models, or groups of them, whose remaining quota is kept. */
  readonly protectedModels: readonly string[];
  inFlight: number;
  requests: number;
  errors: number;
  /** ms since 1970. */
  lastUsed: number | null;
}

/**
 * What a member is to the pool's health: it can serve all · it serves, but rests or keeps its quota for something · it is
 * out · somebody wants it off.
 */
export type Part = 'serves' | 'limited' | 'out' | 'off';

/** The same as the pool itself changes it. */
export interface MutableMember extends Member {
  /** Expiry as the file says it, unix seconds: a change means that another program renewed the token. */
  accessExpiry: number;
  email: string;
  projectId: string | null;
  quotaProject: string;
  accessToken: string;
  accessDeadline: number;
  standing: Standing;
  protectedModels: readonly string[];
  /** Its place in the order of the accounts; -1: none yet. */
  number: number;
  /** Its newest credential or flag is in memory only. */
  isUnsaved: boolean;
  /** What it was counted as; null: not yet. */
  counted: { readonly state: AccountState; readonly part: Part; readonly unsaved: number } | null;
  /** When its standing changes by itself, on the monotonic clock. */
  changesAt: number;
}

const nowhere: Standing = {
  state: 'unreadable',
  serves: false,
  cause: null,
  reason: '',
  since: null,
  until: null,
  borrowedUntil: null,
};

/** An account just met: its facts and standing are still to be taken in. */
export function newMember({ id, account }: StoredAccount): MutableMember {
  const lastUsed = account?.lastUsed ?? null;
  return {
    id,
    email: '',
    projectId: null,
    quotaProject: id,
    accessToken: '',
    accessDeadline: 0,
    accessExpiry: -1,
    standing: nowhere,
    protectedModels: [],
    number: -1,
    isUnsaved: false,
    counted: null,
    changesAt: Infinity,
    inFlight: 0,
    requests: 0,
    errors: 0,
    lastUsed: lastUsed === null ? null : lastUsed * 1000,
  };
}

/** What an account's file does not say itself. */
export interface FactsAround {
  /** Of its OAuth client; null: none, or it does not count. */
  readonly clientProject: string | null;
  /** ms since 1970. */
  readonly now: number;
  readonly monotonic: number;
}

/** Takes in what the account's file says now. The statistics stay. */
export function takeFacts(member: MutableMember, account: Account | null, around: FactsAround): void {
  const { clientProject, now, monotonic } = around;
  member.email = account?.email ?? '';
  member.projectId = account?.projectId ?? null;
  member.quotaProject = member.projectId ?? (account === null ? null : clientProject) ?? member.id;
  const accessToken = account?.accessToken ?? '';
  const accessExpiry = account?.expiresAt ?? 0;
  if (accessToken === member.accessToken && accessExpiry === member.accessExpiry) return;
  member.accessToken = accessToken;
  member.accessExpiry = accessExpiry;
  member.accessDeadline = monotonic + (account === null ? 0 : lifeLeftMs(account, now));
}

/**
 * How long an access token just met will live. Reckoned once, when it is met, and kept on the monotonic clock: a wall
 * clock set meanwhile neither ends it nor keeps it. A clock that is wrong now cannot give it more than a whole life.
 */
const lifeLeftMs = ({ expiresAt, expiresIn }: Account, now: number): number =>
  Math.min(expiresAt * 1000 - now, (expiresIn ?? Infinity) * 1000);

/** Where a stored resource lives: only accounts of this quota project can see it. */
export type Home = Omit<ResourceRecord, 'at'>;
