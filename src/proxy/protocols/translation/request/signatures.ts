/**
 * Gemini 3 refuses a call in the history without the signature that it gave out with the call, and clients keep only a
 * call's name, arguments and id. So the signature is put into the id, after this mark.
 */
const MARK = '_sig';
const OURS = /^(?:toolu_|call_)[0-9a-f]{18}(?=$|_sig)/;
const BASE64 = /^([A-Za-z0-9+/]*)(={0,2})$/;

/** Google accepts this in place of a signature that was lost (see its page on thought signatures). */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

/**
 * An id for a call, with its signature in it. The base64 is not decoded: different texts can stand for the same bytes,
 * and Google wants exactly its text back. Characters that clients do not accept in ids are replaced one for one.
 */
export function callId(prefix: 'toolu_' | 'call_', newId: string, signature: string | undefined): string {
  const short = prefix + newId;
  return signature === undefined || signature === '' ? short : short + packedSignature(signature);
}

/** The signature in characters that ids may have, to be put after the mark. */
export function packedSignature(signature: string): string {
  const [, text, pad] = BASE64.exec(signature) ?? [];
  if (text === undefined || pad === undefined) return `${MARK}u${Buffer.from(signature).toString('base64url')}`;
  return `${MARK}${pad.length}${text.replaceAll('+', '-').replaceAll('/', '_')}`;
}

/** The signature in the text after the mark; undefined: it is none. */
export function unpackedSignature(packed: string): string | undefined {
  const [, pad, text, utf8] = /^_sig(?:([012])([A-Za-z0-9_-]*)|u([A-Za-z0-9_-]+))$/.exec(packed) ?? [];
  if (utf8 !== undefined) return Buffer.from(utf8, 'base64url').toString();
  if (pad === undefined || text === undefined) return undefined;
  return text.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat(Number(pad));
}

/** What a call and its result are matched by: the part of the id before the signature; the whole of a foreign id. */
export const shortId = (id: string): string => OURS.exec(id)?.[0] ?? id;

/** The signature within an id; undefined where it has none. */
export function signatureIn(id: string): string | undefined {
  const short = OURS.exec(id)?.[0];
  return short === undefined ? undefined : unpackedSignature(id.slice(short.length));
}

const REMEMBERED = 4_096;

/** The last signatures that were given out, by short id: for clients that cut ids or make their own. */
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

  /** The signature of an id. It was asked for because a conversation goes on with it, so it is kept longer. */
  recall(id: string): string | undefined {
    const signature = this.known.get(shortId(id));
    if (signature !== undefined) this.remember(id, signature);
    return signature;
  }
}
