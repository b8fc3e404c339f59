import type { Snapshot } from '../../proxy/contract/snapshot.js';
import type { OpenPage, TerminalPage } from '../terminal/page.js';
import type { Copied } from '../text/text.js';

/** What the screen can do to the terminal and the program, which panes only ask for. */
export interface DeskHost {
  readonly attached: boolean;
  /** Settings of this screen's own, which stand over the supervisor's. */
  readonly ui: Partial<Snapshot['ui']>;
  quit(how: 'stop' | 'close'): void;
  /** Leaves the screen and goes on serving. */
  detach(): void;
  suspend(): void;
  /** Shows a text in the terminal itself; the screen is away while it stands. */
  page(page: TerminalPage): OpenPage;
  /** Of this screen's own process. */
  readonly env: NodeJS.ProcessEnv;
  repaint(): void;
  /** To the clipboard; says whether something took it, or it was only offered to the terminal. */
  copy(text: string): Promise<Copied>;
  bell(): void;
}
