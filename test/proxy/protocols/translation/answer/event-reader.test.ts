import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EventReader, NotAnEvent } from '../../../../../src/proxy/protocols/translation/answer/event-reader.js';
import { alikeEvents } from '../../../../support/gemini-answers.js';

/** What comes of a stream that arrives in pieces. */
function read(...pieces: readonly (string | Buffer)[]): unknown[] {
  const reader = new EventReader();
  return [...pieces.flatMap((piece) => reader.push(Buffer.from(piece))), ...reader.end()];
}

test('events are read out of their lines, with either end of a line and with the last one cut off', () => {
  assert.equal(read('data: {"responseId":"a"}\r\n\r\ndata:{"responseId":"b"}\n\ndata: {"responseId":"c"}'), [
    { responseId: 'a' },
    { responseId: 'b' },
    { responseId: 'c' },
  ]);
});

test('what is no data is passed over', () => {
  assert.equal(read(': ping\n\nevent: x\nid: 1\ndat\nretry: 1\ndata: {"responseId":"a"}\n\n'), [{ responseId: 'a' }]);
});

test('a character that the end of a chunk cuts through is whole', () => {
  const bytes = Buffer.from('data: {"responseId":"ü€😀"}\n\n');
  for (let at = 0; at <= bytes.length; at++)
    assert.equal(read(bytes.subarray(0, at), bytes.subarray(at)), [{ responseId: 'ü€😀' }], `cut at ${at}`);
});

test('an event byte by byte is the same event', () => {
  const bytes = Buffer.from('data: {"responseId":"ü"}\r\n\r\ndata: {"error":{"code":500}}\r\n\r\n');
  assert.equal(read(...Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))), [
    { responseId: 'ü' },
    { error: { code: 500 } },
  ]);
});

test('an event of several data lines is one', () => {
  assert.equal(read('data: {"responseId":\ndata: "a"}\n\n'), [{ responseId: 'a' }]);
});

test('an event without an end is given up at its bound, in one line or in many', () => {
  const gives = (pieces: readonly string[]): unknown[] => {
    const reader = new EventReader(1_000);
    return [...pieces.flatMap((piece) => reader.push(Buffer.from(piece))), ...reader.end()];
  };
  const tooLarge = (error: unknown): boolean => error instanceof NotAnEvent && error.message.includes('too large');
  const whole = `data: {"responseId":"${'x'.repeat(900)}"}`;
  assert.is(gives([whole.slice(0, 500), whole.slice(500), '\n\n']).length, 1);
  for (const endless of [
    Array.from({ length: 20 }, () => 'x'.repeat(100)),
    Array.from({ length: 600 }, () => 'data: [\n'),
  ]) {
    assert.throws(() => gives(endless), tooLarge);
  }
});

test('an event in many small pieces or lines takes time that grows with its length', () => {
  const reader = new EventReader();
  const began = performance.now();
  for (let at = 0; at < 400_000; at++) reader.push(Buffer.from('data: [\n'));
  assert.throws(() => reader.end());
  const long = new EventReader();
  for (let at = 0; at < 400_000; at++) long.push(Buffer.from('xxxxxxxx'));
  assert.equal(long.end(), []);
  const tookMs = performance.now() - began;
  assert.ok(tookMs < 10_000, `${tookMs} ms`);
});

test('the envelope of Code Assist is taken off', () => {
  assert.equal(read('data: {"response":{"responseId":"a"},"traceId":"t"}\n\n'), [{ responseId: 'a' }]);
});

test('an event that is no JSON is an error, at its end and at that of the stream', () => {
  assert.throws(
    () => read('data: {"a":\n\n'),
    (error: unknown) => error instanceof NotAnEvent,
  );
  assert.throws(
    () => read('data: {"a":'),
    (error: unknown) => error instanceof NotAnEvent,
  );
});

/** What a reader gives for lines: their events, and the error that ends them. */
function readAll(lines: readonly string[], newReader: () => EventReader): unknown[] {
  const got: unknown[] = [];
  try {
    for (const line of lines) got.push(...newReader().push(Buffer.from(`data: ${line}\r\n\r\n`)));
  } catch (error) {
    got.push(error instanceof NotAnEvent ? error.message : error);
  }
  return got;
}

test('events that are alike, or nearly, are read as if each were the only one', () => {
  fc.assert(
    fc.property(alikeEvents(), (lines) => {
      const one = new EventReader();
      assert.equal(
        readAll(lines, () => one),
        readAll(lines, () => new EventReader()),
      );
    }),
    { numRuns: 200 },
  );
});

test('of events that are alike only the text and the usage are parsed', () => {
  const event = (i: number): string =>
    `{"candidates":[{"content":{"parts":[{"text":"piece ${i}\\n"}],"role":"model"}}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":${i}},"modelVersion":"m","responseId":"${'r'.repeat(60)}"}`;
  const reader = new EventReader();
  const parse = JSON.parse.bind(JSON);
  const parsed: number[] = [];
  try {
    for (let i = 0; i < 100; i++) {
      let characters = 0;
      JSON.parse = (text: string): unknown => ((characters += text.length), parse(text));
      reader.push(Buffer.from(`data: ${event(i)}\n\n`));
      parsed.push(characters);
    }
  } finally {
    JSON.parse = parse;
  }
  const whole = event(99).length;
  assert.ok(
    parsed.slice(10).every((characters) => characters > 0 && characters < whole / 2),
    parsed.join(' '),
  );
});

test.run();
