/** Reads a stream of Chat Completions as a strict client does: anything that does not fit is an error. */
import * as assert from 'node:assert/strict';
import * as v from 'valibot';
import { readEvents } from './server-sent-events.js';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const filled = v.pipe(v.string(), v.minLength(1));

export const chatUsage = v.looseObject({ prompt_tokens: count, completion_tokens: count, total_tokens: count });

const toolCallPiece = v.looseObject({
  index: count,
  id: v.optional(filled),
  type: v.optional(v.literal('function')),
  function: v.looseObject({ name: v.optional(filled), arguments: v.optional(v.string()) }),
  extra_content: v.optional(v.looseObject({ google: v.looseObject({ thought_signature: filled }) })),
});
type ToolCallPiece = v.InferOutput<typeof toolCallPiece>;

const choice = v.looseObject({
  index: count,
  delta: v.looseObject({
    role: v.optional(v.literal('assistant')),
    content: v.nullish(v.string()),
    reasoning_content: v.nullish(v.string()),
    tool_calls: v.optional(v.array(toolCallPiece)),
    annotations: v.optional(v.array(v.looseObject({ type: v.literal('url_citation') }))),
  }),
  logprobs: v.nullish(v.looseObject({ content: v.array(v.unknown()) })),
  finish_reason: v.nullable(v.picklist(['stop', 'length', 'tool_calls', 'content_filter'])),
});
type Choice = v.InferOutput<typeof choice>;

const chunk = v.looseObject({
  id: filled,
  object: v.literal('chat.completion.chunk'),
  created: count,
  model: filled,
  choices: v.array(choice),
  usage: v.nullish(chatUsage),
});

const failure = v.looseObject({
  error: v.looseObject({
    message: filled,
    type: filled,
    param: v.nullable(v.string()),
    code: v.nullable(v.string()),
  }),
});

export interface ReadCall {
  id: string;
  name: string;
  args: Record<string, unknown>;
  signature?: string | undefined;
}

export interface ReadChoice {
  text: string;
  thinking: string;
  calls: ReadCall[];
  finish: string | null;
}

/** What a whole stream said. */
export interface ReadChat {
  choices: ReadChoice[];
  usage: v.InferOutput<typeof chatUsage> | undefined;
  id: string | undefined;
  model: string | undefined;
  error: v.InferOutput<typeof failure>['error'] | undefined;
}

/** @throws {Error} the stream does not follow the grammar of Chat Completions */
export function readChatStream(stream: string): ReadChat {
  const events = readEvents(stream);
  const folds: ChoiceFold[] = [];
  const read: ReadChat = { choices: [], usage: undefined, id: undefined, model: undefined, error: undefined };
  for (const [at, { name, data }] of events.entries()) {
    assert.equal(name, '', 'Chat events have no name');
    if (data === '[DONE]') {
      assert.equal(at, events.length - 1, 'something stands behind [DONE]');
      assert.equal(read.error, undefined, '[DONE] after an error');
      continue;
    }
    const json: unknown = JSON.parse(data);
    if (v.is(failure, json)) {
      assert.equal(at, events.length - 1, 'something stands behind an error');
      read.error = json.error;
      continue;
    }
    readChunk(v.parse(chunk, json), folds, read);
  }
  if (read.error === undefined) {
    assert.equal(events.at(-1)?.data, '[DONE]', 'no [DONE]');
    assert.ok(folds.length > 0, 'no choice');
  }
  read.choices = Array.from(folds, (fold, i) => {
    assert.ok(fold, `choice ${i} is missing`);
    return fold.end(read.error !== undefined);
  });
  return read;
}

function readChunk(one: v.InferOutput<typeof chunk>, folds: ChoiceFold[], read: ReadChat) {
  read.id ??= one.id;
  read.model ??= one.model;
  assert.equal(one.id, read.id, 'the id changes');
  assert.equal(one.model, read.model, 'the model changes');
  if (one.choices.length === 0) assert.ok(one.usage, 'a chunk without a choice and without usage');
  if (one.usage) read.usage = one.usage;
  for (const piece of one.choices) (folds[piece.index] ??= new ChoiceFold(piece)).take(piece);
}

class ChoiceFold {
  private text = '';
  private thinking = '';
  private finish: string | null = null;
  private readonly calls: { id: string; name: string; json: string; signature: string | undefined }[] = [];

  constructor(first: Choice) {
    assert.equal(first.delta.role, 'assistant', 'the first chunk of a choice has the role');
  }

  take({ delta, finish_reason: finish }: Choice) {
    assert.equal(this.finish, null, 'a choice goes on after its finish_reason');
    this.text += delta.content ?? '';
    this.thinking += delta.reasoning_content ?? '';
    for (const piece of delta.tool_calls ?? []) this.takeCall(piece);
    this.finish = finish;
  }

  private takeCall({ index, id, type, function: called, extra_content: extra }: ToolCallPiece) {
    assert.ok(index <= this.calls.length, `call ${index} after ${this.calls.length}`);
    const known = this.calls[index];
    if (known !== undefined) {
      known.json += called.arguments ?? '';
      return;
    }
    assert.ok(id !== undefined && called.name !== undefined, 'a call starts without id or name');
    assert.equal(type, 'function', 'a call starts without its type');
    this.calls.push({
      id,
      name: called.name,
      json: called.arguments ?? '',
      signature: extra?.google.thought_signature,
    });
  }

  end(isBroken: boolean): ReadChoice {
    if (!isBroken) {
      assert.ok(this.finish, 'a choice has no finish_reason');
      assert.equal(
        this.finish === 'tool_calls',
        this.calls.length > 0,
        `${this.finish} with ${this.calls.length} calls`,
      );
    }
    const calls = this.calls.map(({ json, ...call }) => ({ ...call, args: structOf(json) }));
    return { text: this.text, thinking: this.thinking, calls, finish: this.finish };
  }
}

const structOf = (json: string): Record<string, unknown> =>
  v.parse(v.record(v.string(), v.unknown()), JSON.parse(json), {
    message: `arguments are no object: ${json.slice(0, 80)}`,
  });
