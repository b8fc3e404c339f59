import type { Account } from '../../store/accounts/account.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import type { ResourceRecord } from '../../store/state/state-store.js';
import type { AccountState } from '../contract/snapshot.js';
import { noAccountRules, type AccountRules } from '../../store/settings/account-rules.js';
import type { Rest } from '../rests/rest.js';
import type { Standing } from './standing.js';

/** An account in the pool, with what only the running proxy knows of it. One object for as long as the account exists. */
export interface Member {
  readonly id: string;
  readonly email: string;
  /** The project as `x-goog-user-project` names it; null: the account has none. */
  readonly projectId: string | null;
  /**
   * The project that Google's rate limits are counted for: the account's, else its OAuth client's; else the account's
   * own id.
   */
  readonly quotaProject: string;
  /** May be empty or expired. */
  readonly accessToken: string;
  /** When the access token ends (`Clock.monotonic`, ms). */
  readonly accessDeadline: number;
  readonly standing: Standing;
  /** Models, or groups of them, whose remaining quota is protected: they are not asked for with this account. */
  readonly protectedModels: readonly string[];
  /** The rules for the account in the settings. */
  readonly rules: AccountRules;
  inFlight: number;
  requests: number;
  errors: number;
  /** When the account last served, ms since 1970. */
  lastUsed: number | null;
}

/**
 * What a member counts as in the pool's health: it can serve everything · it serves, but rests or protects its quota
 * for something · it is out · somebody took it out by hand.
 */
export type Part = 'serves' | 'limited' | 'out' | 'off';

/** A member as the pool itself may change it. */
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
  rules: AccountRules;
  /** The member's place in the order of the accounts; -1: none yet. */
  number: number;
  /** Whether its newest credential or flag is in memory only. */
  isUnsaved: boolean;
  /** How it was last counted; null: not yet. */
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

/**
 * A member for a new account: its facts and standing are still to be filled in.
 *
 * @param remembered - when it last served, as an earlier run remembered it, unix seconds
 */
export function newMember({ id, account }: StoredAccount, remembered: number | null): MutableMember {
  const lastUsed = latest(account?.lastUsed ?? null, remembered);
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
    rules: noAccountRules,
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

const latest = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.max(one, other);

/** What matters for a member and is not in the account's file. */
export interface FactsAround {
  /** Project of the account's OAuth client; null: there is none, or it is not used. */
  readonly clientProject: string | null;
  /** ms since 1970. */
  readonly now: number;
  readonly monotonic: number;
}

/** Fills in what the account's file says now. The statistics stay. */
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
 * How long an access token that was just read will live. Computed once, and kept on the monotonic clock, so that
 * setting the wall clock later neither ends nor prolongs it. A wall clock that is wrong now cannot give it more than a
 * whole life.
 */
const lifeLeftMs = ({ expiresAt, expiresIn }: Account, now: number): number =>
  Math.min(expiresAt * 1000 - now, (expiresIn ?? Infinity) * 1000);

/** Where a stored resource lives: only accounts of this quota project can see it. */
export type ResourceHome = Omit<ResourceRecord, 'at'>;

/** The one account that may serve a request, as its client wants. */
export interface OnlyAccount {
  readonly onlyId: string;
}

/** The accounts that are considered where not all are: those of a project, or one. */
export type FewAccounts = Pick<ResourceHome, 'project'> | OnlyAccount;

/** A member began to rest, or its rest was ended early. */
export type RestNews =
  | { readonly kind: 'rested'; readonly member: Member; readonly rest: Rest }
  | { readonly kind: 'validation'; readonly member: Member; readonly words: string; readonly url: string | null }
  | { readonly kind: 'lifted'; readonly member: Member; readonly rests: readonly Rest[] };
