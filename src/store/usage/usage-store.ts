import type { UsageLine } from './usage-line.js';
import type { UsageSums } from './usage-sums.js';

/** A day as it is counted. */
export interface CountedDay {
  /** All its lines. */
  readonly lines: Iterable<UsageLine>;
  /** Those that changed since they were written. */
  readonly changed: Iterable<UsageLine>;
}

export interface UsageSpan {
  /** Days, both included. */
  readonly since: string;
  readonly until: string;
  /** Days whose lines of this box do not count. */
  readonly except: ReadonlySet<string>;
}

/** What the other boxes of the pool have used. */
export interface UsedElsewhere {
  /** The tokens of a key in a day. */
  tokensOf(day: string, key: string): number;
  tokensOfMonth(month: string, key: string): number;
  /** Requests of a day, by key. */
  requestsOf(day: string): ReadonlyMap<string, number>;
}

/** Where what was used is kept: in files, or in a database that several boxes share. */
export interface UsageStore {
  /** How people are told of it. */
  readonly place: string;
  /** How often what was used is written, ms. */
  readonly writeEveryMs: number;
  /** null: nobody else serves these accounts. */
  readonly elsewhere: UsedElsewhere | null;
  /** What this box has written of a day, if that is at hand; null: it has to be read. @throws it cannot be read */
  linesAtHand(day: string): readonly UsageLine[] | null;
  readLines(day: string): Promise<readonly UsageLine[]>;
  /** Likewise, of the tokens by key of a month. @param except - days that do not count */
  tokensAtHand(month: string, except: ReadonlySet<string>): ReadonlyMap<string, number> | null;
  readTokens(month: string, except: ReadonlySet<string>): Promise<ReadonlyMap<string, number>>;
  /** Keeps a day. @throws it is not kept */
  write(day: string, counted: CountedDay): Promise<void>;
  /** Adds what is written, by all boxes, as far as it can be read. @param breath - awaited between two pieces of work */
  sum(span: UsageSpan, sums: UsageSums, breath: () => Promise<unknown>): Promise<void>;
  /** Removes what is older than `keepDays`. @throws what could not be read or removed stays as it is */
  tidy(now: number, keepDays: number): Promise<void>;
  /** Calls `listener` when what was written may be gone, so that everything in memory has to be written again. */
  onBehind(listener: () => void): () => void;
}
