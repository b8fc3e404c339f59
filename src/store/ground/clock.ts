import { uptime } from 'node:os';
import { faultIn } from './faults.js';

/** Time as the program sees it. Handed in everywhere, so that tests set it instead of waiting for it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /**
   * A clock that nobody can set, in milliseconds; only differences mean anything. The time that the machine sleeps is
   * counted, at most a second late.
   */
  monotonic(): number;
  /**
   * Runs `act` once after `ms`; the returned function cancels it. A pending timer does not keep the process alive. What
   * `act` throws is reported by `faultIn`.
   */
  after(ms: number, act: () => void): () => void;
  /** Resolves after `ms`; keeps the process alive until then. */
  wait(ms: number): Promise<void>;
}

/** setTimeout fires at once for anything longer (about 24.8 days). */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** How often the monotonic clock is compared with the machine's uptime, which is slow to read. */
const LOOK_FOR_SLEEP_MS = 1_000;
/** A difference below this is rounding, not sleep. */
const LEAST_SLEEP_MS = 2_000;

/**
 * Two counters of ms: `performance.now` stands still while the machine sleeps and the uptime does not, so the
 * difference is the sleep.
 */
function awakeAndAsleep(): () => number {
  let sleptMs = 0;
  let lookedAt = performance.now();
  const offset = uptime() * 1000 - lookedAt;
  return () => {
    const now = performance.now();
    if (now - lookedAt >= LOOK_FOR_SLEEP_MS) {
      lookedAt = now;
      const drift = uptime() * 1000 - now - offset;
      if (drift - sleptMs > LEAST_SLEEP_MS) sleptMs = drift;
    }
    return now + sleptMs;
  };
}

/** A timer that does not keep the process alive. */
function timerFor(ms: number, act: () => void): NodeJS.Timeout {
  const timer = setTimeout(act, Math.min(Math.max(0, Math.ceil(ms)), LONGEST_TIMEOUT_MS));
  timer.unref();
  return timer;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: awakeAndAsleep(),
  after(ms, act) {
    const due = performance.now() + ms;
    // Node's timers fire up to 2 ms early: fractions are dropped. Who looks then whether the time has come would find
    // that it has not, and look no more.
    const guarded = (): void => {
      const leftMs = due - performance.now();
      if (leftMs > 0) {
        timer = timerFor(leftMs, guarded);
        return;
      }
      try {
        act();
      } catch (error) {
        faultIn('something at its time', error);
      }
    };
    let timer = timerFor(ms, guarded);
    return () => clearTimeout(timer);
  },
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Unix seconds, the unit of every time in an account file. */
export const unixSeconds = (clock: Clock): number => Math.floor(clock.now() / 1000);
