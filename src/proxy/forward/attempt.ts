import { FreshTokenRefused, NoAccessToken } from '../grants/access-tokens.js';
import type { Member } from '../pool/member.js';
import { orderOf, type RestOrder } from '../answers/answers-so-far.js';
import { verdictOf } from '../answers/judge.js';
import type { FailoverCause } from '../reports/metrics.js';
import type { Origin } from '../transport/origins.js';
import { CodeAssistFailed } from '../upstreams/code-assist.js';
import { AccountIneligible } from '../upstreams/onboarding.js';
import { reasonOf } from '../../store/ground/errors.js';
import { type Answer, type Answered, ask, askOnce, askOrigins, isAnswered, type NoAnswer } from './ask-origins.js';
import type { Candidate } from './candidates.js';
import type { RequestContext } from './request-context.js';
import { english } from '../../store/words/saying.js';

/** Why an account gave no answer to judge. */
export class NotServed {
  /** Whether the upstream was asked, so that it counts as a try. */
  isTry = false;
  /** The failure of the base URLs, if they were asked and none answered. */
  unanswered: NoAnswer | null = null;
  /** The slow token that was no longer waited for. */
  late: Promise<string> | null = null;

  constructor(
    readonly cause: FailoverCause,
    readonly why: string,
  ) {}
}

/** The result of asking as one account: an answer to judge, or why there is none. */
export type Outcome = Answered | NotServed;

/** The account that asks, its token, and the base URLs. */
export interface Attempt {
  readonly member: Member;
  readonly token: string;
  readonly origins: readonly Origin[];
}

/** How long an account is not asked after its project could not be looked up. */
const UNANSWERED_SECONDS = 10;
/** Stands for: the token that the upstream refused was itself made a moment ago. */
const rejectedFresh = Symbol('rejected fresh');

/** The token of a candidate, or why it has none. */
export async function tokenOf({ deps }: RequestContext, { token }: Candidate): Promise<string | NotServed> {
  try {
    return await token;
  } catch (error) {
    return withoutToken(deps, error);
  }
}

/** Whether an account's quota project has to be looked up before it can be asked. */
export const lacksProject = ({ deps }: RequestContext, { projectId }: Member): boolean =>
  projectId === null && deps.upstream.needsProject;

/** Asks as one account for the first time, at the first base URL. If that gives no good answer, `askOn` goes on. */
export function askFirst(context: RequestContext, attempt: Attempt): Promise<AttemptResult> {
  return lacksProject(context, attempt.member)
    ? askWithItsProject(context, attempt)
    : new Promise((resolve) => tellFirst(context, attempt, resolve));
}

/**
 * The same of an account that does not lack its project, without a promise.
 *
 * @param tell - called once, never at once
 * @param now - monotonic ms
 */
export function tellFirst(
  context: RequestContext,
  { member, token, origins }: Attempt,
  tell: (first: AttemptResult) => void,
  now = context.deps.clock.monotonic(),
): void {
  ask(context, firstOf(origins), { projectId: member.projectId, accessToken: token }, { tell, now });
}

/**
 * Goes on after the first answer by all means: other base URLs, and after a 401 once more with a newer token, since a
 * 401 may be about the token and not the account.
 *
 * @param othersReady - whether another account could serve at once
 * @throws what is wrong with the client's body
 */
