import { candidatesOf, answerParts } from '../../translation/answer/events.js';
import { type AnswerEnding, endingOf, isBlocked } from '../../translation/answer/finish.js';
import { NO_GROUNDING, groundingAfter } from '../../translation/answer/grounding.js';
import { COMMENT, dataEvent, quoted } from '../../translation/answer/sse.js';
import type { Trouble } from '../../translation/answer/trouble.js';
import { NO_USAGE, usageAfter } from '../../translation/answer/usage.js';
import type { GeminiAnswerPart, GeminiCandidate, GeminiEvent } from '../../translation/gemini/gemini.js';
import type { AnswerWriter } from '../../translation/translated.js';
import { type ChatAnswering, finishReason } from './answering.js';
import { chatAnnotation, citationsOf } from './citations.js';
import { openAiError } from './errors.js';
import { type Logprobs, logprobsOf } from './logprobs.js';
import { choiceIndex, imagePiece, toolCall } from './pieces.js';
import { saidCall } from './said-call.js';
import { chatUsage } from './usage.js';

interface Choice {
  readonly index: number;
  calls: number;
  ending: AnswerEnding;
  /** The text so far; kept only where Google searches. */
  text: string;
}

/**
 * Writes a stream of Chat Completions. For each choice: a chunk with the role, chunks with the content, one with its
 * `finish_reason`. Then usage, where it was asked for, and `[DONE]`; a broken stream ends with an error instead.
 */
export class ChatWriter implements AnswerWriter {
  /** The beginning that all chunks share. */
  private readonly head: string;
  /** The beginning of the chunks of the first choice; mostly there is no second. */
  private readonly firstHead: string;
  private readonly choices: Choice[] = [];
  private usage = NO_USAGE;
  /** What the first choice is based on. */
  private grounding = NO_GROUNDING;
  /** The text to return from the current call. */
  private written = '';

  constructor(private readonly answering: ChatAnswering) {
    const { newId, now, model } = answering.context;
    const about = { id: `chatcmpl-${newId()}`, object: 'chat.completion.chunk', created: now, model: model.asked };
    this.head = `data: ${JSON.stringify(about).slice(0, -1)},"choices":[`;
    this.firstHead = `${this.head}{"index":0,"delta":`;
  }

  event(event: GeminiEvent): string {
    this.usage = usageAfter(this.usage, event);
    let position = 0;
    for (const candidate of candidatesOf(event)) this.candidate(candidate, position++);
    if (this.answering.searches) this.grounding = groundingAfter(this.grounding, event);
    if (isBlocked(event)) this.choice(0).ending = 'refused';
    return this.taken();
  }

  end(): string {
    this.choice(0);
    for (const { index, ending, calls, text } of this.choices) {
      const annotations = index === 0 ? citationsOf(text, this.grounding).map(chatAnnotation) : [];
      if (annotations.length > 0) this.chunk(index, JSON.stringify({ annotations }), 'null');
      this.chunk(index, '{}', `"${finishReason(ending, calls)}"`);
    }
    if (this.answering.usageShown)
      this.written += `${this.head}],"usage":${JSON.stringify(chatUsage(this.usage))}}\n\n`;
    return `${this.taken()}data: [DONE]\n\n`;
  }

  failed(trouble: Trouble): string {
    return dataEvent(JSON.stringify(openAiError(trouble).body));
  }

  ping(): string {
    return COMMENT;
  }

  private taken(): string {
    const text = this.written;
    this.written = '';
    return text;
  }

  private candidate(candidate: GeminiCandidate, position: number): void {
    const index = choiceIndex(candidate, position);
    if (index === null) return;
    const choice = this.choice(index);
    let likely = logprobsOf(candidate.logprobsResult);
    for (const part of answerParts(candidate)) {
      const delta = this.delta(part, choice);
      if (delta === null) continue;
      this.chunk(index, delta, 'null', likely);
      likely = null;
    }
    if (likely !== null) this.chunk(index, '{}', 'null', likely);
    if (candidate.finishReason !== undefined) choice.ending = endingOf(candidate.finishReason);
  }

  /** What a part adds to a choice, as JSON; null: nothing that is shown. */
  private delta(part: GeminiAnswerPart, choice: Choice): string | null {
    const { text, thought, functionCall, inlineData, thoughtSignature } = part;
    if (functionCall !== undefined) {
      const call = saidCall(functionCall, thoughtSignature, this.answering.context, this.answering.names);
      return JSON.stringify({ tool_calls: [{ index: choice.calls++, ...toolCall(call) }] });
    }
    if (inlineData !== undefined) return JSON.stringify({ images: [imagePiece(inlineData)] });
    if (text === undefined || text === '') return null;
    if (thought !== true) {
      if (this.answering.searches) choice.text += text;
      return `{"content":${quoted(text)}}`;
    }
    return this.answering.thoughtsShown ? `{"reasoning_content":${quoted(text)}}` : null;
  }

  /** A choice; it and those before it are begun where they were not. */
  private choice(index: number): Choice {
    const known = this.choices[index];
    if (known !== undefined) return known;
    if (index > this.choices.length) this.choice(index - 1);
    const choice: Choice = { index, calls: 0, ending: 'done', text: '' };
    this.choices.push(choice);
    this.chunk(index, '{"role":"assistant","content":""}', 'null');
    return choice;
  }

  private headOf(index: number): string {
    return index === 0 ? this.firstHead : `${this.head}{"index":${index},"delta":`;
  }

  private chunk(index: number, delta: string, finish: string, likely: Logprobs | null = null): void {
    const logprobs = likely === null ? '' : `"logprobs":${JSON.stringify(likely)},`;
    this.written += `${this.headOf(index)}${delta},${logprobs}"finish_reason":${finish}}]}\n\n`;
  }
}
