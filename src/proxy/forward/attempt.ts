import type { Asking, NoAnswer } from './ask-origins.js';
import type { RequestBody } from '../http/body.js';
import { Exchange } from '../transport/exchange.js';
import { forbiddenOf } from '../protocols/gemini/permission-denied.js';
import { FreshTokenRefused, NoAccessToken } from '../grants/access-tokens.js';
import type { Member } from '../pool/member.js';
import type { FailoverCause } from '../reports/metrics.js';
import { reasonOf } from '../../store/ground/errors.js';
import type { ForwardingDeps } from './forwarding-deps.js';
import type { Turn, Turns } from './candidates.js';
import { CodeAssistFailed } from '../upstreams/code-assist.js';

/** What asking as one account may change of the request's way through all of them. */
export interface Course {
  readonly turns: Turns | null;
  /** The client is gone. */
  hasLeft(): boolean;
  /** An account is left for the next one. */
  leave(member: Member, cause: FailoverCause, why: string): void;
  /** It turned out that no answer of the upstream was asked for. */
  uncount(): void;
  /** The first byte of an answer is here. */
  noteFirstByte(): void;
}

/** An account still refused with a token just made, or without a quota project, is left alone for this long. */
const REFUSED_MS = 60_000;
/** An account whose project could not be asked for is left alone for this long. */
const UNANSWERED_MS = 10_000;
/** The token that the upstream refused is itself a moment old. */
const rejectedFresh = Symbol('rejected fresh');

/** Asks as one account, with all that it takes: its token, its project, and another token where one is refused. */
export class Attempt {
  /** The base URLs did not answer the last time. */
  unanswered: NoAnswer | null = null;

  constructor(
    private readonly deps: ForwardingDeps,
    private readonly body: RequestBody,
    private readonly asking: Asking,
    private readonly course: Course,
  ) {}

  /** The token of a turn; null: there is none, and the account was left. */
  async tokenOf(turn: Turn): Promise<string | null> {
    try {
      return await turn.token;
    } catch (error) {
      this.leaveWithoutToken(turn.member, error);
      this.course.turns?.passed(turn, error);
      return null;
    }
  }

  /**
   * Asks, and after a 401 once more with a newer token: the 401 was about the token, not about the account.
   *
   * @returns null where there is no answer to judge; why is noted then
   */
  async askWithRefresh(member: Member, token: string): Promise<Exchange | null> {
    const first = await this.ask(member, token);
    if (!isUnauthorized(first) || this.course.hasLeft()) return exchangeOf(first);
    const newer = this.newerToken(member, token);
    if (!this.body.replayable) return exchangeOf(first);
    const fresh = await newer;
    if (fresh === rejectedFresh) {
      this.coolRefused(member, first);
      return exchangeOf(first);
    }
    const second = fresh === null || this.course.hasLeft() ? null : await this.ask(member, fresh);
    exchangeOf(first)?.abort();
    if (isUnauthorized(second)) this.coolRefused(member, second);
    return exchangeOf(second);
  }

  private coolRefused(member: Member, by: Exchange | NoProject): void {
    this.coolAlone(member, REFUSED_MS, 'refused with a fresh token');
    if (by instanceof NoProject) this.leaveUnasked(member, by);
  }

  private coolAlone(member: Member, ms: number, reason: string): void {
    this.deps.pool.cool(member, { model: null, untilMs: this.deps.clock.now() + ms, reason }, member.id);
  }

  /** The account's token after a 401; null where there is none, and then the 401 counts as a failed refresh, not as a try. */
  private async newerToken(member: Member, rejected: string): Promise<string | typeof rejectedFresh | null> {
    try {
      const othersReady = (): boolean => this.course.turns?.othersReady() === true;
      return await this.deps.tokens.afterUnauthorized(member, rejected, othersReady);
    } catch (error) {
      if (error instanceof FreshTokenRefused) return rejectedFresh;
      if (!this.body.replayable) return null;
      this.course.uncount();
      this.leaveWithoutToken(member, error);
      this.course.turns?.passed({ member }, error);
      return null;
    }
  }

  /** @returns null where there is no answer to judge; why is noted then, but for a 401 of who knows the projects */
  private async ask(member: Member, accessToken: string): Promise<Asked> {
    const projectId = await this.projectOf(member, accessToken);
    if (projectId instanceof NoProject) {
      if (projectId.status === 401) return projectId;
      this.leaveWithoutProject(member, projectId);
      return null;
    }
    const answer = await this.asking.ask({ projectId, accessToken });
    if (answer instanceof Exchange) {
      this.course.noteFirstByte();
      return answer;
    }
    if (this.course.hasLeft()) return null;
    // The client's own fault (too large, too slow): no other account would fare better.
    if (this.body.failure !== null) throw this.body.failure;
    const { failure } = answer;
    if (failure.isUnsendable) {
      this.course.uncount();
      this.coolAlone(member, REFUSED_MS, failure.message);
    } else this.unanswered = answer;
    this.course.leave(member, failure.isUnsendable ? 'unauthorized' : 'network', failure.message);
    return null;
  }

  private projectOf(member: Member, accessToken: string): string | null | Promise<string | NoProject> {
    if (!lacksProject(this.deps, member)) return member.projectId;
    return this.deps.projects(member, accessToken).catch((error: unknown) => new NoProject(error));
  }

  private leaveWithoutProject(member: Member, no: NoProject): void {
    this.coolAlone(member, no.mayPass ? UNANSWERED_MS : REFUSED_MS, no.message);
    const forbidden = no.status === 403 ? forbiddenOf(no.body) : null;
    if (forbidden !== null && forbidden.kind !== 'other') this.deps.pool.forbid(member, forbidden);
    if (no.mayPass) this.course.leave(member, 'upstream_error', no.message);
    else this.leaveUnasked(member, no);
  }

  /** What the account lacks was known before the upstream was asked for an answer. */
  private leaveUnasked(member: Member, { message, status }: NoProject): void {
    this.course.uncount();
    this.course.leave(member, status === 401 ? 'unauthorized' : 'forbidden', message);
  }

  private leaveWithoutToken(member: Member, error: unknown): void {
    if (!(error instanceof NoAccessToken)) this.deps.onFault(error);
    this.course.leave(member, 'refresh_failed', error instanceof NoAccessToken ? error.reason : 'refresh failed');
  }
}

/** An account that has no quota project, where the upstream serves nothing without one. */
export const lacksProject = ({ upstream }: Pick<ForwardingDeps, 'upstream'>, { projectId }: Member): boolean =>
  projectId === null && upstream.needsProject;

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

/** What came of asking as one account. */
type Asked = Exchange | NoProject | null;

const isUnauthorized = (asked: Asked): asked is Exchange | NoProject => asked?.status === 401;
const exchangeOf = (asked: Asked): Exchange | null => (asked instanceof Exchange ? asked : null);
