/** WebSocket frames (RFC 6455 §5.2), as far as a relay needs to know them. */

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

/** The payload of a client's first frame, as far as it has come. */
export function firstPayload(bytes: Buffer): Buffer {
  const second = bytes[1] ?? 0;
  const length = second & LENGTH;
  const maskAt = length === TWO_BYTES ? 4 : length === EIGHT_BYTES ? 10 : 2;
  if ((second & MASKED) === 0) return bytes.subarray(maskAt);
  const mask = bytes.subarray(maskAt, maskAt + MASK_BYTES);
  return bytes.subarray(maskAt + MASK_BYTES).map((byte, at) => byte ^ (mask[at % MASK_BYTES] ?? 0)) as Buffer;
}
