/** What a style looks like on this terminal. Views name styles; only this file knows colours. */
import type { Snapshot } from '../../proxy/contract/snapshot.js';

/**
 * Red belongs to a disabled account and its alarm, on screen and to whoever reads the screen by program: no other style
 * may be red, not even orange or a brown that leans that way.
 */
export type Style =
  | 'plain'
  | 'dim'
  | 'bold'
  | 'accent'
  | 'good'
  | 'warn'
  | 'error'
  | 'dead'
  | 'deadFlash'
  | 'alarm'
  | 'recovered'
  | 'key'
  | 'match'
  | 'cursor'
  | 'badge'
  | 'badgeWarn'
  | 'badgeDown'
  | 'selected';

/** Characters that may have to be drawn in ASCII. All are one cell wide. */
export interface Glyphs {
  readonly ready: string;
  readonly cooling: string;
  readonly dead: string;
  readonly off: string;
  readonly done: string;
  readonly warning: string;
  readonly selected: string;
  readonly marked: string;
  readonly full: string;
  readonly empty: string;
  readonly dash: string;
  readonly cut: string;
  readonly spark: string;
  readonly single: Box;
  readonly double: Box;
}

export interface Box {
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
  readonly across: string;
  readonly down: string;
}

export interface Theme {
  /** SGR sequence that turns each style on from the terminal's default; empty where it looks like the default. */
  readonly sgr: Readonly<Record<Style, string>>;
  readonly glyphs: Glyphs;
  readonly ascii: boolean;
  /** What of strangers' text can be drawn: `narrow` leaves out what this terminal may draw too wide. */
  readonly letters: 'all' | 'narrow' | 'ascii';
}

const box = (chars: string): Box => {
  const [topLeft = '', topRight = '', bottomLeft = '', bottomRight = '', across = '', down = ''] = chars;
  return { topLeft, topRight, bottomLeft, bottomRight, across, down };
};

const unicode: Glyphs = {
  ready: '●',
  cooling: '◐',
  dead: '✖',
  off: '○',
  done: '✔',
  warning: '▲',
  selected: '▶',
  marked: '◆',
  full: '█',
  empty: '░',
  dash: '–',
  cut: '…',
  spark: '▁▂▃▄▅▆▇█',
  single: box('┌┐└┘─│'),
  double: box('╔╗╚╝═║'),
};

const ascii: Glyphs = {
  ready: '*',
  cooling: '~',
  dead: 'X',
  off: 'o',
  done: '+',
  warning: '^',
  selected: '>',
  marked: '=',
  full: '#',
  empty: '.',
  dash: '-',
  cut: '~',
  spark: '_.-=+*%#',
  single: box('++++-|'),
  double: box('####=|'),
};

type Palette = Record<Style, string>;

// Both are told apart by people who do not see red, green or blue as others do (test/panes/theme.test.ts reckons it), and
// a glyph and a word say the same in any case.
const dark256: Palette = {
  plain: '',
  dim: '38;5;245',
  bold: '1',
  accent: '38;5;117',
  good: '38;5;79',
  warn: '38;5;221',
  error: '1;38;5;213',
  dead: '38;5;203',
  deadFlash: '1;38;5;231;48;5;160',
  alarm: '1;38;5;203',
  recovered: '1;38;5;194;48;5;28',
  key: '1;38;5;117',
  match: '38;5;16;48;5;221',
  cursor: '7',
  badge: '1;38;5;16;48;5;79',
  badgeWarn: '1;38;5;16;48;5;221',
  badgeDown: '1;38;5;16;48;5;213',
  selected: '48;5;237',
};

const light256: Palette = {
  ...dark256,
  dim: '38;5;242',
  accent: '38;5;25',
  good: '38;5;23',
  warn: '38;5;91',
  error: '1;38;5;90',
  dead: '38;5;160',
  alarm: '1;38;5;160',
  key: '1;38;5;25',
  badge: '1;38;5;231;48;5;23',
  badgeWarn: '1;38;5;231;48;5;91',
  badgeDown: '1;38;5;231;48;5;90',
  selected: '48;5;254',
};

const sixteen: Palette = {
  plain: '',
  dim: '90',
  bold: '1',
  accent: '36',
  good: '32',
  warn: '33',
  error: '1;35',
  dead: '31',
  deadFlash: '1;97;41',
  alarm: '1;31',
  recovered: '30;42',
  key: '1;36',
  match: '30;43',
  cursor: '7',
  badge: '30;42',
  badgeWarn: '30;43',
  badgeDown: '30;45',
  selected: '4',
};

const light16: Palette = { ...sixteen, accent: '34', warn: '35', key: '1;34' };

