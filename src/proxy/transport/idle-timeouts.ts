import type { Clock } from '../../store/ground/clock.js';
import type { Acknowledgements, Unheard } from './connections/acknowledgements.js';
import { OpenList, type InOpenList } from './open-list.js';

/** How long an exchange may be silent. A model may think for minutes before its first word, and between two. */
export interface IdleLimits {
  /** From the end of the request to the first byte of the answer. */
  readonly firstByteMs: number;
  /** Between two reads of the answer. */
  readonly idleMs: number;
}

/** Something that can be silent for too long. */
export interface Timed extends InOpenList {
  /** Itself while it has heard nothing and could be sent again, else null. */
  readonly unheard: Unheard | null;
  /** Another `ms` have passed. */
  passed(ms: number, limits: IdleLimits): void;
}

/** The part of a limit by which it may be exceeded. */
const SHARE = 0.1;
const LONGEST_MS = 1_000;

/**
 * Tells all exchanges under way how time passes, so that each can end itself when nothing has come for too long. One
 * timer for all: a timer for each request, as the HTTP client makes it, was a twentieth of what a request costs.
 */
export class IdleTimeouts {
  private readonly underWay = new OpenList<Timed>();
  private readonly everyMs: number;
  private ticking = false;

  constructor(
    private readonly limits: IdleLimits,
    private readonly clock: Clock,
    /** Looks at those that have heard nothing. */
    private readonly acknowledgements: Pick<Acknowledgements, 'look'> | null = null,
  ) {
    const shortest = Math.min(limits.firstByteMs, limits.idleMs);
    this.everyMs = Math.min(LONGEST_MS, Math.max(1, Math.floor(shortest * SHARE)));
  }

  begin(one: Timed): void {
    this.underWay.add(one);
    if (!this.ticking) this.tickLater();
  }

  end(one: Timed): void {
    this.underWay.remove(one);
  }

  private tickLater(): void {
    this.ticking = true;
    this.clock.after(this.everyMs, () => this.tick());
  }

  private tick(): void {
    this.ticking = false;
    try {
      this.underWay.forEach((one) => one.passed(this.everyMs, this.limits));
      this.acknowledgements?.look(this.underWay);
    } finally {
      if (this.underWay.size > 0) this.tickLater();
    }
  }
}
