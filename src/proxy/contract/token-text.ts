/** Finds the refresh token in a pasted text; nothing else about it is checked before Google is asked. */

/** Refresh tokens have about a hundred bytes; a text longer than this is something else. */
export const LONGEST_TOKEN_BYTES = 8_192;

/** White space is never part of a token: terminals and mails break lines. */
export const tokenText = (pasted: string): string => pasted.replace(/\s+/g, '');

/** `NAME=`, `export NAME=` or `"refresh_token":` in front of a token. */
const ASSIGNED =
  /^\s*(?:(?:export|set)\s+)?(?:[A-Za-z_][\w-]*\s*=(?=[^=])|"[\w-]+"\s*:|'[\w-]+'\s*:|[A-Za-z_][\w-]*:\s)\s*/;

/**
 * A token as it was copied from a shell's or a program's settings, without the name before it, quotation marks around
 * it, and a comma or a semicolon after it.
 */
export function unquoted(text: string): string {
  const value = text.replace(ASSIGNED, '').trim();
  const bare = value.replace(/[,;\s]+$/, '');
  const quoted = /^(["'`])(.*)\1$/s.exec(bare) ?? /^(["'`])([^"'`]*)$/s.exec(bare) ?? /^()([^"'`]*)["'`]+$/s.exec(bare);
  return quoted?.[2] ?? bare;
}

/** Matches Google's refresh tokens among other words, or percent-encoded in an address. */
const TOKEN = /(?<![\w/.%-])1(?:\/|%2F)[\w/.~+%-]+/gi;

/**
 * The words of a line that are refresh tokens: those that begin with `1/`. Fields may be separated by white space,
 * punctuation or `----`; if a line begins with an e-mail (e-mail, password, token) the token is the last field, since a
 * password may look like anything.
 */
export function lineTokens(line: string): readonly string[] {
  const parted = line.replace(line.includes('@') ? /-{3,}/g : /-{4,}/g, ' ');
  const words = [...parted.matchAll(TOKEN)].map(([word]) => decoded(word.replace(/[.]+$/, '')));
  return line.includes('@') ? words.slice(-1) : words;
}

function decoded(word: string): string {
  if (!word.includes('%')) return word;
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
