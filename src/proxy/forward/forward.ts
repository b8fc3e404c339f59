import { BodyTooSlow, ClientLeft } from '../http/body.js';
import { INTERNAL_ERROR } from '../http/own-answer.js';
import type { Member } from '../pool/member.js';
import type { GivenAnswer } from '../protocols/protocol.js';
import type { Group } from '../subject/groups.js';
import type { UpstreamFailed } from '../transport/exchange.js';
import type { UpstreamAnswer } from '../answers/google-answer.js';
import { Appraising } from './appraising.js';
import { isAnswered } from './ask-origins.js';
import {
  type AttemptResult,
  askFirst,
  askOn,
  askWithProjectAnew,
  type Attempt,
  type FirstAnswer,
  lacksProject,
  NoProject,
  NotServed,
  type Outcome,
  tellFirst,
  tokenOf,
} from './attempt.js';
import { type Candidate, NextAccount } from './candidates.js';
import { requestFault, unreachable, unserved } from './delivery.js';
import { beginsWell, errorAtStart } from './beginning.js';
import { Judging } from './judging.js';
import type { RequestContext } from './request-context.js';
import { Reply } from './reply.js';
import { Tries } from './tries.js';
import { byItself } from '../../store/ground/faults.js';

/**
 * One client request on its way through the accounts, until the client has an answer.
 *
 * It tries the next account after any answer that may not be about the request (`answers/rows`), while no part of one
 * was sent and the body can be sent again; it waits where an account will be ready soon. The best bad answer is kept.
 */
export class Forwarding {
  /** What the client gets. */
  readonly reply: Reply;
  /** What was tried for that. */
  readonly tries: Tries;
  private readonly next: NextAccount;
  private serving: Member | null = null;
  private readonly judging: Judging;
  /** null: answers go to the client unchanged. */
  private readonly appraising: Appraising | null;
  /** When the account under way was asked, monotonic ms. */
  private askedAt = 0;

  constructor(private readonly context: RequestContext) {
    this.reply = new Reply(context);
    this.tries = new Tries(context);
    this.judging = new Judging(context);
    this.appraising = Appraising.of(context, this.tries);
    this.next = new NextAccount(context, this.tries, this.appraising);
  }

  /** The model that the request is about; empty: not known. */
  get model(): string {
    return this.reply.liveModel ?? this.context.subject.model;
  }

  get group(): Group {
    return this.context.subject.group;
  }

  /** E-mail of the account that serves it now, or did; null: none was asked yet. */
  get account(): string | null {
    return this.serving?.email ?? this.reply.account;
  }

  get streams(): boolean {
    const { exchange, request } = this.context;
    return request.call.startsWith('stream') || exchange?.headers.contentType.startsWith('text/event-stream') === true;
  }

  /** Makes sure that the client gets an answer. Throws nothing. */
  run(): void {
    this.context.body.gather((error) => this.start(error));
  }

  /** The client closed the connection. */
  clientLeft(): void {
    this.context.clientLeft();
    this.context.translated?.close();
    this.endServing('ok');
  }

  /** The exchange with this client has ended, however it did: releases what was kept for it. */
  close(): void {
    this.context.body.abandon();
    this.context.translated?.close();
  }

  private start(bodyFailure: Error | null): void {
    try {
      if (bodyFailure !== null) throw bodyFailure;
      this.context.deps.pool.wants(this.context.subject);
      const asked = this.context.asksElsewhere();
      if (asked !== null) byItself('the serving of a request', this.serve(null, null, asked));
      else this.first();
    } catch (error) {
      this.refuse(error);
    }
  }

  /**
   * Asks the first account. Nearly every request ends with its answer, so no promise is made on the way to it: they cost
   * a fifteenth of a request. `serve` does all else.
   */
  private first(): void {
    const candidate = this.next.take();
    if (candidate === null || typeof candidate.token !== 'string' || lacksProject(this.context, candidate.member)) {
      byItself('the serving of a request', this.serve(candidate));
      return;
    }
    const attempt = this.begin(candidate.member, candidate.token);
    tellFirst(this.context, attempt, (answer) => this.heard({ attempt, answer }), this.askedAt);
  }

  /** Takes in the first account's answer. */
  private heard(first: FirstAnswer): void {
    try {
      if (this.context.hasLeft() || this.delivers(first.answer, first.attempt.member)) return;
      byItself('the serving of a request', this.serve(null, first));
    } catch (error) {
      this.refuse(error);
    }
  }

  /**
   * Goes from account to account until the client has an answer, and once more after a wait. Never rejects.
   *
   * @param candidate, first - the account, or the answer, to begin with
   * @param asked - what has to be known before
   */
  private async serve(
    candidate: Candidate | null,
    first: FirstAnswer | null = null,
    asked: Promise<void> | null = null,
  ): Promise<void> {
    try {
      if (asked !== null) await asked;
      if (first !== null && (await this.goesOn(first.attempt, first.answer))) return;
      let one = candidate ?? this.next.take();
      for (; one !== null || (await this.next.wait()); one = this.next.take())
        if (one !== null && (await this.asks(one))) return;
      if (!this.context.hasLeft()) this.giveUp();
    } catch (error) {
      this.refuse(error);
    } finally {
      this.tries.letGo();
    }
  }

  /** Asks one account. @returns whether the client has its answer, or has left */
  private async asks({ member, token: given }: Candidate): Promise<boolean> {
    const { context } = this;
    const token = typeof given === 'string' ? given : await tokenOf(context, { member, token: given });
    if (context.hasLeft()) return true;
    if (token instanceof NotServed) return this.passes(token, member);
    const attempt = this.begin(member, token);
    const answer = await askFirst(context, attempt);
    return context.hasLeft() || this.delivers(answer, member) || this.goesOn(attempt, answer);
  }

