import { FreshTokenRefused, NoAccessToken } from '../grants/access-tokens.js';
import type { Member } from '../pool/member.js';
import { forbiddenOf } from '../protocols/gemini/permission-denied.js';
import type { FailoverCause } from '../reports/metrics.js';
import type { Origin } from '../transport/origins.js';
import { CodeAssistFailed } from '../upstreams/code-assist.js';
import { reasonOf } from '../../store/ground/errors.js';
import { type Answered, askOrigins, isAnswered, type NoAnswer } from './ask-origins.js';
import type { Candidate } from './candidates.js';
import type { RequestContext } from './request-context.js';

/** Why an account gave no answer to judge. */
export class NotServed {
  /** The upstream was asked: it counts as a try. */
  isTry = false;
  /** What came of the base URLs, where they were asked in vain. */
  unanswered: NoAnswer | null = null;
  /** The token that was not waited for any longer. */
  late: Promise<string> | null = null;

  constructor(
    readonly cause: FailoverCause,
    readonly why: string,
  ) {}
}

/** What came of asking as one account: an answer to judge, or why there is none. */
export type Outcome = Answered | NotServed;

/** Who asks, and where. */
export interface Attempt {
  readonly member: Member;
  readonly token: string;
  readonly origins: readonly Origin[];
  /** Another account could serve at once. */
  readonly othersReady: () => boolean;
}

/** An account still refused with a token just made, or without a quota project, is left alone for this long. */
const REFUSED_MS = 60_000;
/** An account whose project could not be asked for is left alone for this long. */
const UNANSWERED_MS = 10_000;
/** The token that the upstream refused is itself a moment old. */
const rejectedFresh = Symbol('rejected fresh');

/** The token of a candidate, or why it has none. */
export async function tokenOf({ deps }: RequestContext, { token }: Candidate): Promise<string | NotServed> {
  try {
    return await token;
  } catch (error) {
    return withoutToken(deps, error);
  }
}

/**
 * Asks as one account, with all that it takes: its project, and after a 401 once more with a newer token, since that was
 * about the token and not about the account.
 *
 * @throws what is wrong with the client's body
 */
export async function askAs(context: RequestContext, attempt: Attempt): Promise<Outcome> {
  const first = await askWith(context, attempt, attempt.token);
  if (!isUnauthorized(first) || context.hasLeft()) return settled(context, attempt.member, first);
  const newer = newerToken(context, attempt);
  if (!context.body.replayable) return settled(context, attempt.member, first);
  const fresh = await newer;
  if (fresh === rejectedFresh) return refused(context, attempt.member, first);
  if (!(first instanceof NoProject)) first.exchange.abort();
  if (typeof fresh !== 'string') return fresh;
  if (context.hasLeft()) return settled(context, attempt.member, first);
  const second = await askWith(context, attempt, fresh);
  return isUnauthorized(second) ? refused(context, attempt.member, second) : settled(context, attempt.member, second);
}

/** A 401 that a token just made gets too: it is about the account. */
function refused(context: RequestContext, member: Member, by: Answered | NoProject): Outcome {
  coolAlone(context, member, REFUSED_MS, 'refused with a fresh token');
  return by instanceof NoProject ? unasked(by) : by;
}

/** What came of asking once. */
type Asked = Answered | NoAnswer | NoProject;

function askWith(context: RequestContext, attempt: Attempt, accessToken: string): Promise<Asked> {
  const { projectId } = attempt.member;
  if (projectId === null && context.deps.upstream.needsProject) return askWithItsProject(context, attempt, accessToken);
  return askOrigins(context, attempt.origins, { projectId, accessToken });
}

/** Asks for an account's quota project, where the upstream serves nothing without one, and then as that. */
async function askWithItsProject(context: RequestContext, attempt: Attempt, accessToken: string): Promise<Asked> {
  let projectId: string;
  try {
    projectId = await context.deps.projects(attempt.member, accessToken);
  } catch (error) {
    return new NoProject(error);
  }
  return askOrigins(context, attempt.origins, { projectId, accessToken });
}

const isUnauthorized = (asked: Asked): asked is Answered | NoProject =>
  asked instanceof NoProject ? asked.status === 401 : isAnswered(asked) && asked.exchange.status === 401;

/** What is left to say of a try that is not repeated. */
function settled(context: RequestContext, member: Member, asked: Asked): Outcome {
  if (asked instanceof NoProject) return withoutProject(context, member, asked);
  return isAnswered(asked) ? asked : unanswered(context, member, asked);
}

function unanswered(context: RequestContext, member: Member, answer: NoAnswer): NotServed {
  const { failure } = answer;
  // The client's own fault (too large, too slow): no other account would fare better.
  if (!context.hasLeft() && context.body.failure !== null) throw context.body.failure;
  if (failure.isUnsendable) {
    coolAlone(context, member, REFUSED_MS, failure.message);
    return new NotServed('unauthorized', failure.message);
  }
  return Object.assign(new NotServed('network', failure.message), { isTry: true, unanswered: answer });
}

/** The account's token after a 401; where there is none the 401 counts as a failed refresh, not as a try. */
async function newerToken(
  { deps }: RequestContext,
  { member, token, othersReady }: Attempt,
): Promise<string | typeof rejectedFresh | NotServed> {
  try {
    return await deps.tokens.afterUnauthorized(member, token, othersReady);
  } catch (error) {
    return error instanceof FreshTokenRefused ? rejectedFresh : withoutToken(deps, error);
  }
}

function withoutToken({ onFault }: RequestContext['deps'], error: unknown): NotServed {
  if (!(error instanceof NoAccessToken)) {
    onFault(error);
    return new NotServed('refresh_failed', 'refresh failed');
  }
  return Object.assign(new NotServed('refresh_failed', error.reason), { late: error.late });
}

function withoutProject(context: RequestContext, member: Member, no: NoProject): NotServed {
  coolAlone(context, member, no.mayPass ? UNANSWERED_MS : REFUSED_MS, no.message);
  const denial = no.status === 403 ? forbiddenOf(no.body) : null;
  if (denial !== null && denial.kind !== 'other') context.deps.pool.forbid(member, denial);
  if (!no.mayPass) return unasked(no);
  return Object.assign(new NotServed('upstream_error', no.message), { isTry: true });
}

/** What the account lacks was known before the upstream was asked for an answer. */
const unasked = ({ message, status }: NoProject): NotServed =>
  new NotServed(status === 401 ? 'unauthorized' : 'forbidden', message);

function coolAlone({ deps }: RequestContext, member: Member, ms: number, reason: string): void {
  deps.pool.cool(member, { model: null, untilMs: deps.clock.now() + ms, reason }, member.id);
}

/** Nobody says what an account's quota project is. */
class NoProject extends Error {
  /** Of who was asked for it; 0: no answer came. */
  readonly status: number;
  readonly body: string;

  constructor(error: unknown) {
    super(`no project: ${reasonOf(error)}`);
    const failed = error instanceof CodeAssistFailed ? error : null;
    this.status = failed?.status ?? 0;
    this.body = failed?.body ?? '';
  }

  /** It says nothing about the account. */
  get mayPass(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}
