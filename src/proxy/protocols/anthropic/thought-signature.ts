import { packedSignature, unpackedSignature } from '../translation/request/signatures.js';

/**
 * Clients want a signature with every thinking block, and send it back. Gemini's thoughts need none; Claude's do, and
 * only signatures that this proxy has given out are sent to Google, which would refuse another provider's. This text
 * marks ours.
 */
const OURS = 'regrant';

/** @param signature - Google's, if it gave one with the thought */
export const thoughtSignature = (signature: string | undefined): string =>
  signature === undefined || signature === '' ? OURS : OURS + packedSignature(signature);

/** Google's own signature within a thinking block of the history. */
export const thoughtSignatureIn = (signature: unknown): string | undefined =>
  typeof signature === 'string' && signature.startsWith(OURS)
    ? unpackedSignature(signature.slice(OURS.length))
    : undefined;