/** Where there is no bright black: in its place would be black, which nobody sees on black. */
const withoutBright = (palette: Palette): Palette => ({ ...palette, dim: '', deadFlash: '1;37;41' });

/** NO_COLOR: what stands out does so by reverse video, bold and underline. */
const colourless: Palette = {
  plain: '',
  dim: '',
  bold: '1',
  accent: '1',
  good: '',
  warn: '1',
  error: '1',
  dead: '7',
  deadFlash: '1;4;7',
  alarm: '7',
  recovered: '1;4',
  key: '1',
  match: '7',
  cursor: '7',
  badge: '7',
  badgeWarn: '7',
  badgeDown: '7',
  selected: '1;4',
};

/** How many colours a terminal of this name shows; terminfo is not asked, since blessed's reading of it is older than most terminals. */
function colourDepth(env: NodeJS.ProcessEnv): 0 | 8 | 16 | 256 {
  if ((env.NO_COLOR ?? '') !== '') return 0;
  const term = env.TERM ?? '';
  if (term.startsWith('vt')) return 0;
  const many = /256color|kitty|alacritty|ghostty|wezterm|foot|direct/.test(term) || (env.COLORTERM ?? '') !== '';
  if (many) return 256;
  return speaksXterm(term) ? 16 : 8;
}

/** Terminals that speak xterm's language, whatever their terminfo says; the others have eight colours (`linux`, `ansi`). */
export const speaksXterm = (term: string): boolean =>
  /256color|kitty|alacritty|ghostty|wezterm|foot|direct|xterm|screen|tmux|rxvt/.test(term);

export type Ground = 'light' | 'dark';

/** What the terminal itself says of its background (`COLORFGBG`, set by rxvt, Konsole and others); null: it has to be asked. */
export function knownGround({ COLORFGBG = '' }: NodeJS.ProcessEnv): Ground | null {
  const ground = /;(\d+)$/.exec(COLORFGBG)?.[1];
  if (ground === undefined) return null;
  return Number(ground) >= 7 && Number(ground) !== 8 ? 'light' : 'dark';
}

/** Whether a terminal of this kind may be asked what its background is: others would show the question. */
export const canAskGround = (env: NodeJS.ProcessEnv): boolean =>
  knownGround(env) === null && colourDepth(env) > 0 && speaksXterm(env.TERM ?? '');

/** The background that a terminal answered, `rgb:ffff/ffff/ffff` with one to four digits each; null for another answer. */
export function groundOf(answer: string): Ground | null {
  const [, ...parts] = /^rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})/i.exec(answer) ?? [];
  if (parts.length < 3) return null;
  const [red = 0, green = 0, blue = 0] = parts.map((hex) => parseInt(hex, 16) / (16 ** hex.length - 1));
  // how bright the eye finds each of them (ITU-R BT.709)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 ? 'light' : 'dark';
}

/** Dark where nobody says otherwise. */
const isLight = (wanted: Snapshot['ui']['theme'], env: NodeJS.ProcessEnv, asked: Ground | null): boolean =>
  (wanted === 'auto' ? (knownGround(env) ?? asked ?? 'dark') : wanted) === 'light';

/** Unicode where the locale is UTF-8 and the terminal has the letters; anything else would be drawn as question marks or worse. */
function knowsUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((name) => (name ?? '') !== '') ?? '';
  return /utf-?8/i.test(locale) && !/^(linux|vt)/.test(env.TERM ?? '');
}

/** The theme for these settings on this terminal, whose background is `asked` where it answered that. */
export function themeFor(
  ui: Pick<Snapshot['ui'], 'theme' | 'glyphs'>,
  env: NodeJS.ProcessEnv,
  asked: Ground | null = null,
): Theme {
  const depth = colourDepth(env);
  const light = isLight(ui.theme, env, asked);
  const palettes = {
    0: [colourless, colourless],
    8: [withoutBright(sixteen), withoutBright(light16)],
    16: [sixteen, light16],
    256: [dark256, light256],
  } as const;
  const palette = palettes[depth][light ? 1 : 0];
  const sgr = Object.fromEntries(
    Object.entries(palette).map(([style, codes]) => [style, codes === '' ? '' : `\x1b[${codes}m`]),
  ) as Record<Style, string>;
  const inUnicode = knowsUnicode(env);
  const inAscii = ui.glyphs === 'auto' ? !inUnicode : ui.glyphs === 'ascii';
  const letters = !inAscii ? 'all' : inUnicode ? 'narrow' : 'ascii';
  return { sgr, glyphs: inAscii ? ascii : unicode, ascii: inAscii, letters };
}
