import type { ServerResponse } from 'node:http';
import { type ErrorStatus, googleError, send } from './answers.js';
import { type Answer, type AskDeps, Asking, isForAnother, type NoAnswer } from './ask.js';
import { BodyTooLarge, BodyTooSlow, ClientLeft, type RequestBody } from './body.js';
import { ClientAnswer } from './client-answer.js';
import { decodedText } from './content-encoding.js';
import { conversationOf } from './conversation.js';
import { forbiddenOf } from './forbidden.js';
import { Exchange, isTimeout, type UpstreamFailed } from './exchange.js';
import type { FailoverCause, Metrics } from './metrics.js';
import { coolDownOf } from './rate-limit.js';
import { type Turn, Turns } from './turns.js';
import type { Member } from './member.js';
import type { Pool } from './pool.js';
import { namesAny, namesInPath } from './resource-names.js';
import { resourceReader, withUploadHere } from './resource-traffic.js';
import type { Home, StoredResources } from './stored-resources.js';
import type { ClientRequest } from './upstreams/upstream.js';
import { CodeAssistFailed } from './upstreams/code-assist.js';
import { reasonOf } from '../store/errors.js';
import { FreshTokenRefused, NoAccessToken, type AccessTokens } from './grants/access-tokens.js';

/** What a request asks of the pool. */
export type ServingPool = Pick<
  Pool,
  'pick' | 'pickOf' | 'isSticky' | 'hasOther' | 'begin' | 'end' | 'cool' | 'forbid' | 'permit' | 'shortage'
>;

/** Where a request gets an account's access token. */
export type ServingTokens = Pick<AccessTokens, 'forRequest' | 'isGood' | 'afterUnauthorized'>;

export interface ForwardingDeps extends AskDeps {
  readonly pool: ServingPool;
  readonly tokens: ServingTokens;
  readonly metrics: Metrics;
  /** Finds out and keeps the quota project of an account that has none yet; rejects where nobody says. */
  readonly projects: (member: Member, accessToken: string) => Promise<string>;
  readonly resources: StoredResources;
  /** `proxy.maxTries`: upstream answers asked for at most. */
  readonly maxTries: number;
  /** Called with what should never happen: an error of this program. */
  readonly onFault: (error: unknown) => void;
}

/** An account still refused with a token just made, or without a quota project, is left alone for this long. */
const REFUSED_MS = 60_000;
/** An account whose project could not be asked for is left alone for this long. */
const UNANSWERED_MS = 10_000;
/** The token that the upstream refused is itself a moment old. */
const rejectedFresh = Symbol('rejected fresh');
/** How long the body of a refusal may take, which says why, and how long to wait. */
const REASON_MS = 2_000;

const NO_STORY: readonly string[] = [];

/** The statuses that send a request to the next account. */
function causeOf(status: number): FailoverCause | null {
  if (status >= 500) return 'upstream_error';
  if (status === 429) return 'rate_limited';
  if (status === 403) return 'forbidden';
  return status === 401 ? 'unauthorized' : null;
}

/**
 * One client request on its way through the accounts, until the client has an answer.
 *
 * It goes on to the next account on a failed refresh, a 401 that a forced refresh does not mend, 429, 403, 5xx and
 * network failures, for as long as nothing of an answer has left and the body can be sent again. The latest upstream
 * answer is kept meanwhile: the client gets it if nothing better comes.
 */
export class Forwarding {
  /** Upstream answers asked for. */
  asked = 0;
  /** ms from the start to the first byte of the answer that the client got. */
  ttfbMs: number | null = null;
  /** E-mail of the account whose answer the client got. */
  account: string | null = null;

  private readonly asking: Asking;
  /** Where what the request names is stored; null: anybody can serve it. */
  private home: Home | null;
  private turns: Turns | null = null;
  private left: { readonly member: Member; readonly why: string }[] = [];
  private gone = false;
  private serving: Member | null = null;
  private kept: { readonly exchange: Exchange; readonly member: Member } | null = null;
  private unanswered: NoAnswer | null = null;
  private answer: ClientAnswer | null = null;
  private ownBytes = 0;
  private broke: string | null = null;

  constructor(
    private readonly deps: ForwardingDeps,
    private readonly request: ClientRequest,
    private readonly body: RequestBody,
    private readonly response: ServerResponse,
    /** monotonic ms */
    private readonly startedAt: number,
  ) {
    this.home = deps.resources.uploadOf(request.target);
    this.asking = new Asking(originsFor(deps, this.home), request, body);
  }

  /** Bytes of the answer's body handed to the client. */
  get bytes(): number {
    return this.answer?.bytes ?? this.ownBytes;
  }

  /** `usageMetadata.totalTokenCount` of the answer, where it can be read. */
  get tokens(): number | null {
    return this.answer?.tokens ?? null;
  }

