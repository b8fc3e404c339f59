import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '../../../../store/ground/json.js';
import type { GeminiCandidate, GeminiEvent } from '../gemini/gemini.js';
import { eventOf, payloadValue } from './events.js';

/** The JSON before the text, between the text and the usage, and after the usage. */
interface Surroundings {
  readonly before: string;
  readonly between: string;
  readonly after: string;
}

/**
 * What the events of an answer have in common. They differ in a piece of text and in how many tokens were used; all
 * around these two is mostly the same, byte for byte, so that only these two have to be parsed.
 */
export class EventPattern {
  private constructor(
    private readonly event: GeminiEvent,
    private readonly candidate: GeminiCandidate,
    private readonly around: Surroundings,
  ) {}

  /**
   * @param payload - the JSON that `event` was parsed from
   * @returns null: the event is not one piece of text
   */
  static of(payload: string, event: GeminiEvent): EventPattern | null {
    const [candidate] = Array.isArray(event.candidates) ? (event.candidates as readonly GeminiCandidate[]) : [];
    const around = surroundingsIn(payload, event.usageMetadata !== undefined);
    if (!isJsonObject(candidate) || around === null) return null;
    const pattern = new EventPattern(event, candidate, around);
    return pattern.holds() ? pattern : null;
  }

  /**
   * The event in a part of `text`, as if all of it were parsed.
   *
   * @returns null: it does not fit
   */
  read(text: string, from: number, to: number): GeminiEvent | null {
    const { before, between, after } = this.around;
    const start = from + before.length;
    if (text.slice(from, start) !== before) return null;
    const end = endOfText(text, start);
    const usageFrom = end + between.length;
    const usageTo = to - after.length;
    if (text.slice(end, usageFrom) !== between || text.slice(usageTo, to) !== after) return null;
    const said = payloadValue(text.slice(start, end));
    if (typeof said !== 'string') return null;
    if (this.event.usageMetadata === undefined) return usageFrom === usageTo ? this.with(said, undefined) : null;
    const usage = payloadValue(text.slice(usageFrom, usageTo));
    return isJsonObject(usage) ? this.with(said, usage) : null;
  }

  private with(text: string, usageMetadata: GeminiEvent['usageMetadata']): GeminiEvent {
    const { event, candidate } = this;
    const parts = [{ ...candidate.content?.parts?.[0], text }];
    const candidates = [{ ...candidate, content: { ...candidate.content, parts } }];
    return usageMetadata === undefined ? { ...event, candidates } : { ...event, candidates, usageMetadata };
  }

  /** Whether other values come out where the event has its own: what looks like its text can be something else. */
  private holds(): boolean {
    const { before, between, after } = this.around;
    const usage = this.event.usageMetadata === undefined ? undefined : { promptTokenCount: 1 };
    const probe = `${before}"probe"${between}${usage === undefined ? '' : JSON.stringify(usage)}${after}`;
    return isDeepStrictEqual(this.with('probe', usage), eventOf(payloadValue(probe)));
  }
}

const BEFORE_TEXT = /"text"\s*:\s*(?=")/;
const BEFORE_USAGE = /"usageMetadata"\s*:\s*(?=\{)/g;
const TEXT = /"[^"\\]*(?:\\.[^"\\]*)*"/y;

function surroundingsIn(payload: string, hasUsage: boolean): Surroundings | null {
  const found = BEFORE_TEXT.exec(payload);
  if (found === null) return null;
  const start = found.index + found[0].length;
  const end = endOfText(payload, start);
  const before = payload.slice(0, start);
  if (!hasUsage) return { before, between: payload.slice(end), after: '' };
  BEFORE_USAGE.lastIndex = end;
  if (!BEFORE_USAGE.test(payload)) return null;
  const usageFrom = BEFORE_USAGE.lastIndex;
  return {
    ...{ before, between: payload.slice(end, usageFrom) },
    after: payload.slice(endOfObject(payload, usageFrom)),
  };
}

/** The place after the JSON string that begins at `from`; 0: none does. */
function endOfText(text: string, from: number): number {
  TEXT.lastIndex = from;
  TEXT.test(text);
  return TEXT.lastIndex;
}

/** The place after the object that begins at `from`. */
function endOfObject(text: string, from: number): number {
  let end = from;
  do end = text.indexOf('}', end) + 1;
  while (end > 0 && payloadValue(text.slice(from, end)) === null);
  return end;
}
