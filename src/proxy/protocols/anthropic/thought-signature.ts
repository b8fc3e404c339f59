import { packedSignature, unpackedSignature } from '../translation/request/signatures.js';

/**
 * Clients want a signature with every thinking block and send it back. Gemini's thoughts need none; Claude's do, and only
 * what this proxy has given out is given back to Google: one of another provider would be refused there.
 */
const OURS = 'regrant';

/** @param signature - what Google gave with the thought, where it did */
export const thoughtSignature = (signature: string | undefined): string =>
  signature === undefined || signature === '' ? OURS : OURS + packedSignature(signature);

/** Google's own signature within that of a thinking block of the history. */
export const thoughtSignatureIn = (signature: unknown): string | undefined =>
  typeof signature === 'string' && signature.startsWith(OURS)
    ? unpackedSignature(signature.slice(OURS.length))
    : undefined;
