import * as v from 'valibot';
import { isJsonObject } from '../ground/json.js';

/** A refresh token that Google refused. Times in unix seconds. */
export const RefusedSchema = v.object({
  /** When the token was first refused: put back into `disabled_at` if another program clears that. */
  at: v.number(),
  cause: v.string(),
  /** The reason, as in `disabled_reason`. */
  reason: v.string(),
});

/** What is known of a grant beyond the account's file. Times in unix seconds. */
export const GrantSchema = v.object({
  /** When we first saw the grant; it may be older. */
  firstSeen: v.number(),
  /** When Google last accepted it. */
  lastOk: v.optional(v.number()),
  /** When the grant itself ends, from `refresh_token_expires_in`. */
  endsAt: v.optional(v.number()),
  /** The life in seconds that Google gave the grant in its first answer that said so. */
  lifetime: v.optional(v.number()),
  /** How many hours ahead the last warning of its end was given. */
  warnedHours: v.optional(v.number()),
  /** The token was itself the answer to an exchange: each such token may be good for only one more. */
  rotated: v.optional(v.boolean()),
  /** Scopes in Google's last answer. */
  scopes: v.optional(v.string()),
});

/** Whether {@link RefusedSchema} takes it, in a tenth of the time; keys that it does not know stay. */
export const isRefused = (value: unknown): value is RefusedRecord =>
  isJsonObject(value) &&
  typeof value.at === 'number' &&
  typeof value.cause === 'string' &&
  typeof value.reason === 'string';

/** Whether {@link GrantSchema} takes it, in a tenth of the time; keys that it does not know stay. */
export function isGrant(value: unknown): value is GrantRecord {
  if (!isJsonObject(value) || typeof value.firstSeen !== 'number') return false;
  const { lastOk, endsAt, lifetime, warnedHours, rotated, scopes } = value;
  return (
    isNumberOrNone(lastOk) &&
    isNumberOrNone(endsAt) &&
    isNumberOrNone(lifetime) &&
    isNumberOrNone(warnedHours) &&
    (rotated === undefined || typeof rotated === 'boolean') &&
    (scopes === undefined || typeof scopes === 'string')
  );
}

const isNumberOrNone = (value: unknown): boolean => value === undefined || typeof value === 'number';

/** A new refresh token that was verified and saved here. */
export const LoginSchema = v.object({
  client: v.string(),
  /** The account's e-mail, in lower case. */
  email: v.string(),
  /** When it was last asked for, unix seconds. */
  at: v.number(),
  /** Fingerprint of the refresh token. */
  token: v.string(),
});

/**
 * A rest, as this version or an earlier one wrote it; the rest of its fields are read by `proxy/rests/rest-records`.
 */
export const RestRecordSchema = v.union([v.looseObject({ who: v.string() }), v.looseObject({ project: v.string() })]);

/** A model that was asked for, and for what kind of work. */
export const AskedModelSchema = v.object({
  model: v.string(),
  group: v.picklist(['generate', 'count', 'embed', 'batch', 'predict', 'other']),
  /** When it was saved, unix seconds. */
  at: v.number(),
});

/** How many requests of a client key began in a minute. */
export const KeyMinuteSchema = v.object({
  key: v.string(),
  /** Minutes since 1970. */
  minute: v.number(),
  requests: v.number(),
});

/** Something that the Gemini API stores, or an upload of it, and who can see it. */
export const ResourceSchema = v.object({
  /** Name of what is stored (`files/abc`); for an upload, a digest of its id. */
  name: v.string(),
  /** The quota project that it is stored in. */
  project: v.string(),
  /** The one account that can continue an upload; null: it is no upload. */
  account: v.nullable(v.string()),
  /** Host of the base URL that an upload was begun at; null: it is no upload. */
  host: v.nullable(v.string()),
  /** When it was last made, seen or used, ms since 1970. */
  at: v.optional(v.number()),
  /** Name of the client key with which it was made, empty for a client without; absent: it was not made here. */
  client: v.optional(v.string()),
  /** When it was made, ms since 1970. */
  madeAt: v.optional(v.number()),
});

