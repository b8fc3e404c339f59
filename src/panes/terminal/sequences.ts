/** What is said to the terminal beside the picture itself: on entering, on leaving, its title, its clipboard, its widths. */

export const pasteOn = '\x1b[?2004h';
const PASTE_OFF = '\x1b[?2004l';
const TITLE_PUSH = '\x1b[22;2t';
const TITLE_POP = '\x1b[23;2t';
/** Terminals that turn letters from right to left around would turn the borders between them around too (ECMA-48, BDSM). */
const IN_ORDER = '\x1b[8l';
const BY_LANGUAGE = '\x1b[8h';

/** What blessed does not do: on entering and leaving the terminal, and on coming back to the screen within it. */
export const returning = pasteOn + IN_ORDER;
export const entering = TITLE_PUSH + returning;
export const leaving = PASTE_OFF + TITLE_POP + BY_LANGUAGE;

export const titleSequence = (title: string): string => `\x1b]2;${title}\x07`;

/** Glyphs of every kind that is drawn: circles, lines, blocks, marks. */
const MEASURED = '●─║█✖▲';
export const measuredWidth = MEASURED.length;
/** From the first column, and wiped again; the cursor goes back to where blessed has it. */
export const measuring = `\x1b7\x1b[1;1H${MEASURED}\x1b[6n\x1b[1;1H\x1b[2K\x1b8`;

/** What its background is; an answer comes the same way. */
export const askingGround = '\x1b]11;?\x1b\\';

/** Terminals take 74,994 bytes by OSC 52 at most, in base64. */
const LONGEST_COPY_BYTES = 56_244;

/** GNU screen drops what is longer than this in one device control string. */
const SCREEN_PIECE = 768;

/**
 * Puts a text into the clipboard of the terminal that somebody sits at (OSC 52). tmux takes it itself with `set-clipboard on`,
 * and hands on what comes wrapped, with every ESC in it doubled, with `allow-passthrough on`: it is told both ways. GNU
 * screen hands on device control strings, which it limits: the sequence goes in pieces.
 */
export function copySequence(text: string, env: NodeJS.ProcessEnv): string {
  const sequence = `\x1b]52;c;${Buffer.from(text).subarray(0, LONGEST_COPY_BYTES).toString('base64')}\x07`;
  if ((env.TMUX ?? '') !== '') return `${sequence}\x1bPtmux;${sequence.replaceAll('\x1b', '\x1b\x1b')}\x1b\\`;
  if ((env.STY ?? '') === '') return sequence;
  const pieces = sequence.match(new RegExp(`[^]{1,${SCREEN_PIECE}}`, 'g')) ?? [];
  return pieces.map((piece) => `\x1bP${piece}\x1b\\`).join('');
}
