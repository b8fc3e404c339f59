/** What of a pasted text is the refresh token: nothing else of it is judged before Google is asked. */

/** Refresh tokens have about a hundred bytes; whatever is longer than this is something else. */
export const LONGEST_TOKEN_BYTES = 8_192;

/** White space is never part of a token: terminals and mails break lines. */
export const tokenText = (pasted: string): string => pasted.replace(/\s+/g, '');
