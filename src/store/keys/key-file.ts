import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { writeDurably } from '../disk/durable.js';
import { CannotRun, systemCode, reasonOf } from '../ground/errors.js';
import { parseExactly, printExactly } from '../ground/exact-json.js';
import { isJsonObject, type JsonObject } from '../ground/json.js';
import { SettingsError } from '../settings/settings.js';

const count = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0);
const seconds = v.pipe(v.number(), v.integer());
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** What `keys.json` says of one key. Times are unix seconds; a limit of 0 means no limit. */
const KeySchema = v.object({
  /** SHA-256 of the key; empty for `default`, which is in the settings. */
  sha256: v.optional(v.union([hash, v.literal('')]), ''),
  created: v.optional(v.nullable(seconds), null),
  expires: v.optional(v.nullable(seconds), null),
  /** Patterns of allowed models, with `*`; none: every model. */
  models: v.optional(v.array(v.string()), []),
  tokensPerDay: count,
  tokensPerMonth: count,
  requestsPerMinute: count,
  maxInFlight: count,
  pin: v.optional(v.boolean(), false),
  off: v.optional(v.boolean(), false),
  note: v.optional(v.string(), ''),
  /** The key before the last rotation, while it is still accepted; null: there is none. */
  old: v.optional(v.nullable(v.object({ sha256: hash, until: seconds })), null),
});

export type StoredKey = Readonly<v.InferOutput<typeof KeySchema>>;

const FileSchema = v.object({
  schema: v.optional(v.number(), 1),
  keys: v.optional(v.record(v.pipe(v.string(), v.regex(/^[\w.@-]{1,64}$/)), KeySchema), {}),
});

/** The version of the file that this program reads and writes. */
const SCHEMA = 1;

/** Every key by its name. The key in the settings is named `default`. */
export type StoredKeys = ReadonlyMap<string, StoredKey>;

export const DEFAULT_KEY = 'default';
export const isKeyName = (name: string): boolean => /^[\w.@-]{1,64}$/.test(name);
export const keyHash = (key: string): string => createHash('sha256').update(key).digest('hex');

/** A new key: one word of letters, digits, `-` and `_`, which does not tell who owns it. */
export const newKey = (): string => `rg-${randomBytes(32).toString('base64url')}`;

/**
 * Reads the file; a missing file holds no keys.
 *
 * @throws {SettingsError} it is no such file
 * @throws {CannotRun} a newer version wrote it
 */
export function readKeys(file: string): StoredKeys {
  const json = jsonIn(file);
  if (typeof json.schema === 'number' && json.schema > SCHEMA) {
    throw new CannotRun(
      'NEWER_SCHEMA',
      `${file} was written by a newer regrant (schema ${json.schema}); use that version`,
    );
  }
  const parsed = v.safeParse(FileSchema, json);
  if (parsed.success) return new Map(Object.entries(parsed.output.keys));
  const at = v.getDotPath(parsed.issues[0]) ?? 'the file';
  throw new SettingsError(`${file}: ${at} is not what it should be: ${parsed.issues[0].message}; mend it`);
}

/**
 * Changes one key in the file; null removes it. Everything else in the file stays.
 *
 * @throws {SettingsError} the file cannot be read or written; nothing is changed then
 */
export async function writeKey(file: string, name: string, key: Partial<StoredKey> | null): Promise<void> {
  readKeys(file);
  const json = jsonIn(file);
  const { [name]: before, ...others }: JsonObject = isJsonObject(json.keys) ? json.keys : {};
  const changed = key === null ? {} : { [name]: { ...(isJsonObject(before) ? before : {}), ...key } };
  const keys = { ...others, ...changed };
  try {
    await writeDurably(file, `${printExactly({ schema: SCHEMA, ...json, keys })}\n`);
  } catch (error) {
    throw new SettingsError(`${file} cannot be written: ${reasonOf(error)}; the key is not kept`);
  }
}

function jsonIn(file: string): JsonObject {
  try {
    const json: unknown = parseExactly(readFileSync(file, 'utf8'));
    if (isJsonObject(json)) return json;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return {};
    if (systemCode(error) !== '') throw new SettingsError(`${file} cannot be read: ${reasonOf(error)}`);
  }
  throw new SettingsError(`${file} is no JSON object; mend it, or move it away`);
}
