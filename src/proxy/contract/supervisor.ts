/**
 * All that screens, commands and the control socket know of the running program: a snapshot to show, feeds to follow,
 * and named operations to call. All of it can be sent to another process.
 */
import type { GrantEvent } from '../../store/records/grant-event.js';
import type { JsonObject } from '../../store/ground/json.js';
import type { LogRecord } from '../../store/records/log-record.js';
import type { Counts, Health, PoolBoxes, Snapshot } from './snapshot.js';
import type { Succession } from './succession/handover.js';
import type { Operations } from './operations.js';

// Screens get the store's types only from here.
export { soon, type Clock } from '../../store/ground/clock.js';
export type { GrantEvent, GrantEventKind } from '../../store/records/grant-event.js';
export type { AccessRecord } from '../../store/records/access-record.js';
export type { LogRecord } from '../../store/records/log-record.js';

/** A bounded sequence that numbers its records; the oldest are dropped. */
export interface Feed<T> {
  /** Number of the oldest record still held. */
  readonly first: number;
  /** Number that the next record will get. */
  readonly next: number;
  at(seq: number): T | undefined;
}

export interface Supervisor {
  /** The current state; cheap enough to be asked for ten times a second. */
  snapshot(): Snapshot;
  readonly events: Feed<GrantEvent>;
  readonly logs: Feed<LogRecord>;
  readonly operations: Operations;
  /**
   * Calls `listener` whenever something that a screen shows may have changed; may be called often, and says nothing
   * more.
   */
  onChange(listener: () => void): () => void;
}

/** How well the pool serves, as in `/healthz` and `status --json`; by counts alone: no account is looked at. */
export interface HealthReport {
  readonly status: Health;
  readonly version: string;
  readonly accounts: Counts;
  /** Accounts whose newest credential or flag is in memory only. */
  readonly unsaved: number;
  /** Another process has the data directory: nothing is written or refreshed here. */
  readonly lock?: 'lost';
  /**
   * Models that were asked for within the last hour and that no account serves; `next`: when the first may again, unix
   * seconds.
   */
  readonly noneServes: readonly { readonly model: string; readonly next: number | null }[];
}

/** How well the whole serves. */
export interface StatusFacts extends HealthReport {
  /** Accounts that serve, or will within the time that a request is held. */
  readonly serving: number;
  /** ms since 1970. */
  readonly upSince: number;
  /** That a restart is under way, and what it waits for; null: none is. */
  readonly restarting: string | null;
  /** The machines that share the pool; null: it is of this one alone. */
  readonly boxes: PoolBoxes | null;
}

/** The supervisor at work. */
export interface RunningSupervisor extends Supervisor {
  /** @param first - leaves out all rows but so many */
  snapshot(first?: number): Snapshot;
  /**
   * Makes the rows of all accounts by turns, where none are made yet: a snapshot or a listing asked for then holds up
   * nobody. null: there is little to make.
   */
  prepared(): Promise<void> | null;
  status(): StatusFacts;
  /** Begins what goes on beside the requests; to be called once, when whoever has waited for the start had his turn. */
  begin(): void;
  /** `host:port` of the proxy. */
  readonly address: string;
  readonly apiKey: string;
  /** Sets a line for the alarm row of the screen. */
  setHint(text: string | null): void;
  onEvent(listener: (event: GrantEvent) => void): () => void;
  /** Resolves when the operator, a signal or another process asked it to stop. */
  readonly stopAsked: Promise<void>;
  /** How many requests are being served. */
  inFlight(): number;
  /**
   * Every account's file without its tokens, with `state` and `cause`; unreadable files too. Each is made when it is
   * asked for.
   */
  listing(): Iterable<JsonObject>;
  /** Whether the log's file can be written, and how many lines it lacks since the start. */
  readonly logState: { readonly ok: boolean; readonly lost: number };
  /** Resolves when all answers that may bring a rotated token have come; null: there are none to wait for. */
  lastAnswers(): Promise<void> | null;
  readonly succession: Succession;
  /** Drains, saves and releases everything; returns what could not be saved. */
  close(): Promise<readonly string[]>;
}
