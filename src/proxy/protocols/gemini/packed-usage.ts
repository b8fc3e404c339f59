import { unpacked } from '../../http/content-encoding.js';
import type { Usage } from '../protocol.js';
import type { TokensUsed } from '../../../store/records/access-record.js';
import { totalIn, usedIn } from './usage.js';

/**
 * How much of a compressed answer is kept. The longest texts are far shorter; answers with several images are longer.
 */
const MOST_PACKED_BYTES = 1_048_576;
/** How much it may unpack to: 10 ms of the event loop. */
const MOST_BYTES = 4_194_304;
const FIRST_ROOM_BYTES = 4_096;

const EMPTY = Buffer.alloc(0);

/**
 * Reads the number of tokens that a compressed answer says it used. A copy is kept and unpacked when somebody asks,
 * which is after the client has all of it: unpacking on the way would take memory and a thread's turn for each event,
 * and would not be finished when the request is logged. Gives none where the answer's coding is not known or it becomes
 * too large.
 */
export class PackedUsage implements Usage {
  private packed = EMPTY;
  private filled = 0;
  private isTooLong = false;
  private body: { readonly of: number; readonly bytes: Buffer | null } | null = null;

  constructor(private readonly contentEncoding: string) {}

  push(chunk: Buffer): void {
    if (this.isTooLong) return;
    const length = this.filled + chunk.length;
    if (length > MOST_PACKED_BYTES) {
      this.isTooLong = true;
      this.packed = EMPTY;
      return;
    }
    if (length > this.packed.length) this.makeRoom(length);
    chunk.copy(this.packed, this.filled);
    this.filled = length;
  }

  private makeRoom(length: number): void {
    const roomy = Buffer.allocUnsafeSlow(
      Math.max(FIRST_ROOM_BYTES, length, Math.min(MOST_PACKED_BYTES, 2 * this.packed.length)),
    );
    this.packed.copy(roomy, 0, 0, this.filled);
    this.packed = roomy;
  }

  total(): number | null {
    const body = this.unpackedBody();
    return body === null ? null : totalIn(body);
  }

  used(): TokensUsed | null {
    const body = this.unpackedBody();
    return body === null ? null : usedIn(body);
  }

  /** The unpacked body, unpacked once: all questions come one right after the other. null: it was not kept. */
  unpackedBody(): Buffer | null {
    if (this.isTooLong || this.filled === 0) return null;
    if (this.body?.of !== this.filled) {
      const bytes = unpacked(this.packed.subarray(0, this.filled), this.contentEncoding, MOST_BYTES);
      this.body = { of: this.filled, bytes };
    }
    return this.body.bytes;
  }
}
