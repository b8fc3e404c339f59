import type { ResourceHome, Member, OnlyAccount } from '../pool/member.js';
import type { SpentTokens } from '../../store/records/access-record.js';
import type { GivenAnswer } from '../protocols/protocol.js';
import type { UpstreamFailed } from '../transport/exchange.js';
import type { NoAnswer } from './ask-origins.js';
import type { NotServed } from './attempt.js';
import type { Candidates } from './candidates.js';
import { Failovers, NO_FAILOVERS } from './failovers.js';
import type { Judged } from './judging.js';
import type { RequestContext } from './request-context.js';

/** The most answers that one request asks for, whomever they are about. */
const MOST_ANSWERS = 16;
const NOBODY: ReadonlySet<string> = new Set();
const NOTHING_SPENT: readonly SpentTokens[] = [];

/** What one request has tried so far, and whether it may go on, now or after a wait. */
export class Tries {
  /** How many upstream answers were asked for. */
  asked = 0;
  /** The best of the answers that were not good. */
  kept: GivenAnswer | null = null;
  /** The tokens of good answers that the client does not get. */
  spent: readonly SpentTokens[] = NOTHING_SPENT;
  /** Set if no base URL answered the last time. */
  unanswered: NoAnswer | null = null;
  /** How many answers count against `maxTries`. */
  private counted = 0;
  private lastWasQuota = false;
  private waitedBeforeMs = 0;
  /** Since when it is held now, monotonic ms; null: it is not. */
  private heldSince: number | null = null;
  /** Whether an account was asked whose answer is of no use. */
  private wasRefused = false;
  /** Ids of accounts that were left for a reason that passes by itself. */
  private passing: Set<string> | null = null;
  private left: Failovers | null = null;

  constructor(private readonly context: RequestContext) {}

  /** Whether it is held now. */
  get isHeld(): boolean {
    return this.heldSince !== null;
  }

  /** How long the request has been held until an account was free, ms; also while it is, as when its client leaves. */
  get waitedMs(): number {
    const { heldSince, waitedBeforeMs } = this;
    return heldSince === null ? waitedBeforeMs : waitedBeforeMs + this.context.deps.clock.monotonic() - heldSince;
  }

  /** Whether another account may be asked. */
  get goOn(): boolean {
    const { context } = this;
    if (context.hasLeft() || this.asked >= MOST_ANSWERS || this.counted >= context.deps.maxTries) return false;
    return context.body.replayable;
  }

  private mayServeLater({ id }: Member): void {
    (this.passing ??= new Set<string>()).add(id);
  }

  /** Why each account before the one that answered was left, and how the answer broke off if it did. */
  get failovers(): readonly string[] {
    return this.left?.lines ?? NO_FAILOVERS;
  }

  /** An account gave no answer to judge. @param wasAsked - whether it was counted as asked */
  passes(no: NotServed, member: Member, wasAsked: boolean): void {
    if (!no.isTry && wasAsked) this.asked -= 1;
    if (no.isTry) this.counted += 1;
    if (no.cause === 'refresh_failed') this.mayServeLater(member);
    this.lastWasQuota = false;
    this.unanswered = no.unanswered ?? this.unanswered;
    this.leave(member, no);
  }

  /** Keeps an answer that the client gets only if nothing better comes. */
  keep(given: GivenAnswer, { usesTry, isBest, isQuota, cause, status }: Judged): void {
    const { exchange, member } = given;
    if (usesTry) this.counted += 1;
    this.wasRefused = true;
    if (isQuota) this.mayServeLater(member);
    this.lastWasQuota = isQuota;
    this.leave(member, { cause, why: String(status) });
    if (exchange.broken === null && (isBest || this.kept === null)) {
      this.kept?.exchange.abort();
      this.kept = given;
    } else exchange.abort();
  }

  /** An answer broke off before any of it was sent to the client: that is no answer. */
  brokeOff(member: Member, failed: NoAnswer): void {
    this.counted += 1;
    this.unanswered = failed;
    this.lastWasQuota = false;
    this.leave(member, { cause: 'network', why: 'the answer broke off' });
  }

  /** An answer with a good status was of no use; none of it was sent to the client. */
  unusable(member: Member, what: 'empty' | 'broke off', why: string): void {
    if (what === 'broke off') this.counted += 1;
    this.wasRefused = true;
    this.lastWasQuota = false;
    this.leave(member, { cause: what === 'empty' ? 'upstream_error' : 'network', why });
  }

  /** The client gets this account's answer after all. */
  answered(member: Member): void {
    this.left?.answered(member);
  }

  /** The answer broke off on its way to the client. */
  truncated(failure: UpstreamFailed): void {
    this.context.deps.metrics.truncated();
    this.told().brokeOff(failure);
  }

  /**
   * Waits for an account that could serve, where that is worth it: no account could be asked, or the last answer was
   * that a quota is used up.
   *
   * @returns whether an account can be asked now
   */
  async wait(candidates: Candidates, few: ResourceHome | OnlyAccount | null): Promise<boolean> {
    const { context, waitedMs, lastWasQuota: isBehind } = this;
    const { deps, subject, body } = context;
    const wasAsked = this.wasRefused || this.unanswered !== null;
    if (!body.replayable || this.asked >= MOST_ANSWERS || (wasAsked && !isBehind)) return false;
    deps.tokens.nobodyServes();
    const refusal = deps.pool.shortage(subject, few);
    if (refusal.kind === 'out') return false;
    candidates.again(this.passing ?? NOBODY);
    this.passing = null;
    const held = { canGoOn: () => candidates.hasNext, isBehind, readyInMs: refusal.readyInMs, waitedMs };
    const wait = deps.holds.wait(held, context.left);
    this.heldSince = wait === null ? null : deps.clock.monotonic();
    const isReady = (await wait) ?? false;
    this.waitedBeforeMs = this.waitedMs;
    this.heldSince = null;
    this.counted = 0;
    return isReady && !context.hasLeft();
  }

  /** Releases the answer that was kept, unless it is on its way to the client. */
  letGo(): void {
    if (this.kept !== null && this.kept.exchange !== this.context.exchange) this.kept.exchange.abort();
  }

  private leave(member: Member, { cause, why }: Pick<NotServed, 'cause' | 'why'>): void {
    this.told().leave(member, why);
    this.context.deps.metrics.failover(cause);
  }

  private told(): Failovers {
    return (this.left ??= new Failovers());
  }
}
