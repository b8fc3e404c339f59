import type { UpstreamAnswer } from '../answers/google-answer.js';
import { type Beginning, beginningOf } from '../answers/first-event.js';
import { decodedText, isPlain } from '../http/content-encoding.js';
import type { Exchange } from '../transport/exchange.js';
import type { Clock } from '../../store/ground/clock.js';

/** As much as tells that an answer does not begin with an error: nearly all do not. */
const FEW_BYTES = 64;
/** An upstream that has sent headers and nothing behind them for so long has begun: its client sees that it lives. */
const LONGEST_WAIT_MS = 10_000;

/** Whether a good answer begins as what was asked for, as far as it has come. */
export const beginsWell = (exchange: Exchange): boolean => beginningNow(exchange) === 'good';

function beginningNow(exchange: Exchange): Beginning {
  const { contentType, contentEncoding } = exchange.headers;
  const isStream = contentType.startsWith('text/event-stream');
  if (!isStream && !contentType.startsWith('application/json')) return 'good';
  if (!isPlain(contentEncoding)) {
    return exchange.whole ? beginningOf(decodedText(exchange.heldBody, contentEncoding), isStream, true) : 'good';
  }
  const held = exchange.heldBody;
  if (beginningOf(held.toString('latin1', 0, FEW_BYTES), isStream, false) === 'good') return 'good';
  return beginningOf(held.toString('utf8'), isStream, exchange.whole);
}

/** The error that a good answer begins with; null: it begins with none. Waits for more of it while that is unclear. */
export async function errorAtStart(exchange: Exchange, clock: Clock): Promise<UpstreamAnswer | null> {
  const until = clock.monotonic() + LONGEST_WAIT_MS;
  for (let now = beginningNow(exchange); ; now = beginningNow(exchange)) {
    if (now === 'good') return null;
    if (now !== 'unclear') return { ...now, retryAfter: exchange.headers.retryAfter };
    const left = until - clock.monotonic();
    if (exchange.broken !== null || left <= 0 || !(await exchange.more(clock, left))) return null;
  }
}
