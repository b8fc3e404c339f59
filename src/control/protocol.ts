/**
 * What goes over the control socket: lines of JSON. The server greets; each request has an id, gets any number of
 * `progress` lines and then one `result` or `error`.
 */
import * as v from 'valibot';

/** Raised whenever an old client would misread a new server or the other way round. */
export const PROTOCOL = 1;

/** A pasted token is at most 8 kB; nothing longer than this is a request of ours. */
export const LONGEST_LINE = 1_048_576;

export const GreetingSchema = v.object({
  regrant: v.string(),
  protocol: v.number(),
  pid: v.number(),
});

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

const RegrantRequestSchema = v.object({
  accountId: v.nullable(v.string()),
  refreshToken: v.string(),
  client: v.nullable(v.string()),
  otherAccount: v.picklist(['ask', 'accept']),
});

/** Every operation that another process may ask for, with its arguments. */
export const requestSchemas = {
  status: v.object({}),
  accounts: v.object({}),
  regrant: RegrantRequestSchema,
  resume: v.object({ pending: v.string(), decision: v.picklist(['accept', 'retry', 'drop']) }),
  reload: v.object({}),
  stop: v.object({}),
} as const;

export type RequestName = keyof typeof requestSchemas;
export type Arguments<N extends RequestName> = v.InferOutput<(typeof requestSchemas)[N]>;

export const EnvelopeSchema = v.object({
  id: v.number(),
  request: v.string(),
  arguments: v.optional(v.unknown(), {}),
});

export const ProgressSchema = v.object({
  step: v.picklist(['exchange', 'identity', 'scopes', 'saved', 'reloaded', 'upstream', 'served']),
  status: v.picklist(['running', 'done', 'failed', 'warning']),
  text: v.string(),
});

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

export const SaidSchema = v.object({ ok: v.boolean(), text: v.string() });
export const ListingSchema = v.array(v.record(v.string(), v.unknown()));
