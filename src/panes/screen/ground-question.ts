import type { Clock } from '../../proxy/contract/supervisor.js';
import { groundOf, type Ground } from '../text/theme.js';

/** How long a terminal may take to answer what its background is; after that it counts as dark. */
const GROUND_MS = 500;

/** Asks the terminal what its background is, where no setting or variable says so. */
export class GroundQuestion {
  private until = -Infinity;

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  asked(): void {
    this.until = this.clock.monotonic() + GROUND_MS;
  }

  /** The background in an answer; null where it has none, was not asked for, or comes too late. */
  answered(colour: string): Ground | null {
    const ground = this.clock.monotonic() > this.until ? null : groundOf(colour);
    if (ground !== null) this.until = -Infinity;
    return ground;
  }
}
