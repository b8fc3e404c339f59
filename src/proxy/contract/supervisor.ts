/**
 * The one thing that screens, commands and the control socket hold of the running program: a snapshot to show, feeds to
 * follow, and named operations to call. All of it can cross a process border.
 */
import type { GrantEvent } from '../../store/records/events.js';
import type { JsonObject } from '../../store/ground/json.js';
import type { LogRecord } from '../../store/records/log-record.js';
import type { Snapshot } from './snapshot.js';
import type { Operations } from './operations.js';

// Screens see the store's records through here only.
export type { Clock } from '../../store/ground/clock.js';
export type { GrantEvent, GrantEventKind } from '../../store/records/events.js';
export type { AccessRecord } from '../../store/records/access-record.js';
export type { LogRecord } from '../../store/records/log-record.js';

/** A bounded sequence that numbers its records; what fell out of it is gone. */
export interface Feed<T> {
  /** Number of the oldest record still held. */
  readonly first: number;
  /** Number that the next record will get. */
  readonly next: number;
  at(seq: number): T | undefined;
}

export interface Supervisor {
  /** The state of things now; cheap enough for ten calls a second. */
  snapshot(): Snapshot;
  readonly events: Feed<GrantEvent>;
  readonly logs: Feed<LogRecord>;
  readonly operations: Operations;
  /** Calls `listener` whenever something that a screen shows may have changed; may come often, and says nothing more. */
  onChange(listener: () => void): () => void;
}

/** The supervisor at work. */
export interface RunningSupervisor extends Supervisor {
  /** `host:port` of the proxy. */
  readonly address: string;
  readonly apiKey: string;
  /** A line for the screen from whoever started this supervisor. */
  setHint(text: string | null): void;
  onEvent(listener: (event: GrantEvent) => void): () => void;
  /** Resolves when the operator, a signal or another process asked it to stop. */
  readonly stopAsked: Promise<void>;
  /** Requests being served. */
  inFlight(): number;
  /** Every account's file without its tokens, with `state` and `cause`; unreadable files too. */
  listing(): readonly JsonObject[];
  /** Resolves when no answer is outstanding that may bring a rotated token; null: none is. */
  lastAnswers(): Promise<void> | null;
  /** Drains, saves and lets go of everything; returns what could not be saved. */
  close(): Promise<readonly string[]>;
}
