/**
 * What goes over the control socket: lines of JSON. The server greets; each request has an id, gets any number of
 * `progress` lines and then one `result` or `error`; after `subscribe` there are `push` lines too.
 */
import * as v from 'valibot';
import { regrantSteps, type Operations } from '../proxy/contract/operations.js';
import { AccountRowSchema, CauseSchema, GrantEventSchema, LogLineSchema, SnapshotSchema } from './shapes.js';

/** Raised whenever an old client would misread a new server or the other way round. */
export const PROTOCOL = 3;

/** A pasted token is at most 8 kB; nothing longer than this is a request of ours. */
export const LONGEST_LINE = 1_048_576;

export const GreetingSchema = v.object({
  regrant: v.string(),
  protocol: v.number(),
  pid: v.number(),
});

export type Greeting = v.InferOutput<typeof GreetingSchema>;

export const StatusSchema = v.looseObject({
  status: v.picklist(['ok', 'degraded', 'down']),
  version: v.string(),
  accounts: v.record(v.string(), v.number()),
  pid: v.number(),
  address: v.string(),
  /** Unix seconds. */
  upSince: v.number(),
});

export type Status = v.InferOutput<typeof StatusSchema>;

const nothing = v.object({});
const accountIds = v.array(v.string());

/** Every operation, and what else another process may ask for, with its arguments. */
export const requestSchemas = {
  status: nothing,
  accounts: nothing,
  /** From now on the latest snapshot, the events and the log come by themselves. */
  subscribe: nothing,
  regrant: v.object({
    accountId: v.nullable(v.string()),
    refreshToken: v.string(),
    client: v.nullable(v.string()),
    otherAccount: v.picklist(['ask', 'accept']),
  }),
  resume: v.object({ pending: v.string(), decision: v.picklist(['accept', 'retry', 'drop']) }),
  takeIn: v.object({
    refreshToken: v.string(),
    client: v.nullable(v.string()),
    ownClient: v.nullable(v.object({ id: v.string(), secret: v.string() })),
    projectId: v.nullable(v.string()),
    file: v.nullable(v.record(v.string(), v.unknown())),
  }),
  setUpClient: v.object({ client: v.nullable(v.string()), id: v.string(), secret: v.string() }),
  startLogin: v.object({
    accountId: v.nullable(v.string()),
    email: v.nullable(v.string()),
    client: v.nullable(v.string()),
    otherAccount: v.picklist(['ask', 'accept']),
  }),
  awaitLogin: v.object({ login: v.string() }),
  pasteLogin: v.object({ login: v.string(), text: v.string() }),
  cancelLogin: v.object({ login: v.string() }),
  testNow: v.object({ accountIds }),
  stopTests: nothing,
  setProxyDisabled: v.object({ accountIds, disabled: v.boolean() }),
  remove: v.object({ accountIds }),
  undo: nothing,
  reload: nothing,
  looked: nothing,
  saveView: v.object({ lines: v.array(v.string()) }),
  stop: nothing,
} as const satisfies Record<keyof Operations | 'status' | 'accounts' | 'subscribe', v.GenericSchema>;

export type RequestName = keyof typeof requestSchemas;
export type Arguments<N extends RequestName> = v.InferOutput<(typeof requestSchemas)[N]>;

export const isRequestName = (name: string): name is RequestName => Object.hasOwn(requestSchemas, name);

export const EnvelopeSchema = v.object({
  id: v.number(),
  request: v.string(),
  arguments: v.optional(v.unknown(), {}),
});

const ProgressSchema = v.object({
  step: v.picklist(regrantSteps),
  status: v.picklist(['running', 'done', 'failed', 'warning']),
  text: v.string(),
});

/** What comes unasked. Records have the numbers `first`, `first + 1`, …; a gap means that those between are gone. */
export const PushSchema = v.variant('push', [
  v.object({ push: v.literal('snapshot'), snapshot: SnapshotSchema }),
  /** Only these rows differ from the snapshot before, each with its place; all else of it is new. */
  v.object({
    push: v.literal('changes'),
    rows: v.array(v.tuple([v.number(), AccountRowSchema])),
    snapshot: SnapshotSchema,
  }),
  v.object({ push: v.literal('events'), first: v.number(), records: v.array(GrantEventSchema) }),
  v.object({ push: v.literal('logs'), first: v.number(), records: v.array(LogLineSchema) }),
  /** The supervisor is about to end. */
  v.object({ push: v.literal('farewell') }),
]);
export type Push = v.InferOutput<typeof PushSchema>;

export const ReplySchema = v.union([
  v.object({ id: v.number(), progress: ProgressSchema }),
  v.object({ id: v.number(), result: v.unknown() }),
  v.object({ id: v.number(), error: v.object({ code: v.string(), message: v.string() }) }),
]);
export type Reply = v.InferOutput<typeof ReplySchema>;

export const RegrantResultSchema = v.union([
  v.object({
    outcome: v.picklist(['saved', 'not_saved']),
    accountId: v.string(),
    email: v.string(),
    created: v.boolean(),
    keptOut: v.nullable(v.string()),
    text: v.string(),
  }),
  v.object({ outcome: v.picklist(['refused', 'unavailable']), cause: v.string(), text: v.string() }),
  v.object({
    outcome: v.picklist(['other_account', 'identity_unknown']),
    pending: v.string(),
    email: v.nullable(v.string()),
    text: v.string(),
  }),
]);

export const ImportVerdictSchema = v.object({
  outcome: v.picklist(['added', 're-added', 'unchanged', 'refused', 'unavailable', 'not_saved']),
  email: v.nullable(v.string()),
  text: v.string(),
});

export const SaidSchema = v.object({ ok: v.boolean(), text: v.string() });
export const RegrantOrSaidSchema = v.union([RegrantResultSchema, SaidSchema]);
export const LoginOutcomeSchema = v.union([
  RegrantResultSchema,
  v.object({ outcome: v.picklist(['login_open', 'login_over']), text: v.string() }),
]);
export const LoginOfferSchema = v.object({
  login: v.string(),
  url: v.string(),
  port: v.number(),
  client: v.string(),
  email: v.nullable(v.string()),
  machine: v.string(),
});

export const TestResultsSchema = v.array(
  v.object({
    accountId: v.string(),
    email: v.string(),
    ok: v.boolean(),
    cause: v.nullable(CauseSchema),
    text: v.string(),
  }),
);
export const ListingSchema = v.array(v.record(v.string(), v.unknown()));
