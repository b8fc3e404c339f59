/** Reads a stream of Anthropic's Messages API as a strict client does: anything that does not fit is an error. */
import * as assert from 'node:assert/strict';
import * as v from 'valibot';
import { readEvents } from './server-sent-events.js';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const filled = v.pipe(v.string(), v.minLength(1));
const index = { index: count };

const usage = v.looseObject({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
});

const stopReason = v.picklist(['end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'refusal', 'pause_turn']);

const tool = { id: filled, name: filled };
const started = v.variant('type', [
  v.strictObject({ type: v.literal('text'), text: v.literal('') }),
  v.strictObject({ type: v.literal('thinking'), thinking: v.literal(''), signature: v.literal('') }),
  v.strictObject({ type: v.literal('tool_use'), ...tool, input: v.strictObject({}) }),
  v.strictObject({ type: v.literal('server_tool_use'), ...tool, input: v.strictObject({}) }),
  v.strictObject({
    type: v.literal('web_search_tool_result'),
    tool_use_id: filled,
    content: v.array(
      v.looseObject({
        type: v.literal('web_search_result'),
        url: filled,
        title: filled,
        encrypted_content: v.string(),
      }),
    ),
  }),
]);

const delta = v.variant('type', [
  v.strictObject({ type: v.literal('text_delta'), text: filled }),
  v.strictObject({ type: v.literal('thinking_delta'), thinking: filled }),
  v.strictObject({ type: v.literal('signature_delta'), signature: filled }),
  v.strictObject({ type: v.literal('input_json_delta'), partial_json: v.string() }),
]);

const event = v.variant('type', [
  v.strictObject({ type: v.literal('ping') }),
  v.strictObject({
    type: v.literal('message_start'),
    message: v.strictObject({
      ...{ id: filled, type: v.literal('message'), role: v.literal('assistant'), model: filled },
      ...{ content: v.tuple([]), stop_reason: v.null(), stop_sequence: v.null(), usage },
    }),
  }),
  v.strictObject({ type: v.literal('content_block_start'), ...index, content_block: started }),
  v.strictObject({ type: v.literal('content_block_delta'), ...index, delta }),
  v.strictObject({ type: v.literal('content_block_stop'), ...index }),
  v.strictObject({
    type: v.literal('message_delta'),
    delta: v.strictObject({ stop_reason: stopReason, stop_sequence: v.null() }),
    usage,
  }),
  v.strictObject({ type: v.literal('message_stop') }),
  v.strictObject({ type: v.literal('error'), error: v.strictObject({ type: filled, message: filled }) }),
]);
type Event = v.InferOutput<typeof event>;
type Delta = v.InferOutput<typeof delta>;

/** Which deltas a block may have. */
const OF_BLOCK: Record<string, string[]> = {
  text: ['text_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
  web_search_tool_result: [],
};

export interface ReadBlock {
  type: string;
  text: string;
  signature: string;
  id?: string | undefined;
  name?: string | undefined;
  input?: unknown;
  content?: unknown;
}

/** What a whole stream said. */
export interface ReadMessage {
  id: string | undefined;
  model: string | undefined;
  blocks: ReadBlock[];
  stopReason: string | undefined;
  firstUsage: v.InferOutput<typeof usage> | undefined;
  usage: v.InferOutput<typeof usage> | undefined;
  error: { type: string; message: string } | undefined;
}

/** @throws {Error} the stream does not follow the grammar of the Messages API */
export function readMessageStream(stream: string): ReadMessage {
  const fold = new Fold();
  for (const { name, data } of readEvents(stream)) {
    const read = v.parse(event, JSON.parse(data));
    assert.equal(name, read.type, 'the name of an event is its type');
    fold.take(read);
  }
  return fold.end();
}

class Fold {
  private readonly read: ReadMessage = {
    ...{ id: undefined, model: undefined, blocks: [], stopReason: undefined },
    ...{ firstUsage: undefined, usage: undefined, error: undefined },
  };
  private open: ReadBlock | null = null;
  private isOver = false;

  take(read: Event) {
    if (read.type === 'ping') return;
    assert.ok(!this.isOver, `${read.type} after the end`);
    assert.equal(
      read.type === 'message_start' || read.type === 'error',
      this.read.id === undefined || read.type === 'error',
      read.type,
    );
    if ('index' in read) this.takeBlock(read);
    else if (read.type === 'message_start') {
      const { id, model, usage } = read.message;
      Object.assign(this.read, { id, model, firstUsage: usage });
    } else if (read.type === 'message_delta') {
      assert.equal(this.open, null, 'message_delta within a block');
      assert.equal(this.read.stopReason, undefined, 'a second message_delta');
      this.read.stopReason = read.delta.stop_reason;
      this.read.usage = read.usage;
    } else {
      this.isOver = true;
      if (read.type === 'error') this.read.error = read.error;
      else assert.ok(this.read.stopReason, 'message_stop without message_delta');
    }
  }

  private takeBlock(read: Extract<Event, { index: number }>) {
    const { blocks } = this.read;
    assert.equal(this.read.stopReason, undefined, 'a block after message_delta');
    assert.equal(
      read.index,
      read.type === 'content_block_start' ? blocks.length : blocks.length - 1,
      'the index of a block',
    );
    if (read.type === 'content_block_start') {
      assert.equal(this.open, null, 'a block within a block');
      this.open = { text: '', signature: '', ...read.content_block };
      this.open.text = '';
      blocks.push(this.open);
    } else if (read.type === 'content_block_delta') this.takeDelta(read.delta);
    else {
      if (this.open?.type === 'thinking') assert.ok(this.open.signature, 'a thought without a signature');
      if (this.open?.type.endsWith('tool_use')) {
        const input: unknown = JSON.parse(this.open.text);
        assert.ok(typeof input === 'object' && input !== null && !Array.isArray(input), 'arguments are no object');
        this.open.input = input;
      }
      this.open = null;
    }
  }

  private takeDelta(one: Delta) {
    const { open } = this;
    assert.ok(open && OF_BLOCK[open.type]?.includes(one.type), `${one.type} in ${open?.type ?? 'no block'}`);
    if (one.type === 'text_delta') open.text += one.text;
    else if (one.type === 'thinking_delta') open.text += one.thinking;
    else if (one.type === 'signature_delta') open.signature = one.signature;
    else open.text += one.partial_json;
  }

  end(): ReadMessage {
    const { error, blocks, stopReason } = this.read;
    if (error !== undefined) return this.read;
    assert.ok(this.isOver, 'no message_stop');
    assert.ok(blocks.length > 0, 'a message without content');
    assert.equal(
      stopReason === 'tool_use',
      blocks.some(({ type }) => type === 'tool_use'),
      `${String(stopReason)} and calls`,
    );
    return this.read;
  }
}
