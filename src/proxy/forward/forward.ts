import { BodyTooSlow, ClientLeft } from '../http/body.js';
import { INTERNAL_ERROR, type OwnError, send } from '../http/own-answer.js';
import type { Home, Member } from '../pool/member.js';
import type { GivenAnswer } from '../protocols/protocol.js';
import type { UpstreamFailed } from '../transport/exchange.js';
import type { Origin } from '../transport/origins.js';
import { isAnswered, type NoAnswer } from './ask-origins.js';
import { type Asked, askFirst, askOn, type Attempt, NoProject, NotServed, tokenOf } from './attempt.js';
import { type Candidate, Candidates } from './candidates.js';
import type { ClientAnswer } from './client-answer.js';
import { answerFor, faultOf, unreachable, unserved } from './delivery.js';
import { Failovers, NO_FAILOVERS } from './failovers.js';
import type { MadeAnswer } from './made-answer.js';
import { isBest, isGood, type Refusal, takeRefusal } from './refusals.js';
import type { RequestContext } from './request-context.js';

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

  /** null until the first account is chosen. */
  private candidates: Candidates | null = null;
  /** Where what the request names is stored; null: anybody can serve it. */
  private home: Home | null;
  private readonly origins: readonly Origin[];
  private left: Failovers | null = null;
  private serving: Member | null = null;
  /** The latest answer that was not good. */
  private kept: GivenAnswer | null = null;
  /** The base URLs did not answer the last time. */
  private unanswered: NoAnswer | null = null;
  private answer: ClientAnswer | MadeAnswer | null = null;
  private ownBytes = 0;

  constructor(private readonly context: RequestContext) {
    const { deps, protocol, request } = context;
    this.home = protocol.begunAt(request.target);
    this.origins = originsFor(deps.origins, this.home);
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
    const { exchange, request } = this.context;
    return request.call.startsWith('stream') || exchange?.headers.contentType.startsWith('text/event-stream') === true;
  }

  /** Why each account before the one that answered was left, and how the answer broke off if it did. */
  get failovers(): readonly string[] {
    return this.left?.lines ?? NO_FAILOVERS;
  }

  /** Sees to it that the client gets an answer. Throws nothing. */
  run(): void {
    this.context.body.gather((error) => void this.serve(error));
  }

  /** The client closed the connection. */
  clientLeft(): void {
    this.context.clientLeft();
    this.endServing('ok');
  }

  /** The exchange with this client is over, however it ended: what was kept for it is let go. */
  close(): void {
    this.context.body.abandon();
  }

  /** The one road: from account to account until the client has an answer. Never rejects. */
  private async serve(bodyFailure: Error | null): Promise<void> {
    try {
      if (bodyFailure !== null) throw bodyFailure;
      for (let candidate = this.next(); candidate !== null; candidate = this.next()) {
        const { member, token: given } = candidate;
        const token = typeof given === 'string' ? given : await tokenOf(this.context, candidate);
        if (this.context.hasLeft()) return;
        if (token instanceof NotServed) this.passes(token, member);
        else {
          const attempt = this.begin(member, token);
          const first = await askFirst(this.context, attempt);
          // nearly every request ends here, so nothing up to here waits for more than this one promise
          if (this.context.hasLeft() || this.delivers(first, member) || (await this.goesOn(attempt, first))) return;
        }
      }
      this.giveUp();
    } catch (error) {
      this.endServing('ok');
      this.refuse(error);
    } finally {
      if (this.kept !== null && this.kept.exchange !== this.context.exchange) this.kept.exchange.abort();
    }
  }

  private next(): Candidate | null {
    const { context } = this;
    const { maxTries } = context.deps;
    if (context.hasLeft() || this.asked >= maxTries || !context.body.replayable) return null;
    this.candidates ??= this.firstCandidates();
    return this.candidates.next();
  }

  private firstCandidates(): Candidates {
    const { deps, protocol, request, body } = this.context;
    const { pool, tokens } = deps;
    this.home ??= protocol.homeOf(request.target, () => body.front());
    const isSticky = pool.isSticky && this.home === null;
    const conversation = isSticky ? protocol.conversationOf(body.front(), request.model) : null;
    return new Candidates(pool, tokens, request.model, conversation, this.home);
  }

  private begin(member: Member, token: string): Attempt {
    this.asked += 1;
    this.serving = member;
    this.context.deps.pool.begin(member);
    return { member, token, origins: this.origins };
  }

  /** @returns whether the first answer was as good as any, and is on its way to the client */
  private delivers(first: Asked, member: Member): boolean {
    if (first instanceof NoProject || !isAnswered(first) || !isBest(first.exchange)) return false;
    this.noteFirstByte();
    this.deliver({ exchange: first.exchange, origin: first.origin, member });
    return true;
  }

  /** Does what is left to do as this account. @returns whether there is nothing more to do for the client */
  private async goesOn(attempt: Attempt, first: Asked): Promise<boolean> {
    const { member } = attempt;
    const outcome = await askOn(this.context, attempt, first, () => this.candidates?.othersReady() === true);
    if (this.context.hasLeft()) return true;
    if (outcome instanceof NotServed) return this.passes(outcome, member);
    this.noteFirstByte();
    if (!isGood(outcome.exchange)) return this.refused({ ...outcome, member });
    this.deliver({ ...outcome, member });
    return true;
  }

  private passes(no: NotServed, member: Member): false {
    if (!no.isTry && this.serving !== null) this.asked -= 1;
    this.unanswered = no.unanswered ?? this.unanswered;
    this.leave(member, no);
    if (no.late !== null) this.candidates?.comesLate(member, no.late);
    this.endServing('error');
    return false;
  }

  private noteFirstByte(): void {
    const { deps, startedAt } = this.context;
    this.ttfbMs = deps.clock.monotonic() - startedAt;
  }

  /** An answer that is not for the client is kept, in case nothing better comes. */
  private async refused(given: GivenAnswer): Promise<false> {
    const { exchange, member } = given;
    this.leave(member, await takeRefusal(this.context, exchange, member));
    if (exchange.broken === null) {
      this.kept?.exchange.abort();
      this.kept = given;
    }
    this.endServing('error');
    return false;
  }

  private leave(member: Member, { cause, why }: Refusal): void {
    this.told().leave(member, why);
    this.context.deps.metrics.failover(cause);
  }

  private told(): Failovers {
    return (this.left ??= new Failovers());
  }

  private giveUp(): void {
    const { context, kept } = this;
    if (context.hasLeft()) return;
    if (kept !== null && kept.exchange.broken === null) this.deliver(kept);
    else if (this.unanswered !== null) this.answerWith(unreachable(this.unanswered));
    else this.answerWith(unserved(context.deps.pool.shortage(context.request.model, this.home)));
  }

  private deliver(given: GivenAnswer): void {
    const { exchange, member } = given;
    const { context } = this;
    context.exchange = exchange;
    if (exchange.status < 300) context.deps.pool.permit(member);
    context.body.abandon();
    this.left?.answered(member);
    this.answer = answerFor(context, given, (failure) => this.delivered(failure));
    this.account = member.email;
    try {
      this.answer.start();
    } catch {
      exchange.abort();
      this.answer = null;
      this.endServing('error');
      this.answerWith({ status: 502, message: 'the upstream sent a header that cannot be passed on' });
    }
  }

  private delivered(failure: UpstreamFailed | null): void {
    if (failure !== null) {
      this.context.deps.metrics.truncated();
      this.told().brokeOff(failure);
    }
    this.endServing(failure === null ? 'ok' : 'error');
  }

  private endServing(outcome: 'ok' | 'error'): void {
    if (this.serving === null) return;
    const { pool, clock } = this.context.deps;
    pool.end(this.serving, outcome, clock.now());
    this.serving = null;
  }

  private refuse(error: unknown): void {
    const { context } = this;
    if (context.hasLeft() || error instanceof ClientLeft) return;
    const fault = faultOf(error);
    if (fault === null) context.deps.onFault(error);
    if (error instanceof BodyTooSlow) context.response.shouldKeepAlive = false;
    this.answerWith(fault ?? INTERNAL_ERROR);
  }

  private answerWith(error: OwnError): void {
    const { body, protocol, response } = this.context;
    body.abandon();
    if (response.headersSent) response.destroy();
    else this.ownBytes = send(response, protocol.errorAnswer(error));
  }
}

/** An upload goes on at the base URL that it was begun at, as long as that is configured. */
function originsFor(origins: readonly Origin[], home: Home | null): readonly Origin[] {
  if (home === null) return origins;
  const own = origins.filter(({ host }) => host === home.host);
  return own.length === 0 ? origins : own;
}
