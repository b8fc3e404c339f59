/** Finds the refresh token in a pasted text; nothing else about it is checked before Google is asked. */

/** Refresh tokens have about a hundred bytes; a text longer than this is something else. */
export const LONGEST_TOKEN_BYTES = 8_192;

/** White space is never part of a token: terminals and mails break lines. */
export const tokenText = (pasted: string): string => pasted.replace(/\s+/g, '');
