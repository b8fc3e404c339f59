/** What a screen is opened with, and what whoever opened it can do to it. */
import type { Clock } from '../../proxy/contract/supervisor.js';
import type { TerminalInput } from './held-terminal.js';
import type { Snapshot } from '../../proxy/contract/snapshot.js';
import type { TerminalOutput } from '../terminal/output.js';

export interface ScreenOptions {
  /** A terminal; standard input and output where they are left out. */
  readonly input?: TerminalInput;
  readonly output?: TerminalOutput;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** The supervisor runs in another process: leaving this screen stops nothing. */
  readonly attached: boolean;
  /** This program's version; another one than the supervisor's is said. */
  readonly version: string;
  /** `stop` the whole program, or `close` this screen only. The screen is still open then. */
  onQuit(how: 'stop' | 'close'): void;
  /** `d`: on without a screen. */
  onDetach(): void;
  /** Settings of this screen's own, where it is another process than the supervisor: they stand over the supervisor's. */
  readonly ui?: Partial<Snapshot['ui']>;
  /** A clipboard beside the terminal's own; false where it did not take the text. */
  readonly clipboard?: (text: string) => Promise<boolean>;
  /** Stops this process until SIGCONT; by default with its whole process group, as a terminal's Ctrl-Z does. */
  readonly suspendProcess?: () => void;
}

export interface OpenScreen {
  /** Gives the terminal back as it was; at once, so that it may be called while the process exits. May be called again. */
  close(): void;
  /** Resolves when the terminal is gone; the screen is closed then. Never rejects. */
  readonly lost: Promise<void>;
  /** Gives the terminal back, stops the process, and returns to the screen on SIGCONT. */
  suspend(): void;
}