  private begin(member: Member, token: string): Attempt {
    this.tries.asked += 1;
    this.serving = member;
    this.context.deps.pool.begin(member);
    this.askedAt = this.context.deps.clock.monotonic();
    return { member, token, origins: this.next.origins };
  }

  /** @returns whether the first answer was plainly good, and is on its way to the client */
  private delivers(first: AttemptResult, member: Member): boolean {
    // A translated answer is checked first.
    if (first instanceof NoProject || !isAnswered(first) || this.appraising !== null) return false;
    const { exchange, origin } = first;
    if (exchange.broken !== null || exchange.status >= 400 || !beginsWell(exchange)) return false;
    const now = this.reply.noteFirstByte();
    this.served({ exchange, origin, member }, now);
    return true;
  }

  /** Does everything else that can be done with this account. @returns whether the client has its answer, or has left */
  private async goesOn(attempt: Attempt, first: AttemptResult): Promise<boolean> {
    const outcome = await askOn(this.context, attempt, first, this.next.othersReady);
    return this.context.hasLeft() || this.settles(outcome, attempt);
  }

  /** Acts on the outcome of asking as an account. @returns whether the client has its answer */
  private async settles(outcome: Outcome, attempt: Attempt): Promise<boolean> {
    const { member } = attempt;
    if (outcome instanceof NotServed) return this.passes(outcome, member);
    this.reply.noteFirstByte();
    const given = { ...outcome, member };
    const { status, broken } = outcome.exchange;
    if (status >= 400 || broken !== null) return this.refused(given, attempt, null);
    return this.begins(given, attempt);
  }

  /** Checks how an answer with a good status begins: it may be an error. */
  private async begins(given: GivenAnswer, attempt: Attempt): Promise<boolean> {
    const error = await errorAtStart(given.exchange, this.context.deps.clock);
    if (this.context.hasLeft()) return true;
    if (error !== null || given.exchange.broken !== null) return this.refused(given, attempt, error);
    const worth = given.exchange.status === 200 ? await this.appraising?.take(given) : undefined;
    if (worth === undefined || worth === 'good') this.served(given);
    else this.endServing('error');
    return worth !== 'another';
  }

  private served(given: GivenAnswer, now = this.context.deps.clock.monotonic()): void {
    this.judging.served({ member: given.member, askedAt: this.askedAt }, now);
    this.deliver(given);
  }

  private passes(no: NotServed, member: Member): false {
    this.tries.passes(no, member, this.serving !== null);
    if (no.late !== null) this.next.comesLate(member, no.late);
    this.endServing('error');
    return false;
  }

  /**
   * Acts on an answer that is not good: it goes to the client, or is kept in case nothing better comes.
   *
   * @param error - the error that an answer with a good status began with
   * @returns whether the client has its answer
   */
  private async refused(given: GivenAnswer, attempt: Attempt, error: UpstreamAnswer | null): Promise<boolean> {
    const { exchange, member, origin } = given;
    if (exchange.broken !== null) {
      this.tries.brokeOff(member, { failure: exchange.broken, origin });
      this.endServing('error');
      return false;
    }
    const judged = await this.judging.take(exchange, { member, askedAt: this.askedAt }, error);
    if (this.context.hasLeft()) return true;
    if (judged.next === 'client') {
      this.judging.ended(true);
      this.deliver(given);
      return true;
    }
    if (judged.next === 'again') return this.asksAgain(given, attempt);
    this.tries.keep(given, judged);
    if (judged.isElsewhere) this.next.skipSharing(member);
    this.endServing('error');
    return false;
  }

  /** The account's project is gone: it is looked up again, and the account is asked once more. */
  private async asksAgain(given: GivenAnswer, attempt: Attempt): Promise<boolean> {
    const outcome = await askWithProjectAnew(this.context, attempt);
    if (this.context.hasLeft()) return true;
    if (outcome === null) return this.refused(given, attempt, null);
    given.exchange.abort();
    this.tries.asked += 1;
    return this.settles(outcome, attempt);
  }

  private giveUp(): void {
    const { context } = this;
    const { kept, unanswered } = this.tries;
    this.judging.ended(this.next.isLeft || !context.body.replayable);
    if (kept !== null && kept.exchange.broken === null) this.deliver(kept);
    else if (this.appraising?.giveUp() === true) return;
    else if (unanswered !== null) this.reply.say(unreachable(unanswered));
    else this.reply.say(unserved(context.deps.pool.shortage(context.subject, this.next.few)));
  }

  private deliver(given: GivenAnswer): void {
    this.tries.answered(given.member);
    if (!this.reply.begin(given, (failure) => this.delivered(failure))) this.endServing('error');
  }

  private delivered(failure: UpstreamFailed | null): void {
    if (failure !== null) this.tries.truncated(failure);
    this.endServing(failure === null ? 'ok' : 'error');
  }

  private endServing(outcome: 'ok' | 'error'): void {
    if (this.serving === null) return;
    const { pool, clock } = this.context.deps;
    pool.end(this.serving, outcome, clock.now());
    this.serving = null;
  }

  private refuse(error: unknown): void {
    this.endServing('ok');
    if (this.context.hasLeft() || error instanceof ClientLeft) return;
    const fault = requestFault(error);
    if (fault === null) this.context.deps.onFault(error);
    if (error instanceof BodyTooSlow) this.context.response.shouldKeepAlive = false;
    this.reply.say(fault ?? INTERNAL_ERROR);
  }
}
