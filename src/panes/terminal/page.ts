/** Text that stands in the terminal itself while the screen is away: it can be selected, copied and scrolled as any. */
import type { Key, Paste } from './keys.js';

export interface TerminalPage {
  readonly text: string;
  /** `close` ends the page, whose screen comes back then. `q` and Ctrl-C do in any case, and ask there. */
  key(key: Key): 'close' | 'stay';
  /** What is pasted ends it too. */
  paste(paste: Paste): void;
}

/** A page that stands now. */
export interface OpenPage {
  /** A line more. Nothing where it is closed. */
  print(text: string): void;
}

/** In raw mode a line feed alone does not return to the margin. */
export const rawLines = (text: string): string => text.replaceAll('\n', '\r\n');
