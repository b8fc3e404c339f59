/** What a process that hands over to its successor and that successor know of each other. */
import type { Socket } from 'node:net';
import * as v from 'valibot';
import { RegrantError } from '../../../store/ground/errors.js';
import { AccessRecordSchema, type AccessRecord } from '../../../store/records/access-record.js';

/** Raised whenever an older program could not hand over to a newer one, or the other way round. */
export const HANDOVER = 1;

/** The successor does not serve; the process that was to be followed serves on as before. */
export class RestartFailed extends RegrantError {
  readonly code = 'RESTART_FAILED';
}

/** How a restart went: `pid` is that of the process that serves now, this one's where it failed. */
export interface Restarted {
  readonly ok: boolean;
  readonly text: string;
  readonly pid: number;
}

export const RestartedSchema: v.GenericSchema<unknown, Restarted> = v.object({
  ok: v.boolean(),
  text: v.string(),
  pid: v.number(),
});

/** A program that was started to follow this one. */
export interface Successor {
  /** Resolves when its program is loaded and the settings are good. @throws {RestartFailed} */
  readonly loaded: Promise<void>;
  /** Gives it the data directory, and resolves when it serves. @throws {RestartFailed} */
  takeOver(): Promise<void>;
  /** Gives it a connection on which no request is under way. @returns whether it has it */
  pass(socket: Socket): Promise<boolean>;
  /** Ends it, and resolves when it has ended. */
  kill(): Promise<void>;
}

/** What is handed to a successor when it starts. */
export interface Inheritance {
  /** Descriptors of the sockets that listen. */
  readonly listening: readonly number[];
  /** Descriptor of the open file that the lock of the data directory is on. */
  readonly lock: number;
}

/** A client's request that ended in a process which had handed over already. */
export interface EndedRequest {
  readonly record: AccessRecord;
  readonly kind: 'traffic' | 'probe';
}

const RestedGroupSchema = v.picklist(['generate', 'count', 'embed', 'batch', 'predict', 'other', '']);

/** An account that began to rest in a process which had handed over already. */
export interface RestElsewhere {
  readonly accountId: string;
  readonly of: 'account' | 'project';
  readonly cause: string;
  /** What it rests for; empty where that is everything. */
  readonly model: string;
  readonly group: v.InferOutput<typeof RestedGroupSchema>;
  /** How long it still rests; null: a human has to verify the account. */
  readonly seconds: number | null;
  /** Google's own words. */
  readonly words: string;
  readonly url: string | null;
}

const RestElsewhereSchema: v.GenericSchema<unknown, RestElsewhere> = v.object({
  accountId: v.string(),
  of: v.picklist(['account', 'project']),
  cause: v.string(),
  model: v.string(),
  group: RestedGroupSchema,
  seconds: v.nullable(v.number()),
  words: v.string(),
  url: v.nullable(v.string()),
});

const counts: v.GenericSchema<unknown, Readonly<Record<string, number>>> = v.record(v.string(), v.number());

/** What a process that ends tells the one that follows it, some at a time. */
export interface PredecessorNews {
  readonly pid: number;
  /** Lines of its log, each with its end. */
  readonly lines: string;
  readonly ended: readonly EndedRequest[];
  /** How many requests it still serves, in all, by account id and by client key. */
  readonly inFlight: number;
  readonly accounts: Readonly<Record<string, number>>;
  readonly keys: Readonly<Record<string, number>>;
  /** Ids of accounts whose access token has expired, and for which a request waits there. */
  readonly wanted: readonly string[];
  readonly rests: readonly RestElsewhere[];
  /** By account id, told once: when an account came back that had not served since, ms since 1970. */
  readonly awaited: Readonly<Record<string, number>>;
}

export const PredecessorNewsSchema: v.GenericSchema<unknown, PredecessorNews> = v.object({
  pid: v.number(),
  lines: v.string(),
  ended: v.array(v.object({ record: AccessRecordSchema, kind: v.picklist(['traffic', 'probe']) })),
  inFlight: v.number(),
  accounts: counts,
  keys: counts,
  wanted: v.array(v.string()),
  rests: v.optional(v.array(RestElsewhereSchema), []),
  awaited: v.optional(counts, {}),
});

/** How a running supervisor follows another, and is followed. */
export interface Succession {
  readonly inheritance: Inheritance;
  /** Whether a successor serves: this process writes nothing any more, and ends with its last request. */
  readonly isDone: boolean;
  /** How many requests this process serves itself. */
  readonly inFlight: number;
  /** Ends what this process still serves, at once. */
  cut(): Promise<void>;
  /** Called when somebody asks for a restart. */
  onAsked(restart: () => Promise<Restarted>): void;
  /**
   * Gives the data directory to a successor, and resolves when it serves.
   *
   * @throws {RestartFailed} it does not; this process serves on as before
   */
  handOver(start: (inheritance: Inheritance) => Successor): Promise<void>;
  /** Gives the port to the successor, and resolves when the last request here has ended. */
  drained(): Promise<void>;
  /** What is to be told to the successor next; null: nothing new. */
  news(): PredecessorNews | null;
  /** Another process is told from now on, as after another restart: `news` begins with all that is served here. */
  tellAnew(): void;
  /** Takes in a connection that a predecessor accepted. */
  take(socket: Socket): void;
  /** Takes in what a predecessor tells. */
  heard(news: PredecessorNews): void;
  /** A predecessor has ended, or cannot tell any more. */
  gone(pid: number): void;
}
