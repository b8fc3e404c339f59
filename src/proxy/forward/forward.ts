import type { ServerResponse } from 'node:http';
import { type OwnAnswer, send } from '../http/own-answer.js';
import { googleError } from '../protocols/gemini/errors.js';
import { type AskDeps, Asking } from './ask-origins.js';
import { Attempt, type Course, lacksProject } from './attempt.js';
import { BodyTooSlow, ClientLeft, type RequestBody } from '../http/body.js';
import type { ClientAnswer } from './client-answer.js';
import { conversationOf } from '../protocols/gemini/conversation.js';
import { answerFor, faultAnswer, unreachable, unserved, type Waiting } from './delivery.js';
import type { Exchange, UpstreamFailed } from '../transport/exchange.js';
import type { MadeAnswer } from './made-answer.js';
import type { Member } from '../pool/member.js';
import type { FailoverCause } from '../reports/metrics.js';
import { causeOf, isPlainlyGood, type Judged, takeRefusal } from './refusals.js';
import type { ForwardingDeps } from './forwarding-deps.js';
import type { Home } from '../pool/member.js';
import { NO_STORY, Story } from './failovers.js';
import { type Turn, Turns } from './candidates.js';
import type { ClientRequest } from '../protocols/client-request.js';

/**
 * One client request on its way through the accounts, until the client has an answer.
 *
 * It goes on to the next account on a failed refresh, a 401 that a forced refresh does not mend, 429, 403, 5xx and
 * network failures, for as long as nothing of an answer has left and the body can be sent again. The latest upstream
 * answer is kept meanwhile: the client gets it if nothing better comes.
 */
export class Forwarding implements Course, Judged, Waiting {
  /** Upstream answers asked for. */
  asked = 0;
  /** null until the first account is chosen. */
  turns: Turns | null = null;
  readonly asking: Asking;
  /** ms from the start to the first byte of the answer that the client got. */
  ttfbMs: number | null = null;
  /** E-mail of the account whose answer the client got. */
  account: string | null = null;

  /** Where what the request names is stored; null: anybody can serve it. */
  private home: Home | null;
  private told: Story | null = null;
  private gone = false;
  private serving: Member | null = null;
  private kept: { readonly exchange: Exchange; readonly member: Member } | null = null;
  private answer: ClientAnswer | MadeAnswer | null = null;
  private ownBytes = 0;

  constructor(
    readonly deps: ForwardingDeps,
    readonly request: ClientRequest,
    readonly body: RequestBody,
    readonly response: ServerResponse,
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
    return this.told?.lines ?? NO_STORY;
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
    if (turn === null || typeof turn.token !== 'string' || lacksProject(this.deps, turn.member)) {
      void this.goOn(turn);
      return;
    }
    const { member, token } = turn;
    this.beginServing(member);
    this.asking.askFirst({ projectId: member.projectId, accessToken: token }, (answer) => {
      if (this.gone) return;
      if (!isPlainlyGood(answer)) {
        this.asking.keep(answer);
        void this.goOn(turn);
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

  /** Goes from account to account until the client has an answer. Never rejects. */
  private async goOn(firstTurn: Turn | null): Promise<void> {
    const attempt = new Attempt(this.deps, this.body, this.asking, this);
    try {
      for (let turn = firstTurn; turn !== null; turn = this.nextTurn()) {
        if (await this.serveFrom(turn, attempt)) return;
      }
      this.giveUp(attempt);
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
  private async serveFrom(turn: Turn, attempt: Attempt): Promise<boolean> {
    const { member } = turn;
    const token = await attempt.tokenOf(turn);
    if (token === null || this.hasLeft()) return this.hasLeft();
    if (this.serving === null) this.beginServing(member);
    const exchange = await attempt.askWithRefresh(member, token);
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

  uncount(): void {
    this.asked -= 1;
  }

  noteFirstByte(): void {
    this.ttfbMs = this.deps.clock.monotonic() - this.startedAt;
  }

  /** Whether this answer is for the client. Any other is kept, in case nothing better comes. */
  private async isGood(exchange: Exchange, member: Member): Promise<boolean> {
    const cause = causeOf(exchange.status);
    if (cause === null && exchange.broken === null) return true;
    await takeRefusal(this, exchange, member);
    this.leave(member, cause ?? 'network', cause === null ? 'the answer broke off' : String(exchange.status));
    if (exchange.broken === null) {
      this.kept?.exchange.abort();
      this.kept = { exchange, member };
    }
    return false;
  }

  leave(member: Member, cause: FailoverCause, why: string): void {
    this.tell().leave(member, why);
    this.deps.metrics.failover(cause);
  }

  private tell(): Story {
    return (this.told ??= new Story());
  }

  private giveUp({ unanswered }: Attempt): void {
    if (this.hasLeft()) return;
    if (this.kept !== null && this.kept.exchange.broken === null) {
      this.deliver(this.kept.exchange, this.kept.member);
    } else if (unanswered !== null) this.answerWith(unreachable(unanswered));
    else this.answerWith(unserved(this.deps.pool.shortage(this.request.model, this.home)));
  }

  private deliver(exchange: Exchange, member: Member): void {
    this.asking.exchange = exchange;
    if (exchange.status < 300) this.deps.pool.permit(member);
    this.body.abandon();
    this.told?.answered(member);
    this.answer = answerFor(this, exchange, member, (failure) => this.delivered(failure));
    this.account = member.email;
    try {
      this.answer.start();
    } catch {
      exchange.abort();
      this.answer = null;
      this.endServing('error');
      this.answerWith(googleError(502, 'the upstream sent a header that cannot be passed on'));
    }
  }

  private delivered(failure: UpstreamFailed | null): void {
    if (failure !== null) {
      this.deps.metrics.truncated();
      this.tell().brokeOff(failure);
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
    const answer = faultAnswer(error);
    if (answer === null) this.deps.onFault(error);
    if (error instanceof BodyTooSlow) this.response.shouldKeepAlive = false;
    this.answerWith(answer ?? googleError(500, 'regrant failed; its log says why'));
  }

  private answerWith(answer: OwnAnswer): void {
    this.body.abandon();
    if (this.response.headersSent) this.response.destroy();
    else this.ownBytes = send(this.response, answer);
  }

  /** The client is gone. A call, since a property would count as unchanged over an await. */
  hasLeft(): boolean {
    return this.gone;
  }
}

/** An upload goes on at the base URL that it was begun at, as long as that is configured. */
function originsFor(deps: ForwardingDeps, home: Home | null): AskDeps {
  if (home === null) return deps;
  const origins = deps.origins.filter(({ host }) => host === home.host);
  return origins.length === 0 ? deps : { ...deps, origins };
}
