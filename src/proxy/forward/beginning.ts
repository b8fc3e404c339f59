import type { UpstreamAnswer } from '../answers/google-answer.js';
import { type Beginning, beginningOf } from '../answers/first-event.js';
import { canUnpack, decodedText, isPlain } from '../http/content-encoding.js';
import type { Exchange } from '../transport/exchange.js';
import type { Clock } from '../../store/ground/clock.js';

/** Enough bytes to see that an answer does not begin with an error, as nearly all do not. */
const FEW_BYTES = 64;
/** As many of a packed one: they hold the head of its coding too, and unpack to a megabyte at most. */
const FEW_PACKED_BYTES = 512;
/**
 * After the headers, the beginning of the body is waited for this long; then it counts as good, so that the client sees
 * that the upstream is alive.
 */
const LONGEST_WAIT_MS = 10_000;

/** Whether what has come of a good answer's body already shows that it is no error. */
export const beginsWell = (exchange: Exchange): boolean => beginningNow(exchange) === 'good';

function beginningNow(exchange: Exchange): Beginning {
  const { contentType, contentEncoding } = exchange.headers;
  const isStream = contentType.startsWith('text/event-stream');
  if (!isStream && contentType !== '' && !contentType.startsWith('application/json')) return 'good';
  const held = exchange.heldBody;
  if (!isPlain(contentEncoding)) return packedBeginning(held, exchange, isStream);
  if (beginningOf(held.toString('latin1', 0, FEW_BYTES), isStream, false) === 'good') return 'good';
  return beginningOf(held.toString('utf8'), isStream, exchange.whole);
}

/** A packed answer is unpacked as far as it has come: what clients ask for by default must not hide an error. */
function packedBeginning(held: Buffer, { headers, whole }: Exchange, isStream: boolean): Beginning {
  const { contentEncoding } = headers;
  if (!canUnpack(contentEncoding)) return 'good';
  const few = decodedText(held.subarray(0, FEW_PACKED_BYTES), contentEncoding);
  if (beginningOf(few, isStream, false) === 'good') return 'good';
  return beginningOf(decodedText(held, contentEncoding), isStream, whole);
}

/**
 * The error that a good answer begins with; null: it begins with none. Waits for more of the answer while that is
 * unclear.
 */
export async function errorAtStart(exchange: Exchange, clock: Clock): Promise<UpstreamAnswer | null> {
  const until = clock.monotonic() + LONGEST_WAIT_MS;
  for (let now = beginningNow(exchange); ; now = beginningNow(exchange)) {
    if (now === 'good') return null;
    if (now !== 'unclear') return { ...now, retryAfter: exchange.headers.retryAfter };
    const left = until - clock.monotonic();
    if (exchange.broken !== null || left <= 0 || !(await exchange.more(clock, left))) return null;
  }
}
