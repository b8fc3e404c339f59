import { Exchange, isDeadConnection, isStaleConnection, type UpstreamFailed } from '../transport/exchange.js';
import type { Origin } from '../transport/origins.js';
import type { Asker } from '../upstreams/upstream.js';
import type { RequestContext } from './request-context.js';
import type { ResourceHome } from '../pool/member.js';

/** The result of asking the base URLs. */
export type Answer = Answered | NoAnswer;

/** An answer began: its status and headers have come. */
export interface Answered {
  readonly exchange: Exchange;
  readonly origin: Origin;
}

/** No base URL answered. */
export interface NoAnswer {
  readonly failure: UpstreamFailed;
  /** The base URL that was asked last. */
  readonly origin: Origin;
}

/** A kept-alive connection that the upstream had closed breaks at once, not after a minute's work. */
const STALE_WITHIN_MS = 1_000;

export const isAnswered = (answer: Answer): answer is Answered => 'exchange' in answer;

/**
 * Statuses for which another base URL may well give a good answer: this one is out of order, or does not know the path.
 */
export const isForAnother = (status: number): boolean => status === 404 || status === 408 || status >= 500;

/**
 * Goes on after the first base URL's answer: asks that one again if only a stale connection was the trouble, then one
 * base URL after the other until one answers as if it knew what was asked, as long as the body can be sent again. If
 * none does, the latest answer counts.
 */
export async function askOrigins(
  context: RequestContext,
  origins: readonly Origin[],
  asker: Asker,
  first: Answer,
): Promise<Answer> {
  let kept: Answered | null = null;
  let last: NoAnswer | null = null;
  for (const origin of origins) {
    const isFirst: boolean = kept === null && last === null;
    if (!isFirst && !context.body.replayable) break;
    let answer: Answer = isFirst ? first : await askOnce(context, origin, asker);
    if (wasStale(context, answer)) answer = await askOnce(context, origin, asker);
    if (isAnswered(answer)) {
      kept?.exchange.abort();
      kept = answer;
      if (!isForAnother(answer.exchange.status)) return answer;
    } else {
      last = answer;
      if (answer.failure.givenUp) break;
    }
  }
  if (kept !== null && last?.failure.givenUp !== true) {
    context.exchange = kept.exchange;
    return kept;
  }
  kept?.exchange.abort();
  return last ?? first;
}

/** Whether only a stale connection was the trouble: a new one may well work. */
function wasStale({ body, deps, sentAt }: RequestContext, answer: Answer): boolean {
  if (isAnswered(answer) || answer.failure.givenUp || !body.replayable) return false;
  if (isDeadConnection(answer.failure)) return true;
  return isStaleConnection(answer.failure) && deps.clock.monotonic() - sentAt < STALE_WITHIN_MS;
}

/** Asks one base URL, once. */
export const askOnce = (context: RequestContext, origin: Origin, asker: Asker): Promise<Answer> =>
  new Promise((resolve) => ask(context, origin, asker, { tell: resolve, now: context.deps.clock.monotonic() }));

/** Who hears the answer, called once and never at once; and the time, monotonic ms. */
interface Asking {
  readonly tell: (answer: Answer) => void;
  readonly now: number;
}

/** The same without a promise. */
export function ask(context: RequestContext, origin: Origin, asker: Asker, { tell, now }: Asking): void {
  const { deps, body, request } = context;
  const exchange = new Exchange();
  context.exchange = exchange;
  context.sentAt = now;
  deps.network.note(now);
  const outgoing = deps.upstream.outgoing(request, asker, origin.prefix);
  exchange.send(origin.dispatcher, outgoing, body, deps.idleTimeouts, (failure) =>
    tell(failure === null ? { exchange, origin } : { failure, origin }),
  );
}

/** The base URLs to ask. An upload goes on at the one where it was begun, as long as that is configured. */
export function originsFor(origins: readonly Origin[], home: ResourceHome | null): readonly Origin[] {
  if (home === null) return origins;
  const own = origins.filter(({ host }) => host === home.host);
  return own.length === 0 ? origins : own;
}
