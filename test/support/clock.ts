import { systemClock, type Clock } from '../../src/store/ground/clock.js';

/** A clock that stands still until it is moved. */
export interface SetClock extends Clock {
  /** Moves time on by `ms` and runs what falls due on the way, in order, each at its own time. */
  advance(ms: number): void;
  /** As over the sleep of a machine: `ms` later at once, and what fell due on the way runs once, then. */
  sleep(ms: number): void;
  /** When the timers still set fall due, ms since 1970, soonest first. */
  readonly due: readonly number[];
}

/** @param startMs - ms since 1970 */
export function setClock(startMs = Date.UTC(2026, 10, 23, 2, 11, 32)): SetClock {
  let now = startMs;
  let timers: { at: number; act: () => void }[] = [];
  const after = (ms: number, act: () => void): (() => void) => {
    const timer = { at: now + Math.max(0, ms), act };
    timers.push(timer);
    timers.sort((one, other) => one.at - other.at);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };
  return {
    now: () => now,
    monotonic: () => now - startMs,
    after,
    wait: (ms) => new Promise((done) => void after(ms, done)),
    get due() {
      return timers.map((timer) => timer.at);
    },
    advance(ms) {
      const end = now + ms;
      for (let first = timers[0]; first !== undefined && first.at <= end; first = timers[0]) {
        timers.shift();
        now = first.at;
        first.act();
      }
      now = end;
    },
    sleep(ms) {
      now += ms;
      for (let first = timers[0]; first !== undefined && first.at <= now; first = timers[0]) {
        timers.shift();
        first.act();
      }
    },
  };
}

/**
 * A clock that goes `times` as fast as the real one (or slower, below 1), from now on: for what waits by itself inside the whole program, where
 * nobody can tell when to move a clock that stands. What hangs on the network's own pace must still fit into its time.
 */
export function fastClock(times: number): Clock {
  const start = systemClock.now();
  const from = systemClock.monotonic();
  const passed = (): number => (systemClock.monotonic() - from) * times;
  return {
    now: () => Math.floor(start + passed()),
    monotonic: passed,
    after: (ms, act) => systemClock.after(ms / times, act),
    wait: (ms) => systemClock.wait(ms / times),
  };
}
