import * as v from 'valibot';
import { endOfString, json, stringIn, valueOf } from '../../http/json-bytes.js';
import { plainPath } from '../../subject/path-model.js';
import { jsonOf } from '../../../store/ground/json.js';
import { pathOf } from './resource-names.js';

/** Collections of which the API writes only ids, without the collection's name before them. */
export type BareCollection = 'interactions' | 'agents';

/** What such a path has in it, unless it is percent-encoded. */
const MAY_BE = /interactions|agents|%/;
const PATH = /^\/v\d[^/]*\/(interactions|agents)(?:[/:]|$)/;

/** The collection of such ids that a request is about; null: it is about none. */
export function ofBareIds(target: string): BareCollection | null {
  // most targets are calls of a model: these are told apart before anything is split
  if (!MAY_BE.test(target)) return null;
  const [, kind] = PATH.exec(plainPath(pathOf(target))) ?? [];
  return kind === 'interactions' || kind === 'agents' ? kind : null;
}

/** The name by which an id is remembered. */
export const nameOfId = (collection: BareCollection, id: string): string =>
  id.startsWith(`${collection}/`) ? id : `${collection}/${id}`;

/** The longest id. */
const LONGEST_ID = 1_024;

/**
 * The name of the resource in an answer; empty: there is none.
 *
 * @param isEvents - whether the answer is a stream of events
 */
export function nameOfBareId(answer: string, collection: BareCollection, isEvents: boolean): readonly string[] {
  const id = isEvents ? idInEvents(answer) : textOf(Buffer.from(answer), 'id');
  return id === '' || id.length > LONGEST_ID ? [] : [nameOfId(collection, id)];
}

const text = v.fallback(v.string(), '');
const EventSchema = v.object({ interaction_id: text, interaction: v.fallback(v.object({ id: text }), { id: '' }) });

/** The id in the first event that has one. */
function idInEvents(answer: string): string {
  for (const [, data = ''] of answer.matchAll(/^data: ?(.*)$/gm)) {
    const event = v.safeParse(EventSchema, jsonOf(data));
    if (!event.success) continue;
    const { interaction, interaction_id: ofEvent } = event.output;
    if (interaction.id + ofEvent !== '') return interaction.id === '' ? ofEvent : interaction.id;
  }
  return '';
}

/**
 * A text among the values of a JSON object, found without parsing, since the object may be cut off; empty: there is
 * none.
 */
export function textOf(body: Buffer, key: string): string {
  const start = body.includes(`"${key}"`) ? valueOf(body, key) : -1;
  if (start < 0 || body[start] !== json.quote) return '';
  return stringIn(body.subarray(start, endOfString(body, start))) ?? '';
}