export type RefusedRecord = Readonly<v.InferOutput<typeof RefusedSchema>>;
export type GrantRecord = Readonly<v.InferOutput<typeof GrantSchema>>;
export type LoginRecord = Readonly<v.InferOutput<typeof LoginSchema>>;
export type AskedModelRecord = Readonly<v.InferOutput<typeof AskedModelSchema>>;
export type KeyMinuteRecord = Readonly<v.InferOutput<typeof KeyMinuteSchema>>;
export type ResourceRecord = Readonly<v.InferOutput<typeof ResourceSchema>>;

/** Records that other boxes changed: as they are now, and as those were that are gone. */
export interface ChangedElsewhere<T> {
  readonly now: readonly T[];
  readonly gone: readonly T[];
}

/** A state that several boxes share: what the others change comes into this one's by itself, and is told. */
export interface StateElsewhere {
  /** Calls `listener` with rests, as `coolDowns` has them. */
  onCoolDowns(listener: (changed: ChangedElsewhere<unknown>) => void): () => void;
  onResources(listener: (changed: ChangedElsewhere<ResourceRecord>) => void): () => void;
  /** Calls `listener` with the fingerprints of tokens of which something else is known now. */
  onTokens(listener: (fingerprints: readonly string[]) => void): () => void;
  /** What is known by now of these stored things, which this box has not heard of; none where it cannot be asked. */
  findResources(names: readonly string[]): Promise<readonly ResourceRecord[]>;
}

/**
 * What must outlive a restart and is not in an account's file. It holds tokens as fingerprints only. It is never
 * authoritative: losing it costs convenience, never an account.
 */
export interface StateStore {
  /** What other boxes do; null: nobody else writes this state. */
  readonly elsewhere: StateElsewhere | null;

  /** Whether any token is known to be refused: where none is, no fingerprint need be made to ask for it. */
  readonly hasRefused: boolean;
  refused(fingerprint: string): RefusedRecord | undefined;
  refuse(fingerprint: string, refused: RefusedRecord): void;
  /** Google accepted this token after all: its refusal is forgotten. */
  forgive(fingerprint: string): void;

  grant(fingerprint: string): GrantRecord | undefined;
  setGrant(fingerprint: string, record: GrantRecord): void;
  /** Forgets a grant, because another token took its place. */
  dropGrant(fingerprint: string): void;

  /** New refresh tokens of the last week, the oldest first. */
  readonly logins: readonly LoginRecord[];
  noteLogin(login: LoginRecord): void;

  /** The rests as they were on disk, older formats too: read by `proxy/rests/rest-records`. */
  readonly coolDowns: readonly unknown[];
  /** The rests have changed. @param records - called when the state is saved, so that many changes cost one call */
  setCoolDowns(records: () => readonly object[]): void;

  /** Models that were asked for within the hour before they were saved. */
  readonly askedModels: readonly AskedModelRecord[];
  /** Another model was asked for. @param records - called whenever anything is saved */
  setAskedModels(records: () => readonly AskedModelRecord[]): void;

  /** How many requests each key with a limit per minute began in its last minute. */
  readonly keyMinutes: readonly KeyMinuteRecord[];
  /** These counts have changed. @param records - called when the state is saved */
  setKeyMinutes(records: () => readonly KeyMinuteRecord[]): void;

  readonly resources: readonly ResourceRecord[];
  /** What the Gemini API stores has changed. @param records - called when the state is saved */
  setResources(records: () => readonly ResourceRecord[]): void;

  /** When somebody last looked at the screen, ms since 1970; null: nobody did. */
  readonly lastLooked: number | null;
  looked(at: number): void;

  /** When an account last served, unix seconds; null: its own file says it, or it never did. */
  lastUsed(id: string): number | null;
  /** @param seconds - null: the account's file says it by now */
  setLastUsed(id: string, seconds: number | null): void;

  /** Forgets tokens that no account holds any more, by their fingerprints, and accounts that are gone, by their ids. */
  prune(held: ReadonlySet<string>, accounts: ReadonlySet<string>): void;

  /** Resolves when everything is saved, or cannot be. */
  flush(): Promise<void>;
}
