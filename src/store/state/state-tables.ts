import * as v from 'valibot';
import { CannotRun } from '../ground/errors.js';
import { isJsonObject, jsonOf, type JsonObject, ownValue, parseJson } from '../ground/json.js';
import {
  AskedModelSchema,
  isGrant,
  isRefused,
  KeyMinuteSchema,
  LoginSchema,
  ResourceSchema,
  RestRecordSchema,
  type AskedModelRecord,
  type GrantRecord,
  type KeyMinuteRecord,
  type LoginRecord,
  type RefusedRecord,
  type ResourceRecord,
} from './state-store.js';
import { PictureText } from './picture-text.js';
import { StateTable, Unread, type TableChanges } from './state-table.js';
import { saying } from '../words/saying.js';

/** Everything that is kept in `state/accounts.json` and its journal. */
export interface StateTables {
  readonly refused: StateTable<RefusedRecord>;
  readonly grants: StateTable<GrantRecord>;
  readonly coolDowns: StateTable<object>;
  readonly askedModels: StateTable<AskedModelRecord>;
  readonly keyMinutes: StateTable<KeyMinuteRecord>;
  readonly resources: StateTable<ResourceRecord>;
  readonly logins: StateTable<LoginRecord>;
  /** Unix seconds by the account's id, of those that are not in the account's file yet. */
  readonly lastUsed: StateTable<number>;
  /** Times of the screen, ms since 1970. */
  readonly screen: StateTable<number>;
}

type TableName = keyof StateTables;

/** How the records of a list in the picture are told apart. */
export const recordKey = {
  coolDowns: (record: object): string =>
    JSON.stringify(['who', 'project', 'model', 'group'].map((part) => ownValue(record as JsonObject, part) ?? '')),
  askedModels: ({ model, group }: AskedModelRecord): string => `${group}\n${model}`,
  keyMinutes: ({ key }: KeyMinuteRecord): string => key,
  resources: ({ name }: ResourceRecord): string => name,
  logins: ({ token, at }: LoginRecord): string => `${at}\n${token}`,
} as const;

/** As schemas find it in ten times as long: there is one record for each account. */
type Check<T> = (value: unknown) => value is T;
const isNumber: Check<number> = (value) => typeof value === 'number';

const byKey = <T>(is: Check<T>) =>
  v.fallback(
    v.custom<Readonly<Record<string, T>>>(
      (value) => isJsonObject(value) && Object.values(value).every((one) => is(one)),
    ),
    {},
  );
const list = <T>(schema: v.GenericSchema<unknown, T>) => v.fallback(v.array(schema), []);

const PictureSchema = v.object({
  refused: byKey(isRefused),
  grants: byKey(isGrant),
  coolDowns: list(RestRecordSchema),
  askedModels: list(AskedModelSchema),
  keyMinutes: list(KeyMinuteSchema),
  resources: list(ResourceSchema),
  logins: list(LoginSchema),
  lastUsed: byKey(isNumber),
  /** When somebody last looked at the screen. */
  lastLooked: v.fallback(v.nullable(v.number()), null),
});

const changesOf = <T>(schema: v.GenericSchema<unknown, T>) =>
  v.fallback(v.array(v.tuple([v.string(), v.nullable(schema)])), []);

const keyedChangesOf = <T>(is: Check<T>) =>
  v.fallback(
    v.custom<TableChanges<T>>((value) => Array.isArray(value) && value.every((one) => isKeyedChange(one, is))),
    [],
  );

const isKeyedChange = (value: unknown, is: Check<unknown>): boolean =>
  Array.isArray(value) && typeof value[0] === 'string' && (value[1] === null || is(value[1]));

const LineSchema = v.object({
  refused: keyedChangesOf(isRefused),
  grants: keyedChangesOf(isGrant),
  coolDowns: changesOf(RestRecordSchema),
  askedModels: changesOf(AskedModelSchema),
  keyMinutes: changesOf(KeyMinuteSchema),
  resources: changesOf(ResourceSchema),
  logins: changesOf(LoginSchema),
  lastUsed: keyedChangesOf(isNumber),
  screen: changesOf(v.number()),
});

/** The key in {@link StateTables.screen}. */
export const LAST_LOOKED = 'lastLooked';

const mapOf = <T>(records: Readonly<Record<string, T>>): Map<string, T> => new Map(Object.entries(records));
const mapBy = <T>(records: readonly T[], key: (record: T) => string): Map<string, T> =>
  new Map(records.map((record) => [key(record), record]));

/** What a picture says is of this form. */
const SCHEMA = 1;

/**
 * The state as its files say it. A picture that cannot be read counts as empty, and so does a part of wrong types, or
 * the record where it is one by key; a line of the journal that cannot be read (a crash may have torn it) is left out.
 *
 * @param file - the picture's, to be named
 * @throws {CannotRun} a newer version wrote it
 */
export function readTables(picture: string, journal: string, file: string): StateTables {
  const tables = readPicture(picture, file);
  for (const line of journal.split('\n')) {
    const read = line === '' ? null : v.safeParse(LineSchema, jsonOf(line));
    if (read?.success !== true) continue;
    for (const [name, table] of Object.entries(tables) as [TableName, StateTable<unknown>][]) {
      table.apply(read.output[name]);
    }
  }
  return tables;
}

