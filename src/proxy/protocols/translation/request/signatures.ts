/**
 * Gemini 3 refuses a call in the history without the signature that it gave out with it, and clients keep nothing of a call
 * but its name, arguments and id. So the signature travels in the id.
 */
const MARK = '_sig';
const OURS = /^(?:toolu_|call_)[0-9a-f]{18}(?=$|_sig)/;
const BASE64 = /^([A-Za-z0-9+/]*)(={0,2})$/;

/** Google takes this instead of a signature that nobody has any more (its page on thought signatures). */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

/**
 * An id for a call, with its signature in it. Base64 is not decoded: two texts can stand for the same bytes, and Google
 * wants the very text back. Characters that clients refuse in ids are exchanged one for one.
 */
export function callId(prefix: 'toolu_' | 'call_', newId: string, signature: string | undefined): string {
  const short = prefix + newId;
  return signature === undefined || signature === '' ? short : short + packedSignature(signature);
}

/** The signature in characters that ids may have, behind its mark. */
export function packedSignature(signature: string): string {
  const [, text, pad] = BASE64.exec(signature) ?? [];
  if (text === undefined || pad === undefined) return `${MARK}u${Buffer.from(signature).toString('base64url')}`;
  return `${MARK}${pad.length}${text.replaceAll('+', '-').replaceAll('/', '_')}`;
}

/** The reverse of `packedSignature`, for what stands behind the mark; undefined: it is none. */
export function unpackedSignature(packed: string): string | undefined {
  const [, pad, text, utf8] = /^_sig(?:([012])([A-Za-z0-9_-]*)|u([A-Za-z0-9_-]+))$/.exec(packed) ?? [];
  if (utf8 !== undefined) return Buffer.from(utf8, 'base64url').toString();
  if (pad === undefined || text === undefined) return undefined;
  return text.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat(Number(pad));
}

/** What a call and its result are matched by: the part of the id before the signature, or the whole of a foreign id. */
export const shortId = (id: string): string => OURS.exec(id)?.[0] ?? id;

/** The signature within an id; undefined where it has none. */
export function signatureIn(id: string): string | undefined {
  const short = OURS.exec(id)?.[0];
  return short === undefined ? undefined : unpackedSignature(id.slice(short.length));
}

const REMEMBERED = 4_096;

/** The signatures given out last, by short id: for clients that cut ids or make their own of them. */
export class SignatureMemory {
  private readonly known = new Map<string, string>();

  remember(id: string, signature: string): void {
    const short = shortId(id);
    this.known.delete(short);
    this.known.set(short, signature);
    if (this.known.size <= REMEMBERED) return;
    for (const oldest of this.known.keys()) {
      this.known.delete(oldest);
      break;
    }
  }

  /** A signature that is asked for is one that a conversation goes on with, so it stays. */
  recall(id: string): string | undefined {
    const signature = this.known.get(shortId(id));
    if (signature !== undefined) this.remember(id, signature);
    return signature;
  }
}
