import type { Clock } from '../../store/ground/clock.js';
import { Deadlines } from '../rests/deadlines.js';

/** So many outdated times may wait for their end. */
const MOST_STALE = 1_024;

export interface AgendaParts {
  readonly clock: Clock;
  /** Does what is due for an account; the account is off the agenda by then. */
  readonly begin: (id: string) => void;
  /**
   * When the next account may be dealt with, on the monotonic clock, perhaps in the past; Infinity: not before `arm` is
   * called again. Called before each.
   */
  readonly roomAt: () => number;
}

/** The longest a timer is set for: timers stand still while the machine sleeps. */
const LOOK_AT_LEAST_EVERY_MS = 60_000;

/**
 * What is to be done for accounts and when, at most one thing for each, on the monotonic clock, so that setting the
 * wall clock triggers nothing. One timer, for what is due first; an account's outdated entries are skipped when they
 * come up.
 */
export class Agenda {
  private readonly deadlines = new Deadlines<string>();
  /** Account → the time that its one valid entry is due at. */
  private readonly valid = new Map<string, number>();
  private cancel: () => void = () => undefined;
  private isStopped = false;

  constructor(private readonly parts: AgendaParts) {}

  /** When something is to be done for an account; Infinity: nothing is. */
  dueAt(id: string): number {
    return this.valid.get(id) ?? Infinity;
  }

  /** Takes effect with the next `arm`. @param at - monotonic ms; Infinity takes it off */
  plan(id: string, at: number): void {
    if (at === Infinity) {
      this.valid.delete(id);
      return;
    }
    // whole ms: a rounding error would let a timer fire too early, again and again
    const whole = Math.ceil(at);
    if (this.valid.get(id) === whole) return;
    this.valid.set(id, whole);
    this.deadlines.add(whole, id);
    if (this.deadlines.size > 2 * this.valid.size + MOST_STALE) {
      this.deadlines.keep((item, due) => this.valid.get(item) === due);
    }
  }

  /** Sets the timer for what is due first. */
  arm(): void {
    this.cancel();
    const at = Math.max(this.deadlines.first, this.parts.roomAt());
    if (at === Infinity || this.isStopped) return;
    const delay = Math.max(0, at - this.parts.clock.monotonic());
    this.cancel = this.parts.clock.after(Math.min(delay, LOOK_AT_LEAST_EVERY_MS), () => this.work());
  }

  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  private work(): void {
    const now = this.parts.clock.monotonic();
    try {
      while (this.parts.roomAt() <= now) {
        const due = this.deadlines.take(now);
        if (due === null) break;
        if (this.valid.get(due.item) !== due.at) continue;
        this.valid.delete(due.item);
        this.parts.begin(due.item);
      }
    } finally {
      this.arm();
    }
  }
}
