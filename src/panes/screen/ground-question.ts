import type { Clock } from '../../proxy/contract/supervisor.js';
import { groundOf, type Ground } from '../text/theme.js';

/** A terminal that does not say what its background is within this time is dark. */
const GROUND_MS = 500;

/** What a terminal is asked for, where nobody tells: its background. */
export class GroundQuestion {
  private until = -Infinity;

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  asked(): void {
    this.until = this.clock.monotonic() + GROUND_MS;
  }

  /** The background that an answer tells; null where it tells none, was not asked for, or comes too late. */
  answered(colour: string): Ground | null {
    const ground = this.clock.monotonic() > this.until ? null : groundOf(colour);
    if (ground !== null) this.until = -Infinity;
    return ground;
  }
}
