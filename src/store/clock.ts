/** Time as the program sees it. Handed in everywhere, so that tests set it instead of waiting for it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** A clock that no one can set, in milliseconds; only differences mean anything. */
  monotonic(): number;
  /** Runs `act` once after `ms`; the returned function cancels it. A pending timer does not keep the process alive. */
  after(ms: number, act: () => void): () => void;
  /** Resolves after `ms`, and keeps the process alive until then. */
  wait(ms: number): Promise<void>;
}

/** setTimeout fires at once for anything longer (about 24.8 days). */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, Math.min(Math.max(0, ms), LONGEST_TIMEOUT_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Unix seconds, the unit of every time in an account file. */
export const unixSeconds = (clock: Clock): number => Math.floor(clock.now() / 1000);
