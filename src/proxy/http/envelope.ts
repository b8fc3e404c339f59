import { Readable } from 'node:stream';
import { OneValue } from './one-value.js';

/** What is put around a client's body. */
export interface Envelope {
  readonly before: Buffer;
  readonly after: Buffer;
  /** Stands for a body that is empty. */
  readonly ifEmpty: Buffer;
  /** Where it hangs on how the body begins: what to put around that one instead. A streamed body goes out chunked then. */
  readonly fit?: (start: Buffer) => Wrapping;
  /** The body stands within something of ours, and must not end that. */
  readonly isWithin?: boolean;
}

/** How one body goes into its envelope. */
export interface Wrapping {
  readonly before: Buffer;
  /** So many bytes of the body are left out at its front. */
  readonly skip: number;
  readonly after: Buffer;
}

/** So much of a body tells how it begins. */
const START_BYTES = 65_536;

/**
 * The body within its envelope; a streamed one is never held as a whole.
 *
 * @throws {BodyNotOneValue} it would end the envelope itself; of a streamed one the stream fails so
 */
export function enveloped(body: Buffer | Readable | null, envelope: Envelope): Buffer | Readable {
  if (body instanceof Readable) return Readable.from(pieces(body, envelope), { objectMode: false });
  const content = body ?? envelope.ifEmpty;
  if (envelope.isWithin === true) new OneValue().push(content);
  const { before, skip, after } = fitOf(content, envelope);
  return Buffer.concat([before, skip === 0 ? content : content.subarray(skip), after]);
}

async function* pieces(body: Readable, envelope: Envelope): AsyncGenerator<Buffer> {
  const enough = envelope.fit === undefined ? 1 : START_BYTES;
  let start = Buffer.alloc(0);
  let fit: Wrapping | null = null;
  const value = envelope.isWithin === true ? new OneValue() : null;
  for await (const chunk of body) {
    value?.push(chunk as Buffer);
    if (fit !== null) {
      yield chunk as Buffer;
      continue;
    }
    start = Buffer.concat([start, chunk as Buffer]);
    if (start.length < enough) continue;
    fit = fitOf(start, envelope);
    yield begun(start, fit);
  }
  fit ??= fitOf(start, envelope);
  if (start.length < enough) yield begun(start, fit);
  yield fit.after;
}

const begun = (start: Buffer, { before, skip }: Wrapping): Buffer => Buffer.concat([before, start.subarray(skip)]);

const fitOf = (start: Buffer, { before, after, fit }: Envelope): Wrapping => fit?.(start) ?? { before, skip: 0, after };
