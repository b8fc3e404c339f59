/** Reads a stream of OpenAI Responses as a strict client does: anything that does not fit is an error. */
import * as assert from 'node:assert/strict';
import * as v from 'valibot';
import { readEvents } from './server-sent-events.js';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const filled = v.pipe(v.string(), v.minLength(1));
const texts = (type: string) => v.looseObject({ type: v.literal(type), text: v.string() });

const json = v.pipe(
  v.string(),
  v.check((value) => v.is(v.record(v.string(), v.unknown()), parsed(value)), 'JSON of an object'),
);

const doneItem = v.variant('type', [
  v.looseObject({
    type: v.literal('message'),
    id: filled,
    status: v.picklist(['completed', 'incomplete']),
    role: v.literal('assistant'),
    content: v.pipe(
      v.array(v.looseObject({ type: v.literal('output_text'), text: v.string(), annotations: v.array(v.unknown()) })),
      v.minLength(1),
    ),
  }),
  v.looseObject({ type: v.literal('reasoning'), id: filled, summary: v.array(texts('summary_text')) }),
  v.looseObject({
    type: v.literal('function_call'),
    id: filled,
    status: v.literal('completed'),
    call_id: filled,
    name: filled,
    namespace: v.optional(filled),
    arguments: json,
  }),
  v.looseObject({
    type: v.literal('custom_tool_call'),
    id: filled,
    status: v.literal('completed'),
    call_id: filled,
    name: filled,
    namespace: v.optional(filled),
    input: v.string(),
  }),
  v.looseObject({
    type: v.literal('tool_search_call'),
    id: filled,
    call_id: filled,
    execution: v.literal('client'),
    arguments: v.record(v.string(), v.unknown()),
  }),
  v.looseObject({ type: v.literal('image_generation_call'), id: filled, result: filled }),
  v.looseObject({ type: v.literal('web_search_call'), id: filled, status: v.literal('completed') }),
]);
export type ReadItem = v.InferOutput<typeof doneItem>;

const usage = v.looseObject({
  input_tokens: count,
  input_tokens_details: v.looseObject({ cached_tokens: count }),
  output_tokens: count,
  output_tokens_details: v.looseObject({ reasoning_tokens: count }),
  total_tokens: count,
});

const responseOf = {
  id: filled,
  object: v.literal('response'),
  created_at: count,
  model: filled,
};

const response = v.variant('status', [
  v.looseObject({
    ...responseOf,
    status: v.literal('in_progress'),
    output: v.pipe(v.array(v.unknown()), v.maxLength(0)),
  }),
  v.looseObject({ ...responseOf, status: v.literal('completed'), output: v.array(doneItem), usage, error: v.null() }),
  v.looseObject({
    ...responseOf,
    status: v.literal('incomplete'),
    output: v.array(doneItem),
    usage,
    incomplete_details: v.looseObject({ reason: v.picklist(['max_output_tokens', 'content_filter']) }),
  }),
  v.looseObject({
    ...responseOf,
    status: v.literal('failed'),
    output: v.array(v.unknown()),
    error: v.looseObject({ code: filled, message: filled }),
  }),
]);
export type ReadResponse = v.InferOutput<typeof response>;

const event = v.looseObject({ type: filled, sequence_number: count });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What a whole response said. */
export interface ReadResponses {
  response: ReadResponse;
  /** The types of the events, in order. */
  types: string[];
  text: string;
  thinking: string;
  calls: ReadItem[];
}

/** @throws {Error} the object is no finished response */
export function readResponse(object: unknown): Omit<ReadResponses, 'types'> {
  const read = v.parse(response, object);
  const items = (read.output as unknown[]).filter((item): item is ReadItem => v.is(doneItem, item));
  return {
    response: read,
    text: items.flatMap((item) => (item.type === 'message' ? item.content.map(({ text }) => text) : [])).join(''),
    thinking: items.flatMap((item) => (item.type === 'reasoning' ? item.summary.map(({ text }) => text) : [])).join(''),
    calls: items.filter(({ type }) => /^(?:function|custom_tool|tool_search)_call$/.test(type)),
  };
}

/** @throws {Error} the stream does not follow the grammar of Responses */
export function readResponsesStream(stream: string): ReadResponses {
  const fold = new ResponseFold();
  const types: string[] = [];
  for (const { name, data } of readEvents(stream)) {
    const one = v.parse(event, JSON.parse(data));
    assert.equal(name, one.type, 'the name of an event is its type');
    assert.equal(one.sequence_number, types.length, 'sequence numbers count from 0');
    types.push(one.type);
    fold.take(one.type, one);
  }
  return { ...fold.end(), types };
}

interface OpenItem {
  id: string;
  type: string;
  /** Deltas by what they belong to: a part of a text, arguments, input. */
  said: Map<string, string>;
  openPart: string | undefined;
  closedParts: number;
}

