import { AnswersSoFar, type RestOrder } from '../answers/answers-so-far.js';
import type { AskedFor, UpstreamAnswer } from '../answers/google-answer.js';
import { type Verdict, verdictOf } from '../answers/judge.js';
import { decodedText } from '../http/content-encoding.js';
import type { Member } from '../pool/member.js';
import type { FailoverCause } from '../reports/metrics.js';
import type { RequestContext } from './request-context.js';
import type { Exchange } from '../transport/exchange.js';

/** How long reading the body of a refusal may take. It says why the request was refused, and how long to wait. */
const REASON_MS = 2_000;

/** What a bad answer means for the request's way through the accounts. */
export interface Judged {
  /**
   * Who gets the next word: the client gets the answer, another account is asked, or (`again`) the same account is,
   * after its project was looked up again.
   */
  readonly next: 'client' | 'another' | 'again';
  readonly usesTry: boolean;
  /** Whether the answer would serve the client better than any before it. */
  readonly isBest: boolean;
  readonly status: number;
  readonly cause: FailoverCause;
  /** Whether it says that a quota is used up: then waiting may help. */
  readonly isQuota: boolean;
  /** Whether the resource that the request names is not found for this account, but may be in another project. */
  readonly isElsewhere: boolean;
}

/** Takes in what the accounts answer to one request, and sets the rests that this proves necessary. */
export class Judging {
  private soFar: AnswersSoFar | null = null;
  /** Id of each account that refused → when it was asked, monotonic ms. */
  private askedAt: Map<string, number> | null = null;
  /** Whether the request names something stored; null: it was not looked for yet. */
  private ofStored: boolean | null = null;

  constructor(private readonly context: RequestContext) {}

  /** @param error - the error that an answer with a good status began with; null: the answer itself is judged */
  async take(exchange: Exchange, asker: AskedMember, error: UpstreamAnswer | null): Promise<Judged> {
    const { deps } = this.context;
    const answer = error ?? (await this.read(exchange));
    const verdict = verdictOf(answer, this.askedFor(), deps.clock.now());
    const { member, askedAt } = asker;
    (this.askedAt ??= new Map<string, number>()).set(member.id, askedAt);
    const { status, usesTry } = verdict;
    const isQuota = verdict.cause === 'quota' || verdict.cause === 'quota_daily';
    const isElsewhere = verdict.about === 'stored';
    const judged = { status, usesTry, isQuota, isElsewhere, cause: failoverCauseOf(verdict) };
    if (status === 401 && !this.isProof()) return { ...judged, next: 'client', isBest: true };
    this.soFar ??= new AnswersSoFar(this.surroundings());
    const heard = this.soFar.take(member.id, verdict);
    this.order(heard.orders);
    if (heard.pathRefuses) this.refusePath();
    return { ...judged, next: heard.next, isBest: heard.isBest };
  }

  /** An account has served the request. */
  served({ member, askedAt }: AskedMember, now: number): void {
    const { deps, protocol, subject, shape, where } = this.context;
    if (where.unknown.length > 0) protocol.sees(where.unknown, member);
    if (this.soFar !== null) this.order(this.soFar.served(member.id));
    deps.paths.served(shape, member.id, now);
    deps.pool.served(member, subject, askedAt);
  }

  /** No account has served the request. @param othersCould - whether accounts were left that were not asked */
  ended(othersCould: boolean): void {
    const { pool } = this.context.deps;
    if (this.soFar === null) return;
    const { orders, pathRefuses, notes } = this.soFar.ended(othersCould);
    this.order(orders);
    if (pathRefuses) this.refusePath();
    for (const { account, words } of notes) {
      const member = pool.get(account);
      if (member !== undefined) pool.note(member, words);
    }
  }

  private async read(exchange: Exchange): Promise<UpstreamAnswer> {
    await exchange.hold(this.context.deps.clock, REASON_MS);
    const { contentEncoding, retryAfter } = exchange.headers;
    return { status: exchange.status, retryAfter, body: decodedText(exchange.heldBody, contentEncoding) };
  }

  /** Whether a 401 is proof: it says something about the account or the path only if a fresh token got it. */
  private isProof(): boolean {
    const { body, deps, shape } = this.context;
    return body.replayable && !deps.paths.refuses(shape, deps.clock.monotonic());
  }

  private askedFor(): AskedFor {
    const { deps, protocol, request, subject, where } = this.context;
    return {
      upstream: deps.upstream.kind,
      subject,
      ofModel: subject.model !== '',
      ofStored: (this.ofStored ??= protocol.namesStored(request.target, this.context.front())),
      atHome: where.home !== null,
    };
  }

  private surroundings() {
    const { deps, shape } = this.context;
    return {
      pathServed: deps.paths.hasServed(shape, deps.clock.monotonic()),
      pathServedBy: (account: string) => deps.paths.hasServedAccount(shape, account),
      isOnly: deps.pool.size === 1,
    };
  }

  private order(orders: readonly RestOrder[]): void {
    const { deps, subject } = this.context;
    for (const order of orders) {
      const member = deps.pool.get(order.account);
      const askedAt = this.askedAt?.get(order.account) ?? deps.clock.monotonic();
      if (member !== undefined) deps.pool.rest(member, { order, subject, askedAt });
    }
  }

  private refusePath(): void {
    const { deps, shape } = this.context;
    deps.paths.refused(shape, deps.clock.monotonic());
  }
}

/** The account that was asked, and when; monotonic ms. */
export interface AskedMember {
  readonly member: Member;
  readonly askedAt: number;
}

const byStatus: Readonly<Partial<Record<number, FailoverCause>>> = {
  400: 'precondition',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
};

function failoverCauseOf({ status, about }: Verdict): FailoverCause {
  if (status === 429 && about !== 'upstream') return 'rate_limited';
  return byStatus[status] ?? 'upstream_error';
}