  get streams(): boolean {
    const contentType = this.asking.exchange?.headers.contentType ?? '';
    return this.request.call.startsWith('stream') || contentType.startsWith('text/event-stream');
  }

  /** Why each account before the one that answered was left, and how the answer broke off if it did. */
  get story(): readonly string[] {
    if (this.left.length === 0 && this.broke === null) return NO_STORY;
    const story = this.left.map(({ member, why }) => `${localPart(member.email)}: ${why}`);
    return this.broke === null ? story : [...story, this.broke];
  }

  /** Sees to it that the client gets an answer. Throws nothing. */
  run(): void {
    this.body.gather((error) => {
      try {
        if (error === null) this.begin();
        else this.refuse(error);
      } catch (fault) {
        this.fail(fault);
      }
    });
  }

  /**
   * Asks the first account, and gives the client its answer if it is a good one. Nearly every request ends here, so nothing
   * on this way waits for a promise: a dozen of them, one in the other, were a tenth of what a request costs.
   */
  private begin(): void {
    const turn = this.nextTurn();
    if (turn === null || typeof turn.token !== 'string' || this.lacksProject(turn.member)) {
      void this.goOn(turn, null);
      return;
    }
    const { member, token } = turn;
    this.beginServing(member);
    this.asking.askFirst({ projectId: member.projectId, accessToken: token }, (answer) => {
      if (this.gone) return;
      if (!isPlainlyGood(answer)) {
        void this.goOn(turn, answer);
        return;
      }
      try {
        this.noteFirstByte();
        this.deliver(answer, member);
      } catch (fault) {
        this.fail(fault);
      }
    });
  }

  /**
   * Goes from account to account until the client has an answer. Never rejects.
   *
   * @param first - what the first account's first base URL answered; null: it has not been asked
   */
  private async goOn(firstTurn: Turn | null, first: Answer | null): Promise<void> {
    try {
      let known = first;
      for (let turn = firstTurn; turn !== null; turn = this.nextTurn()) {
        if (await this.serveFrom(turn, known)) return;
        known = null;
      }
      this.giveUp();
    } catch (error) {
      this.fail(error);
    } finally {
      if (this.kept?.exchange !== this.asking.exchange) this.kept?.exchange.abort();
    }
  }

  private fail(error: unknown): void {
    this.endServing('ok');
    this.refuse(error);
  }

  /** The client closed the connection: nothing of what runs for it is of use any more. */
  clientLeft(): void {
    this.gone = true;
    this.body.fail(new ClientLeft());
    this.asking.exchange?.abort();
    this.endServing('ok');
  }

  /** The exchange with this client is over, however it ended: what was kept for it is let go. */
  close(): void {
    this.body.abandon();
  }

  private nextTurn(): Turn | null {
    if (this.hasLeft() || this.asked >= this.deps.maxTries || !this.body.replayable) return null;
    this.turns ??= this.firstTurns();
    return this.turns.next();
  }

  private firstTurns(): Turns {
    const { pool, tokens, resources } = this.deps;
    this.home ??= resources.homeOf(this.request.target, () => this.body.front());
    return new Turns(pool, tokens, this.request.model, this.conversation(), this.home);
  }

  private conversation(): string | null {
    return this.deps.pool.isSticky && this.home === null ? conversationOf(this.body.front(), this.request.model) : null;
  }

  /** Asks as one account. @returns whether there is nothing more to do for the client */
  private async serveFrom(turn: Turn, known: Answer | null): Promise<boolean> {
    const { member } = turn;
    const token = await this.tokenOf(turn);
    if (token === null || this.hasLeft()) return this.hasLeft();
    if (known === null) this.beginServing(member);
    const exchange = await this.askWithRefresh(member, token, known);
    if (this.hasLeft()) return true;
    if (exchange !== null && (await this.isGood(exchange, member))) {
      this.deliver(exchange, member);
      return true;
    }
    this.endServing('error');
    return false;
  }

  private beginServing(member: Member): void {
    this.asked += 1;
    this.serving = member;
    this.deps.pool.begin(member);
  }

  private async tokenOf(turn: Turn): Promise<string | null> {
    try {
      return await turn.token;
    } catch (error) {
      this.leaveWithoutToken(turn.member, error);
      this.turns?.passed(turn, error);
      return null;
    }
  }

