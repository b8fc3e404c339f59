import { unpacked } from '../http/content-encoding.js';
import type { Making, Rewriting } from './upstream.js';

/** The longest packed answer that is kept to be unpacked, and how much it may become: pictures of four candidates fit. */
const MOST_PACKED_BYTES = 16_777_216;
const MOST_BYTES = 134_217_728;

/**
 * Changes an answer that came packed though nobody asked for that: it is unpacked once it is whole, and goes to the
 * client unpacked.
 */
export class UnpackedFirst implements Rewriting {
  private readonly packed: Buffer[] = [];
  private bytes = 0;

  /** @param coding - one that can be unpacked */
  constructor(
    private readonly coding: string,
    private readonly inner: Rewriting,
  ) {}

  push(chunk: Buffer): readonly Buffer[] {
    this.bytes += chunk.length;
    if (this.bytes > MOST_PACKED_BYTES) this.packed.length = 0;
    else this.packed.push(chunk);
    return [];
  }

  end(): readonly Buffer[] | null {
    const body = this.bytes > MOST_PACKED_BYTES ? null : unpacked(Buffer.concat(this.packed), this.coding, MOST_BYTES);
    const rest = body === null ? null : [this.inner.push(body), this.inner.end()];
    return rest?.every((bytes) => bytes !== null) === true ? rest.flat() : null;
  }
}

/** The same of an answer from which another is made. */
export const madeUnpacked = (coding: string, making: Making): Making => ({
  make: (packed) => making.make(unpacked(packed, coding, MOST_BYTES) ?? packed),
});
