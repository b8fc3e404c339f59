import { timingSafeEqual } from 'node:crypto';

/** Who a key belongs to. */
export interface ClientKey {
  readonly name: string;
}

/** The keys that clients show. */
export interface ClientKeys {
  /** Whose key this is; null: nobody's. */
  find(offered: string): ClientKey | null;
}

/** `proxy.apiKey`, the one key that all clients share. */
export class OneKey implements ClientKeys {
  private readonly own: ClientKey = { name: 'default' };
  private readonly keyBytes: Buffer;
  /** The offered key's bytes, for the comparison. */
  private readonly offered: Buffer;

  /** @param apiKey - empty: there is none, and no key opens the proxy */
  constructor(private readonly apiKey: string) {
    this.keyBytes = Buffer.from(apiKey);
    this.offered = Buffer.alloc(this.keyBytes.length);
  }

  /** Takes the same time for every key of the right length; that the length can be timed gives nothing away. */
  find(offered: string): ClientKey | null {
    if (this.apiKey === '' || offered.length !== this.apiKey.length) return null;
    const isSame = this.offered.write(offered) === this.keyBytes.length && timingSafeEqual(this.offered, this.keyBytes);
    return isSame ? this.own : null;
  }
}
