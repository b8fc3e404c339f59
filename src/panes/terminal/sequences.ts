/**
 * Sequences that are written to the terminal beside the frames: on entering, on leaving, for its title, its clipboard,
 * and to measure widths.
 */

export const pasteOn = '\x1b[?2004h';
const PASTE_OFF = '\x1b[?2004l';
const TITLE_PUSH = '\x1b[22;2t';
const TITLE_POP = '\x1b[23;2t';
/**
 * Keeps terminals that reorder right-to-left text from reordering the borders between such texts too (ECMA-48, BDSM).
 */
const IN_ORDER = '\x1b[8l';
const BY_LANGUAGE = '\x1b[8h';

/** What blessed does not write: on entering and leaving the terminal, and on coming back to the screen. */
export const returning = pasteOn + IN_ORDER;
export const entering = TITLE_PUSH + returning;
export const leaving = PASTE_OFF + TITLE_POP + BY_LANGUAGE;

/** Buttons and wheel are told, in SGR's way; with Shift held a terminal selects text as ever. */
export const mouseOn = '\x1b[?1000h\x1b[?1006h';
export const mouseOff = '\x1b[?1006l\x1b[?1000l';

export const titleSequence = (title: string): string => `\x1b]2;${title}\x07`;

/** Glyphs of every kind that is drawn: circles, lines, blocks, marks. */
const MEASURED = '●─║█✖▲';
export const measuredWidth = MEASURED.length;
/**
 * Draws the glyphs from the first column, asks for the cursor's position, and wipes them; the cursor goes back to where
 * blessed has it.
 */
export const measuring = `\x1b7\x1b[1;1H${MEASURED}\x1b[6n\x1b[1;1H\x1b[2K\x1b8`;

/** Asks for the terminal's background; the answer comes as input. */
export const askingGround = '\x1b]11;?\x1b\\';

/** The most bytes for OSC 52: terminals take 74,994 bytes in base64. */
const LONGEST_COPY_BYTES = 56_244;

/** GNU screen drops a device control string that is longer than this. */
const SCREEN_PIECE = 768;

/**
 * Puts a text into the clipboard of the terminal that somebody sits at (OSC 52). tmux takes the sequence itself with
 * `set-clipboard on`; with `allow-passthrough on` it passes on a wrapped one, in which every ESC is doubled: both are
 * written. GNU screen passes on device control strings, but only short ones: the sequence goes in pieces.
 */
export function copySequence(text: string, env: NodeJS.ProcessEnv): string {
  const sequence = `\x1b]52;c;${Buffer.from(text).subarray(0, LONGEST_COPY_BYTES).toString('base64')}\x07`;
  if ((env.TMUX ?? '') !== '') return `${sequence}\x1bPtmux;${sequence.replaceAll('\x1b', '\x1b\x1b')}\x1b\\`;
  if ((env.STY ?? '') === '') return sequence;
  const pieces = sequence.match(new RegExp(`[^]{1,${SCREEN_PIECE}}`, 'g')) ?? [];
  return pieces.map((piece) => `\x1bP${piece}\x1b\\`).join('');
}
