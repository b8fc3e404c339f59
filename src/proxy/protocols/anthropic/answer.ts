import { type JsonObject, isJsonObject } from '../../../store/ground/json.js';
import { candidatesOf, answerParts } from '../translation/answer/events.js';
import { isBlocked } from '../translation/answer/finish.js';
import { NO_GROUNDING, groundingAfter, linksOf } from '../translation/answer/grounding.js';
import { NO_USAGE, usageAfter } from '../translation/answer/usage.js';
import type { GeminiAnswerPart, GeminiEvent } from '../translation/gemini/gemini.js';
import { callId } from '../translation/request/signatures.js';
import { type Answering, messageUsage, pictureText, searchesOf, stopReason } from './answering.js';
import { thoughtSignature } from './thought-signature.js';

/** A whole answer of Gemini's as a message. */
export function wholeMessage(answer: GeminiEvent, answering: Answering): JsonObject {
  const { context } = answering;
  const candidate = candidatesOf(answer)[0] ?? {};
  const grounding = groundingAfter(NO_GROUNDING, answer);
  const said = blocksOf(answerParts(candidate), answering);
  const searches = searchesOf(grounding, context).flatMap(({ use, input, result }) => [{ ...use, input }, result]);
  const links = grounding.sources.length > 0 ? [{ type: 'text', text: linksOf(grounding.sources) }] : [];
  const content = [...said, ...searches, ...links];
  const called = said.some(({ type }) => type === 'tool_use');
  return {
    ...{ id: `msg_${context.newId()}`, type: 'message', role: 'assistant', model: context.model.asked },
    content: content.length > 0 ? content : [{ type: 'text', text: '' }],
    stop_reason: stopReason({ called, blocked: isBlocked(answer), reason: candidate.finishReason }),
    ...{ stop_sequence: null, usage: messageUsage(usageAfter(NO_USAGE, answer), grounding) },
  };
}

/** A block of a message, which grows while parts come. */
interface Block extends JsonObject {
  type: string;
  text?: string;
  thinking?: string;
}

function blocksOf(parts: readonly GeminiAnswerPart[], answering: Answering): Block[] {
  const blocks: Block[] = [];
  for (const part of parts) {
    const last = blocks.at(-1);
    const block = blockOf(part, answering);
    if (block === null) continue;
    if (last?.type === 'text' && block.type === 'text') last.text = `${last.text ?? ''}${block.text ?? ''}`;
    else if (last?.type === 'thinking' && block.type === 'thinking') {
      last.thinking = `${last.thinking ?? ''}${block.thinking ?? ''}`;
      if (part.thoughtSignature !== undefined) last.signature = block.signature;
    } else if (block.type !== 'thinking' || block.thinking !== '') blocks.push(block);
  }
  return blocks;
}

/** @returns null for a part that the client does not get */
function blockOf(part: GeminiAnswerPart, { names, context, thoughtsShown }: Answering): Block | null {
  const { text, thoughtSignature: signature, functionCall, inlineData } = part;
  if (functionCall !== undefined) {
    const id = callId('toolu_', context.newId(), signature);
    if (signature !== undefined) context.signatures.remember(id, signature);
    const input = isJsonObject(functionCall.args) ? functionCall.args : {};
    return { type: 'tool_use', id, name: names.toClient(functionCall.name ?? ''), input };
  }
  if (part.thought === true)
    return thoughtsShown ? { type: 'thinking', thinking: text ?? '', signature: thoughtSignature(signature) } : null;
  if (typeof text === 'string' && text !== '') return { type: 'text', text };
  if (typeof inlineData?.data !== 'string') return null;
  return { type: 'text', text: pictureText(inlineData.mimeType ?? 'image/png', inlineData.data) };
}
