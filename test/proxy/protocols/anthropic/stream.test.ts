import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { translatedMessages } from '../../../../src/proxy/protocols/anthropic/request.js';
import { answerParts, candidatesOf } from '../../../../src/proxy/protocols/translation/answer/events.js';
import { TranslatedStream } from '../../../../src/proxy/protocols/translation/translated-stream.js';
import type { GeminiAnswerPart, GeminiEvent } from '../../../../src/proxy/protocols/translation/gemini/gemini.js';
import { shortId, signatureIn } from '../../../../src/proxy/protocols/translation/request/signatures.js';
import { anyStream, bytesOf, cut, inOnePiece } from '../../../support/gemini-answers.js';
import { type ReadMessage, readMessageStream } from '../../../support/messages-grammar.js';
import { geminiTakes } from '../../../support/strict-gemini.js';
import { contextOf } from '../../../support/translation.js';

const thinking = { type: 'adaptive' };
const tools = [{ name: 'look_up' }, { name: 'my tool' }];
const usageMetadata = {
  promptTokenCount: 100,
  cachedContentTokenCount: 40,
  candidatesTokenCount: 7,
  thoughtsTokenCount: 3,
};

const requestOf = (more: object = {}, context = contextOf({ asked: 'claude-x' })) =>
  translatedMessages(
    { model: 'claude-x', max_tokens: 99, messages: [{ role: 'user', content: 'go' }], tools, ...more },
    context,
  );

function streamed(events: readonly GeminiEvent[], more: object = {}, places: readonly number[] = []) {
  const { writer, thoughtsShown } = requestOf(more);
  const stream = new TranslatedStream(writer(), thoughtsShown);
  const text =
    cut(bytesOf(events), places)
      .map((piece) => stream.push(piece))
      .join('') + stream.end();
  return { text, standing: stream.standing };
}
const event = (parts: readonly GeminiAnswerPart[], more: object = {}): GeminiEvent => ({
  candidates: [{ content: { parts }, ...more }],
});
const read = (events: readonly GeminiEvent[], more: object = {}): ReadMessage =>
  readMessageStream(streamed(events, more).text);

test('thoughts, words and calls are blocks in their order', () => {
  const { blocks, stopReason, model } = read(
    [
      event([{ text: 'h', thought: true }]),
      event([{ text: 'm', thought: true }, { text: 'So' }]),
      event([{ text: ': ' }, { functionCall: { name: 'look_up', args: { a: [1] } }, thoughtSignature: 'ab+/=' }]),
      event([{ functionCall: { name: 'look_up' } }, { text: 'there' }], { finishReason: 'STOP' }),
    ],
    { thinking },
  );
  assert.equal(
    blocks.map(({ type, text, input }) => [type, input ?? text]),
    [
      ['thinking', 'hm'],
      ['text', 'So: '],
      ['tool_use', { a: [1] }],
      ['tool_use', {}],
      ['text', 'there'],
    ],
  );
  assert.is(signatureIn(blocks[2]?.id ?? ''), 'ab+/=');
  assert.is(shortId(blocks[3]?.id ?? ''), blocks[3]?.id);
  assert.is(stopReason, 'tool_use');
  assert.is(model, 'claude-x');
});

test('thoughts that nobody asked for are not shown', () => {
  const { blocks } = read([event([{ text: 'hm', thought: true }]), event([{ text: 'So' }], { finishReason: 'STOP' })]);
  assert.equal(
    blocks.map(({ type }) => type),
    ['text'],
  );
});

test('usage stands in the first event and the last, what was cached beside the input, thoughts in the output', () => {
  const { firstUsage, usage } = read([
    { ...event([{ text: 'a' }]), usageMetadata: { promptTokenCount: 100, cachedContentTokenCount: 40 } },
    { ...event([{ text: 'b' }], { finishReason: 'STOP' }), usageMetadata },
  ]);
  const input = { input_tokens: 60, cache_creation_input_tokens: 0, cache_read_input_tokens: 40 };
  assert.equal(firstUsage, { ...input, output_tokens: 0 });
  assert.equal(usage, { ...input, output_tokens: 10 });
});

