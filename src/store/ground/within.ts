import type { Clock } from './clock.js';

/**
 * What `promise` resolves to, if that is within `ms`; else what `late` returns or throws. Only the waiting ends then:
 * if the promise fails later, nobody is told.
 *
 * The timer does not keep the process alive.
 */
export async function within<T, L>(promise: Promise<T>, ms: number, clock: Clock, late: () => L): Promise<T | L> {
  let cancel = (): void => undefined;
  const timeout = new Promise<'late'>((resolve) => (cancel = clock.after(ms, () => resolve('late'))));
  try {
    const first = await Promise.race([promise.then((value) => ({ value })), timeout]);
    return first === 'late' ? late() : first.value;
  } finally {
    cancel();
  }
}
