import type { JsonObject } from '../../../store/ground/json.js';
import { citationsOf } from '../openai-chat/answer/citations.js';
import { saidCall } from '../openai-chat/answer/said-call.js';
import { candidatesOf, answerParts } from '../translation/answer/events.js';
import { type AnswerEnding, endingOf, isBlocked } from '../translation/answer/finish.js';
import { NO_GROUNDING, groundingAfter } from '../translation/answer/grounding.js';
import { NO_USAGE, usageAfter } from '../translation/answer/usage.js';
import type { GeminiCandidate, GeminiEvent } from '../translation/gemini/gemini.js';
import { type ResponsesAnswering, finishedState, responseObject } from './answering.js';
import type { Growing } from './growing-item.js';
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

/** The items of an answer: consecutive parts of the same kind become one item. */
function itemsOf(candidate: GeminiCandidate, ending: AnswerEnding, answering: ResponsesAnswering): JsonObject[] {
  const { context, names, catalog, thoughtsShown } = answering;
  const items: JsonObject[] = [];
  const open: { type: Growing | null; text: string } = { type: null, text: '' };
  // Only the last item is cut short by an early end.
  const close = (as: AnswerEnding = 'done'): void => {
    if (open.type === 'reasoning') items.push(reasoningItem(`rs_${context.newId()}`, open.text));
    if (open.type === 'message') items.push(messageOf(open.text, candidate, as, answering));
    Object.assign(open, { type: null, text: '' });
  };
  for (const { text = '', thought, functionCall, inlineData, thoughtSignature } of answerParts(candidate)) {
    if (functionCall !== undefined) {
      close();
      const call = saidCall(functionCall, thoughtSignature, context, names);
      items.push(callItem(catalog.tool(call.name), call, context.newId));
    } else if (inlineData !== undefined) {
      close();
      items.push(imageItem(`ig_${context.newId()}`, inlineData));
    } else if (text !== '' && (thought !== true || thoughtsShown)) {
      const type = thought === true ? 'reasoning' : 'message';
      if (open.type !== type) close();
      Object.assign(open, { type, text: open.text + text });
    }
  }
  close(ending);
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
