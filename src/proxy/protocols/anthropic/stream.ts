import { isJsonObject } from '../../../store/ground/json.js';
import { candidatesOf, answerParts } from '../translation/answer/events.js';
import { isBlocked } from '../translation/answer/finish.js';
import { type Grounding, NO_GROUNDING, groundingAfter, linksOf } from '../translation/answer/grounding.js';
import { namedEvent, quoted } from '../translation/answer/sse.js';
import type { Trouble } from '../translation/answer/trouble.js';
import { NO_USAGE, type TokenUsage, usageAfter } from '../translation/answer/usage.js';
import type { GeminiAnswerPart, GeminiEvent } from '../translation/gemini/gemini.js';
import { callId } from '../translation/request/signatures.js';
import type { AnswerWriter } from '../translation/translated.js';
import { type Answering, messageUsage, pictureText, searchesOf, stopReason } from './answering.js';
import { errorBody } from './errors.js';
import { thoughtSignature } from './thought-signature.js';

/** Writes one answer as the events of Anthropic's Messages stream. */
export class MessageWriter implements AnswerWriter {
  private started = false;
  private index = -1;
  /** The kind of the block that is being written. */
  private open: 'text' | 'thinking' | null = null;
  /** Google's signature of the thought that is being written. */
  private signature: string | undefined;
  private called = false;
  private blocked = false;
  private reason: string | undefined;
  private usage: TokenUsage = NO_USAGE;
  private grounding: Grounding = NO_GROUNDING;

  constructor(private readonly answering: Answering) {}

  event(event: GeminiEvent): string {
    this.usage = usageAfter(this.usage, event);
    let text = this.started ? '' : this.start();
    this.blocked ||= isBlocked(event);
    const candidate = candidatesOf(event)[0];
    if (candidate === undefined) return text;
    if (typeof candidate.finishReason === 'string') this.reason = candidate.finishReason;
    if (candidate.groundingMetadata !== undefined) this.grounding = groundingAfter(this.grounding, event);
    for (const part of answerParts(candidate)) text += this.part(part);
    return text;
  }

  end(): string {
    const { called, blocked, reason } = this;
    const before = this.started ? '' : this.start();
    const said = this.searches() + (this.index === -1 ? this.begin('text', TEXT) : '') + this.close();
    const delta = { stop_reason: stopReason({ called, blocked, reason }), stop_sequence: null };
    const usage = messageUsage(this.usage, this.grounding);
    return `${before}${said}${named({ type: 'message_delta', delta, usage })}event: message_stop\ndata: {"type":"message_stop"}\n\n`;
  }

  failed(trouble: Trouble): string {
    return namedEvent('error', JSON.stringify(errorBody(trouble)));
  }

  ping(): string {
    return 'event: ping\ndata: {"type":"ping"}\n\n';
  }

  private start(): string {
    this.started = true;
    const { context } = this.answering;
    return named({
      type: 'message_start',
      message: {
        ...{
          id: `msg_${context.newId()}`,
          type: 'message',
          role: 'assistant',
          model: context.model.asked,
          content: [],
        },
        ...{ stop_reason: null, stop_sequence: null, usage: messageUsage(this.usage, NO_GROUNDING) },
      },
    });
  }

  private part(part: GeminiAnswerPart): string {
    if (part.functionCall !== undefined) return this.call(part);
    if (part.thought === true) return this.answering.thoughtsShown ? this.thought(part) : '';
    if (typeof part.text === 'string' && part.text !== '') return this.said(part.text);
    const { mimeType, data } = part.inlineData ?? {};
    return typeof data === 'string' ? this.said(pictureText(mimeType ?? 'image/png', data)) : '';
  }

  private said(text: string): string {
    const begun = this.open === 'text' ? '' : this.begin('text', TEXT);
    return `${begun}event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.index},"delta":{"type":"text_delta","text":${quoted(text)}}}\n\n`;
  }

  private thought({ text, thoughtSignature: signature }: GeminiAnswerPart): string {
    if (typeof signature === 'string' && signature !== '') this.signature = signature;
    if (typeof text !== 'string' || text === '') return '';
    const begun = this.open === 'thinking' ? '' : this.begin('thinking', THINKING);
    return `${begun}event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.index},"delta":{"type":"thinking_delta","thinking":${quoted(text)}}}\n\n`;
  }

  private call({ functionCall, thoughtSignature: signature }: GeminiAnswerPart): string {
    const { context, names } = this.answering;
    this.called = true;
    const id = callId('toolu_', context.newId(), signature);
    if (signature !== undefined) context.signatures.remember(id, signature);
    const args = isJsonObject(functionCall?.args) ? functionCall.args : {};
    return this.tool({ type: 'tool_use', id, name: names.toClient(functionCall?.name ?? '') }, args);
  }

  /** A block that comes whole: its input is sent as one delta. */
  private tool(block: object, input: object): string {
    return (
      this.begin(null, JSON.stringify({ ...block, input: {} })) +
      named({
        ...{ type: 'content_block_delta', index: this.index },
        delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) },
      }) +
      this.stop()
    );
  }

  /** The searches of an answer, which are known when its text is complete. */
  private searches(): string {
    const { sources } = this.grounding;
    const searches = searchesOf(this.grounding, this.answering.context);
    const told = searches.map(
      ({ use, input, result }) => this.tool(use, input) + this.begin(null, JSON.stringify(result)) + this.stop(),
    );
    return told.join('') + (sources.length > 0 ? this.said(linksOf(sources)) : '');
  }

  /** @param block - the beginning of its JSON */
  private begin(open: 'text' | 'thinking' | null, block: string): string {
    const closed = this.close();
    this.open = open;
    this.index++;
    return `${closed}event: content_block_start\ndata: {"type":"content_block_start","index":${this.index},"content_block":${block}}\n\n`;
  }

  /** Ends the current block, if there is one; clients do not accept a thought without a signature. */
  private close(): string {
    const { open } = this;
    if (open === null) return '';
    this.open = null;
    if (open === 'text') return this.stop();
    const delta = { type: 'signature_delta', signature: thoughtSignature(this.signature) };
    this.signature = undefined;
    return named({ type: 'content_block_delta', index: this.index, delta }) + this.stop();
  }

  private stop(): string {
    return `event: content_block_stop\ndata: {"type":"content_block_stop","index":${this.index}}\n\n`;
  }
}

const TEXT = '{"type":"text","text":""}';
const THINKING = '{"type":"thinking","thinking":"","signature":""}';

const named = (event: { readonly type: string; readonly [field: string]: unknown }): string =>
  namedEvent(event.type, JSON.stringify(event));
