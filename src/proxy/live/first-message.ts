import { BodyRefused } from '../http/rewritten-body.js';
import { frameHead, maskedFrame, unmasked } from './frames.js';

/** A setup may bring a long instruction; nobody waits here for one without end. */
const MOST_BYTES = 1_048_576;
const CONTROL = 0x08;

/**
 * The client's first message in a session, the setup, held back until it is whole and can be rewritten. Frames about
 * the connection itself (ping, close) pass at once.
 */
export class FirstMessage {
  /** Whether it was whole: everything from then on passes unread. */
  isOver = false;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  /** How many bytes have to wait until the next frame is whole. */
  private needed = 2;
  /** Payloads of the frames that the message is cut into. */
  private readonly parts: Buffer[] = [];
  private partBytes = 0;
  private opcode = 0;

  /** @param rewrite - returns what is to be said instead; what it throws, `push` throws */
  constructor(private readonly rewrite: (message: Buffer) => Buffer) {}

  /** @returns the bytes that can be sent on now @throws {BodyRefused} the message is too long, or may not be sent */
  push(chunk: Buffer): readonly Buffer[] {
    this.waiting.push(chunk);
    this.waitingBytes += chunk.length;
    const out: Buffer[] = [];
    while (!this.isOver && this.waitingBytes >= this.needed) this.takeFrame(Buffer.concat(this.waiting), out);
    if (this.waitingBytes + this.partBytes > MOST_BYTES && !this.isOver) {
      throw new BodyRefused({ status: 413, message: 'the first message is too long' });
    }
    if (this.isOver) out.push(...this.waiting.splice(0));
    return out;
  }

  private takeFrame(bytes: Buffer, out: Buffer[]): void {
    const head = frameHead(bytes);
    if (head === null || bytes.length < head.end) {
      this.needed = head?.end ?? bytes.length + 1;
      this.keep(bytes);
      return;
    }
    this.needed = 2;
    this.keep(bytes.subarray(head.end));
    if (head.opcode >= CONTROL) {
      out.push(bytes.subarray(0, head.end));
      return;
    }
    const payload = unmasked(bytes.subarray(head.start, head.end), head.mask);
    this.parts.push(payload);
    this.partBytes += payload.length;
    this.opcode ||= head.opcode;
    if (!head.isLast) return;
    out.push(maskedFrame(this.opcode, this.rewrite(Buffer.concat(this.parts)), head.mask));
    this.isOver = true;
  }

  private keep(bytes: Buffer): void {
    this.waiting = bytes.length === 0 ? [] : [bytes];
    this.waitingBytes = bytes.length;
  }
}
