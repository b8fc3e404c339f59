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
   * `act` throws is reported by `faultIn`; unless it has set a timer itself by then, it is tried again, see
   * {@link surviving}.
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

/** Node's timers fire up to so much early: fractions are dropped. */
const EARLY_MS = 2;
/** One of so long is set for that much later: early, it would wake the process twice. */
const LONG_MS = 250;

/** A timer that does not keep the process alive. */
function timerFor(ms: number, act: () => void): NodeJS.Timeout {
  const timer = setTimeout(act, Math.min(Math.max(0, Math.ceil(ms)), LONGEST_TIMEOUT_MS));
  timer.unref();
  return timer;
}

/** How soon what failed at its time is tried again, and how often, in twice the time each. */
const FIRST_AGAIN_MS = 1_000;
const MOST_TRIES = 8;

/**
 * Timers that a fault does not end: what `act` throws is reported, and `act` is tried again, since much of what goes on by
 * itself sets its next timer there. One that has set a timer before it failed goes on by that.
 *
 * @param after - timers as of `Clock.after`, whose `act` may not throw
 */
export function surviving(after: Clock['after']): Clock['after'] {
  let timersSet = 0;
  return (ms, act) => {
    let isCancelled = false;
    const runIn = (waitMs: number, tries: number): (() => void) =>
      after(waitMs, () => {
        const setBefore = timersSet;
        try {
          act();
        } catch (error) {
          const goesOn = isCancelled || timersSet !== setBefore || tries === MOST_TRIES;
          if (!goesOn) cancel = runIn(FIRST_AGAIN_MS * 2 ** (tries - 1), tries + 1);
          faultIn('something at its time', error);
        }
      });
    timersSet++;
    let cancel = runIn(ms, 1);
    return () => {
      isCancelled = true;
      cancel();
    };
  };
}

/** Made at the first look: Node loads what it measures with then, which few verbs do. */
let elapsed: (() => number) | null = null;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => (elapsed ??= awakeAndAsleep())(),
  after: surviving((ms, act) => {
    const due = performance.now() + ms;
    // Whoever looks whether the time has come, and finds that it has not, would look no more.
    const onTime = (): void => {
      const leftMs = due - performance.now();
      if (leftMs > 0) timer = timerFor(leftMs, onTime);
      else act();
    };
    let timer = timerFor(ms < LONG_MS ? ms : ms + EARLY_MS, onTime);
    return () => clearTimeout(timer);
  }),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Runs `act` in the next turn of the event loop; what it throws is reported by `faultIn`. */
export const soon = (act: () => void): NodeJS.Immediate =>
  setImmediate(() => {
    try {
      act();
    } catch (error) {
      faultIn('something in its turn', error);
    }
  });

/**
 * How long it is, in ms, until the next of the moments that come every `everyMs`: looks that are taken so often, or every
 * so many of these, fall into one turn of the event loop, where each by itself would wake the process.
 */
export const untilNext = (clock: Clock, everyMs: number): number => everyMs - (clock.monotonic() % everyMs);

/** Unix seconds, the unit of every time in an account file. */
export const unixSeconds = (clock: Clock): number => Math.floor(clock.now() / 1000);