const isEmpty = (value: unknown): boolean => isJsonObject(value) && Object.keys(value).length === 0;

/** A text that is none counts as empty. */
function jsonOrEmpty(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return {};
  }
}

function readPicture(text: string, file: string): StateTables {
  const picture = new PictureText(text);
  const refused = picture.take('refused', isRefused);
  const grants = picture.take('grants', isGrant);
  const lastUsed = picture.take('lastUsed', isNumber);
  const rest = jsonOrEmpty(picture.rest);
  // each was taken from its place, and not from inside of something else
  const isSound = isJsonObject(rest) && picture.taken.every((name) => isEmpty(ownValue(rest, name)));
  if (isSound) return tablesIn(rest, { refused, grants, lastUsed }, file);
  return tablesIn(jsonOrEmpty(text), { refused: null, grants: null, lastUsed: null }, file);
}

/** Records that were taken out of a picture; null: they are in it. */
interface Taken {
  readonly refused: Map<string, Unread<RefusedRecord>> | null;
  readonly grants: Map<string, Unread<GrantRecord>> | null;
  readonly lastUsed: Map<string, Unread<number>> | null;
}

function tablesIn(json: unknown, taken: Taken, file: string): StateTables {
  if (isJsonObject(json) && typeof json.schema === 'number' && json.schema > SCHEMA) {
    const words = { file, schema: json.schema };
    throw new CannotRun(
      'NEWER_SCHEMA',
      saying('{file} was written by a newer regrant (schema {schema}); use that version', words),
    );
  }
  const picture = v.parse(v.fallback(PictureSchema, v.parse(PictureSchema, {})), json);
  const { lastLooked } = picture;
  return {
    refused: new StateTable(taken.refused ?? mapOf(picture.refused)),
    grants: new StateTable(taken.grants ?? mapOf(picture.grants)),
    coolDowns: new StateTable<object>(mapBy(picture.coolDowns, recordKey.coolDowns)),
    askedModels: new StateTable(mapBy(picture.askedModels, recordKey.askedModels)),
    keyMinutes: new StateTable(mapBy(picture.keyMinutes, recordKey.keyMinutes)),
    resources: new StateTable(mapBy(picture.resources, recordKey.resources)),
    logins: new StateTable(mapBy(picture.logins, recordKey.logins)),
    lastUsed: new StateTable(taken.lastUsed ?? mapOf(picture.lastUsed)),
    screen: new StateTable(new Map(lastLooked === null ? [] : [[LAST_LOOKED, lastLooked]])),
  };
}

/** One line for the journal, with what was changed since the last one; null: nothing was. */
export interface TakenChanges {
  readonly line: string;
  /** The line has not come to disk: it is said again by the next one. */
  putBack(): void;
}

/** Takes what is not on disk yet out of all tables. */
export function takeChanges(tables: StateTables): TakenChanges | null {
  const taken = (Object.entries(tables) as [TableName, StateTable<unknown>][]).flatMap(([name, table]) => {
    const changes = table.takeChanges();
    return changes.length === 0 ? [] : [{ name, table, changes }];
  });
  if (taken.length === 0) return null;
  return {
    line: `${JSON.stringify(Object.fromEntries(taken.map(({ name, changes }) => [name, changes])))}\n`,
    putBack() {
      for (const { table, changes } of taken) table.putBack(changes);
    },
  };
}

/** So many records are made text at once; then other work gets its turn. */
const RECORDS_A_TURN = 500;

/**
 * The picture's text. What changes while it is made may be in it or not: it is in the journal's next line in any case.
 *
 * @param breath - awaited after each {@link RECORDS_A_TURN}
 */
export async function pictureOf(tables: StateTables, breath: () => Promise<unknown>): Promise<string> {
  const named = async (table: StateTable<unknown>): Promise<string> =>
    `{${(await texts(table.entries(), ([key, record]) => `${JSON.stringify(key)}:${JSON.stringify(record)}`, breath)).join(',')}}`;
  const listed = async (table: StateTable<unknown>): Promise<string> =>
    `[${(await texts(table.values(), (record) => JSON.stringify(record), breath)).join(',')}]`;
  const parts = {
    schema: String(SCHEMA),
    refused: await named(tables.refused),
    grants: await named(tables.grants),
    coolDowns: await listed(tables.coolDowns),
    askedModels: await listed(tables.askedModels),
    keyMinutes: await listed(tables.keyMinutes),
    resources: await listed(tables.resources),
    logins: await listed(tables.logins),
    lastUsed: await named(tables.lastUsed),
    lastLooked: JSON.stringify(tables.screen.get(LAST_LOOKED) ?? null),
  };
  return `{${Object.entries(parts)
    .map(([name, text]) => `"${name}":${text}`)
    .join(',')}}\n`;
}

async function texts<T>(
  items: Iterable<T>,
  textOf: (item: T) => string,
  breath: () => Promise<unknown>,
): Promise<readonly string[]> {
  const made: string[] = [];
  for (const item of items) {
    made.push(textOf(item));
    if (made.length % RECORDS_A_TURN === 0) await breath();
  }
  return made;
}
