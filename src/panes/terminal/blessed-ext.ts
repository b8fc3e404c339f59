/** Parts of blessed and blessed-contrib that we use and that their types leave out or get wrong. */
import blessed, { type Widgets } from 'blessed';
import { PassThrough } from 'node:stream';
import type { ScreenOutput } from './output.js';
import { speaksXterm } from '../text/theme.js';

/** The parts of a blessed program that its types do not have. */
interface Program {
  cols: number;
  rows: number;
  flush(): void;
}

/** A row of cells: attribute and character each; `dirty` where one of them changed since it was last sent. */
export type CellRow = [attribute: number, char: string][] & { dirty: boolean };

export type BlessedScreen = Widgets.Screen & {
  /** What the terminal is to show. */
  readonly lines: CellRow[];
  /** The attribute of text without any. */
  readonly dattr: number;
  /** The attribute after an SGR sequence. */
  attrCode(sequence: string, before: number, plain: number): number;
  readonly program: Program;
  enter(): void;
  leave(): void;
  alloc(): void;
  realloc(): void;
};

export type BlessedBox = Widgets.BoxElement & { childBase: number };

interface OpenOptions {
  readonly output: ScreenOutput;
  readonly terminal: string;
  readonly unicode: boolean;
}

/** Opens a blessed screen and enters it. */
export function openBlessed({ output, terminal, unicode }: OpenOptions): BlessedScreen {
  // Otherwise blessed draws lines by switching character sets, which many terminals and all screen captures get wrong.
  process.env.NCURSES_NO_UTF8_ACS = '1';
  // keys are read by our own parser: blessed's would take the answers of modern terminals for letters
  const input = new PassThrough();
  const options: unknown = { input, output, terminal, forceUnicode: unicode, smartCSR: true, fullUnicode: false };
  return blessed.screen(options as Widgets.IScreenOptions) as BlessedScreen;
}

/**
 * The terminal's name that blessed is given: its terminfo reader is from 2015 and fails on most present entries, after
 * which it shows eight colours; all terminals meant here understand xterm's sequences.
 */
export function terminalName(term: string | undefined): string {
  return term === undefined || speaksXterm(term) ? 'xterm-256color' : term;
}
