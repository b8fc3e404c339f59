import * as v from 'valibot';
import { isProjectId, lifeOf } from './bounds.js';
import { isJsonObject, type JsonObject } from '../ground/json.js';

/** A flag of an account file with its time and reason, where it is set. */
export interface Mark {
  /** Unix seconds; null where the file does not say. */
  readonly at: number | null;
  readonly reason: string;
}

/**
 * An account as its file describes it: `accounts/<id>.json`, the format of Antigravity Tools. Times are unix seconds.
 * Keys of the file that this type does not have stay in the file.
 */
export interface Account {
  /** The file's name without `.json`. */
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly refreshToken: string;
  /** Empty where the file has none yet. */
  readonly accessToken: string;
  /** When the access token ends. */
  readonly expiresAt: number;
  /** Life of the access token when it was issued, in seconds; null: not said. */
  readonly expiresIn: number | null;
  readonly projectId: string | null;
  /** Names the OAuth client that issued the tokens. */
  readonly clientKey: string | null;
  /** Set: Google refused the refresh token; only a new one cures it. */
  readonly disabled: Mark | null;
  /** Set: taken out of the proxy by hand or by another program; the account itself is fine. */
  readonly proxyDisabled: Mark | null;
  /** Set: Google asks a human to verify, until the given time. */
  readonly validationBlocked: { readonly until: number; readonly reason: string; readonly url: string | null } | null;
  /** Models under quota protection: requests for them are not sent with this account. */
  readonly protectedModels: readonly string[];
  readonly quota: Quota | null;
  readonly createdAt: number | null;
  readonly lastUsed: number | null;
}

export interface Quota {
  readonly models: readonly { readonly name: string; readonly percentage: number; readonly resetTime: string | null }[];
  /** Limits that several models share; empty where they are not known. */
  readonly groups: readonly QuotaGroup[];
  readonly isForbidden: boolean;
  readonly forbiddenReason: string | null;
}

/** Limits that some models share: by the week, by five hours. */
export interface QuotaGroup {
  /** As Google shows it: `Gemini Models`. */
  readonly name: string;
  readonly buckets: readonly QuotaBucket[];
}

export interface QuotaBucket {
  /** `gemini-weekly`, `3p-5h`. */
  readonly id: string;
  /** `weekly`, `5h`. */
  readonly window: string;
  /** What is left, 0 to 100. */
  readonly percentage: number;
  /** RFC 3339; null: not said. */
  readonly resetTime: string | null;
}

/** Why an account file cannot be used, in words that follow the file's name. */
export class UnreadableAccount extends Error {
  readonly code = 'UNREADABLE_ACCOUNT';
}

const filled = (what: string) => v.pipe(v.string(`${what} is no text`), v.minLength(1, `${what} is empty`));
/**
 * A flag that takes the account out of work. If it were read wrongly, a dead account would be put back to work, so a
 * value that is no boolean is refused instead of guessed.
 */
const verdict = (key: string) => v.optional(v.nullable(v.boolean(`${key} is neither true nor false`)), false);

/** What a file must have, with the right types, to be an account at all. */
const AccountFileSchema = v.object(
  {
    id: filled('id'),
    email: filled('email'),
    token: v.object({ refresh_token: filled('token.refresh_token') }, 'token is no object in braces'),
    disabled: verdict('disabled'),
    proxy_disabled: verdict('proxy_disabled'),
  },
  'not an object in braces',
);

type Must = v.InferOutput<typeof AccountFileSchema>;

/** Whether a file has what the schema asks for: as the schema finds, in a tenth of its time. */
export function hasAllItMust(json: unknown): json is JsonObject & Must {
  if (!isJsonObject(json) || !isJsonObject(json.token)) return false;
  const { id, email, disabled, proxy_disabled: proxyDisabled } = json;
  return (
    isFilled(id) && isFilled(email) && isFilled(json.token.refresh_token) && isFlag(disabled) && isFlag(proxyDisabled)
  );
}

const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isFlag = (value: unknown): boolean => typeof value === 'boolean' || value === undefined || value === null;

/** Says what is missing or wrong. @throws {UnreadableAccount} */
export function refuseWithout(json: unknown): void {
  const parsed = v.safeParse(AccountFileSchema, json);
  if (!parsed.success) throw new UnreadableAccount(messageOf(parsed.issues[0]));
}

/**
 * The account that a file's JSON describes. Keys that another program may leave out, set to null or fill with something
 * odd, without making the account unusable, are read by hand: a schema for them makes loading many accounts a third
 * slower.
 *
 * @param id - the file's name without `.json`, which the content has to repeat
 * @throws {UnreadableAccount} says what is missing or wrong
 */
