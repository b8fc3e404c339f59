/** How deep foreign JSON may be nested: code that recurses level by level would use up the stack. */
export const MOST_LEVELS = 100;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Index at which a text goes below the deepest level that is allowed; null: nowhere. The text need not be JSON. */
export const tooDeepAt = (text: string): number | null => (mayBeTooDeep(text) ? faultIn(text) : null);

/**
 * Whether a text has so many brackets at all. This takes a tenth of the parser's time, where a full scan takes as much
 * as the parser.
 */
function mayBeTooDeep(text: string): boolean {
  let brackets = 0;
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (++brackets > MOST_LEVELS) return true;
    }
  }
  return false;
}

function faultIn(text: string): number | null {
  let level = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      if (at < 0) return null;
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++level > MOST_LEVELS) return at;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) level--;
  }
  return null;
}

/** The index of the quotation mark that ends the string that begins at `start`; -1: it does not end. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}
