/** WebSocket frames (RFC 6455 §5.2), as far as a relay needs to know them. */

const LAST = 0x80;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;
const MASK_BYTES = 4;
const CLOSE = 0x88;

/** Finds where frames end, in bytes that are cut anywhere. Keeps none of them. */
export class FrameEnds {
  private readonly header = Buffer.alloc(10);
  private filled = 0;
  /** Bytes of the current frame that are still to come; null: its header is not complete. */
  private rest: number | null = null;

  /** Whether the last byte was the end of a frame. */
  get isBetween(): boolean {
    return this.rest === null && this.filled === 0;
  }

  /** @returns the index after the first frame that ends in `chunk`; -1: none ends there */
  push(chunk: Buffer): number {
    let first = -1;
    let at = 0;
    while (at < chunk.length) {
      if (this.rest === null) {
        this.header[this.filled++] = chunk[at++] ?? 0;
        this.rest = restOf(this.header.subarray(0, this.filled));
      } else {
        const taken = Math.min(this.rest, chunk.length - at);
        at += taken;
        this.rest -= taken;
      }
      if (this.rest !== 0) continue;
      this.rest = null;
      this.filled = 0;
      if (first < 0) first = at;
    }
    return first;
  }
}

/** How many bytes follow a header, the mask included; null: the header is not complete. */
function restOf(header: Buffer): number | null {
  const second = header[1];
  if (second === undefined) return null;
  const mask = (second & MASKED) === 0 ? 0 : MASK_BYTES;
  const length = second & LENGTH;
  if (length === TWO_BYTES) return header.length < 4 ? null : header.readUInt16BE(2) + mask;
  // a length that a number cannot hold exactly never occurs
  if (length === EIGHT_BYTES) return header.length < 10 ? null : Number(header.readBigUInt64BE(2)) + mask;
  return length + mask;
}

/** A close frame as a server sends it. @param reason - at most 123 bytes */
export function closeFrame(code: number, reason: string): Buffer {
  const words = Buffer.from(reason);
  const frame = Buffer.alloc(4 + words.length);
  frame.writeUInt8(CLOSE, 0);
  frame.writeUInt8(2 + words.length, 1);
  frame.writeUInt16BE(code, 2);
  words.copy(frame, 4);
  return frame;
}

/** A frame's header. */
export interface FrameHead {
  /** Whether it is the last frame of its message. */
  readonly isLast: boolean;
  readonly opcode: number;
  /** Empty: its payload is not masked. */
  readonly mask: Buffer;
  /** Where its payload begins and ends. */
  readonly start: number;
  readonly end: number;
}

/** The header of a frame that begins with the first byte; null: it has not come whole. */
export function frameHead(bytes: Buffer): FrameHead | null {
  const [first = 0, second = 0] = bytes;
  const length = second & LENGTH;
  const maskAt = length === TWO_BYTES ? 4 : length === EIGHT_BYTES ? 10 : 2;
  const start = maskAt + ((second & MASKED) === 0 ? 0 : MASK_BYTES);
  const rest = restOf(bytes.subarray(0, maskAt));
  if (rest === null || bytes.length < start) return null;
  const mask = bytes.subarray(maskAt, start);
  return { isLast: (first & LAST) !== 0, opcode: first & OPCODE, mask, start, end: maskAt + rest };
}

/** A payload without its mask. @param mask - empty: it has none */
export const unmasked = (payload: Buffer, mask: Buffer): Buffer =>
  mask.length === 0 ? payload : Buffer.from(payload.map((byte, at) => byte ^ (mask[at % MASK_BYTES] ?? 0)));

/** A whole message in one frame, as a client sends it. @param mask - empty: it is not masked */
export function maskedFrame(opcode: number, payload: Buffer, mask: Buffer): Buffer {
  const { length } = payload;
  const isShort = length < TWO_BYTES;
  const isMiddle = length <= 0xffff;
  const head = Buffer.alloc(isShort ? 2 : isMiddle ? 4 : 10);
  head.writeUInt8(LAST | opcode, 0);
  const said = isShort ? length : isMiddle ? TWO_BYTES : EIGHT_BYTES;
  head.writeUInt8(mask.length === 0 ? said : MASKED | said, 1);
  if (!isShort && isMiddle) head.writeUInt16BE(length, 2);
  if (!isMiddle) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, mask, unmasked(payload, mask)]);
}

/** The payload of a client's first frame, as far as it has come. */
export function firstPayload(bytes: Buffer): Buffer {
  const second = bytes[1] ?? 0;
  const length = second & LENGTH;
  const maskAt = length === TWO_BYTES ? 4 : length === EIGHT_BYTES ? 10 : 2;
  if ((second & MASKED) === 0) return bytes.subarray(maskAt);
  const mask = bytes.subarray(maskAt, maskAt + MASK_BYTES);
  return bytes.subarray(maskAt + MASK_BYTES).map((byte, at) => byte ^ (mask[at % MASK_BYTES] ?? 0)) as Buffer;
}
