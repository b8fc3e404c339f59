/**
 * Decides when to draw: at once for a key, at most ten times a second for news, once a second for clocks, and not at
 * all while the terminal has not taken the last frame.
 */
import { soon, type Clock } from '../../proxy/contract/supervisor.js';

const NEWS_EVERY_MS = 100;
const CLOCK_EVERY_MS = 1000;
/** After a terminal was behind for longer than this, a message says so. */
const SLOW_MS = 2000;

export type FrameCause = 'key' | 'news' | 'clock';

export interface FrameDrawing {
  draw(cause: FrameCause): void;
  /** How many bytes the terminal has not taken yet. */
  backlog(): number;
  /** When something changes by the clock alone, ms since 1970. */
  nextChange(): number;
  /** Called when the terminal takes frames again, after `ms` in which frames were skipped. */
  wasSlow(ms: number): void;
}

type Cancel = () => void;

export class Frames {
  private running = false;
  private soon: NodeJS.Immediate | null = null;
  private newsTimer: Cancel | null = null;
  private tickTimer: Cancel | null = null;
  private changeTimer: Cancel | null = null;
  private lastNewsAt = -Infinity;
  private pending: FrameCause | null = null;
  private behindSince: number | null = null;
  skipped = 0;

  constructor(
    private readonly clock: Clock,
    private readonly drawing: FrameDrawing,
  ) {}

  start(): void {
    this.running = true;
    this.scheduleTick();
    this.key();
  }

  stop(): void {
    this.running = false;
    if (this.soon !== null) clearImmediate(this.soon);
    this.soon = null;
    for (const cancel of [this.newsTimer, this.tickTimer, this.changeTimer]) cancel?.();
    this.newsTimer = this.tickTimer = this.changeTimer = null;
  }

  /** The operator did something: it is drawn in the next tick, however many keys came in this one. */
  key(): void {
    if (!this.running || this.soon !== null) return;
    this.soon = soon(() => {
      this.soon = null;
      this.draw('key');
    });
  }

  /** Something happened in the program. */
  news(): void {
    if (!this.running || this.newsTimer !== null) return;
    const since = this.clock.monotonic() - this.lastNewsAt;
    this.newsTimer = this.clock.after(Math.max(0, NEWS_EVERY_MS - since), () => {
      this.newsTimer = null;
      this.draw('news');
    });
  }

  /** The terminal took what was written. */
  drained(): void {
    if (!this.running || this.pending === null) return;
    const cause = this.pending;
    this.pending = null;
    this.draw(cause);
  }

  private draw(cause: FrameCause): void {
    if (!this.running) return;
    if (this.drawing.backlog() > 0) {
      this.skipped += 1;
      this.behindSince ??= this.clock.monotonic();
      // A frame for news takes a new snapshot, so it outweighs one for a key.
      this.pending = cause === 'key' ? (this.pending ?? 'key') : cause;
      return;
    }
    this.caughtUp();
    if (cause !== 'key') this.lastNewsAt = this.clock.monotonic();
    this.drawing.draw(cause);
    this.scheduleChange();
  }

  private caughtUp(): void {
    if (this.behindSince === null) return;
    const behind = this.clock.monotonic() - this.behindSince;
    this.behindSince = null;
    if (behind >= SLOW_MS) this.drawing.wasSlow(behind);
  }

  /** Draws on the full second, so that a clock on the screen agrees with the one on the wall. */
  private scheduleTick(): void {
    this.tickTimer = this.clock.after(CLOCK_EVERY_MS - (this.clock.now() % CLOCK_EVERY_MS), () => {
      this.scheduleTick();
      this.draw('clock');
    });
  }

  /** Draws when a flash phase or a message ends, if that is before the next second. */
  private scheduleChange(): void {
    this.changeTimer?.();
    this.changeTimer = null;
    const wait = this.drawing.nextChange() - this.clock.now();
    if (wait > CLOCK_EVERY_MS) return;
    this.changeTimer = this.clock.after(Math.max(0, wait), () => {
      this.changeTimer = null;
      this.draw('key');
    });
  }
}
