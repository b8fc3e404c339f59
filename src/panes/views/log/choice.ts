/** Which records of the log are shown, and the part of them in the window. */
import type { LogRecord } from '../../../proxy/contract/supervisor.js';
import type { LogRoom } from './columns.js';
import { recordText } from './record-lines.js';
import type { Line } from '../../text/lines.js';
import type { Pattern } from '../../text/pattern.js';
import type { PlainWord } from '../../../store/words/tongue.js';

const levelSteps = [
  { level: 20, name: 'debug+' },
  { level: 30, name: 'info+' },
  { level: 40, name: 'warn+' },
  { level: 50, name: 'error ¦ level' },
] as const satisfies readonly { readonly level: number; readonly name: PlainWord }[];

/** Requests that the client got no answer of use to, warnings and errors. */
const hasFailed = ({ level, access }: LogRecord): boolean =>
  level >= 40 || (access !== null && (access.status >= 400 || access.status === 0));

/** What the operator chose to see of the log. */
export class LogChoice {
  private levelIndex = 1;
  /** E-mail of the account whose records are shown; null: all accounts. */
  account: string | null = null;
  failedOnly = false;
  pattern: Pattern | null = null;

  get level(): PlainWord {
    return levelSteps[this.levelIndex]?.name ?? 'info+';
  }

  nextLevel(): void {
    this.levelIndex = (this.levelIndex + 1) % levelSteps.length;
  }

  /** Whether most records are left out. */
  get isNarrow(): boolean {
    return this.failedOnly || this.account !== null || this.pattern !== null;
  }

  wants(record: LogRecord): boolean {
    if (this.failedOnly && !hasFailed(record)) return false;
    if (record.level < (levelSteps[this.levelIndex]?.level ?? 0)) return false;
    if (this.account !== null && record.account !== this.account && record.access?.account !== this.account)
      return false;
    return this.pattern === null || this.pattern.matches(recordText(record));
  }
}

export interface LogWindow {
  readonly lines: readonly Line[];
  /** How wide the columns are. */
  readonly room: LogRoom;
  /** Records that pass the filter; not counted (0) while the log is followed without one. */
  readonly count: number;
  /** Where the cursor stands among them, from 1. */
  readonly position: number;
  /** Came in since the pause. */
  readonly fresh: number;
  /** How many records the feed holds. */
  readonly held: number;
  /** Whether the line that the operator was on is no longer held. */
  readonly hasLeft: boolean;
}
