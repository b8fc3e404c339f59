import type { Snapshot } from '../../proxy/contract/snapshot.js';
import type { OpenPage, TerminalPage } from '../terminal/page.js';
import type { Copied } from '../text/text.js';

/** What the screen can do with the terminal and the program; panes only ask for it. */
export interface DeskHost {
  readonly attached: boolean;
  /** Aborted when the screen is closed. */
  readonly closed: AbortSignal;
  /** This screen's own settings, which override the supervisor's. */
  readonly ui: Partial<Snapshot['ui']>;
  quit(how: 'stop' | 'close'): void;
  /** Leaves the screen and goes on serving. @returns why that is not possible; null: it is */
  detach(): Promise<string | null>;
  suspend(): void;
  /** Shows a text in the terminal itself; the screen is away meanwhile. */
  page(page: TerminalPage): OpenPage;
  /** The environment of this screen's own process. */
  readonly env: NodeJS.ProcessEnv;
  repaint(): void;
  /** Copies to the clipboard; says whether a clipboard confirmed it, or it was only sent to the terminal. */
  copy(text: string): Promise<Copied>;
  bell(): void;
}
