import { read, reason, saying } from '../words/saying.js';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import type { Disk } from '../disk/disk.js';
import { writeDurably } from '../disk/durable.js';
import { CannotRun, systemCode, type Saying } from '../ground/errors.js';
import { parseExactly, printExactly } from '../ground/exact-json.js';
import { isJsonObject, type JsonObject } from '../ground/json.js';
import { allowed, inBraces, text, texts, trueOrFalse, whole } from '../settings/checks.js';
import { takenName } from '../settings/schema.js';
import { SettingsError } from '../settings/settings.js';

/** An object in braces of which only these members are taken. */
const braces = <const T extends v.ObjectEntries>(entries: T) => v.pipe(inBraces, v.object(entries));
const count = v.optional(whole(0, Number.MAX_SAFE_INTEGER), 0);
const seconds = v.pipe(v.number(allowed('a whole number')), v.integer(allowed('a whole number')));
const hash = v.pipe(text, v.regex(/^[0-9a-f]{64}$/, allowed('64 of 0-9 and a-f: the SHA-256 of the key')));

/** What `keys.json` says of one key. Times are unix seconds; a limit of 0 means no limit. */
const KeySchema = braces({
  /** SHA-256 of the key; empty for `default`, which is in the settings. */
  sha256: v.optional(v.union([v.literal(''), hash], allowed('64 of 0-9 and a-f: the SHA-256 of the key')), ''),
  created: v.optional(v.nullable(seconds), null),
  expires: v.optional(v.nullable(seconds), null),
  /** Patterns of allowed models, with `*`; none: every model. */
  models: v.optional(texts, []),
  tokensPerDay: count,
  tokensPerMonth: count,
  requestsPerMinute: count,
  maxInFlight: count,
  pin: v.optional(trueOrFalse, false),
  off: v.optional(trueOrFalse, false),
  note: v.optional(text, ''),
  /** The key before the last rotation, while it is still accepted; null: there is none. */
  old: v.optional(v.nullable(braces({ sha256: hash, until: seconds })), null),
});

export type StoredKey = Readonly<v.InferOutput<typeof KeySchema>>;

export const isKeyName = (name: string): boolean => /^[\w.@-]{1,64}$/.test(name) && !takenName(name);

const FileSchema = braces({
  schema: v.optional(v.number(allowed('a whole number')), 1),
  keys: v.optional(
    v.pipe(
      inBraces,
      v.check(
        (keys) => Object.keys(keys).every(isKeyName),
        allowed(
          'names of keys that have only letters, digits, and . _ @ - in them, 64 at most, and are not constructor or the like',
        ),
      ),
      v.record(v.string(), KeySchema),
    ),
    {},
  ),
});

/** The version of the file that this program reads and writes. */
const SCHEMA = 1;

/** Every key by its name. The key in the settings is named `default`. */
export type StoredKeys = ReadonlyMap<string, StoredKey>;

export const DEFAULT_KEY = 'default';

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
      saying('{file} was written by a newer regrant (schema {schema}); use that version', {
        file,
        schema: json.schema,
      }),
    );
  }
  return keysOf(json, file);
}

/** What is to become of each key, by its name: what changes of it, or null where it is removed. */
export type KeyChanges = ReadonlyMap<string, Partial<StoredKey> | JsonObject | null>;

/**
 * Changes keys in the file, all in one write. Everything else in the file stays.
 *
 * @throws {SettingsError} what would stand there is not allowed, or the file cannot be read or written; nothing is
 * changed then
 */
export async function writeKeys(file: string, changes: KeyChanges, disk: Disk): Promise<void> {
  const text = printExactly(changedKeys(file, changes));
  try {
    await writeDurably(file, text, disk);
  } catch (error) {
    throw new SettingsError(
      saying('{file} cannot be written: {why}; {lost}', { file, why: reason(error), lost: notKept(changes) }),
    );
  }
}

/** What of changed keys is lost. */
export const notKept = (changes: KeyChanges): Saying =>
  changes.size === 1 ? saying('the key is not kept') : saying('the keys are not kept');

/** What the file will say. @throws {SettingsError} the file cannot be read, or what would stand there is not allowed */
export function changedKeys(file: string, changes: KeyChanges): JsonObject {
  readKeys(file);
  const json = jsonIn(file);
  const before = new Map(Object.entries(isJsonObject(json.keys) ? json.keys : {}));
  for (const [name, key] of changes) {
    const after = changedKey(before.get(name), key);
    if (after === null) before.delete(name);
    else before.set(name, after);
  }
  const changed = { schema: SCHEMA, ...json, keys: Object.fromEntries(before) };
  keysOf(changed, file);
  return changed;
}

/** A key's document once it is changed; null: it is removed. @param there - the document before, where there is one */
export const changedKey = (there: unknown, change: Partial<StoredKey> | JsonObject | null): JsonObject | null =>
  change === null ? null : { ...(isJsonObject(there) ? there : {}), ...change };

/** The keys of such a file. @param file - what it is called in an error @throws {SettingsError} it is none */
export function keysOf(json: JsonObject, file: string): StoredKeys {
  const parsed = v.safeParse(FileSchema, json);
  if (parsed.success) return new Map(Object.entries(parsed.output.keys));
  const [issue] = parsed.issues;
  const key = v.getDotPath(issue) ?? 'the file';
  // a text may be a key
  const isShown = typeof issue.input === 'number' || typeof issue.input === 'boolean' || issue.input === null;
  const value = isShown ? JSON.stringify(issue.input) : '(not shown)';
  throw new SettingsError(
    saying('{from}: {key} is {value}; allowed: {allowed}', { from: file, key, value, allowed: read(issue.message) }),
  );
}

function jsonIn(file: string): JsonObject {
  try {
    const json: unknown = parseExactly(readFileSync(file, 'utf8'));
    if (isJsonObject(json)) return json;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return {};
    if (systemCode(error) !== '')
      throw new SettingsError(saying('{file} cannot be read: {why}', { file, why: reason(error) }));
  }
  throw new SettingsError(saying('{file} is no JSON object; mend it, or move it away', { file }));
}
