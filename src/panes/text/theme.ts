/** What a style looks like on this terminal. Views name styles; only this file knows colours. */
import type { Snapshot } from '../../proxy/contract/snapshot.js';

/**
 * Red means a disabled account and its alarm, for people and for programs that read the screen: no other style may be
 * red, nor orange or a reddish brown.
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
  /** Which foreign letters can be drawn: `narrow` leaves out those that this terminal may draw too wide. */
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

// People who do not see red, green or blue as others do can tell the colours of both palettes apart
// (test/panes/text/theme.test.ts computes it); besides, a glyph and a word always say the same.
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

/** A palette for terminals without bright black, which would draw black in its place, invisible on black. */
const withoutBright = (palette: Palette): Palette => ({ ...palette, dim: '', deadFlash: '1;37;41' });

/** NO_COLOR: reverse video, bold and underline in place of colours. */
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

/**
 * How many colours a terminal of this name shows. terminfo is not asked, since blessed's reader of it is older than
 * most terminals.
 */
function colourDepth(env: NodeJS.ProcessEnv): 0 | 8 | 16 | 256 {
  if ((env.NO_COLOR ?? '') !== '') return 0;
  const term = env.TERM ?? '';
  if (term.startsWith('vt')) return 0;
  const many = /256color|kitty|alacritty|ghostty|wezterm|foot|direct/.test(term) || (env.COLORTERM ?? '') !== '';
  if (many) return 256;
  return speaksXterm(term) ? 16 : 8;
}

/**
 * Whether a terminal understands xterm's sequences, whatever its terminfo says; the others have eight colours (`linux`,
 * `ansi`).
 */
export const speaksXterm = (term: string): boolean =>
  /256color|kitty|alacritty|ghostty|wezterm|foot|direct|xterm|screen|tmux|rxvt/.test(term);

export type Ground = 'light' | 'dark';

/**
 * What an environment variable says of the background (`COLORFGBG`, set by rxvt, Konsole and others); null: the
 * terminal has to be asked.
 */
function knownGround({ COLORFGBG = '' }: NodeJS.ProcessEnv): Ground | null {
  const ground = /;(\d+)$/.exec(COLORFGBG)?.[1];
  if (ground === undefined) return null;
  return Number(ground) >= 7 && Number(ground) !== 8 ? 'light' : 'dark';
}

/** Whether a terminal of this kind may be asked what its background is: others would show the question. */
export const canAskGround = (env: NodeJS.ProcessEnv): boolean =>
  knownGround(env) === null && colourDepth(env) > 0 && speaksXterm(env.TERM ?? '');

/**
 * The background in a terminal's answer, `rgb:ffff/ffff/ffff` with one to four digits each; null for any other answer.
 */
export function groundOf(answer: string): Ground | null {
  const [, ...parts] = /^rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})/i.exec(answer) ?? [];
  if (parts.length < 3) return null;
  const [red = 0, green = 0, blue = 0] = parts.map((hex) => parseInt(hex, 16) / (16 ** hex.length - 1));
  // brightness to the eye (ITU-R BT.709)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 ? 'light' : 'dark';
}

/** Whether to draw for a light background; dark where nothing says otherwise. */
const isLight = (wanted: Snapshot['ui']['theme'], env: NodeJS.ProcessEnv, asked: Ground | null): boolean =>
  (wanted === 'auto' ? (knownGround(env) ?? asked ?? 'dark') : wanted) === 'light';

/**
 * Whether the locale is UTF-8 and the terminal has the letters: otherwise Unicode would be drawn as question marks or
 * worse.
 */
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