test('why an answer ended is told in words of Anthropic', () => {
  const refusals = ['SAFETY', 'RECITATION', 'PROHIBITED_CONTENT', 'BLOCKLIST', 'SPII', 'LANGUAGE'];
  for (const reason of refusals) assert.is(read([event([], { finishReason: reason })]).stopReason, 'refusal', reason);
  assert.is(read([{ promptFeedback: { blockReason: 'OTHER' } }]).stopReason, 'refusal');
  assert.is(read([event([{ text: 'a' }], { finishReason: 'MAX_TOKENS' })]).stopReason, 'max_tokens');
  for (const reason of ['STOP', 'OTHER', undefined])
    assert.is(read([event([{ text: 'a' }], { finishReason: reason })]).stopReason, 'end_turn');
  const late = [event([{ text: 'a' }]), event([], { finishReason: 'MALFORMED_FUNCTION_CALL' })];
  assert.is(read(late).stopReason, 'end_turn');
});

test('nothing but thoughts is a message with an empty text', () => {
  const { blocks, stopReason } = read([event([{ text: 'hm', thought: true }], { finishReason: 'STOP' })]);
  assert.equal(
    blocks.map(({ type, text }) => [type, text]),
    [['text', '']],
  );
  assert.is(stopReason, 'end_turn');
});

test('a call under the name that Gemini knows comes back under that of the client', () => {
  const { body, writer } = requestOf();
  const wire = /my_tool_[0-9a-f]+/.exec(JSON.stringify(body))?.[0] ?? '';
  const one = writer();
  const text = one.event(event([{ functionCall: { name: wire } }])) + one.end();
  assert.is(readMessageStream(text).blocks[0]?.name, 'my tool');
});

test('a search is told as the searches of the client are, with the pages found, and links for who reads text', () => {
  const groundingMetadata = {
    webSearchQueries: ['one', 'two'],
    groundingChunks: [{ web: { uri: 'https://a.example/', title: 'A' } }],
  };
  const events = [event([{ text: 'It is.' }]), event([], { finishReason: 'STOP', groundingMetadata })];
  const search = [{ type: 'web_search_20250305', name: 'web_search' }];
  const { blocks, stopReason, usage } = read(events, { tools: search });
  assert.equal(
    blocks.map(({ type, input }) => [type, input]),
    [
      ['text', undefined],
      ['server_tool_use', { query: 'one' }],
      ['web_search_tool_result', undefined],
      ['server_tool_use', { query: 'two' }],
      ['web_search_tool_result', undefined],
      ['text', undefined],
    ],
  );
  const found = {
    type: 'web_search_result',
    url: 'https://a.example/',
    title: 'A',
    encrypted_content: '',
    page_age: null,
  };
  assert.equal(blocks[2]?.content, [found]);
  assert.match(blocks.at(-1)?.text ?? '', /\[A\]\(https:\/\/a\.example\/\)/);
  assert.equal({ ...usage }.server_tool_use, { web_search_requests: 2 });
  assert.is(stopReason, 'end_turn');
  const inOne = event([{ text: 'It is.' }], { finishReason: 'STOP', groundingMetadata });
  const whole = requestOf({ tools: search }).whole(inOne);
  assert.equal(
    (whole.content as { type: string }[]).map(({ type }) => type),
    blocks.map(({ type }) => type),
  );
});

test('a stream that breaks ends with an error, and a ping may come before anything else', () => {
  const one = requestOf().writer();
  const text =
    one.ping() +
    one.event(event([{ text: 'a' }])) +
    one.ping() +
    one.failed({ kind: 'unavailable', status: 503, message: 'x' });
  assert.equal(readMessageStream(text).error, { type: 'overloaded_error', message: 'x' });
  const refused = requestOf().writer();
  assert.is(
    readMessageStream(refused.ping() + refused.failed({ kind: 'rate_limited', status: 429, message: 'x' })).error?.type,
    'rate_limit_error',
  );
});

