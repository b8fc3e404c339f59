import { FreshTokenRefused, NoAccessToken } from '../grants/access-tokens.js';
import type { Member } from '../pool/member.js';
import { orderOf, type RestOrder } from '../answers/answers-so-far.js';
import { verdictOf } from '../answers/judge.js';
import type { FailoverCause } from '../reports/metrics.js';
import type { Origin } from '../transport/origins.js';
import { CodeAssistFailed } from '../upstreams/code-assist.js';
import { reasonOf } from '../../store/ground/errors.js';
import { type Answer, type Answered, askOnce, askOrigins, isAnswered, type NoAnswer } from './ask-origins.js';
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
}

/** An account whose project could not be asked for is left alone for this long. */
const UNANSWERED_SECONDS = 10;
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
 * Asks as one account for the first time, at the first base URL. Where no good answer comes of it, `askOn` goes on.
 *
 * Nearly every request ends with this, so few promises lie one in the other on the way: each costs a hundredth of it.
 */
export function askFirst(context: RequestContext, { member, token, origins }: Attempt): Promise<Asked> {
  const { projectId } = member;
  if (projectId === null && context.deps.upstream.needsProject)
    return askWithItsProject(context, member, token, origins);
  return askOnce(context, firstOf(origins), { projectId, accessToken: token });
}

/**
 * Goes on from what came of asking first, with all that it takes: other base URLs, and after a 401 once more with a newer
 * token, since that was about the token and not about the account.
 *
 * @param othersReady - another account could serve at once
 * @throws what is wrong with the client's body
 */
export async function askOn(
  context: RequestContext,
  attempt: Attempt,
  asked: Asked,
  othersReady: () => boolean,
): Promise<Outcome> {
  const first = await askRest(context, attempt, asked);
  const { paths, clock } = context.deps;
  const isNews = isUnauthorized(first) && !context.hasLeft() && !paths.refuses(context.shape, clock.monotonic());
  if (!isNews) return settled(context, attempt.member, first);
  const newer = newerToken(context, attempt, othersReady);
  if (!context.body.replayable) return settled(context, attempt.member, first);
  const fresh = await newer;
  if (fresh === rejectedFresh) return refused(context, attempt.member, first);
  if (!(first instanceof NoProject)) first.exchange.abort();
  if (typeof fresh !== 'string') return fresh;
  if (context.hasLeft()) return settled(context, attempt.member, first);
  const again = { ...attempt, token: fresh };
  const second = await askRest(context, again, await askFirst(context, again));
  return isUnauthorized(second) ? refused(context, attempt.member, second) : settled(context, attempt.member, second);
}

/**
 * Asks for the quota project of an account anew, and then again as that account: what its file names is gone.
 *
 * @returns null: nobody names another
 */
export async function askWithProjectAnew(context: RequestContext, attempt: Attempt): Promise<Outcome | null> {
  const { member, token, origins } = attempt;
  const gone = member.projectId;
  try {
    const projectId = await context.deps.projectAnew(member, token);
    if (projectId === gone || context.hasLeft()) return null;
    const first = await askOnce(context, firstOf(origins), { projectId, accessToken: token });
    return settled(context, member, await askRest(context, attempt, { ...first, projectId }));
  } catch (error) {
    if (error instanceof CodeAssistFailed) return null;
    throw error;
  }
}

/** A 401 that a token just made gets too: it is about the account, or else about the path. */
function refused(context: RequestContext, member: Member, by: Answered | NoProject): Outcome {
  if (!(by instanceof NoProject)) return by;
  leaveAlone(context, member, { cause: 'unauthorized', words: by.message });
  return unasked(by);
}

/** What came of asking once. */
export type Asked = AnswerAs | NoProject;

/** The base URLs' answer to an account that found out its project first. */
type AnswerAs = Answer & { readonly projectId?: string };

/** Asks for an account's quota project, where the upstream serves nothing without one, and then as that. */
async function askWithItsProject(
  context: RequestContext,
  member: Member,
  accessToken: string,
  origins: readonly Origin[],
): Promise<Asked> {
  let projectId: string;
  try {
    projectId = await context.deps.projects(member, accessToken);
  } catch (error) {
    return new NoProject(error);
  }
  return { ...(await askOnce(context, firstOf(origins), { projectId, accessToken })), projectId };
}

async function askRest(
  context: RequestContext,
  { member, token: accessToken, origins }: Attempt,
  asked: Asked,
): Promise<Asked> {
  if (asked instanceof NoProject) return asked;
  const projectId = asked.projectId ?? member.projectId;
  return askOrigins(context, origins, { projectId, accessToken }, asked);
}

function firstOf([origin]: readonly Origin[]): Origin {
  if (origin === undefined) throw new Error('no base URL');
  return origin;
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
    leaveAlone(context, member, { cause: 'unauthorized', words: failure.message });
    return new NotServed('unauthorized', failure.message);
  }
  return Object.assign(new NotServed('network', failure.message), { isTry: true, unanswered: answer });
}

/** The account's token after a 401; where there is none the 401 counts as a failed refresh, not as a try. */
async function newerToken(
  { deps }: RequestContext,
  { member, token }: Attempt,
  othersReady: () => boolean,
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
  leaveAlone(context, member, restFor(context, member, no));
  if (!no.mayPass) return unasked(no);
  return Object.assign(new NotServed('upstream_error', no.message), { isTry: true });
}

/** What an account rests for whose project nobody says: what the answer says of it, where that is sure. */
function restFor({ deps, subject }: RequestContext, member: Member, no: NoProject): PartialOrder {
  const seconds = no.mayPass ? UNANSWERED_SECONDS : null;
  const asked = { upstream: deps.upstream.kind, subject, ofModel: false, ofStored: false };
  const verdict = verdictOf({ status: no.status, retryAfter: null, body: no.body }, asked, deps.clock.now());
  const order = verdict.proof === 'none' ? orderOf(member.id, verdict) : null;
  return order ?? { cause: 'forbidden', words: no.message, seconds };
}

/** What the account lacks was known before the upstream was asked for an answer. */
const unasked = ({ message, status }: NoProject): NotServed =>
  new NotServed(status === 401 ? 'unauthorized' : 'forbidden', message);

type PartialOrder = Pick<RestOrder, 'cause' | 'words'> & Partial<RestOrder>;

function leaveAlone({ deps, subject }: RequestContext, member: Member, order: PartialOrder): void {
  const whole = { account: member.id, of: 'account', seconds: null, maybeProject: false, url: null } as const;
  deps.pool.rest(member, { order: { ...whole, ...order }, subject, askedAt: deps.clock.monotonic() });
}

/** Nobody says what an account's quota project is. */
export class NoProject extends Error {
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