  /**
   * Asks, and after a 401 once more with a newer token: the 401 was about the token, not about the account.
   *
   * @returns null where there is no answer to judge; why is noted then
   */
  private async askWithRefresh(member: Member, token: string, known: Answer | null): Promise<Exchange | null> {
    const first = await this.ask(member, token, known);
    if (!isUnauthorized(first) || this.hasLeft()) return exchangeOf(first);
    const newer = this.newerToken(member, token);
    if (!this.body.replayable) return exchangeOf(first);
    const fresh = await newer;
    if (fresh === rejectedFresh) {
      this.coolRefused(member, first);
      return exchangeOf(first);
    }
    const second = fresh === null || this.hasLeft() ? null : await this.ask(member, fresh, null);
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
      const othersReady = (): boolean => this.turns?.othersReady() === true;
      return await this.deps.tokens.afterUnauthorized(member, rejected, othersReady);
    } catch (error) {
      if (error instanceof FreshTokenRefused) return rejectedFresh;
      if (!this.body.replayable) return null;
      this.asked -= 1;
      this.leaveWithoutToken(member, error);
      this.turns?.passed({ member }, error);
      return null;
    }
  }

  /** @returns null where there is no answer to judge; why is noted then, but for a 401 of who knows the projects */
  private async ask(member: Member, accessToken: string, known: Answer | null): Promise<Asked> {
    const projectId = await this.projectOf(member, accessToken);
    if (projectId instanceof NoProject) {
      if (projectId.status === 401) return projectId;
      this.leaveWithoutProject(member, projectId);
      return null;
    }
    const answer = await this.asking.ask({ projectId, accessToken }, known);
    if (answer instanceof Exchange) {
      this.noteFirstByte();
      return answer;
    }
    if (this.hasLeft()) return null;
    // The client's own fault (too large, too slow): no other account would fare better.
    if (this.body.failure !== null) throw this.body.failure;
    const { failure } = answer;
    if (failure.isUnsendable) {
      this.asked -= 1;
      this.coolAlone(member, REFUSED_MS, failure.message);
    } else this.unanswered = answer;
    this.leave(member, failure.isUnsendable ? 'unauthorized' : 'network', failure.message);
    return null;
  }

  private noteFirstByte(): void {
    this.ttfbMs = this.deps.clock.monotonic() - this.startedAt;
  }

  private lacksProject({ projectId }: Member): boolean {
    return projectId === null && this.deps.upstream.needsProject;
  }

  private projectOf(member: Member, accessToken: string): string | null | Promise<string | NoProject> {
    if (!this.lacksProject(member)) return member.projectId;
    return this.deps.projects(member, accessToken).catch((error: unknown) => new NoProject(error));
  }

  private leaveWithoutProject(member: Member, no: NoProject): void {
    this.coolAlone(member, no.mayPass ? UNANSWERED_MS : REFUSED_MS, no.message);
    const forbidden = no.status === 403 ? forbiddenOf(no.body) : null;
    if (forbidden !== null && forbidden.kind !== 'other') this.deps.pool.forbid(member, forbidden);
    if (no.mayPass) this.leave(member, 'upstream_error', no.message);
    else this.leaveUnasked(member, no);
  }

  /** What the account lacks was known before the upstream was asked for an answer. */
  private leaveUnasked(member: Member, { message, status }: NoProject): void {
    this.asked -= 1;
    this.leave(member, status === 401 ? 'unauthorized' : 'forbidden', message);
  }

  /** Whether this answer is for the client. Any other is kept, in case nothing better comes. */
  private async isGood(exchange: Exchange, member: Member): Promise<boolean> {
    const cause = causeOf(exchange.status);
    if (cause === null && exchange.broken === null) return true;
    if (cause === 'rate_limited') await this.coolDown(exchange, member);
    if (cause === 'forbidden') await this.takeForbidden(exchange, member);
    this.leave(member, cause ?? 'network', cause === null ? 'the answer broke off' : String(exchange.status));
    if (exchange.broken === null) {
      this.kept?.exchange.abort();
      this.kept = { exchange, member };
    }
    return false;
  }

  private async coolDown(exchange: Exchange, member: Member): Promise<void> {
    const { clock, pool } = this.deps;
    const body = await this.wordsOf(exchange);
    const { retryAfter } = exchange.headers;
    const model = this.request.model === '' ? null : this.request.model;
    pool.cool(member, { model, ...coolDownOf({ retryAfter, body }, clock.now()) });
  }

  private async takeForbidden(exchange: Exchange, member: Member): Promise<void> {
    const forbidden = forbiddenOf(await this.wordsOf(exchange));
    // What it names may be somebody else's: that says nothing about the account.
    if (forbidden.kind === 'other' && this.namesStored()) return;
    this.deps.pool.forbid(member, forbidden);
  }

  private namesStored(): boolean {
    if (namesInPath(this.request.target).length > 0) return true;
    const front = this.body.front();
    return front !== null && namesAny(front);
  }

  /** The body of an answer that is read to know why. */
  private async wordsOf(exchange: Exchange): Promise<string> {
    await exchange.hold(this.deps.clock, REASON_MS);
    return decodedText(exchange.heldBody, exchange.headers.contentEncoding);
  }

  private leaveWithoutToken(member: Member, error: unknown): void {
    if (!(error instanceof NoAccessToken)) this.deps.onFault(error);
    this.leave(member, 'refresh_failed', error instanceof NoAccessToken ? error.reason : 'refresh failed');
  }

  private leave(member: Member, cause: FailoverCause, why: string): void {
    this.left.push({ member, why });
    this.deps.metrics.failover(cause);
  }

  private giveUp(): void {
    if (this.hasLeft()) return;
    if (this.kept !== null && this.kept.exchange.broken === null) {
      this.deliver(this.kept.exchange, this.kept.member);
    } else if (this.unanswered !== null) {
      const { failure, host } = this.unanswered;
      this.answerWith(isTimeout(failure) ? 504 : 502, `no answer from ${host}: ${failure.message} (${failure.reason})`);
    } else {
      const { retryAfterMs, text } = this.deps.pool.shortage(this.request.model, this.home);
      if (retryAfterMs === null) this.answerWith(503, text);
      else this.answerWith(429, text, ['Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1000)))]);
    }
  }

  private deliver(exchange: Exchange, member: Member): void {
    this.asking.exchange = exchange;
    if (exchange.status < 300) this.deps.pool.permit(member);
    this.body.abandon();
    if (this.left.length > 0) this.left = this.left.filter((left) => left.member !== member);
    const plain = exchange.status === 200 && exchange.headers.contentEncoding === '';
    const rewriting = plain ? this.deps.upstream.rewriting(this.request) : null;
    const reader = resourceReader(this.deps.resources, this.request, exchange, member.quotaProject);
    const headers = this.headersFor(exchange, member);
    this.answer = new ClientAnswer(this.response, exchange, headers, rewriting, reader, (failure) =>
      this.delivered(failure),
    );
    this.account = member.email;
    try {
      this.answer.start();
    } catch {
      exchange.abort();
      this.answer = null;
      this.endServing('error');
      this.answerWith(502, 'the upstream sent a header that cannot be passed on');
    }
  }

  private headersFor({ headers }: Exchange, member: Member): readonly string[] {
    const { origin } = this.asking;
    if (!headers.leadsOn || origin === null) return headers.forwarded;
    const hosts = this.deps.origins.map(({ host }) => host);
    const home = { project: member.quotaProject, account: member.id, host: origin.host };
    const place = { hosts, prefix: origin.prefix, home };
    return withUploadHere(headers.forwarded, this.response.req, this.deps.resources, place);
  }

  private delivered(failure: UpstreamFailed | null): void {
    if (failure !== null) {
      this.deps.metrics.truncated();
      this.broke = `the answer broke off after ${failure.receivedBytes} bytes: ${failure.message}`;
    }
    this.endServing(failure === null ? 'ok' : 'error');
  }

  private endServing(outcome: 'ok' | 'error'): void {
    if (this.serving === null) return;
    this.deps.pool.end(this.serving, outcome, this.deps.clock.now());
    this.serving = null;
  }

  private refuse(error: unknown): void {
    if (this.hasLeft() || error instanceof ClientLeft) return;
    if (error instanceof BodyTooLarge) {
      this.answerWith(413, error.message);
    } else if (error instanceof BodyTooSlow) {
      this.response.shouldKeepAlive = false;
      this.answerWith(408, error.message);
    } else {
      this.deps.onFault(error);
      this.answerWith(500, 'regrant failed; its log says why');
    }
  }

  private answerWith(status: ErrorStatus, message: string, headers: readonly string[] = []): void {
    this.body.abandon();
    if (this.response.headersSent) this.response.destroy();
    else this.ownBytes = send(this.response, googleError(status, message, headers));
  }

  /** A call, since a property would count as unchanged over an await. */
  private hasLeft(): boolean {
    return this.gone;
  }
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

/** What came of asking as one account. */
type Asked = Exchange | NoProject | null;

const isUnauthorized = (asked: Asked): asked is Exchange | NoProject => asked?.status === 401;
const exchangeOf = (asked: Asked): Exchange | null => (asked instanceof Exchange ? asked : null);

/** An upload goes on at the base URL that it was begun at, as long as that is configured. */
function originsFor(deps: ForwardingDeps, home: Home | null): AskDeps {
  if (home === null) return deps;
  const origins = deps.origins.filter(({ host }) => host === home.host);
  return origins.length === 0 ? deps : { ...deps, origins };
}

/** For the client as it is: nobody else would give a better one. */
const isPlainlyGood = (answer: Answer): answer is Exchange =>
  answer instanceof Exchange &&
  answer.broken === null &&
  causeOf(answer.status) === null &&
  !isForAnother(answer.status);

const localPart = (email: string): string => email.slice(0, Math.max(1, email.indexOf('@')) || undefined);
