import { grantKey } from '../../store/ground/fingerprint.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import type { QuotaGroup } from '../../store/accounts/account.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import type { Clock } from '../../store/ground/clock.js';
import type { StateStore } from '../../store/state/state-store.js';
import type { Cause } from '../contract/causes.js';
import { readDisabledReason } from '../contract/disabled-reason.js';
import type { AccountRow, AccountState, QuotaLimit } from '../contract/snapshot.js';
import type { GrantEvidence } from '../grants/evidence.js';
import type { Refresher } from '../grants/refresh.js';
import type { OAuthClients } from '../oauth/clients.js';
import type { Member } from '../pool/member.js';
import type { Pool } from '../pool/pool.js';
import { restReason, restingWhat } from './rest-words.js';

export interface RowParts {
  readonly store: AccountStore;
  readonly state: StateStore;
  readonly pool: Pool;
  readonly refresher: Refresher;
  readonly clients: OAuthClients;
  readonly evidence: GrantEvidence;
  readonly clock: Clock;
}

const ms = (seconds: number | null | undefined): number | null =>
  seconds === null || seconds === undefined ? null : seconds * 1000;

/** An account's row as it is now. */
export function rowOf(stored: StoredAccount, member: Member, parts: RowParts): AccountRow {
  const { standing } = member;
  const state = parts.pool.stateOf(member);
  const rests = standing.state === 'ready' ? restFacts(member, parts) : NO_REST;
  const note = standing.state === 'ready' ? parts.pool.noteOf(member) : null;
  const { cause, causes } = causesOf(stored, rests.cause ?? standing.cause, parts);
  const grant = grantFacts(stored, parts);
  const file = fileFacts(stored);
  // written out: objects spread into one make it ten times as slow, and there are tens of thousands
  return {
    id: stored.id,
    file: stored.file,
    email: member.email,
    label: member.rules.label,
    name: stored.account?.name ?? '',
    state,
    cause,
    causes,
    reason: rests.reason ?? (note === null ? standing.reason : `forbidden: ${note.words}`),
    since: rests.since ?? note?.since ?? standing.since,
    serves: servesSoon(state, rests.until ?? null, member, parts),
    accessExpiresAt: accessEnd(member, parts.clock),
    requests: member.requests,
    errors: member.errors,
    inFlight: member.inFlight,
    lastUsed: member.lastUsed,
    coolingUntil: rests.until ?? (standing.state === 'cooling' ? standing.until : null),
    coolingWhat: rests.what,
    borrowedUntil: standing.borrowedUntil,
    protectedModels: member.protectedModels,
    notSaved: stored.notSaved,
    unsaved: stored.unsaved,
    grantEndsAt: grant.grantEndsAt,
    refreshing: grant.refreshing,
    retryAt: state === 'blocked' ? (rests.until ?? standing.until) : grant.retryAt,
    trouble: grant.trouble,
    client: grant.client,
    clientKnown: grant.clientKnown,
    refreshToken: grant.refreshToken,
    quotaPercent: file.quotaPercent,
    quotaLimits: file.quotaLimits,
    projectId: file.projectId,
    proxyDisabled: file.proxyDisabled,
    validationUrl: file.validationUrl,
    createdAt: file.createdAt,
  };
}

/** Whether an account counts as serving: it can be asked now, or a request is held for it. */
export function servesSoon(
  state: AccountState,
  until: number | null,
  { standing }: Member,
  { pool, clock }: Pick<RowParts, 'pool' | 'clock'>,
): boolean {
  if (state === standing.state) return standing.serves && state !== 'cooling';
  return state === 'cooling' && until !== null && until - clock.now() <= pool.waitMs;
}

const NO_REST = { cause: null, reason: null, since: null, until: null, what: '' } as const;

/** The most important rest of an account. Times in ms since 1970. */
function restFacts(member: Member, { pool }: RowParts) {
  const resting = pool.restOf(member);
  if (resting === null) return NO_REST;
  const { rest, sinceMs: since, untilMs: until } = resting;
  return { cause: rest.cause, reason: restReason(rest), since, until, what: restingWhat(rest) };
}

/** The values that serving a request changes. */
export const serviceOf = (member: Member, clock: Clock) => {
  const { requests, errors, inFlight, lastUsed } = member;
  return { accessExpiresAt: accessEnd(member, clock), requests, errors, inFlight, lastUsed };
};

const accessEnd = ({ accessToken, accessDeadline }: Member, clock: Clock): number | null =>
  accessToken === '' ? null : clock.now() + accessDeadline - clock.monotonic();

/** The causes of a dead grant, ranked by everything that is known now; any other cause as it was told. */
export function causesOf({ account }: StoredAccount, told: Cause | null, { evidence }: Pick<RowParts, 'evidence'>) {
  if (account?.disabled === null || account?.disabled === undefined) return { cause: told, causes: [] };
  const { words, subtype } = readDisabledReason(account.disabled.reason);
  const ranked = evidence.rank(account, words, subtype);
  // if Google itself names the cause, no other is possible
  return { cause: ranked[0].cause, causes: ranked[0].fit === 'certain' ? [ranked[0]] : ranked };
}

/** The fields of a row about its grant. */
function grantFacts({ account }: StoredAccount, { clients, clock, evidence, refresher }: RowParts) {
  if (account === null) {
    const nothing = { grantEndsAt: null, refreshing: false, retryAt: null, trouble: null };
    return { ...nothing, client: '', clientKnown: false, refreshToken: null };
  }
  const trouble = refresher.trouble(account);
  return {
    grantEndsAt: account.disabled === null ? ms(evidence.endOf(account)?.at) : null,
    refreshing: refresher.isUnderWay(account),
    retryAt: trouble === null ? null : clock.now() + trouble.retryAt - clock.monotonic(),
    trouble: trouble?.error.message ?? null,
    client: clients.nameOf(account),
    clientKnown: account.clientKey !== null,
    refreshToken: { length: account.refreshToken.length, sha256: grantKey(account).slice(0, 8) },
  };
}

/** The fields of a row that come from the file, without tokens. */
function fileFacts({ account }: StoredAccount) {
  const models = account?.quota?.models ?? [];
  return {
    quotaPercent: models.length === 0 ? null : Math.min(...models.map(({ percentage }) => percentage)),
    quotaLimits: account?.quota?.groups.flatMap(limitsOf) ?? NO_LIMITS,
    projectId: account?.projectId ?? null,
    proxyDisabled: account !== null && account.proxyDisabled !== null,
    validationUrl: account?.validationBlocked?.url ?? null,
    createdAt: ms(account?.createdAt),
  };
}

const NO_LIMITS: readonly QuotaLimit[] = [];

const limitsOf = ({ name, buckets }: QuotaGroup): readonly QuotaLimit[] =>
  buckets.map(({ window, id, percentage, resetTime }) => {
    const resetAt = resetTime === null ? NaN : Date.parse(resetTime);
    return { group: name, window: window || id, percentage, resetAt: Number.isNaN(resetAt) ? null : resetAt };
  });
