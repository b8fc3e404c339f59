import type { OpenPage, TerminalPage } from './page.js';
import { copiedText, type Copied } from '../text/text.js';

interface CopyPage {
  readonly text: string;
  /** What `y` copies. */
  readonly copied: string;
  /** What that is called. */
  readonly what: string;
  readonly paste: TerminalPage['paste'];
}

/** A page for something to take away: `y` copies it, Enter or Esc returns to the screen. */
export function showCopyPage(
  host: { page(page: TerminalPage): OpenPage; copy(text: string): Promise<Copied> },
  { text, copied, what, paste }: CopyPage,
): OpenPage {
  const page = host.page({
    text,
    key({ name }) {
      if (name === 'y') {
        host.copy(copied).then(
          (how) => page.print(copiedText(what, how)),
          // the program ends meanwhile: nobody is left to be told
          () => undefined,
        );
      }
      return name === 'enter' || name === 'escape' ? 'close' : 'stay';
    },
    paste,
  });
  return page;
}
