import * as v from 'valibot';

/** One client request, as logged when it ended. */
export interface AccessRecord {
  readonly id: string;
  readonly method: string;
  /** Path and query, `key` redacted. */
  readonly path: string;
  readonly model: string | null;
  readonly stream: boolean;
  /** Status sent to the client; 0 where the client left before one was sent. */
  readonly status: number;
  /** E-mail of the account that gave the answer; null where none was asked. */
  readonly account: string | null;
  readonly ms: number;
  /** ms to the first byte of the upstream's answer. */
  readonly ttfbMs: number | null;
  readonly bytes: number;
  readonly tokens: number | null;
  /** How many upstream answers were asked for. */
  readonly tries: number;
  /** Why each earlier account was given up, in order: `kim.ops: refresh failed`. */
  readonly left: readonly string[];
  /** The kind of work that was asked for; null: it was answered here. */
  readonly group?: string | null;
  /** How long the request was held until an account was free, ms. */
  readonly waitedMs?: number;
  /** Code of an error within the stream, after its beginning was sent; null: there was no code. */
  readonly streamError?: number | null;
  /** Name of the key that the client showed; null: none. */
  readonly key?: string | null;
  /** The client's address: the socket's, or what a trusted proxy says; null: the client was gone already. */
  readonly ip?: string | null;
  /** The client's name of the model, where an alias changed it; null: none did. */
  readonly asked?: string | null;
  /** How many equal lines this one stands for. */
  readonly count?: number;
  /** The protocol that the client speaks. */
  readonly protocol?: string | null;
  /** The tokens that the answer says it used; null: it does not say, or cannot be read. */
  readonly used?: TokensUsed | null;
  /** The tokens of good answers that the client did not get: they were empty, or broke off before it saw any of them. */
  readonly spent?: readonly SpentTokens[];
  /** Answers to this kind of request say how many tokens they used. */
  readonly asksTokens?: boolean;
  /** The answer broke off, on our side or the upstream's. */
  readonly broken?: boolean;
  /** The request was held until an account was free. */
  readonly held?: boolean;
}

/** The fields for a request of which nothing could be read. */
export const UNREAD = {
  ...{ path: '*', model: null, stream: false, account: null, ms: 0, ttfbMs: null, bytes: 0, tokens: null, tries: 0 },
  ...{ group: null, waitedMs: 0, streamError: null, key: null, ip: null, asked: null, protocol: null },
  left: [],
} as const;

/** Tokens of one answer: `in` without what was cached, `out` without thoughts. */
export interface TokensUsed {
  readonly in: number;
  readonly cached: number;
  readonly out: number;
  readonly thoughts: number;
}

/** Tokens that an account's answer used, though the client got another. */
export interface SpentTokens {
  /** E-mail. */
  readonly account: string;
  readonly used: TokensUsed;
}

const UsedSchema = v.object({ in: v.number(), cached: v.number(), out: v.number(), thoughts: v.number() });

export const AccessSchema = v.object({
  id: v.string(),
  method: v.string(),
  path: v.string(),
  model: v.nullable(v.string()),
  stream: v.boolean(),
  status: v.number(),
  account: v.nullable(v.string()),
  ms: v.number(),
  ttfbMs: v.nullable(v.number()),
  bytes: v.number(),
  tokens: v.nullable(v.number()),
  tries: v.number(),
  left: v.array(v.string()),
  group: v.optional(v.nullable(v.string())),
  waitedMs: v.optional(v.number()),
  streamError: v.optional(v.nullable(v.number())),
  key: v.optional(v.nullable(v.string())),
  protocol: v.optional(v.nullable(v.string())),
  ip: v.optional(v.nullable(v.string())),
  asked: v.optional(v.nullable(v.string())),
  count: v.optional(v.number()),
});

/** A whole record, as one process of ours tells it another. */
export const AccessRecordSchema: v.GenericSchema<unknown, AccessRecord> = v.object({
  ...AccessSchema.entries,
  used: v.optional(v.nullable(UsedSchema)),
  spent: v.exactOptional(v.array(v.object({ account: v.string(), used: UsedSchema }))),
  asksTokens: v.optional(v.boolean()),
  broken: v.optional(v.boolean()),
  held: v.optional(v.boolean()),
});
