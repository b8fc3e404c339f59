import * as v from 'valibot';

/** A refresh token that Google refused. Times in unix seconds. */
export const RefusedSchema = v.object({
  /** When it was refused first: what `disabled_at` says again if another program clears it. */
  at: v.number(),
  cause: v.string(),
  /** As in `disabled_reason`. */
  reason: v.string(),
});

/** What is known of a grant beyond its file. Times in unix seconds. */
export const GrantSchema = v.object({
  /** First seen by us; what was older than that nobody can say. */
  firstSeen: v.number(),
  /** Google accepted it last. */
  lastOk: v.optional(v.number()),
  /** When the grant itself ends, from `refresh_token_expires_in`. */
  endsAt: v.optional(v.number()),
  /** Life in seconds that Google gave the grant when it said so first. */
  lifetime: v.optional(v.number()),
  /** The last warning of its end was given this many hours ahead. */
  warnedHours: v.optional(v.number()),
  /** The token was itself the answer to an exchange: each one may be good for one more. */
  rotated: v.optional(v.boolean()),
  /** Scopes of the last answer. */
  scopes: v.optional(v.string()),
});

/** A new refresh token that was verified and saved here. */
export const LoginSchema = v.object({
  client: v.string(),
  /** In lower case. */
  email: v.string(),
  /** Unix seconds. */
  at: v.number(),
  /** Fingerprint of the refresh token. */
  token: v.string(),
});

/** Who rests, of this version or of one before: what more it says is read by `proxy/rests/rest-records`. */
export const RestRecordSchema = v.union([v.looseObject({ who: v.string() }), v.looseObject({ project: v.string() })]);

/** A model that was asked for, and for what kind of work. */
export const AskedModelSchema = v.object({
  model: v.string(),
  group: v.picklist(['generate', 'count', 'embed', 'batch', 'predict', 'other']),
  /** Unix seconds. */
  at: v.number(),
});

/** Something that the Gemini API stores, or an upload of it, and who can see it. */
export const ResourceSchema = v.object({
  /** `files/abc`; an upload by a digest of its id. */
  name: v.string(),
  /** Quota project. */
  project: v.string(),
  /** The one account that can go on with an upload. */
  account: v.nullable(v.string()),
  /** The base URL's host that an upload was begun at. */
  host: v.nullable(v.string()),
  /** When it was made, seen or used last, ms since 1970. */
  at: v.optional(v.number()),
  /** Name of the client key that it was made with, empty for a client without; absent: nobody here made it. */
  client: v.optional(v.string()),
  /** When it was made, ms since 1970. */
  madeAt: v.optional(v.number()),
});

export type RefusedRecord = Readonly<v.InferOutput<typeof RefusedSchema>>;
export type GrantRecord = Readonly<v.InferOutput<typeof GrantSchema>>;
export type LoginRecord = Readonly<v.InferOutput<typeof LoginSchema>>;
export type AskedModelRecord = Readonly<v.InferOutput<typeof AskedModelSchema>>;
export type ResourceRecord = Readonly<v.InferOutput<typeof ResourceSchema>>;

/**
 * What must outlive a restart and is no account. Tokens are in it by fingerprint only. It is never authoritative: losing
 * it costs comfort, never an account.
 */
export interface StateStore {
  refused(fingerprint: string): RefusedRecord | undefined;
  refuse(fingerprint: string, refused: RefusedRecord): void;
  /** Google took this token after all. */
  forgive(fingerprint: string): void;

  grant(fingerprint: string): GrantRecord | undefined;
  setGrant(fingerprint: string, record: GrantRecord): void;
  /** Another token took its place. */
  dropGrant(fingerprint: string): void;

  /** New refresh tokens of the last week, the oldest first. */
  readonly logins: readonly LoginRecord[];
  noteLogin(login: LoginRecord): void;

  /** Who rests, as it lay on disk: read by `proxy/rests/rest-records`, older forms too. */
  readonly coolDowns: readonly unknown[];
  /** Who rests has changed. @param records - asked when it is saved, so that a storm of them costs one look */
  setCoolDowns(records: () => readonly object[]): void;

  /** Models that were asked for within the hour before they were saved. */
  readonly askedModels: readonly AskedModelRecord[];
  /** Another model is asked for. @param records - asked whenever anything is saved */
  setAskedModels(records: () => readonly AskedModelRecord[]): void;

  readonly resources: readonly ResourceRecord[];
  /** What is stored has changed. @param records - asked when it is saved */
  setResources(records: () => readonly ResourceRecord[]): void;

  /** When somebody last looked at the screen, ms since 1970; null: nobody did. */
  readonly lastLooked: number | null;
  looked(at: number): void;

  /** Forgets tokens that no account holds any more. */
  prune(held: ReadonlySet<string>): void;

  /** Resolves when all that is to be saved is, or cannot be. */
  flush(): Promise<void>;
}
