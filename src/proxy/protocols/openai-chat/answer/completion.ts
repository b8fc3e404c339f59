import type { JsonObject } from '../../../../store/ground/json.js';
import { candidatesOf, answerParts } from '../../translation/answer/events.js';
import { endingOf, isBlocked } from '../../translation/answer/finish.js';
import { NO_GROUNDING, groundingAfter } from '../../translation/answer/grounding.js';
import { NO_USAGE, usageAfter } from '../../translation/answer/usage.js';
import type { GeminiCandidate, GeminiEvent } from '../../translation/gemini/gemini.js';
import { type ChatAnswering, type FinishReason, finishReason } from './answering.js';
import { chatAnnotation, citationsOf } from './citations.js';
import { logprobsOf } from './logprobs.js';
import { imagePiece, toolCall } from './pieces.js';
import { saidCall } from './said-call.js';
import { chatUsage } from './usage.js';

/** A whole answer of Chat Completions. */
export function chatCompletion(answer: GeminiEvent, answering: ChatAnswering): JsonObject {
  const { newId, now, model } = answering.context;
  const candidates = candidatesOf(answer);
  const choices = candidates.map((candidate, index) => choiceOf(candidate, index, answering));
  const empty = choice(0, { content: null }, isBlocked(answer) ? 'content_filter' : 'stop');
  return {
    ...{ id: `chatcmpl-${newId()}`, object: 'chat.completion', created: now, model: model.asked },
    choices: choices.length > 0 ? choices : [empty],
    usage: chatUsage(usageAfter(NO_USAGE, answer)),
  };
}

const choice = (index: number, said: JsonObject, finish: FinishReason, likely: unknown = null): JsonObject => ({
  ...{ index, message: { role: 'assistant', refusal: null, ...said } },
  ...{ logprobs: likely, finish_reason: finish },
});

function choiceOf(
  candidate: GeminiCandidate,
  index: number,
  { context, names, thoughtsShown, searches }: ChatAnswering,
): JsonObject {
  let content = '';
  let thoughts = '';
  const calls: JsonObject[] = [];
  const images: JsonObject[] = [];
  for (const { text = '', thought, functionCall, inlineData, thoughtSignature } of answerParts(candidate)) {
    if (functionCall !== undefined) calls.push(toolCall(saidCall(functionCall, thoughtSignature, context, names)));
    else if (inlineData !== undefined) images.push(imagePiece(inlineData));
    else if (thought !== true) content += text;
    else if (thoughtsShown) thoughts += text;
  }
  const annotations = searches
    ? citationsOf(content, groundingAfter(NO_GROUNDING, { candidates: [candidate] })).map(chatAnnotation)
    : [];
  const said = {
    content: content === '' ? null : content,
    ...(thoughts !== '' && { reasoning_content: thoughts }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(images.length > 0 && { images }),
    ...(annotations.length > 0 && { annotations }),
  };
  const ending = endingOf(candidate.finishReason);
  return choice(index, said, finishReason(ending, calls.length), logprobsOf(candidate.logprobsResult));
}
