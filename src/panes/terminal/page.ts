/** Text in the terminal itself while the screen is away: it can be selected, copied and scrolled like any other. */
import type { Key, Paste } from './keys.js';

export interface TerminalPage {
  readonly text: string;
  /** @returns `close`: ends the page, and the screen comes back. `q` and Ctrl-C do so in any case, and then ask */
  key(key: Key): 'close' | 'stay';
  /** A paste ends the page too. */
  paste(paste: Paste): void;
}

/** A page that is shown now. */
export interface OpenPage {
  /** Prints another line; does nothing where the page is closed. */
  print(text: string): void;
}

/** In raw mode a line feed alone does not return to the margin. */
export const rawLines = (text: string): string => text.replaceAll('\n', '\r\n');
