import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Which cell of a pool something lies in: sealed text opens in no other. */
export interface SealedPlace {
  readonly table: string;
  /** The row's key. */
  readonly row: string;
  readonly column: string;
}

/** Head: this byte, eight bytes that name the key, a nonce of twelve. At the end: a tag of sixteen. */
const FORMAT = 1;
const [KEY_ID, NONCE, TAG] = [8, 12, 16];
const HEAD = 1 + KEY_ID + NONCE;

const keyId = (key: Buffer): Buffer =>
  createHash('sha256').update('regrant key id\n').update(key).digest().subarray(0, KEY_ID);

/** Seals the secrets of one pool by AES-256-GCM, and opens them by its key or by one that it had before. */
export class Sealing {
  private readonly own: readonly [id: Buffer, key: Buffer];
  private readonly known: ReadonlyMap<string, Buffer>;

  /**
   * @param pool - its id, so that nothing from another pool opens here
   * @param key - 32 bytes that everything is sealed with from now on
   * @param oldKeys - what was sealed with these can still be opened
   */
  constructor(
    private readonly pool: string,
    key: Buffer,
    oldKeys: readonly Buffer[] = [],
  ) {
    this.own = [keyId(key), key];
    this.known = new Map([...oldKeys, key].map((one) => [keyId(one).toString('hex'), one]));
  }

  seal(place: SealedPlace, plain: string): Buffer {
    const [id, key] = this.own;
    const nonce = randomBytes(NONCE);
    const head = Buffer.concat([Buffer.from([FORMAT]), id, nonce]);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(this.bound(place, head));
    return Buffer.concat([head, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  }

  /** The text as it was sealed; null: it lies in another place, was changed, or its key is not known here. */
  open(place: SealedPlace, sealed: Buffer): string | null {
    if (sealed.length < HEAD + TAG || sealed[0] !== FORMAT) return null;
    const key = this.known.get(sealed.subarray(1, 1 + KEY_ID).toString('hex'));
    if (key === undefined) return null;
    const head = sealed.subarray(0, HEAD);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, head.subarray(1 + KEY_ID), { authTagLength: TAG })
        .setAAD(this.bound(place, head))
        .setAuthTag(sealed.subarray(-TAG));
      return Buffer.concat([decipher.update(sealed.subarray(HEAD, -TAG)), decipher.final()]).toString('utf8');
    } catch {
      return null;
    }
  }

  /** Whether the present key sealed this, and not one before it. */
  isCurrent(sealed: Buffer): boolean {
    return sealed.subarray(1, 1 + KEY_ID).equals(this.own[0]);
  }

  /** What the tag vouches for beside the text. JSON, so that no two places can be written alike. */
  private bound({ table, row, column }: SealedPlace, head: Buffer): Buffer {
    return Buffer.concat([head, Buffer.from(JSON.stringify([this.pool, table, row, column]))]);
  }
}
