/** Foreign text made harmless to a terminal. */

export const PLAIN = /^[\x20-\x7e]*$/;
// Sequences are removed whole, so that no rest of one stays as text; strings that never end are cut with the text.
const OSC_LIKE = /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?/g;
const CSI = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?/g;
const ESCAPE = /\x1b[ -/]*[0-~]?/g;
const SPACES = /[\t\n\v\f\r\u0085\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;
const CONTROLS = /[\x00-\x1f\x7f-\x9f]/g;
// Direction marks, zero-width characters, soft hyphen, tags; letters that look like a blank. Joiners and selectors of
// emoji (U+200D, U+FE0F) are removed when the emoji is put into its cells.
const INVISIBLE = /(?![\u200d])\p{Cf}|[\u115f\u1160\u2065\u3164\uffa0]/gu;
const LONE = /\p{Cs}/gu;
// Their widths are unknown, and some of them are used by `cells` itself.
const PRIVATE = /\p{Co}|\p{Cn}/gu;

/** Removes what would act on the terminal or stand for nothing: control sequences, direction marks, lone surrogates. */
export function inert(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replace(OSC_LIKE, '')
    .replace(CSI, '')
    .replace(ESCAPE, '')
    .replace(SPACES, ' ')
    .replace(CONTROLS, '')
    .replace(INVISIBLE, '')
    .replace(LONE, '?')
    .replace(PRIVATE, '?');
}
