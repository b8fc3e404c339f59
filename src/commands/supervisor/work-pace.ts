import { tell } from '../../store/words/tongue.js';
import { paceText } from '../../panes/views/progress.js';
import { grouped } from '../../store/words/counted.js';
import { say, type Context } from '../context.js';

/** Whoever waits is told so often how far it is. */
const TOLD_EVERY_MS = 5_000;

/** Tells on standard error, now and then, how far work on many accounts is: `120 of 20,000, 4.8/s, 1h9m left`. */
export class WorkPace {
  private done = 0;
  private readonly since: number;
  private toldAt: number;

  constructor(
    private readonly context: Pick<Context, 'clock' | 'stderr'>,
    private readonly of: number,
  ) {
    this.since = this.toldAt = context.clock.monotonic();
  }

  /** One more is done. */
  count(): void {
    const now = this.context.clock.monotonic();
    this.done++;
    if (now - this.toldAt < TOLD_EVERY_MS || this.done === this.of) return;
    this.toldAt = now;
    say(
      this.context.stderr,
      tell('{done} of {of}, {pace}', {
        done: grouped(this.done),
        of: grouped(this.of),
        pace: paceText(this.done, this.of, now - this.since),
      }),
    );
  }
}
