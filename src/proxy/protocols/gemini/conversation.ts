import { hash } from 'node:crypto';

/** The first message stands near the front of a body; what does not is no text to tell conversations by. */
const LOOKED_AT_BYTES = 65_536;

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket, comma] = [34, 92, 123, 125, 91, 93, 44];
const CONTENTS = Buffer.from('"contents"');

/**
 * What tells one conversation of a client from another: a digest of its first message, which every later request of it
 * repeats. Found by a look at the bytes, since a body of megabytes is not parsed for this. Null where there is none.
 */
export function conversationOf(body: Buffer | null, model: string): string | null {
  if (body === null) return null;
  const start = firstMessage(body.subarray(0, LOOKED_AT_BYTES));
  if (start === -1) return null;
  const front = body.subarray(start, start + LOOKED_AT_BYTES);
  const first = front.subarray(0, endOfValue(front));
  return hash('sha256', Buffer.concat([Buffer.from(`${model}\n`), first]), 'base64');
}

/** Where the first element of the top-level `contents` begins; -1: there is none. */
function firstMessage(body: Buffer): number {
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) depth--;
    else if (byte === quote) {
      if (depth === 1 && CONTENTS.equals(body.subarray(at, at + CONTENTS.length))) {
        const list = /^\s*:\s*\[\s*/.exec(
          body.toString('latin1', at + CONTENTS.length, at + CONTENTS.length + 64),
        )?.[0];
        if (list !== undefined) return at + CONTENTS.length + list.length;
      }
      at = endOfString(body, at);
    }
  }
  return -1;
}

/** The index of the quote that ends a string. */
function endOfString(body: Buffer, start: number): number {
  for (let at = start + 1; at < body.length; at++) {
    if (body[at] === backslash) at++;
    else if (body[at] === quote) return at;
  }
  return body.length;
}

/** The index behind the value that `body` begins with. */
function endOfValue(body: Buffer): number {
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === quote) at = endOfString(body, at);
    else if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) {
      depth--;
      if (depth < 0) return at;
      if (depth === 0) return at + 1;
    } else if (byte === comma && depth === 0) return at;
  }
  return body.length;
}
