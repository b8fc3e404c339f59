import * as assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { responsesRequest } from '../../../../src/proxy/protocols/openai-responses/request.js';
import { TranslatedStream } from '../../../../src/proxy/protocols/translation/translated-stream.js';
import type { UpstreamKind } from '../../../../src/proxy/protocols/translation/models/answering-model.js';
import { BadRequest } from '../../../../src/proxy/protocols/translation/request/bad-request.js';
import type { JsonObject } from '../../../../src/store/ground/json.js';
import { anyStream, bytesOf, cut, inOnePiece } from '../../../support/gemini-answers.js';
import { type ReadItem, readResponse, readResponsesStream } from '../../../support/responses-grammar.js';
import { geminiTakes } from '../../../support/strict-gemini.js';
import { contextOf } from '../../../support/translation.js';
import { anyResponsesRequest } from './any-responses-request.js';

const MODELS: [string, UpstreamKind][] = [
  ['gemini-3-pro', 'gemini'],
  ['gemini-2.5-pro', 'gemini'],
  ['gemini-3-flash', 'cloudcode'],
  ['claude-sonnet-4-5', 'cloudcode'],
];
const model = fc.constantFrom(...MODELS);

/** Either Gemini takes what comes out, or the client is told which field is at fault. */
function takenOrNamed(body: JsonObject, name: string, kind: UpstreamKind) {
  let translated;
  try {
    translated = responsesRequest(body, contextOf({ model: name, kind }));
  } catch (error) {
    assert.ok(error instanceof BadRequest, error instanceof Error ? error.stack : String(error));
    assert.ok(error.field !== '' && error.message.includes(error.field), error.message);
    return;
  }
  geminiTakes(translated.body, { model: name, codeAssist: kind === 'cloudcode' });
}

test('any request of the schema is one that Gemini takes, or a refusal that names the field', () => {
  fc.assert(
    fc.property(anyResponsesRequest, model, (body, [name, kind]) => takenOrNamed(body, name, kind)),
    { numRuns: 500 },
  );
});

test('a request with anything at all in a field is taken or refused by name', () => {
  const field = fc.constantFrom(
    ...['input', 'instructions', 'tools', 'tool_choice', 'reasoning', 'text', 'max_output_tokens', 'stream'],
    ...['previous_response_id', 'conversation', 'background', 'prompt'],
  );
  fc.assert(
    fc.property(anyResponsesRequest, field, fc.jsonValue(), model, (body, name, value, [of, kind]) =>
      takenOrNamed({ ...body, [name]: value }, of, kind),
    ),
    { numRuns: 400 },
  );
});

/** A function, one in a namespace, and a custom tool, as Gemini knows them. */
const TOOLS = [
  { type: 'function', name: 'look_up' },
  { type: 'namespace', name: 'ns', tools: [{ type: 'function', name: 'inner' }] },
  { type: 'custom', name: 'patch' },
];
const NAMES = ['look_up', 'ns__inner', 'patch'];
const BODY = { model: 'm', input: 'go', stream: true, reasoning: { summary: 'auto' }, tools: TOOLS };

test('wherever the upstream’s bytes are cut, the client gets the same', () => {
  const places = fc.array(fc.nat(100_000), { maxLength: 12 });
  const ending = fc.constantFrom('\n' as const, '\r\n' as const);
  fc.assert(
    fc.property(anyStream(NAMES), places, ending, (events, cuts, end) => {
      const whole = bytesOf(events, end);
      const [once, pieces] = [[whole], cut(whole, cuts)].map((chunks) => {
        const stream = new TranslatedStream(responsesRequest(BODY, contextOf()).writer(), true);
        return chunks.map((chunk) => stream.push(chunk)).join('') + stream.end();
      });
      assert.equal(pieces, once);
    }),
    { numRuns: 150 },
  );
});

test('every stream follows the grammar, however it goes on and wherever it breaks off', () => {
  fc.assert(
    fc.property(anyStream(NAMES), fc.nat(10), fc.boolean(), (events, at, breaks) => {
      const writer = responsesRequest(BODY, contextOf()).writer();
      const kept = breaks ? events.slice(0, at) : events;
      const stream = kept.map((event) => writer.event(event)).join('');
      const trouble = { kind: 'failed', status: 502, message: 'broke off' } as const;
      const { response } = readResponsesStream(stream + (breaks ? writer.failed(trouble) : writer.end()));
      assert.equal(response.status === 'failed', breaks);
    }),
    { numRuns: 200 },
  );
});

test('a whole answer is what the stream of the same answer ends with', () => {
  const without = (items: readonly unknown[]): unknown =>
    JSON.parse(JSON.stringify(items, (key, value: unknown) => (/^(?:id|call_id)$/.test(key) ? 'any' : value)));
  fc.assert(
    fc.property(anyStream(NAMES), (events) => {
      const writer = responsesRequest(BODY, contextOf()).writer();
      const read = readResponsesStream(events.map((event) => writer.event(event)).join('') + writer.end());
      const whole = readResponse(responsesRequest(BODY, contextOf()).whole(inOnePiece(events)));
      assert.equal(whole.response.status, read.response.status);
      assert.deepEqual(without(whole.response.output), without(read.response.output));
    }),
    { numRuns: 150 },
  );
});

/** What a client answers a call with. */
const outputOf = (item: ReadItem, i: number): JsonObject => ({
  type: item.type === 'custom_tool_call' ? 'custom_tool_call_output' : 'function_call_output',
  ...{ call_id: (item as JsonObject).call_id, output: `result ${i}` },
});

test('items that go through a client come back with names, arguments, results and signatures', () => {
  fc.assert(
    fc.property(anyStream(NAMES), (events) => {
      const writer = responsesRequest(BODY, contextOf()).writer();
      const { response, calls } = readResponsesStream(
        events.map((event) => writer.event(event)).join('') + writer.end(),
      );
      if (calls.length === 0) return;
      const said = events.flatMap(({ candidates }) => candidates?.flatMap(({ content }) => content?.parts ?? []) ?? []);
      const called = said.filter(({ functionCall }) => functionCall !== undefined);
      const input = JSON.parse(
        JSON.stringify([{ role: 'user', content: 'go' }, ...response.output, ...calls.map(outputOf).reverse()]),
      ) as unknown[];
      // Another process, which remembers nothing.
      const { contents } = geminiTakes(responsesRequest({ ...BODY, input }, contextOf()).body, {
        model: 'gemini-3-pro',
      });
      const wires = contents.at(-2)?.parts.filter(({ functionCall }) => functionCall !== undefined) ?? [];
      for (const [i, { functionCall, thoughtSignature }] of called.entries()) {
        assert.equal(wires[i]?.functionCall?.name, functionCall?.name);
        if (functionCall?.name !== 'patch') assert.deepEqual(wires[i]?.functionCall?.args, functionCall?.args);
        if (thoughtSignature !== undefined) assert.equal(wires[i]?.thoughtSignature, thoughtSignature);
      }
      assert.deepEqual(
        contents.at(-1)?.parts.map(({ functionResponse }) => functionResponse?.response.output),
        calls.map((_, i) => `result ${i}`),
      );
    }),
    { numRuns: 200 },
  );
});

test.run();
