import type { Clock } from '../store/ground/clock.js';
import { within } from '../store/ground/within.js';
import { RequestFailed, type ControlClient } from './client.js';
import type { AnswerOf, ArgumentsOf, RequestName } from './protocol.js';
import type { Progress } from '../proxy/contract/operations.js';

/** How often a supervisor that restarts is asked again: it may also stay in its place. */
const AGAIN_AFTER_MS = 250;
/** How long it may take before what it was asked is given up. */
const MOST_TRIES = 320;

/**
 * Requests something, and again where the supervisor restarts just then: it has done nothing of it, and its successor
 * does, or it does itself if the restart fails.
 *
 * @param next - the successor, once the connection has ended; null: there is none
 */
export async function askPatiently<N extends RequestName>(
  first: ControlClient,
  { clock, next }: { readonly clock: Clock; readonly next: () => Promise<ControlClient | null> },
  ...asked: readonly [name: N, given: ArgumentsOf<N>, progress?: (news: Progress) => void, unwanted?: AbortSignal]
): Promise<AnswerOf<N>> {
  let client = first;
  for (let tries = 1; ; tries++) {
    try {
      return await client.request(...asked);
    } catch (error) {
      if (!(error instanceof RequestFailed) || error.code !== 'RESTARTING' || tries >= MOST_TRIES) throw error;
      const isClosed = await within(
        client.closed().then(() => true),
        AGAIN_AFTER_MS,
        clock,
        () => false,
      );
      const successor = isClosed ? await next() : client;
      if (successor === null) throw error;
      client = successor;
    }
  }
}
