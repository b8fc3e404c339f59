import { Readable } from 'node:stream';
import { OneValue } from './one-value.js';

/** What is put around a client's body. */
export interface Envelope {
  readonly before: Buffer;
  readonly after: Buffer;
  /** Takes the place of an empty body. */
  readonly ifEmpty: Buffer;
  /**
   * Where the envelope depends on how the body begins: gives the one for this body. A streamed body is then sent
   * chunked.
   */
  readonly fit?: (start: Buffer) => Wrapping;
  /** Whether the body becomes a value inside our JSON, so that it must not end that. */
  readonly isWithin?: boolean;
}

/** How one body is put into its envelope. */
export interface Wrapping {
  readonly before: Buffer;
  /** How many bytes are left out at the body's front. */
  readonly skip: number;
  readonly after: Buffer;
}

/** How much of a body is looked at to see how it begins. */
const START_BYTES = 65_536;

/**
 * The body within its envelope; a streamed one is never held as a whole.
 *
 * @throws {BodyNotOneValue} the body would itself end the envelope; if it is streamed, the stream fails with this
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