test("Claude's own signature of a thought comes with it", () => {
  const context = contextOf({ model: 'claude-sonnet-4-5', kind: 'cloudcode' });
  const one = requestOf({ thinking }, context).writer();
  const parts = [{ text: 'hm', thought: true }, { text: '', thought: true, thoughtSignature: 'c2ln' }, { text: 'So' }];
  assert.match(readMessageStream(one.event(event(parts)) + one.end()).blocks[0]?.signature ?? '', /_sig0c2ln$/);
});

test('whatever Gemini says, and however its bytes are cut, the events fit the grammar and are the same', () => {
  fc.assert(
    fc.property(anyStream(['look_up']), fc.array(fc.nat(3_000)), fc.boolean(), (events, places, isShown) => {
      const more = isShown ? { thinking } : {};
      const { text, standing } = streamed(events, more);
      assert.is(streamed(events, more, places).text, text);
      if (standing !== 'empty') readMessageStream(text);
    }),
  );
});

test('wherever a stream breaks off, its events fit the grammar, and the last is the error', () => {
  const trouble = { kind: 'failed', status: 502, message: 'broke off' } as const;
  fc.assert(
    fc.property(anyStream(['look_up']), fc.nat(10), fc.boolean(), (events, at, isShown) => {
      const one = requestOf(isShown ? { thinking } : {}).writer();
      const said = events.slice(0, at).map((told) => one.event(told));
      assert.is(readMessageStream(said.join('') + one.failed(trouble)).error?.message, 'broke off');
    }),
  );
});

test('calls that go through a client come back with their names, arguments, results and signatures', () => {
  const names = ['look_up', 'run'];
  const answered = (told: GeminiEvent) => candidatesOf(told).flatMap(answerParts);
  const more = { tools: names.map((name) => ({ name })) };
  fc.assert(
    fc.property(anyStream(names), (events) => {
      const one = requestOf(more).writer();
      const { blocks } = readMessageStream(events.map((told) => one.event(told)).join('') + one.end());
      const calls = blocks.filter(({ type }) => type === 'tool_use');
      if (calls.length === 0) return;
      const results = calls.map(({ id }, i) => ({ type: 'tool_result', tool_use_id: id, content: `result ${i}` }));
      // What a client keeps, once through its own JSON; it does not have to keep the order of results.
      const messages = JSON.parse(
        JSON.stringify([
          { role: 'user', content: 'go' },
          { role: 'assistant', content: calls.map(({ type, id, name, input }) => ({ type, id, name, input })) },
          { role: 'user', content: [...results].reverse() },
        ]),
      ) as unknown[];
      // Another process, which remembers nothing.
      const { body } = requestOf({ ...more, messages });
      const { contents } = geminiTakes(body, { model: 'gemini-3-pro' });
      const sent = contents.at(-2)?.parts ?? [];
      assert.equal(
        sent.map(({ functionCall }) => [functionCall?.name, functionCall?.args]),
        calls.map(({ name, input }) => [name, input]),
      );
      const signatures = events.flatMap(answered).filter(({ functionCall }) => functionCall !== undefined);
      for (const [i, { thoughtSignature }] of signatures.entries())
        if (thoughtSignature !== undefined) assert.is(sent[i]?.thoughtSignature, thoughtSignature);
      assert.equal(
        contents.at(-1)?.parts.map(({ functionResponse }) => functionResponse?.response.output),
        calls.map((_, i) => `result ${i}`),
      );
    }),
  );
});

test('an answer in one piece has the blocks of the stream', () => {
  fc.assert(
    fc.property(anyStream(['look_up']), fc.boolean(), (events, isShown) => {
      const more = isShown ? { thinking } : {};
      const { text, standing } = streamed(events, more);
      if (standing === 'empty') return;
      const told = readMessageStream(text);
      const whole = requestOf(more).whole(inOnePiece(events)) as {
        content: Record<string, unknown>[];
        stop_reason: string;
      };
      assert.is(whole.stop_reason, told.stopReason);
      const words = (block: Record<string, unknown>) =>
        JSON.stringify([block.type, block.input ?? block.text ?? block.thinking]);
      assert.equal(
        whole.content.map(words),
        told.blocks.map(({ type, text: said, input }) => words({ type, text: said, input })),
      );
    }),
  );
});

test.run();
