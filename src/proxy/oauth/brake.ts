import type { Clock } from '../../store/ground/clock.js';
import { Listeners } from '../../store/ground/listeners.js';

/**
 * Who asks the token endpoint.
 * - `request`: a client waits; sent regardless of the rate, and regardless of a pause where no other account can serve
 * - `operator`: a test, an import, a re-add
 * - `background`: no caller waits
 */
export type ExchangeAsker = 'request' | 'operator' | 'background';

/** How an exchange ended: with an answer, with none, or with the endpoint asking for a pause (429, 503). */
export type ExchangeEnding =
  { readonly kind: 'answer' | 'nothing' } | { readonly kind: 'pause'; readonly askedMs: number | null };

/** Permission to send one exchange. */
export interface Turn {
  /** Resolves when the exchange may be sent; rejects with the error given to `close` if that comes first. */
  readonly ready: Promise<void>;
  /** A client's request waits for the exchange by now: it is sent at once. */
  hurry(): void;
  /** Nobody wants it any more: if it has not been sent, `ready` rejects with this error. */
  leave(why: Error): void;
  /** Reports that the exchange was sent, and how it ended. */
  end(ending: ExchangeEnding): void;
}

interface Waiting {
  readonly asker: ExchangeAsker;
  /** When it was sent, monotonic ms; 0: not yet. */
  sentAt: number;
  go: () => void;
  giveUp: (error: Error) => void;
}

/** So many may be sent at once after a quiet time. */
const BURST = 10;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
/** A server that asks for more than this is mistaken. */
const LONGEST_ASKED_MS = 24 * 3_600_000;
/**
 * The rate that the operator's exchanges may reach, doubling from the usual one for as long as the endpoint asks for no
 * pause.
 */
const FASTEST_PER_SECOND = 50;
const DOUBLES_EVERY_MS = 10_000;
/**
 * So many that no request waits for may be on their way to the endpoint at a time: when it asks for a pause, the others
 * reach it before anybody here knows of that.
 */
const MOST_ON_THEIR_WAY = 3;
/** Whatever was sent so long ago has arrived, and only its answer is missing. */
const LONGEST_WAY_MS = 3_000;

const noWait = (): void => undefined;

/** A token bucket: permissions that come back with time, at most `BURST`. */
class Bucket {
  private level = BURST;
  private filledAt: number;

  constructor(
    private readonly clock: Clock,
    private perSecond: number,
  ) {
    this.filledAt = clock.monotonic();
  }

  /** How long until a permission is free, ms; 0: one is free now. */
  get waitMs(): number {
    this.fill();
    return this.level >= 1 ? 0 : Math.ceil(((1 - this.level) / this.perSecond) * 1_000);
  }

  take(): void {
    this.fill();
    this.level = Math.max(0, this.level - 1);
  }

  runAt(perSecond: number): void {
    this.fill();
    this.perSecond = perSecond;
  }

  private fill(): void {
    const now = this.clock.monotonic();
    this.level = Math.min(BURST, this.level + ((now - this.filledAt) / 1_000) * this.perSecond);
    this.filledAt = now;
    // a rounding error must not lead to a timer that fires a moment too early
    if (this.level > 1 - 1e-6 && this.level < 1) this.level = 1;
  }
}

/**
 * One brake for all that goes to a token endpoint: so many exchanges a second, of those that no request waits for so
 * many on their way, and none while the endpoint asks for a pause. After a pause one exchange is sent first, and the
 * others follow if that one is answered.
 */
export class Brake {
  /** The bucket of all exchanges; it fills faster while an operator's work goes well. */
  private readonly all: Bucket;
  /** A second bucket for background exchanges, which never get more than this. */
  private readonly background: Bucket;
  private readonly queues: Readonly<Record<'operator' | 'background', Set<Waiting>>> = {
    operator: new Set(),
    background: new Set(),
  };
  private readonly pauses = new Listeners<[ms: number]>();
  /**
   * When the pause ends, monotonic ms; kept after that until an answer has shown that the endpoint really answers
   * again.
   */
  private pausedUntil = Number.NEGATIVE_INFINITY;
  private pauseCount = 0;
  private pausedAt = Number.NEGATIVE_INFINITY;
  /** The exchange that is sent first after a pause, while it is under way. */
  private scout: Waiting | null = null;
  private isOpen = true;
  private cancelTimer = noWait;
  private closedBy: Error | null = null;
  /** Those sent that no request waited for, and that are not answered, in the order of sending. */
  private readonly underWay = new Set<Waiting>();
  /** Since when an operator's work has gone on without a pause, monotonic ms; null: there is none. */
  private busySince: number | null = null;

  constructor(
    private readonly clock: Clock,
    private perSecond: number,
  ) {
    this.all = new Bucket(clock, perSecond);
    this.background = new Bucket(clock, perSecond);
  }

  /** How long nothing may be sent to the endpoint, ms; 0: no pause. */
  get pauseLeftMs(): number {
    if (this.isOpen) return 0;
    return Math.max(1, this.pausedUntil - this.clock.monotonic());
  }

  /** Calls `listener` when a pause begins, with its length in ms. */
  onPause(listener: (ms: number) => void): () => void {
    return this.pauses.add(listener);
  }

  /** Changes the rate. */
  runAt(perSecond: number): void {
    this.perSecond = perSecond;
    this.background.runAt(perSecond);
    this.work();
  }

