/**
 * Text by the cell: one UTF-16 unit stands for one cell, so that `length` is the width everywhere in the views. A
 * letter that terminals draw in two cells is followed by a filler; one of several units (a letter with marks on it, an
 * emoji) is replaced by a number from the private use area, and looked up when it is drawn.
 */
import { eastAsianWidth, eastAsianWidthType } from 'get-east-asian-width';

/** Stands for the second cell of a wide letter. */
export const FILLER = '\ue000';
const FIRST_NUMBER = 0xe001;
const LAST_NUMBER = 0xf8ff;
/** More marks than this on one letter would reach into the rows above and below. */
const MOST_MARKS = 3;

/** Text that needs more than a look at each unit: marks, decomposed Hangul (as in macOS file names), joiners, emoji. */
const COMPOSED = /[\p{M}\u{10000}-\u{10ffff}]|[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]|\u200d/u;
/** The characters that may be wide: none before them is. */
const PERHAPS_WIDE = /[\u1100-\ud7ff\uf900-\uffff]/g;
const PICTURE = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier})/u;
const FLAG_LETTER = /^[\u{1f1e6}-\u{1f1ff}]$/u;
const FLAG_A = 0x1f1e6;
/**
 * Variation selectors and the keycap's frame, which terminals draw differently; joiners and skin tones, where the first
 * emoji stands for all.
 */
const DROPPED = /^(?:\u200d|\p{Variation_Selector}|\u20e3|\p{Emoji_Modifier})$/u;
/** A mark that is drawn on the letter before it. */
const MARK = /^[\p{Mn}\p{Me}]$/u;

const PIECE = 256;
/** ASCII, kana, ideographs and syllables of Hangul. */
const STARTS_LETTER = /[\x20-\x7e\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff\uac00-\ud7a3]/;
const LOW_SURROGATE = /[\udc00-\udfff]/;

const numbers = new Map<string, string>();
const texts: string[] = [];
let segmenter: Intl.Segmenter | null = null;

/** Letters with all that stands on them; made with the first text that needs it. */
export const letters = (): Intl.Segmenter => (segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' }));

/** Foreign text, without control characters in it, as cells. */
export function inCells(text: string): string {
  if (!COMPOSED.test(text)) return text.replace(PERHAPS_WIDE, (char) => (isWide(char) ? char + FILLER : char));
  let cells = '';
  for (const piece of pieces(text.normalize('NFC'))) {
    for (const { segment } of letters().segment(piece)) cells += cellsOf(segment);
  }
  return cells;
}

/**
 * The text in pieces of at most {@link PIECE} units, since the segmenter's time grows with the square of a long one.
 * They end before a letter that never joins what is before it; where there is none for long, before any letter.
 */
function* pieces(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    let end = from + PIECE;
    if (end < text.length) {
      while (end > from && !STARTS_LETTER.test(text.charAt(end))) end -= 1;
      if (end === from) end = from + PIECE - (LOW_SURROGATE.test(text.charAt(from + PIECE)) ? 1 : 0);
    }
    yield text.slice(from, end);
    from = end;
  }
}

/** Whether a terminal draws it in two cells. */
export const isWide = (text: string): boolean => eastAsianWidth(text.codePointAt(0) ?? 0) === 2;

/** The cells of one grapheme. */
function cellsOf(grapheme: string): string {
  if (grapheme.length === 1) return MARK.test(grapheme) || DROPPED.test(grapheme) ? '' : withFiller(grapheme, grapheme);
  // only the first emoji of a family or a skin tone: terminals do not agree on the width of the whole
  if (PICTURE.test(grapheme)) return cellOf(String.fromCodePoint(grapheme.codePointAt(0) ?? 0));
  const cells: string[] = [];
  let marks = 0;
  for (const char of grapheme) {
    if (FLAG_LETTER.test(char)) cells.push(String.fromCharCode(0x41 + (char.codePointAt(0) ?? 0) - FLAG_A));
    else if (MARK.test(char) && !DROPPED.test(char)) {
      if (cells.length > 0 && marks++ < MOST_MARKS) cells.push(`${cells.pop() ?? ''}${char}`);
    } else if (!DROPPED.test(char)) {
      cells.push(char);
      marks = 0;
    }
  }
  return cells.map(cellOf).join('');
}

const cellOf = (text: string): string => withFiller(text.length === 1 ? text : numberOf(text), text);

const withFiller = (unit: string, text: string): string => (isWide(text) ? unit + FILLER : unit);

/** The unit that stands for a text of several units; `?` once no more are free. */
function numberOf(text: string): string {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  if (FIRST_NUMBER + texts.length > LAST_NUMBER) return '?';
  const unit = String.fromCharCode(FIRST_NUMBER + texts.length);
  texts.push(text);
  numbers.set(text, unit);
  return unit;
}

/** What is written to the terminal for a unit. */
export function textOfCell(unit: string): string {
  const code = unit.charCodeAt(0);
  return code < FIRST_NUMBER || code > LAST_NUMBER ? unit : (texts[code - FIRST_NUMBER] ?? '?');
}

/** The text in these cells, for use outside of the screen. */
export const textOfCells = (cells: string): string =>
  cells.replace(/[\ue000-\uf8ff]/g, (unit) => (unit === FILLER ? '' : textOfCell(unit)));

/** Whether every terminal draws the unit one cell wide and never joins it to its neighbour. */
export function isSure(unit: string): boolean {
  const code = unit.charCodeAt(0);
  return code < 0x300 || (code >= 0x370 && code < 0x530) || (code >= 0x2010 && code < 0x2900);
}

/**
 * Whether Unicode calls the width of the unit ambiguous: a terminal that draws some glyphs too wide does so with all of
 * these.
 */
export const isAmbiguous = (unit: string): boolean => eastAsianWidthType(unit.charCodeAt(0)) === 'ambiguous';
