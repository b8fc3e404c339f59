import { parseExactly, printExactly } from '../../ground/exact-json.js';
import { parseJson, type JsonObject } from '../../ground/json.js';
import { applyOwn, type OwnWrite } from './own-writes.js';
import type { Patch } from '../../accounts/patches.js';

/** What a write is about to put in a file's place. */
export interface PlannedWrite {
  readonly text: string;
  /** The JSON as it will be read back. */
  readonly json: JsonObject;
  /** What to remember of our own patches if the write succeeds. */
  readonly own: readonly OwnWrite[];
}

/**
 * What these patches make of a file that says `text`; null: they change nothing.
 *
 * @param at - monotonic ms
 */
export function plannedWrite(text: string, patches: readonly Patch[], at: number): PlannedWrite | null {
  const json = parseExactly(text);
  const before = JSON.stringify(json);
  const own = appliedTo(json, patches, at);
  if (JSON.stringify(json) === before) return null;
  const printed = printExactly(json);
  return { text: printed, json: parseJson(printed) as JsonObject, own };
}

/** What to remember of these patches where the file is gone and is made again from `known`. @param at - monotonic ms */
export const appliedAll = (patches: readonly Patch[], known: JsonObject, at: number): readonly OwnWrite[] =>
  appliedTo(structuredClone(known), patches, at);

const appliedTo = (json: JsonObject, patches: readonly Patch[], at: number): readonly OwnWrite[] =>
  patches.map((patch) => applyOwn(patch, json, at)).filter((write) => write !== null);
