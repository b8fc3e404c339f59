import type { JsonObject } from '../../../store/ground/json.js';
import { citationsOf } from '../openai-chat/citations.js';
import { saidCall } from '../openai-chat/said-call.js';
import { candidatesOf, answerParts } from '../translation/answer/events.js';
import { type AnswerEnding, endingOf, isBlocked } from '../translation/answer/finish.js';
import { NO_GROUNDING, groundingAfter } from '../translation/answer/grounding.js';
import { NO_USAGE, usageAfter } from '../translation/answer/usage.js';
import type { GeminiCandidate, GeminiEvent } from '../translation/gemini.js';
import { type ResponsesAnswering, finishedState, responseObject } from './answering.js';
import { annotationOf, callItem, imageItem, messageItem, reasoningItem, searchItem, textPart } from './items.js';

/** A whole answer of Responses. */
export function wholeResponse(answer: GeminiEvent, answering: ResponsesAnswering): JsonObject {
  const { newId } = answering.context;
  const id = `resp_${newId()}`;
  const [candidate] = candidatesOf(answer);
  const ending = isBlocked(answer) ? 'refused' : endingOf(candidate?.finishReason);
  const output = candidate === undefined ? [] : itemsOf(candidate, ending, answering);
  const { queries } = groundingAfter(NO_GROUNDING, answer);
  if (answering.catalog.searches && queries.length > 0) output.push(searchItem(`ws_${newId()}`, queries));
  return responseObject(id, finishedState(ending, usageAfter(NO_USAGE, answer)), output, answering);
}

/** Parts that say one thing after another are one item. */
function itemsOf(candidate: GeminiCandidate, ending: AnswerEnding, answering: ResponsesAnswering): JsonObject[] {
  const { context, names, catalog, thoughtsShown } = answering;
  const items: JsonObject[] = [];
  let thoughts = '';
  let said = '';
  const close = (): void => {
    if (thoughts !== '') items.push(reasoningItem(`rs_${context.newId()}`, thoughts));
    if (said !== '') items.push(messageOf(said, candidate, ending, answering));
    thoughts = said = '';
  };
  for (const { text = '', thought, functionCall, inlineData, thoughtSignature } of answerParts(candidate)) {
    if (functionCall !== undefined) {
      close();
      const call = saidCall(functionCall, thoughtSignature, context, names);
      items.push(callItem(catalog.tool(call.name), call, context.newId));
    } else if (inlineData !== undefined) {
      close();
      items.push(imageItem(`ig_${context.newId()}`, inlineData));
    } else if (thought === true) {
      if (said !== '' && thoughtsShown) close();
      if (thoughtsShown) thoughts += text;
    } else if (text !== '') {
      if (thoughts !== '') close();
      said += text;
    }
  }
  close();
  return items;
}

function messageOf(
  text: string,
  candidate: GeminiCandidate,
  ending: AnswerEnding,
  { context, catalog }: ResponsesAnswering,
): JsonObject {
  const annotations = catalog.searches
    ? citationsOf(text, groundingAfter(NO_GROUNDING, { candidates: [candidate] })).map(annotationOf)
    : [];
  const status = ending === 'done' ? 'completed' : 'incomplete';
  return messageItem(`msg_${context.newId()}`, status, textPart(text, annotations));
}
