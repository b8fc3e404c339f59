import { isJsonObject, jsonOf } from '../../../../store/ground/json.js';
import type { GeminiAnswerPart, GeminiCandidate, GeminiEvent } from '../gemini/gemini.js';

/** In characters. The nesting of shorter texts is not checked: a text has at most half as many levels as characters. */
export const SHORT = 2_000;

/** The value of a text; null: it is not JSON. */
export const payloadValue = (text: string): unknown => (text.length < SHORT ? parsed(text) : jsonOf(text));

/** Parses JSON; the nesting of a short text is not checked, since it can do no harm. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** An event, or a whole answer, taken out of Code Assist's envelope if it is in one. */
export function eventOf(value: unknown): GeminiEvent {
  const plain: unknown = Array.isArray(value) ? value[0] : value;
  if (!isJsonObject(plain)) return {};
  return isJsonObject(plain.response) ? plain.response : plain;
}

const NONE: readonly never[] = [];
/** The objects in a list. Nearly always all items are objects: the list is copied only where one is not. */
const objectsIn = <T>(list: readonly T[]): readonly T[] =>
  list.every(isJsonObject) ? list : list.filter(isJsonObject);

/** The candidates of an event that are objects. */
export const candidatesOf = ({ candidates }: GeminiEvent): readonly GeminiCandidate[] =>
  Array.isArray(candidates) ? objectsIn<GeminiCandidate>(candidates) : NONE;

/** The parts of a candidate in this event. */
export function answerParts({ content }: GeminiCandidate): readonly GeminiAnswerPart[] {
  const parts: unknown = isJsonObject(content) ? content.parts : undefined;
  return Array.isArray(parts) ? objectsIn<GeminiAnswerPart>(parts) : NONE;
}
