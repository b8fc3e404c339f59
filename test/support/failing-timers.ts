/** A clock each of whose timers fails once, told apart by where in the program it is set. */
import { surviving, type Clock } from '../../src/store/ground/clock.js';

export interface FailingTimers extends Clock {
  /** Where timers have failed → how often what was set there has run since. */
  readonly ranAfter: ReadonlyMap<string, number>;
}

/** Nobody waits so long in a test: such a timer fires at once until it has run twice. */
const LONG_MS = 600_000;

/** The file and function of `src` that called: `store/files/trash.keepClear`. */
function callerIn(stack: string): string {
  const frames = [...stack.matchAll(/at (?:async )?(?:new )?([\w.<>$]+) .*\/src\/([\w/-]+)\.[jt]s/g)];
  const [, name = '', file = ''] = frames.find(([, , file]) => file !== 'store/ground/clock') ?? [];
  return `${file} ${name}`;
}

/** @param clock - whose time it is */
export function failingTimers(clock: Clock): FailingTimers {
  const ranAfter = new Map<string, number>();
  const later = surviving((ms, act) => clock.after(ms, act));
  const after: Clock['after'] = (ms, act) => {
    const place = callerIn(new Error().stack ?? '');
    const waitMs = ms >= LONG_MS && (ranAfter.get(place) ?? 0) < 2 ? 0 : ms;
    const cancel = later(waitMs, () => {
      const ran = ranAfter.get(place);
      ranAfter.set(place, ran === undefined ? 0 : ran + 1);
      if (ran === undefined) throw new Error(`the first timer of ${place} fails`);
      act();
    });
    return () => {
      cancel();
      // of what nobody wants any more nothing is expected
      if (ranAfter.get(place) === 0) ranAfter.set(place, 1);
    };
  };
  return { now: () => clock.now(), monotonic: () => clock.monotonic(), wait: (ms) => clock.wait(ms), after, ranAfter };
}
