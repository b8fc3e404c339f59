/** What a screen is opened with, and what the caller can do with it. */
import type { Clock } from '../../proxy/contract/supervisor.js';
import type { TerminalInput } from './held-terminal.js';
import type { KeptView } from '../layers/kept-view.js';
import type { Snapshot } from '../../proxy/contract/snapshot.js';
import type { TerminalOutput } from '../terminal/output.js';

export interface ScreenOptions {
  /** The terminal; standard input and output where they are left out. */
  readonly input?: TerminalInput;
  readonly output?: TerminalOutput;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** The supervisor runs in another process: leaving this screen stops nothing. */
  readonly attached: boolean;
  /** This program's version; if the supervisor's is another, the screen says so. */
  readonly version: string;
  /** `stop`: the whole program is to stop; `close`: only this screen. The screen is still open when this is called. */
  onQuit(how: 'stop' | 'close'): void;
  /** `d`: go on without a screen. @returns why that is not possible; null: it is */
  onDetach(): Promise<string | null>;
  /** This screen's own settings, where it is another process than the supervisor: they override the supervisor's. */
  readonly ui?: Partial<Snapshot['ui']>;
  /** A clipboard other than the terminal's; false where it did not take the text. */
  readonly clipboard?: (text: string) => Promise<boolean>;
  /** What the screen before left, and where this one leaves what it is like when it closes. */
  readonly memory?: { read(): unknown; write(kept: KeptView): void };
  /** Stops this process until SIGCONT; by default with its whole process group, as a terminal's Ctrl-Z does. */
  readonly suspendProcess?: () => void;
}

export interface OpenScreen {
  /**
   * Gives the terminal back as it was; synchronous, so that it may be called while the process exits. May be called
   * again.
   */
  close(): void;
  /** Resolves when the terminal is gone; the screen is closed then. Never rejects. */
  readonly lost: Promise<void>;
  /** Gives the terminal back, stops the process, and returns to the screen on SIGCONT. */
  suspend(): void;
}
