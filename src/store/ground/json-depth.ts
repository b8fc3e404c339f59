/** JSON of somebody else is nested this deep at most: what walks through it, level by level, would use up the stack. */
export const MOST_LEVELS = 100;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Where a text goes below the deepest level that is allowed, as an index; null: nowhere. It need not be JSON. */
export const tooDeepAt = (text: string): number | null => (mayBeTooDeep(text) ? faultIn(text) : null);

/** Whether it has so many brackets at all: told in a tenth of the time that the parser takes, where the scan takes as long as it. */
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