  turn(asker: ExchangeAsker): Turn {
    const waiting: Waiting = { asker, sentAt: 0, go: noWait, giveUp: noWait };
    const ready = new Promise<void>((resolve, reject) => Object.assign(waiting, { go: resolve, giveUp: reject }));
    if (this.closedBy !== null) waiting.giveUp(this.closedBy);
    else if (asker === 'request') this.release(waiting);
    else this.queues[asker].add(waiting);
    this.work();
    return {
      ready,
      hurry: () => {
        if (this.leave(waiting)) this.release(waiting);
      },
      leave: (why) => {
        if (!this.leave(waiting)) return;
        waiting.giveUp(why);
        this.work();
      },
      end: (ending) => this.ended(waiting, ending),
    };
  }

  /** Rejects all exchanges that wait; those already sent go on. */
  close(why: Error): void {
    this.closedBy = why;
    this.cancelTimer();
    for (const queue of Object.values(this.queues)) {
      for (const waiting of queue) waiting.giveUp(why);
      queue.clear();
    }
  }

  /** Undoes `close`: exchanges that are asked for from here on are sent. */
  reopenAfterClose(): void {
    this.closedBy = null;
  }

  private leave(waiting: Waiting): boolean {
    return this.queues.operator.delete(waiting) || this.queues.background.delete(waiting);
  }

  private release(waiting: Waiting): void {
    this.all.take();
    if (waiting.asker === 'background') this.background.take();
    waiting.sentAt = this.clock.monotonic();
    waiting.go();
  }

  /** Sends the exchanges that may be sent, and sets a timer for the next. */
  private work(): void {
    this.cancelTimer();
    this.setSpeed();
    for (let next = this.first(); next !== null; next = this.first()) {
      const waitMs = this.waitMsOf(next);
      if (waitMs > 0) {
        if (waitMs < Infinity) this.cancelTimer = this.clock.after(waitMs, () => this.work());
        return;
      }
      this.leave(next);
      if (!this.isOpen) this.scout = next;
      this.underWay.add(next);
      this.release(next);
    }
  }

  /** The next exchange to send: an operator's before a background one. */
  private first(): Waiting | null {
    const [operator] = this.queues.operator;
    const [background] = this.queues.background;
    if (operator === undefined || background === undefined) return operator ?? background ?? null;
    return this.waitMsOf(operator) <= this.waitMsOf(background) ? operator : background;
  }

  private waitMsOf({ asker }: Waiting): number {
    if (!this.isOpen) {
      if (this.scout !== null) return Infinity;
      const left = this.pausedUntil - this.clock.monotonic();
      if (left > 0) return left;
    }
    return Math.max(this.all.waitMs, asker === 'background' ? this.background.waitMs : 0, this.placeWaitMs);
  }

  /** How long until one more may be on its way, ms; sooner where one is answered. */
  private get placeWaitMs(): number {
    const now = this.clock.monotonic();
    for (const waiting of this.underWay) {
      if (this.underWay.size < MOST_ON_THEIR_WAY) return 0;
      const left = waiting.sentAt + LONGEST_WAY_MS - now;
      if (left > 0) return left;
      this.underWay.delete(waiting);
    }
    return 0;
  }

  private setSpeed(): void {
    const now = this.clock.monotonic();
    if (this.queues.operator.size === 0) this.busySince = null;
    else this.busySince ??= now;
    const doublings = this.busySince === null ? 0 : Math.floor((now - this.busySince) / DOUBLES_EVERY_MS);
    const fast = Math.min(this.perSecond * 2 ** Math.min(doublings, 30), Math.max(FASTEST_PER_SECOND, this.perSecond));
    this.all.runAt(fast);
  }

  private ended(waiting: Waiting, ending: ExchangeEnding): void {
    const { sentAt } = waiting;
    this.underWay.delete(waiting);
    const wasScout = this.scout === waiting;
    if (wasScout) this.scout = null;
    if (ending.kind === 'pause') this.pause(ending.askedMs, sentAt);
    else if (!this.isOpen && (wasScout || sentAt > this.pausedUntil)) this.reopen(ending.kind);
    else if (this.isOpen && ending.kind === 'answer') this.pauseCount = 0;
    this.work();
  }

  private reopen(kind: 'answer' | 'nothing'): void {
    this.isOpen = true;
    if (kind === 'answer') this.pauseCount = 0;
  }

  private pause(askedMs: number | null, sentAt: number): void {
    const now = this.clock.monotonic();
    // sent before the pause began: its answer says nothing new, but may ask for a longer pause
    const isLate = !this.isOpen && sentAt <= this.pausedAt;
    if (isLate) {
      if (askedMs !== null) this.pausedUntil = Math.max(this.pausedUntil, now + Math.min(askedMs, LONGEST_ASKED_MS));
      return;
    }
    this.pauseCount++;
    const own = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.pauseCount - 1, 30), LONGEST_PAUSE_MS);
    const ms = askedMs === null ? own : Math.min(Math.max(askedMs, 0), LONGEST_ASKED_MS);
    const wasPaused = !this.isOpen && now < this.pausedUntil;
    this.isOpen = false;
    this.pausedAt = now;
    this.pausedUntil = Math.max(this.pausedUntil, now + ms);
    this.busySince = null;
    if (!wasPaused) this.pauses.tell(this.pausedUntil - now);
  }
}
