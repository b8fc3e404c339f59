import * as assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { chatRequest } from '../../../../src/proxy/protocols/openai-chat/request/chat-request.js';
import { TranslatedStream } from '../../../../src/proxy/protocols/translation/translated-stream.js';
import type { UpstreamKind } from '../../../../src/proxy/protocols/translation/models/answering-model.js';
import { BadRequest } from '../../../../src/proxy/protocols/translation/request/bad-request.js';
import type { JsonObject } from '../../../../src/store/ground/json.js';
import { readChatStream } from '../../../support/chat-grammar.js';
import { anyStream, bytesOf, cut, inOnePiece } from '../../../support/gemini-answers.js';
import { geminiTakes } from '../../../support/strict-gemini.js';
import { contextOf } from '../../../support/translation.js';
import { anyChatRequest } from './request/any-chat-request.js';

const MODELS: [string, UpstreamKind][] = [
  ['gemini-3-pro', 'gemini'],
  ['gemini-2.5-pro', 'gemini'],
  ['gemini-2.5-flash', 'cloudcode'],
  ['claude-sonnet-4-5', 'cloudcode'],
];
const model = fc.constantFrom(...MODELS);

/** Either Gemini takes what comes out, or the client is told which field is at fault. */
function takenOrNamed(body: JsonObject, name: string, kind: UpstreamKind) {
  let translated;
  try {
    translated = chatRequest(body, contextOf({ model: name, kind }));
  } catch (error) {
    assert.ok(error instanceof BadRequest, error instanceof Error ? error.stack : String(error));
    assert.ok(error.field !== '' && error.message.includes(error.field), error.message);
    return;
  }
  geminiTakes(translated.body, { model: name, codeAssist: kind === 'cloudcode' });
}

test('any request of the schema is one that Gemini takes, or a refusal that names the field', () => {
  fc.assert(
    fc.property(anyChatRequest, model, (body, [name, kind]) => takenOrNamed(body, name, kind)),
    { numRuns: 400 },
  );
});

test('a request with anything at all in a field is taken or refused by name', () => {
  const field = fc.constantFrom(
    ...[
      'messages',
      'tools',
      'tool_choice',
      'stop',
      'n',
      'seed',
      'response_format',
      'reasoning_effort',
      'stream_options',
    ],
    ...['web_search_options', 'max_tokens', 'temperature', 'logprobs', 'top_logprobs', 'modalities', 'stream'],
  );
  fc.assert(
    fc.property(anyChatRequest, field, fc.jsonValue(), model, (body, name, value, [of, kind]) =>
      takenOrNamed({ ...body, [name]: value }, of, kind),
    ),
    { numRuns: 400 },
  );
});

const BODY = { model: 'm', messages: [{ role: 'user', content: 'go' }], stream: true, reasoning_effort: 'low' };

test('wherever the upstream’s bytes are cut, the client gets the same', () => {
  const places = fc.array(fc.nat(100_000), { maxLength: 12 });
  const ending = fc.constantFrom('\n' as const, '\r\n' as const);
  fc.assert(
    fc.property(anyStream(), places, ending, (events, cuts, end) => {
      const whole = bytesOf(events, end);
      const [once, pieces] = [[whole], cut(whole, cuts)].map((chunks) => {
        const stream = new TranslatedStream(chatRequest(BODY, contextOf()).writer(), true);
        return chunks.map((chunk) => stream.push(chunk)).join('') + stream.end();
      });
      assert.equal(pieces, once);
    }),
    { numRuns: 150 },
  );
});

test('every stream follows the grammar, however it goes on and wherever it breaks off', () => {
  fc.assert(
    fc.property(anyStream(), fc.nat(10), fc.boolean(), fc.boolean(), (events, at, breaks, include_usage) => {
      const writer = chatRequest({ ...BODY, stream_options: { include_usage } }, contextOf()).writer();
      const kept = breaks ? events.slice(0, at) : events;
      const stream = kept.map((event) => writer.event(event)).join('');
      const trouble = { kind: 'failed', status: 502, message: 'broke off' } as const;
      const read = readChatStream(stream + (breaks ? writer.failed(trouble) : writer.end()));
      assert.equal(read.error?.message, breaks ? 'broke off' : undefined);
      assert.equal(read.usage !== undefined, include_usage && !breaks);
    }),
    { numRuns: 200 },
  );
});

test('a whole answer has the words, calls and reason of the same answer as a stream', () => {
  fc.assert(
    fc.property(anyStream(), (events) => {
      const writer = chatRequest(BODY, contextOf()).writer();
      const [read] = readChatStream(events.map((event) => writer.event(event)).join('') + writer.end()).choices;
      const whole = chatRequest(BODY, contextOf()).whole(inOnePiece(events)) as {
        choices: {
          message: { content: string | null; reasoning_content?: string; tool_calls?: { id: string }[] };
          finish_reason: string;
        }[];
      };
      const [choice] = whole.choices;
      assert.equal(choice?.message.content ?? '', read?.text);
      assert.equal(choice?.message.reasoning_content ?? '', read?.thinking);
      assert.equal(choice?.message.tool_calls?.length ?? 0, read?.calls.length);
      assert.equal(choice?.finish_reason, read?.finish);
    }),
    { numRuns: 150 },
  );
});

test('a call that goes through a client comes back with its name, arguments, result and signature', () => {
  fc.assert(
    fc.property(anyStream(['look_up', 'other']), fc.boolean(), (events, isStreamed) => {
      const context = contextOf();
      const tools = ['look_up', 'other'].map((name) => ({ type: 'function', function: { name } }));
      const first = chatRequest({ ...BODY, tools, stream: isStreamed }, context);
      const writer = first.writer();
      const { choices } = readChatStream(events.map((event) => writer.event(event)).join('') + writer.end());
      const [answer] = choices;
      if (answer === undefined || answer.calls.length === 0) return;
      // What a client keeps of a call, once through its own JSON.
      const calls = answer.calls.map(({ id, name, args }) => ({
        ...{ id, type: 'function', function: { name, arguments: JSON.stringify(args) } },
      }));
      const history = JSON.parse(
        JSON.stringify([
          ...BODY.messages,
          { role: 'assistant', content: answer.text, tool_calls: calls },
          ...[...calls].reverse().map(({ id }, i) => ({ role: 'tool', tool_call_id: id, content: `result ${i}` })),
        ]),
      ) as unknown[];
      // Another process, which remembers nothing.
      const { body } = chatRequest({ ...BODY, messages: history, tools }, contextOf());
      const { contents } = geminiTakes(body, { model: 'gemini-3-pro' });
      const wires = contents.at(-2)?.parts.filter(({ functionCall }) => functionCall !== undefined) ?? [];
      assert.deepEqual(
        wires.map(({ functionCall }) => [functionCall?.name, functionCall?.args]),
        answer.calls.map(({ name, args }) => [name, args]),
      );
      for (const [i, { signature }] of answer.calls.entries()) {
        if (signature !== undefined) assert.equal(wires[i]?.thoughtSignature, signature);
      }
      assert.deepEqual(
        contents.at(-1)?.parts.map(({ functionResponse }) => functionResponse?.response.output),
        calls.map((_, i) => `result ${calls.length - 1 - i}`),
      );
    }),
    { numRuns: 400 },
  );
});

test.run();
