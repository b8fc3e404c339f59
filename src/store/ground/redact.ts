/**
 * Takes secrets out of foreign text (Google's words, an upstream's error, a URL) before it goes anywhere: first the
 * exact secrets that were in use, then whatever looks like a secret of Google's or ours.
 */

/** A kind of secret: how it begins, and where it ends. */
interface Shape {
  /** Matches only a few letters: a pattern that goes on over megabytes uses up the stack. */
  readonly head: RegExp;
  /**
   * @param at - index after the head
   * @returns index of the secret's end; -1: it is none
   */
  readonly endOf: (text: string, at: number) => number;
}

/** A test for the codes of a class of letters. */
function lettersOf(some: string): (code: number) => boolean {
  const table = new Uint8Array(128);
  for (const code of Buffer.from(`ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_${some}`))
    table[code] = 1;
  return (code) => table[code] === 1;
}

const isWord = lettersOf('-');
const isTokenLetter = lettersOf('.~+/-');
const isBearerLetter = lettersOf('.~+/=-');
const isMailLetter = lettersOf(".+%'-");
const endsValue = new Set(Buffer.from('&#"\' \t\r\n\v\f'));

function runEnd(text: string, at: number, isIn: (code: number) => boolean): number {
  let end = at;
  while (end < text.length && isIn(text.charCodeAt(end))) end++;
  return end;
}

const run =
  (isIn: (code: number) => boolean): Shape['endOf'] =>
  (text, at) =>
    runEnd(text, at, isIn);

/** Two more parts with dots before them, the last of which may be empty. */
function endOfIdToken(text: string, at: number): number {
  const first = runEnd(text, at, isWord);
  const second = runEnd(text, first + 1, isWord);
  if (text[first] !== '.' || text[second] !== '.' || second === first + 1) return -1;
  return runEnd(text, second + 1, isWord);
}

function endOfBearer(text: string, at: number): number {
  const start = runEnd(text, at, (code) => code === 32 || (code >= 9 && code <= 13));
  const end = runEnd(text, start, isBearerLetter);
  return end - start >= 8 ? end : -1;
}

/** Google's access tokens, refresh tokens, client secrets, API keys, ID tokens (any JWT), and our own API keys. */
const shapes: readonly Shape[] = [
  { head: /ya29\.[\w.~+/-]/g, endOf: run(isTokenLetter) },
  { head: /\b[14]\/{1,2}[\w-]{10}/g, endOf: run(isWord) },
  { head: /GOCSPX-[\w-]/g, endOf: run(isWord) },
  { head: /AIza[\w-]{30}/g, endOf: run(isWord) },
  { head: /\bsk-[\w-]{8}/g, endOf: run(isWord) },
  { head: /(?<![\w-])eyJ[\w-]/g, endOf: endOfIdToken },
  { head: /\bBearer\s/gi, endOf: endOfBearer },
];

/** The value of a parameter whose name shows that it is secret, directly or in an address within another parameter. */
const parameter: Shape = {
  head: /(?:[?&;#]|%(?:3f|26|3b|23)|^)(?:(?:k|%6b)(?:e|%65)(?:y|%79)|access_token|refresh_token|client_secret|upload_id|code)(?:=|%3d)/gi,
  endOf: run((code) => !endsValue.has(code)),
};

const REDACTED = '[redacted]';

/** The text without its secrets. `known` are exact strings to take out first (the token that was sent, the client's secret …). */
export function redact(text: string, known: readonly string[] = []): string {
  let clean = text;
  for (const secret of known) if (secret.length >= 4) clean = clean.replace(anyWritingOf(secret), REDACTED);
  clean = without(clean, parameter, (head) => `${head.replace(/%3d$/i, '=')}${REDACTED}`);
  for (const shape of shapes) clean = without(clean, shape, () => REDACTED);
  return clean;
}

/** Matches a secret as it is, percent-encoded as in a form, or escaped as in JSON within a text. */
const anyWritingOf = (secret: string): RegExp => new RegExp(secret.replace(/[^A-Za-z0-9]/gu, anyWritingOfOne), 'gi');

function anyWritingOfOne(character: string): string {
  const literal = character.replace(/[$()*+.?[\\\]^{|}]/, '\\$&');
  const encoded = Buffer.from(character).toString('hex').replace(/../g, '%$&');
  return `(?:\\\\?${literal}|${encoded})`;
}

/** The text with everything of this shape replaced, in one pass. @param instead - gets the head that was found */
function without(text: string, { head, endOf }: Shape, instead: (head: string) => string): string {
  let clean = '';
  let done = 0;
  head.lastIndex = 0;
  for (let found = head.exec(text); found !== null; found = head.exec(text)) {
    const end = endOf(text, head.lastIndex);
    if (end < 0) continue;
    clean += text.slice(done, found.index) + instead(found[0]);
    done = end;
    head.lastIndex = end;
  }
  return done === 0 ? text : clean + text.slice(done);
}

/** The text without e-mail addresses: a server's words may name a person whom the reader has no business to know. */
export function withoutEmails(text: string): string {
  let clean = '';
  let done = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at;
    while (start > done && isMailLetter(text.charCodeAt(start - 1))) start--;
    const end = endOfDomain(text, at + 1);
    if (start === at || end < 0) continue;
    clean += `${text.slice(done, start)}[e-mail]`;
    done = end;
  }
  return done === 0 ? text : clean + text.slice(done);
}

/** @returns index of the end of a name of two parts or more; -1: there is none */
function endOfDomain(text: string, at: number): number {
  let end = runEnd(text, at, isWord);
  if (end === at) return -1;
  const first = end;
  for (
    let next = runEnd(text, end + 1, isWord);
    text[end] === '.' && next > end + 1;
    next = runEnd(text, end + 1, isWord)
  )
    end = next;
  return end === first ? -1 : end;
}
