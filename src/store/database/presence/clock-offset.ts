import type { Clock } from '../../ground/clock.js';

/** How many of the last answers count: the fastest of them is the most exact. */
const SAMPLES = 8;

/** How far this machine's clock is from the database's, by answers that say what time it is there. */
export class ClockOffset {
  private samples: readonly { readonly tookMs: number; readonly ms: number }[] = [];

  constructor(private readonly clock: Clock) {}

  /** How far this machine is ahead, ms; negative: behind. */
  get ms(): number {
    const fastest = this.samples.reduce((best, one) => (one.tookMs < best.tookMs ? one : best), {
      tookMs: Infinity,
      ms: 0,
    });
    return fastest.ms;
  }

  /** Asks, and takes the time that the answer names as of the middle of the way. */
  async measured<Row extends { readonly now: number }>(ask: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
    const { clock } = this;
    const [begun, askedAt] = [clock.monotonic(), clock.now()];
    const rows = await ask();
    const tookMs = clock.monotonic() - begun;
    const [first] = rows;
    if (first !== undefined)
      this.samples = [{ tookMs, ms: askedAt + tookMs / 2 - first.now }, ...this.samples].slice(0, SAMPLES);
    return rows;
  }
}

/** A clock that shows the database's time. @param aheadMs - how far `clock` is ahead of it */
export const correctedClock = (clock: Clock, aheadMs: () => number): Clock => ({
  ...clock,
  now: () => clock.now() - aheadMs(),
});