export function accountOf(json: unknown, id: string): Account {
  if (!hasAllItMust(json)) refuseWithout(json);
  const file = json as JsonObject & Must;
  if (file.id !== id)
    throw new UnreadableAccount(`its id is "${file.id.slice(0, 80)}", which belongs to another file name`);
  const token: JsonObject & Must['token'] = file.token;
  const life = seconds(token.expires_in);
  // written out: objects spread into one make it twice as slow, and there are tens of thousands
  return {
    id,
    email: file.email,
    name: text(file.name) ?? '',
    refreshToken: token.refresh_token,
    accessToken: text(token.access_token) ?? '',
    expiresAt: endOf(token, life),
    expiresIn: life === null ? null : lifeOf(life),
    projectId: projectFrom(token.project_id),
    clientKey: filledText(token.oauth_client_key),
    disabled: file.disabled === true ? markOf(file.disabled_at, file.disabled_reason) : null,
    proxyDisabled: file.proxy_disabled === true ? markOf(file.proxy_disabled_at, file.proxy_disabled_reason) : null,
    validationBlocked: validationOf(file),
    protectedModels: textsOf(file.protected_models),
    quota: quotaOf(file.quota),
    createdAt: seconds(file.created_at),
    lastUsed: seconds(file.last_used),
  };
}

/** Whether this JSON, in a file of the account's name, would be read as the account. */
export function isAccount(json: JsonObject, id: string): boolean {
  try {
    accountOf(json, id);
    return true;
  } catch (error) {
    if (error instanceof UnreadableAccount) return false;
    throw error;
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const filledText = (value: unknown): string | null => (value === '' ? null : text(value));
const seconds = (value: unknown): number | null => (Number.isFinite(value) ? (value as number) : null);
/**
 * When the access token ends, in unix seconds. A life that no real token has is replaced by the nearest plausible one.
 *
 * @param life - its whole life in seconds; null: not said
 */
function endOf(token: JsonObject, life: number | null): number {
  const end = seconds(token.expiry_timestamp) ?? 0;
  return life === null ? end : end - life + lifeOf(life);
}

/** The project's id; null for a text that cannot be one, since it would break each request that it is sent with. */
function projectFrom(value: unknown): string | null {
  const project = filledText(value);
  return project !== null && isProjectId(project) ? project : null;
}

const markOf = (at: unknown, reason: unknown): Mark => ({ at: seconds(at), reason: text(reason) ?? '' });
const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : [];

const messageOf = (issue: v.BaseIssue<unknown>): string => {
  const key = v.getDotPath(issue);
  return key !== null && /^(undefined|null)$/.test(issue.received) ? `${key} is missing` : issue.message;
};

const validationOf = (file: JsonObject): Account['validationBlocked'] =>
  file.validation_blocked === true
    ? {
        until: seconds(file.validation_blocked_until) ?? 0,
        reason: text(file.validation_blocked_reason) ?? '',
        url: filledText(file.validation_url),
      }
    : null;

/** What a file says of its quota, as far as it makes sense. */
function quotaOf(quota: unknown): Quota | null {
  if (!isJsonObject(quota)) return null;
  const models: Quota['models'][number][] = [];
  for (const model of Array.isArray(quota.models) ? (quota.models as unknown[]) : []) {
    if (!isJsonObject(model)) continue;
    const { name, percentage } = model;
    if (typeof name !== 'string' || typeof percentage !== 'number') continue;
    models.push({ name, percentage, resetTime: text(model.reset_time) });
  }
  const isForbidden = quota.is_forbidden === true;
  return { models, groups: quotaGroupsIn(quota), isForbidden, forbiddenReason: text(quota.forbidden_reason) };
}

/** The one empty list that all files without groups share. */
const NO_GROUPS: readonly QuotaGroup[] = [];

function quotaGroupsIn({ quota_groups: groups }: JsonObject): readonly QuotaGroup[] {
  if (!Array.isArray(groups)) return NO_GROUPS;
  return (groups as unknown[]).filter(isJsonObject).map((group) => ({
    name: text(group.display_name) ?? '',
    buckets: (Array.isArray(group.buckets) ? (group.buckets as unknown[]) : []).filter(isJsonObject).flatMap(bucketOf),
  }));
}

function bucketOf(bucket: JsonObject): readonly QuotaBucket[] {
  const { remaining_fraction: left } = bucket;
  if (typeof left !== 'number' || !Number.isFinite(left)) return [];
  const percentage = Math.round(Math.min(1, Math.max(0, left)) * 100);
  const [id, window] = [text(bucket.bucket_id) ?? '', text(bucket.window) ?? ''];
  return [{ id, window, percentage, resetTime: filledText(bucket.reset_time) }];
}

/** A file's JSON without anything secret: for `accounts --json` and the like. */
export function withoutTokens(json: JsonObject): JsonObject {
  const { token, device_profile: _profile, device_history: _history, ...rest } = json;
  if (!isJsonObject(token)) return rest;
  const { access_token: _access, refresh_token: _refresh, id_token: _id, session_id: _session, ...harmless } = token;
  return { ...rest, token: harmless };
}
