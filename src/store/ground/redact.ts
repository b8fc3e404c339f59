/**
 * Takes secrets out of foreign text (Google's words, an upstream's error, a URL) before it goes anywhere: first the
 * exact secrets that were in use, then whatever looks like a secret of Google's or ours.
 */

/** Google's access tokens, refresh tokens, client secrets, API keys, ID tokens (any JWT), and our own API keys. */
const shapes = [
  /ya29\.[\w.~+/-]+/g,
  /\b[14]\/{1,2}[\w-]{10,}/g,
  /GOCSPX-[\w-]+/g,
  /AIza[\w-]{30,}/g,
  /\bsk-[\w-]{8,}/g,
  /(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /\bBearer\s+[\w.~+/=-]{8,}/gi,
];

const KEY_PARAMETER =
  /([?&;#]|^)((?:k|%6b)(?:e|%65)(?:y|%79)|access_token|refresh_token|client_secret|upload_id|code)=[^&#\s"']*/gi;

const REDACTED = '[redacted]';

/** The text without its secrets. `known` are exact strings to take out first (the token that was sent, the client's secret …). */
export function redact(text: string, known: readonly string[] = []): string {
  let clean = text;
  for (const secret of known) if (secret.length >= 4) clean = clean.replace(anyWritingOf(secret), REDACTED);
  clean = clean.replace(KEY_PARAMETER, `$1$2=${REDACTED}`);
  for (const shape of shapes) clean = clean.replace(shape, REDACTED);
  return clean;
}

/** Matches a secret as it is, percent-encoded as in a form, or escaped as in JSON within a text. */
const anyWritingOf = (secret: string): RegExp => new RegExp(secret.replace(/[^A-Za-z0-9]/gu, anyWritingOfOne), 'gi');

function anyWritingOfOne(character: string): string {
  const literal = character.replace(/[$()*+.?[\\\]^{|}]/, '\\$&');
  const encoded = Buffer.from(character).toString('hex').replace(/../g, '%$&');
  return `(?:\\\\?${literal}|${encoded})`;
}

/**
 * An e-mail address. The look-behind lets a match begin only where a run of such characters begins: tried at each of
 * them, a server's long text would take far too long.
 */
const EMAIL = /(?<![\w.+%'-])[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+/g;

/** The text without e-mail addresses: a server's words may name a person whom the reader has no business to know. */
export const withoutEmails = (text: string): string => text.replace(EMAIL, '[e-mail]');

/** A URL's path and query with the values of `key` and similar parameters taken out. */
export const redactUrl = (url: string): string => url.replace(KEY_PARAMETER, `$1$2=${REDACTED}`);
