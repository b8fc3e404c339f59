import type { JsonObject } from '../../../store/ground/json.js';
import { citationsOf } from '../openai-chat/answer/citations.js';
import { saidCall } from '../openai-chat/answer/said-call.js';
import { candidatesOf, answerParts } from '../translation/answer/events.js';
import { type AnswerEnding, endingOf, isBlocked } from '../translation/answer/finish.js';
import { NO_GROUNDING, groundingAfter } from '../translation/answer/grounding.js';
import { COMMENT } from '../translation/answer/sse.js';
import type { Trouble } from '../translation/answer/trouble.js';
import { NO_USAGE, usageAfter } from '../translation/answer/usage.js';
import type { GeminiAnswerPart, GeminiCandidate, GeminiEvent } from '../translation/gemini/gemini.js';
import type { AnswerWriter } from '../translation/translated.js';
import { type ResponseState, type ResponsesAnswering, finishedState, responseObject } from './answering.js';
import { ResponseEvents } from './events.js';
import { responseError } from './failure.js';
import { type Growing, GrowingItem, writeWhole } from './growing-item.js';
import { annotationOf, callItem, imageItem, searchItem } from './items.js';

/**
 * Writes a stream of Responses: created, in progress; each item added, its parts and deltas, done; then completed,
 * incomplete or failed. Events are numbered from 0, and those of an item name its index.
 */
export class ResponsesWriter implements AnswerWriter {
  private readonly id: string;
  private readonly events = new ResponseEvents();
  private readonly output: JsonObject[] = [];
  private open: GrowingItem | null = null;
  private usage = NO_USAGE;
  private ending: AnswerEnding = 'done';
  private grounding = NO_GROUNDING;

  constructor(private readonly answering: ResponsesAnswering) {
    this.id = `resp_${answering.context.newId()}`;
  }

  event(event: GeminiEvent): string {
    this.begin();
    this.usage = usageAfter(this.usage, event);
    const [candidate] = candidatesOf(event);
    if (candidate !== undefined) this.candidate(candidate);
    if (this.answering.catalog.searches) this.grounding = groundingAfter(this.grounding, event);
    if (isBlocked(event)) this.ending = 'refused';
    return this.events.taken();
  }

  end(): string {
    this.begin();
    this.close();
    const { queries } = this.grounding;
    if (queries.length > 0) this.whole(searchItem(`ws_${this.answering.context.newId()}`, queries));
    this.respond(finishedState(this.ending, this.usage));
    return this.events.taken();
  }

  failed(trouble: Trouble): string {
    this.begin();
    this.respond({ status: 'failed', error: responseError(trouble) });
    return this.events.taken();
  }

  ping(): string {
    return COMMENT;
  }

  /** Writes the first events, which OpenAI's SDK wants even before a failure. */
  private begin(): void {
    if (this.events.begun) return;
    const response = this.response({ status: 'in_progress' });
    this.events.write('created', { response });
    this.events.write('in_progress', { response });
  }

  /** Writes the last event, named after the response's state. */
  private respond(state: ResponseState): void {
    this.events.write(state.status, { response: this.response(state) });
  }

  private response(state: ResponseState): JsonObject {
    return responseObject(this.id, state, this.output, this.answering);
  }

  private candidate(candidate: GeminiCandidate): void {
    for (const part of answerParts(candidate)) this.part(part);
    if (candidate.finishReason !== undefined) this.ending = endingOf(candidate.finishReason);
  }

  private part({ text = '', thought, functionCall, inlineData, thoughtSignature }: GeminiAnswerPart): void {
    const { context, names, catalog, thoughtsShown } = this.answering;
    if (functionCall !== undefined) {
      const call = saidCall(functionCall, thoughtSignature, context, names);
      this.whole(callItem(catalog.tool(call.name), call, context.newId));
    } else if (inlineData !== undefined) this.whole(imageItem(`ig_${context.newId()}`, inlineData));
    else if (text !== '' && (thought !== true || thoughtsShown))
      this.grow(thought === true ? 'reasoning' : 'message', text);
  }

  private grow(type: Growing, text: string): void {
    if (this.open?.type !== type) {
      this.close();
      this.open = new GrowingItem(type, this.answering.context.newId(), this.output.length, this.events);
    }
    this.open.grow(text);
  }

  private close(): void {
    const { open } = this;
    if (open === null) return;
    this.open = null;
    const cites = open.type === 'message' && this.answering.catalog.searches;
    const annotations = cites ? citationsOf(open.text, this.grounding).map(annotationOf) : [];
    this.output.push(open.end({ status: this.ending === 'done' ? 'completed' : 'incomplete', annotations }));
  }

  private whole(item: JsonObject): void {
    this.close();
    writeWhole(item, this.output.length, this.events);
    this.output.push(item);
  }
}
