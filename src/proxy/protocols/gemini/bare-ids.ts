import * as v from 'valibot';
import { endOfString, json, stringIn, valueOf } from '../../http/json-bytes.js';
import { plainPath } from '../../subject/path-model.js';
import { jsonOf } from '../../../store/ground/json.js';
import { pathOf } from './resource-names.js';

/** What the API calls by an id alone, without its collection before it. */
export type BareCollection = 'interactions' | 'agents';

const PATH = /^\/v\d[^/]*\/(interactions|agents)(?:[/:]|$)/;

/** The collection of bare ids that a request is about; null: it is about none. */
export function ofBareIds(target: string): BareCollection | null {
  const [, kind] = PATH.exec(plainPath(pathOf(target))) ?? [];
  return kind === 'interactions' || kind === 'agents' ? kind : null;
}

/** An id as the name that it is remembered by. */
export const nameOfId = (collection: BareCollection, id: string): string =>
  id.startsWith(`${collection}/`) ? id : `${collection}/${id}`;

/** No id is longer. */
const LONGEST_ID = 1_024;

/** The name of what an answer tells of; none: it tells of nothing. @param isEvents - it is a stream of events */
export function nameOfBareId(answer: string, collection: BareCollection, isEvents: boolean): readonly string[] {
  const id = isEvents ? idInEvents(answer) : textOf(Buffer.from(answer), 'id');
  return id === '' || id.length > LONGEST_ID ? [] : [nameOfId(collection, id)];
}

const text = v.fallback(v.string(), '');
const EventSchema = v.object({ interaction_id: text, interaction: v.fallback(v.object({ id: text }), { id: '' }) });

/** The first event that tells of the thing says which it is. */
function idInEvents(answer: string): string {
  for (const [, data = ''] of answer.matchAll(/^data: ?(.*)$/gm)) {
    const event = v.safeParse(EventSchema, jsonOf(data));
    if (!event.success) continue;
    const { interaction, interaction_id: ofEvent } = event.output;
    if (interaction.id + ofEvent !== '') return interaction.id === '' ? ofEvent : interaction.id;
  }
  return '';
}

/** A string among the values of the object that a text is, found without parsing what it cuts off; empty: there is none. */
export function textOf(body: Buffer, key: string): string {
  const start = body.includes(`"${key}"`) ? valueOf(body, key) : -1;
  if (start < 0 || body[start] !== json.quote) return '';
  return stringIn(body.subarray(start, endOfString(body, start))) ?? '';
}
