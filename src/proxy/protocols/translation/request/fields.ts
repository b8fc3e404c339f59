import { type JsonObject, isJsonObject } from '../../../../store/ground/json.js';
import { BadRequest } from './bad-request.js';

/**
 * Readers of a client's request: each takes a value and its path, and returns it typed, or refuses the request with
 * that path. Some clients leave a field out and some send null, so both mean absent. A schema library would walk
 * megabytes of messages twice; these look only at what is translated.
 */

const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;

const mismatch = (at: string, wanted: string, value: unknown): BadRequest =>
  new BadRequest(`${at} must be ${wanted}, not ${value === undefined ? 'missing' : kindOf(value)}`, at);

export const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

/** @throws {BadRequest} */
export function objectAt(value: unknown, at: string): JsonObject {
  if (!isJsonObject(value)) throw mismatch(at, 'an object', value);
  return value;
}

/** @throws {BadRequest} */
export function listAt(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw mismatch(at, 'a list', value);
  return value as readonly unknown[];
}

/** @throws {BadRequest} */
export function textAt(value: unknown, at: string): string {
  if (typeof value !== 'string') throw mismatch(at, 'a string', value);
  return value;
}

/** A string that is not empty. @throws {BadRequest} */
export function nameAt(value: unknown, at: string): string {
  const text = textAt(value, at);
  if (text === '') throw new BadRequest(`${at} must not be empty`, at);
  return text;
}

/** A list; an absent one is empty. @throws {BadRequest} */
export const optionalListAt = (value: unknown, at: string): readonly unknown[] =>
  isAbsent(value) ? [] : listAt(value, at);

/** @throws {BadRequest} */
export const optionalTextAt = (value: unknown, at: string): string | undefined =>
  isAbsent(value) ? undefined : textAt(value, at);

/** @throws {BadRequest} */
export const optionalObjectAt = (value: unknown, at: string): JsonObject | undefined =>
  isAbsent(value) ? undefined : objectAt(value, at);

/** @throws {BadRequest} */
export function optionalFlagAt(value: unknown, at: string): boolean | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'boolean') throw mismatch(at, 'true or false', value);
  return value;
}

/** The allowed numbers, both ends included. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** @throws {BadRequest} */
export function optionalNumberAt(value: unknown, at: string, range: Range): number | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw mismatch(at, 'a number', value);
  if (value < range.least || value > range.most)
    throw new BadRequest(`${at} must be ${wordsOf(range)}, not ${value}`, at);
  return value;
}

/** @throws {BadRequest} */
export function optionalWholeNumberAt(value: unknown, at: string, range: Range): number | undefined {
  const number = optionalNumberAt(value, at, range);
  if (number !== undefined && !Number.isInteger(number)) throw new BadRequest(`${at} must be a whole number`, at);
  return number;
}

const wordsOf = ({ least, most }: Range): string =>
  most >= Number.MAX_SAFE_INTEGER ? `at least ${least}` : `from ${least} to ${most}`;

/** The counts that Google takes as a 32-bit number, from 1 on. */
export const COUNT: Range = { least: 1, most: 2_147_483_647 };

/** The fields of `object` that a translation does not know: they are ignored, and named once at debug. */
export const unknownFields = (object: JsonObject, known: ReadonlySet<string>): string[] =>
  Object.keys(object).filter((name) => !known.has(name));
