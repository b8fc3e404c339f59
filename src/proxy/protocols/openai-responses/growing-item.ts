import type { JsonObject } from '../../../store/ground/json.js';
import type { ResponseEvents } from './events.js';
import { messageItem, reasoningItem, summaryPart, textPart } from './items.js';

/** Items that grow while parts come: messages and thoughts. */
export type Growing = 'message' | 'reasoning';

const WORDS = {
  message: { prefix: 'msg', part: 'content_part', text: 'output_text', index: 'content_index' },
  reasoning: { prefix: 'rs', part: 'reasoning_summary_part', text: 'reasoning_summary_text', index: 'summary_index' },
} as const;

/** How an item ends. */
export interface ItemEnd {
  readonly status: 'completed' | 'incomplete';
  readonly annotations: readonly JsonObject[];
}

/**
 * An item of one part that is sent in pieces: that it is added, its part, deltas, and all of it once more when it is
 * complete.
 */
export class GrowingItem {
  private readonly id: string;
  private readonly within: JsonObject;
  private readonly withinText: string;
  private said = '';

  constructor(
    readonly type: Growing,
    newId: string,
    private readonly outputIndex: number,
    private readonly events: ResponseEvents,
  ) {
    const { prefix, part, index } = WORDS[type];
    this.id = `${prefix}_${newId}`;
    this.within = { item_id: this.id, output_index: outputIndex, [index]: 0 };
    this.withinText = JSON.stringify(this.within).slice(1, -1);
    const item =
      type === 'message'
        ? { status: 'in_progress', role: 'assistant', content: [] }
        : { summary: [], encrypted_content: null };
    events.write('output_item.added', { output_index: outputIndex, item: { id: this.id, type, ...item } });
    events.write(`${part}.added`, { ...this.within, part: this.partOf([]) });
  }

  get text(): string {
    return this.said;
  }

  grow(text: string): void {
    this.said += text;
    this.events.writeDelta(WORDS[this.type].text, this.withinText, text);
  }

  /** @returns the whole item */
  end({ status, annotations }: ItemEnd): JsonObject {
    const { part, text } = WORDS[this.type];
    for (const [annotation_index, annotation] of annotations.entries()) {
      this.events.write('output_text.annotation.added', { ...this.within, annotation_index, annotation });
    }
    const whole = this.partOf(annotations);
    this.events.write(`${text}.done`, { ...this.within, text: this.said });
    this.events.write(`${part}.done`, { ...this.within, part: whole });
    const item = this.type === 'message' ? messageItem(this.id, status, whole) : reasoningItem(this.id, this.said);
    this.events.write('output_item.done', { output_index: this.outputIndex, item });
    return item;
  }

  private partOf(annotations: readonly JsonObject[]): JsonObject {
    return this.type === 'message' ? textPart(this.said, annotations) : summaryPart(this.said);
  }
}

/** For items that come whole, the event type for the text in them. */
const TEXTS = { input: 'custom_tool_call_input', arguments: 'function_call_arguments' } as const;

/** Writes the events of an item that came whole: its text is sent as one delta. */
export function writeWhole(item: JsonObject, outputIndex: number, events: ResponseEvents): void {
  const field = typeof item.input === 'string' ? 'input' : 'arguments';
  const text = item[field];
  const within = { item_id: item.id, output_index: outputIndex };
  const isText = typeof text === 'string';
  const begun = { ...item, status: 'in_progress', ...(isText && { [field]: '' }) };
  events.write('output_item.added', { output_index: outputIndex, item: begun });
  if (isText) {
    events.writeDelta(TEXTS[field], JSON.stringify(within).slice(1, -1), text);
    const { name } = item;
    events.write(`${TEXTS[field]}.done`, { ...within, ...(field === 'arguments' && { name }), [field]: text });
  }
  events.write('output_item.done', { output_index: outputIndex, item });
}
