/**
 * The protocol of the control socket: lines of JSON. The server greets; each request has an id, and gets any number of
 * `progress` and `page` lines and then one `result` or `error`; after `subscribe` there are `push` lines too. In both
 * directions a long list goes in pages, and any other message that is longer than {@link LONGEST_LINE} in parts, each a
 * line of its own.
 */
import * as v from 'valibot';
import { operations, type GivenBy, type GivenTo, type OperationName } from '../proxy/contract/operations.js';
import { HANDOVER, PredecessorNewsSchema, type PredecessorNews } from '../proxy/contract/succession/handover.js';
import type { Saying } from '../store/ground/errors.js';
import { saying } from '../store/words/saying.js';
import { ProgressSchema } from '../proxy/contract/operation-shapes.js';
import { AccountRowSchema, GrantEventSchema, LogLineSchema, PoolBoxesSchema, SnapshotSchema } from './shapes.js';

/** Raised whenever an old client would misread a new server, or a new client an old server. */
export const PROTOCOL = 6;

/** The longest line, bytes. */
export const LONGEST_LINE = 1_048_576;

/** A page of a list ends with the item that makes it as long as this, bytes. */
export const PAGE_BYTES = 131_072;

/** The next piece of a message, as text; the message is whole with the last one. No other line comes in between. */
export const PartSchema = v.object({ part: v.string(), last: v.boolean() });

export const GreetingSchema = v.object({
  regrant: v.string(),
  protocol: v.number(),
  pid: v.number(),
  /** The protocol of what a predecessor tells. */
  handover: v.optional(v.number()),
});

export type Greeting = v.InferOutput<typeof GreetingSchema>;

/** What is spoken besides {@link PROTOCOL}. */
export interface Speaking {
  /** Only what follows or ends a supervisor is asked for, as this number of the handover's protocol defines it. */
  readonly handover?: number;
}

/** Why one who greets so cannot be spoken to, and what to do; null: he can. */
export function speaksOtherwise({ regrant, protocol, pid, handover }: Greeting, speaking: Speaking): Saying | null {
  if (protocol === PROTOCOL || (speaking.handover !== undefined && speaking.handover === handover)) return null;
  return handover === HANDOVER
    ? saying(
        'the running regrant (pid {pid}) is version {version}, which speaks another protocol; `regrant restart` puts this version in its place',
        { pid, version: regrant },
      )
    : saying(
        'the running regrant (pid {pid}) is version {version}, which speaks another protocol; use that version, or stop it with `kill {pid}`',
        { pid, version: regrant },
      );
}

export const StatusSchema = v.looseObject({
  status: v.picklist(['ok', 'degraded', 'down']),
  version: v.string(),
  accounts: v.record(v.string(), v.number()),
  pid: v.number(),
  address: v.string(),
  /** Unix seconds. */
  upSince: v.number(),
  unsaved: v.number(),
  noneServes: v.array(v.object({ model: v.string(), next: v.nullable(v.number()) })),
  lock: v.optional(v.literal('lost')),
  /** Whether the log's file can be written, and how many lines it lacks since the start. */
  log: v.optional(v.object({ ok: v.boolean(), lost: v.number() }), { ok: true, lost: 0 }),
  /** What a restart that is under way waits for. */
  restarting: v.optional(v.string()),
  /** Accounts that serve, or will within the time that a request is held. */
  serving: v.number(),
  /** The machines of the pool, and which of them this one is; absent where it is of this one alone. */
  boxes: v.optional(PoolBoxesSchema),
});

export type Status = v.InferOutput<typeof StatusSchema>;

/** What another process can ask for besides the operations. */
const questions = {
  /** The body of `/healthz`, and where it comes from. */
  status: { takes: [], gives: StatusSchema, beside: 'nothing' },
  /** The account files without their tokens, each with the account's standing. */
  accounts: { takes: [], gives: v.array(v.record(v.string(), v.unknown())), beside: 'nothing' },
  /** A process that handed over to this supervisor tells what ended there; it has ended when its connection does. */
  predecessor: { takes: [PredecessorNewsSchema], gives: v.null(), beside: 'nothing' },
  /** The answer to the client's request of this id is not waited for: nothing more is sent to Google for it. */
  leave: { takes: [v.number()], gives: v.null(), beside: 'nothing' },
  /** From now on the latest snapshot, the events and the log are sent unasked. */
  subscribe: { takes: [], gives: v.null(), beside: 'nothing' },
} as const;

/** Every request, with the schemas of its arguments, in order, and of its answer. */
export const requests = { ...operations, ...questions };

type QuestionName = keyof typeof questions;
export type RequestName = OperationName | QuestionName;

export type ArgumentsOf<N extends RequestName> = N extends OperationName
  ? GivenTo<N>
  : N extends 'predecessor'
    ? readonly [PredecessorNews]
    : N extends 'leave'
      ? readonly [number]
      : readonly [];
export type AnswerOf<N extends RequestName> = N extends OperationName
  ? GivenBy<N>
  : N extends QuestionName
    ? v.InferOutput<(typeof questions)[N]['gives']>
    : never;

export const isRequestName = (name: string): name is RequestName => Object.hasOwn(requests, name);
export const isOperationName = (name: RequestName): name is OperationName => Object.hasOwn(operations, name);

export const EnvelopeSchema = v.object({
  id: v.number(),
  request: v.string(),
  arguments: v.optional(v.array(v.unknown()), []),
});

/** Items that belong before those of the first list among the arguments of the request that follows with this id. */
export const AheadSchema = v.object({ id: v.number(), items: v.array(v.unknown()) });

/**
 * What is sent unasked. Records have the numbers `first`, `first + 1`, …; a gap means that the records between were
 * dropped.
 */
export const PushSchema = v.variant('push', [
  /** The first rows of so many; the others follow as `rows`. */
  v.object({ push: v.literal('snapshot'), total: v.number(), snapshot: SnapshotSchema }),
  /** Only these rows, and those that follow as `rows`, differ from the snapshot before; all else is sent in full. */
  v.object({
    push: v.literal('changes'),
    rows: v.array(v.tuple([v.number(), AccountRowSchema])),
    snapshot: SnapshotSchema,
  }),
  /** More rows of the snapshot that was sent last, each with its place. */
  v.object({ push: v.literal('rows'), rows: v.array(v.tuple([v.number(), AccountRowSchema])) }),
  v.object({ push: v.literal('events'), first: v.number(), records: v.array(GrantEventSchema) }),
  v.object({ push: v.literal('logs'), first: v.number(), records: v.array(LogLineSchema) }),
  /** The supervisor is about to end; `heir`: another process goes on in its place, and can be connected to. */
  v.object({ push: v.literal('farewell'), heir: v.optional(v.boolean(), false) }),
]);
export type Push = v.InferOutput<typeof PushSchema>;

export const ControlReplySchema = v.union([
  v.object({ id: v.number(), progress: ProgressSchema }),
  /** The next items of an answer that is a list. */
  v.object({ id: v.number(), page: v.array(v.unknown()) }),
  v.object({ id: v.number(), result: v.unknown() }),
  v.object({ id: v.number(), error: v.object({ code: v.string(), message: v.string() }) }),
]);
export type ControlReply = v.InferOutput<typeof ControlReplySchema>;
