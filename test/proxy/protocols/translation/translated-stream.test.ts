import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { translatedMessages } from '../../../../src/proxy/protocols/anthropic/request.js';
import { chatRequest } from '../../../../src/proxy/protocols/openai-chat/request/chat-request.js';
import { responsesRequest } from '../../../../src/proxy/protocols/openai-responses/request.js';
import { eventOf } from '../../../../src/proxy/protocols/translation/answer/events.js';
import { TranslatedStream } from '../../../../src/proxy/protocols/translation/translated-stream.js';
import type { AnswerWriter } from '../../../../src/proxy/protocols/translation/translated.js';
import { jsonOf } from '../../../../src/store/ground/json.js';
import { alikeEvents, anyStream, bytesOf, cut } from '../../../support/gemini-answers.js';
import { contextOf } from '../../../support/translation.js';

/** Says of each call that it came. */
const writer = (): AnswerWriter => ({
  event: (event) => `<${JSON.stringify(event)}>`,
  end: () => '<end>',
  failed: ({ kind, status }) => `<${kind} ${status}>`,
  ping: () => '<ping>',
});
const streamOf = (thoughtsShown = false) => new TranslatedStream(writer(), thoughtsShown);
const line = (value: object) => Buffer.from(`data: ${JSON.stringify(value)}\n\n`);

test('any chunking of any stream gives the same text', () => {
  fc.assert(
    fc.property(anyStream(), fc.array(fc.nat(5_000)), (events, places) => {
      const bytes = bytesOf(events);
      const whole = streamOf();
      const expected = whole.push(bytes) + whole.end();
      const pieces = streamOf();
      const got =
        cut(bytes, places)
          .map((piece) => pieces.push(piece))
          .join('') + pieces.end();
      assert.is(got, expected);
      assert.is(pieces.standing, whole.standing);
    }),
  );
});

const ask = [{ role: 'user', content: 'Go on.' }];
const WRITERS: Record<string, () => AnswerWriter> = {
  anthropic: () =>
    translatedMessages({ model: 'm', max_tokens: 100, messages: ask, stream: true }, contextOf()).writer(),
  'openai-chat': () => chatRequest({ model: 'm', messages: ask, stream: true }, contextOf()).writer(),
  'openai-responses': () => responsesRequest({ model: 'm', input: ask, stream: true }, contextOf()).writer(),
};
const parsed = (text: string): unknown => JSON.parse(text) as unknown;

for (const [protocol, newWriter] of Object.entries(WRITERS))
  test(`events that are alike are written as if each were parsed for itself, ${protocol}`, () => {
    fc.assert(
      fc.property(alikeEvents(), fc.array(fc.nat(5_000)), (lines, places) => {
        const good = lines.filter((line) => jsonOf(line) !== null);
        const stream = new TranslatedStream(newWriter(), true);
        const bytes = Buffer.from(good.map((line) => `data: ${line}\r\n\r\n`).join(''));
        const got = cut(bytes, places).map((piece) => stream.push(piece));
        const expected = newWriter();
        assert.is(got.join(''), good.map((line) => expected.event(eventOf(parsed(line)))).join(''));
      }),
      { numRuns: 30 },
    );
  });

test('an empty answer has no end: whoever asked for it decides', () => {
  const stream = streamOf();
  stream.push(line({ candidates: [{ finishReason: 'STOP' }] }));
  assert.is(stream.end(), '');
  assert.is(stream.standing, 'empty');
  assert.is(stream.failed({ kind: 'failed', status: 502, message: '' }), '<failed 502>');
});

test('an error among the events is told in the protocol, and is the last that is told', () => {
  const stream = streamOf();
  const hello = { candidates: [{ content: { parts: [{ text: 'hi' }] } }] };
  const text = stream.push(Buffer.concat([line(hello), line({ error: { code: 503, message: 'x' } }), line(hello)]));
  assert.is(text, `<${JSON.stringify(hello)}><unavailable 503>`);
  assert.is(stream.push(line(hello)) + stream.end() + stream.failed({ kind: 'failed', status: 500, message: '' }), '');
  assert.is(stream.trouble?.kind, 'unavailable');
});

test('bytes that are no event break the stream, and nothing else', () => {
  const stream = streamOf();
  assert.is(stream.push(Buffer.from('data: <html>\n\n')), '<failed 502>');
  const cutOff = streamOf();
  cutOff.push(Buffer.from('data: {"a'));
  assert.is(cutOff.end(), '<failed 502>');
});

test.run();