export async function askOn(
  context: RequestContext,
  attempt: Attempt,
  asked: AttemptResult,
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
 * Looks up an account's quota project again, because the one in its file is gone, and then asks again as that account.
 *
 * @returns null: no other project was found
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

/** The outcome of a 401 that a new token got too: it is about the account, or else about the path. */
function refused(context: RequestContext, member: Member, by: Answered | NoProject): Outcome {
  if (!(by instanceof NoProject)) return by;
  leaveAlone(context, member, { cause: 'unauthorized', words: by.message });
  return unasked(by);
}

/** What the first account answered. */
export interface FirstAnswer {
  readonly attempt: Attempt;
  readonly answer: AttemptResult;
}

/** The result of asking once. */
export type AttemptResult = AnswerAs | NoProject;

/** The base URLs' answer, with the quota project if that was looked up first. */
type AnswerAs = Answer & { readonly projectId?: string };

/** Looks up an account's quota project, where the upstream serves nothing without one, and then asks with it. */
async function askWithItsProject(
  context: RequestContext,
  { member, token: accessToken, origins }: Attempt,
): Promise<AttemptResult> {
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
  asked: AttemptResult,
): Promise<AttemptResult> {
  if (asked instanceof NoProject) return asked;
  const projectId = asked.projectId ?? member.projectId;
  return askOrigins(context, origins, { projectId, accessToken }, asked);
}

function firstOf([origin]: readonly Origin[]): Origin {
  if (origin === undefined) throw new Error('no base URL');
  return origin;
}

const isUnauthorized = (asked: AttemptResult): asked is Answered | NoProject =>
  asked instanceof NoProject ? asked.status === 401 : isAnswered(asked) && asked.exchange.status === 401;

/** The outcome of a try that is not repeated. */
function settled(context: RequestContext, member: Member, asked: AttemptResult): Outcome {
  if (asked instanceof NoProject) return withoutProject(context, member, asked);
  return isAnswered(asked) ? asked : unanswered(context, member, asked);
}

function unanswered(context: RequestContext, member: Member, answer: NoAnswer): NotServed {
  const { failure } = answer;
  // The client's own fault (too large, too slow): another account would not help.
  if (!context.hasLeft() && context.body.failure !== null) throw context.body.failure;
  if (failure.isUnsendable) {
    leaveAlone(context, member, { cause: 'unauthorized', words: failure.message });
    return new NotServed('unauthorized', failure.message);
  }
  return Object.assign(new NotServed('network', failure.message), { isTry: true, unanswered: answer });
}

/** A newer token of the account after a 401; if there is none the 401 counts as a failed refresh, not as a try. */
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

/** The rest for an account whose project could not be looked up: what the failed look-up demands, if it is sure. */
function restFor({ deps, subject }: RequestContext, member: Member, no: NoProject): PartialOrder {
  if (no.ineligible !== null) {
    const { cause, words, url } = no.ineligible;
    return { cause, words, url };
  }
  const seconds = no.mayPass ? UNANSWERED_SECONDS : null;
  const asked = { upstream: deps.upstream.kind, subject, ofModel: false, ofStored: false };
  const verdict = verdictOf({ status: no.status, retryAfter: null, body: no.body }, asked, deps.clock.now());
  const order = verdict.proof === 'none' ? orderOf(member.id, verdict) : null;
  return order ?? { cause: 'forbidden', words: no.message, seconds };
}

/** The outcome where the upstream was never asked, because the account lacked something. */
const unasked = ({ message, status }: NoProject): NotServed =>
  new NotServed(status === 401 ? 'unauthorized' : 'forbidden', message);

type PartialOrder = Pick<RestOrder, 'cause' | 'words'> & Partial<RestOrder>;

function leaveAlone({ deps, subject }: RequestContext, member: Member, order: PartialOrder): void {
  const whole = { account: member.id, of: 'account', seconds: null, maybeProject: false, url: null } as const;
  deps.pool.rest(member, { order: { ...whole, ...order }, subject, askedAt: deps.clock.monotonic() });
}

/** An account's quota project could not be found out. */
export class NoProject extends Error {
  /** Status of the look-up's answer; 0: no answer came. */
  readonly status: number;
  readonly body: string;
  /** Set if Google serves the account nothing and says why; null: it is something else. */
  readonly ineligible: AccountIneligible | null;

  constructor(error: unknown) {
    super(english('no project: {why}', { why: reasonOf(error) }));
    const failed = error instanceof CodeAssistFailed ? error : null;
    this.status = failed?.status ?? 0;
    this.body = failed?.body ?? '';
    this.ineligible = error instanceof AccountIneligible ? error : null;
  }

  /** Whether the failure says nothing about the account and may pass. */
  get mayPass(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}