class ResponseFold {
  private started = 0;
  private ended: ReadResponse | undefined;
  private readonly done: ReadItem[] = [];
  private open: OpenItem | undefined;

  take(type: string, one: Record<string, unknown>) {
    assert.equal(this.ended, undefined, `${type} behind the end`);
    const verb = /^response\.(.+)$/.exec(type)?.[1] ?? assert.fail(`event ${type}`);
    switch (verb) {
      case 'created':
      case 'in_progress':
        assert.equal(v.parse(response, one.response).status, 'in_progress');
        assert.equal(this.started, verb === 'created' ? 0 : 1, `${verb} at the wrong place`);
        this.started += 1;
        return;
      case 'completed':
      case 'incomplete':
      case 'failed':
        this.finish(verb, v.parse(response, one.response));
        return;
      case 'output_item.added':
        this.add(v.parse(v.looseObject({ id: filled, type: filled }), one.item), one.output_index);
        return;
      case 'output_item.done':
        this.close(v.parse(doneItem, one.item), one.output_index);
        return;
      default:
        this.within(verb, one);
    }
  }

  private add({ id, type }: { id: string; type: string }, index: unknown) {
    assert.equal(this.started, 2, 'an item before created and in_progress');
    assert.equal(this.open, undefined, 'an item inside another');
    assert.equal(index, this.done.length, 'items count from 0');
    this.open = { id, type, said: new Map(), openPart: undefined, closedParts: 0 };
  }

  private within(verb: string, one: Record<string, unknown>) {
    const { open } = this;
    assert.ok(open, `${verb} outside of an item`);
    assert.equal(one.item_id, open.id, `${verb} of another item`);
    assert.equal(one.output_index, this.done.length, `${verb} with another index`);
    const [, about, what] = /^(.+)\.(added|delta|done)$/.exec(verb) ?? assert.fail(`event ${verb}`);
    assert.ok(about);
    if (about.endsWith('_part')) {
      partOf(open, about, what, one);
      return;
    }
    if (about === 'output_text.annotation') {
      assert.ok(open.openPart, 'an annotation outside of a part');
      return;
    }
    assert.ok(INSIDE[open.type]?.includes(about), `${about} in a ${open.type}`);
    if (about.includes('text')) assert.ok(open.openPart, `${about} outside of a part`);
    if (what === 'delta') open.said.set(about, (open.said.get(about) ?? '') + v.parse(v.string(), one.delta));
    else
      assert.equal(
        one.text ?? one.arguments ?? one.input,
        open.said.get(about) ?? '',
        `${verb} differs from its deltas`,
      );
  }

  private close(item: ReadItem, index: unknown) {
    const { open } = this;
    assert.ok(open, 'an item is done that was never added');
    assert.equal(open.openPart, undefined, 'an item is done with an open part');
    assert.deepEqual([item.id, item.type, index], [open.id, open.type, this.done.length], 'another item is done');
    const said = [...open.said.values()].join('');
    const has =
      item.type === 'message'
        ? item.content.map(({ text }) => text).join('')
        : item.type === 'reasoning'
          ? item.summary.map(({ text }) => text).join('')
          : item.type === 'function_call'
            ? item.arguments
            : item.type === 'custom_tool_call'
              ? item.input
              : '';
    assert.equal(has, said, 'an item is not what its deltas said');
    this.done.push(item);
    this.open = undefined;
  }

  private finish(verb: string, end: ReadResponse) {
    assert.equal(end.status, verb, 'status and event differ');
    if (end.status !== 'failed') {
      assert.equal(this.started, 2, 'an end before created and in_progress');
      assert.equal(this.open, undefined, 'the end inside an item');
      assert.deepEqual(end.output, this.done, 'the output is not the items');
    }
    this.ended = end;
  }

  end(): Omit<ReadResponses, 'types'> {
    assert.ok(this.ended, 'the stream has no end');
    return readResponse(this.ended);
  }
}

/** What may be inside an item of a type. */
const INSIDE: Record<string, string[]> = {
  message: ['output_text'],
  reasoning: ['reasoning_summary_text'],
  function_call: ['function_call_arguments'],
  custom_tool_call: ['custom_tool_call_input'],
};

function partOf(open: OpenItem, about: string, what: string | undefined, one: Record<string, unknown>) {
  assert.equal(
    about,
    open.type === 'message' ? 'content_part' : 'reasoning_summary_part',
    `${about} in a ${open.type}`,
  );
  const index = one.content_index ?? one.summary_index;
  assert.equal(index, open.closedParts, 'parts count from 0');
  if (what === 'added') {
    assert.equal(open.openPart, undefined, 'a part inside another');
    open.openPart = about;
    return;
  }
  assert.equal(open.openPart, about, 'a part is done that is not open');
  open.openPart = undefined;
  open.closedParts += 1;
}
