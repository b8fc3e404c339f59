import { type ErrorReader, PackedStreamError, StreamError } from '../answers/stream-error.js';
import { BodyTooLarge, BodyTooSlow } from '../http/body.js';
import { canUnpack, isPlain } from '../http/content-encoding.js';
import { BodyNotDecoded } from '../http/decoded-body.js';
import { BodyNotOneValue } from '../http/one-value.js';
import { BodyRefused } from '../http/rewritten-body.js';
import { withoutHeader } from '../http/headers.js';
import type { OwnError } from '../http/own-answer.js';
import { type Refusal, refusalAnswer } from '../hold/own-refusal.js';
import { LiveAnswer } from '../live/live-answer.js';
import { PackedUsage } from '../protocols/gemini/packed-usage.js';
import type { GivenAnswer, Usage } from '../protocols/protocol.js';
import { madeUnpacked, UnpackedFirst } from '../upstreams/unpacked-first.js';
import type { Making, Rewriting } from '../upstreams/upstream.js';
import { isTimeout, type UpstreamFailed } from '../transport/exchange.js';
import type { NoAnswer } from './ask-origins.js';
import { StoredApart } from './candidates.js';
import { ClientAnswer } from './client-answer.js';
import { MadeAnswer } from './made-answer.js';
import type { RequestContext } from './request-context.js';

/** An answer of an account, ready to be sent to the client. @param done - see {@link ClientAnswer} */
export function answerFor(
  context: RequestContext,
  given: GivenAnswer,
  done: (failure: UpstreamFailed | null) => void,
): ClientAnswer | MadeAnswer | LiveAnswer {
  const { deps, protocol, request, response } = context;
  const { exchange } = given;
  if (context.live !== null && exchange.upgraded !== null) {
    return new LiveAnswer(response, exchange, context.live, deps.idleTimeouts, done);
  }
  const rewriting = rewritingOf(context, exchange);
  if (rewriting !== null && 'make' in rewriting) return new MadeAnswer(context, exchange, rewriting, done);
  const { headers: answered } = exchange;
  const isEvents = answered.contentType.startsWith('text/event-stream');
  const passed = protocol.headersOf(given, request, response.req, () => deps.origins.map(({ host }) => host));
  const usage = protocol.usageOf(answered);
  const isStream = isEvents || request.call.startsWith('stream');
  const readers = {
    ...{ usage, stored: protocol.readerOf(given, request) },
    streamError: isStream ? errorReader(usage, isEvents) : null,
  };
  const unpacked = rewriting instanceof UnpackedFirst ? withoutHeader(passed, 'content-encoding') : passed;
  const headers = isStream ? ungathered(unpacked) : unpacked;
  return new ClientAnswer(response, exchange, headers, rewriting, readers, done);
}

/** What changes an answer on its way, though it came packed; null: nothing does. */
function rewritingOf(context: RequestContext, exchange: GivenAnswer['exchange']): Rewriting | Making | null {
  const { contentEncoding: coding } = exchange.headers;
  if (exchange.status !== 200) return null;
  const rewriting = context.deps.upstream.rewriting(context.request) ?? echoed(context, exchange);
  if (rewriting === null || isPlain(coding)) return rewriting;
  if (!canUnpack(coding)) return null;
  return 'make' in rewriting ? madeUnpacked(coding, rewriting) : new UnpackedFirst(coding, rewriting);
}

function errorReader(usage: Usage | null, isEvents: boolean): ErrorReader | null {
  if (usage instanceof PackedUsage) return new PackedStreamError(usage, isEvents);
  return usage === null ? null : new StreamError(isEvents);
}

/** Gives the client's own names of models back in an answer; null: it has none. */
const echoed = ({ echo }: RequestContext, { headers }: GivenAnswer['exchange']): Rewriting | null =>
  echo === null ? null : echo(headers.contentType);

/** Headers of a stream that keep nginx from buffering it. */
const ungathered = (headers: readonly string[]): readonly string[] => [
  ...withoutHeader(headers, 'x-accel-buffering'),
  'X-Accel-Buffering',
  'no',
];

/** The error for the client where no base URL answered. */
export const unreachable = ({ failure, origin }: NoAnswer): OwnError => ({
  status: isTimeout(failure) ? 504 : 502,
  message: `no answer from ${origin.host}: ${failure.message} (${failure.reason})`,
});

/** The error for the client where no account could be asked. */
export const unserved = (refusal: Refusal): OwnError => refusalAnswer(refusal);

/** The error for the client where the request itself was at fault; null: it was not. */
export function requestFault(error: unknown): OwnError | null {
  if (error instanceof BodyNotOneValue || error instanceof BodyNotDecoded || error instanceof StoredApart)
    return { status: 400, message: error.message };
  if (error instanceof BodyRefused) return error.answer;
  if (error instanceof BodyTooLarge) return { status: 413, message: error.message };
  return error instanceof BodyTooSlow ? { status: 408, message: error.message } : null;
}
