import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FirstMessage } from '../../../src/proxy/live/first-message.js';
import { closeFrame, FrameEnds, maskedFrame } from '../../../src/proxy/live/frames.js';
import { SetupModel, TurnTokens } from '../../../src/proxy/live/said.js';

/** A frame of so many bytes, its length written in the shortest way, or a longer one. */
function frame(length: number, masked: boolean): Buffer {
  const mask = masked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([0x82, mask | length])
      : length < 65_536
        ? Buffer.from([0x82, mask | 126, length >> 8, length & 255])
        : Buffer.concat([
            Buffer.from([0x82, mask | 127, 0, 0, 0, 0]),
            Buffer.from(Uint32Array.of(length).buffer).reverse(),
          ]);
  return Buffer.concat([head, masked ? Buffer.from([1, 2, 3, 4]) : Buffer.alloc(0), Buffer.alloc(length, 0x81)]);
}

test('the ends of frames are found wherever the bytes are cut', () => {
  const frames = fc.array(fc.tuple(fc.oneof(fc.nat(300), fc.constantFrom(0, 125, 126, 65_535, 65_536)), fc.boolean()), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1 }), (given, cuts) => {
      const bytes = Buffer.concat(given.map(([length, masked]) => frame(length, masked)));
      const expected = new Set<number>();
      let end = 0;
      for (const [length, masked] of given) expected.add((end += frame(length, masked).length));
      const ends = new FrameEnds();
      for (let at = 0, cut = 0; at < bytes.length; cut++) {
        const chunk = bytes.subarray(at, at + (cuts[cut % cuts.length] ?? 1));
        const found = ends.push(chunk);
        const first = [...expected].find((one) => one > at && one <= at + chunk.length);
        assert.is(found, first === undefined ? -1 : first - at);
        at += chunk.length;
        assert.is(ends.isBetween, expected.has(at));
      }
    }),
    { numRuns: 200 },
  );
});

test('a frame of 2^63 bytes never ends, and takes no memory', () => {
  const ends = new FrameEnds();
  ends.push(Buffer.from([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]));
  for (let times = 0; times < 1_000; times++) assert.is(ends.push(Buffer.alloc(65_536)), -1);
  assert.not(ends.isBetween);
});

test('a close frame says code and reason', () => {
  assert.equal([...closeFrame(1_012, 'ab')], [0x88, 4, 0x03, 0xf4, 0x61, 0x62]);
});

test('the model is read from a masked setup, cut anywhere', () => {
  const text = Buffer.from('{"setup":{"generationConfig":{},"model":"models/gemini-live-2.5"}}');
  const mask = [9, 8, 7, 6];
  const masked = Buffer.concat([
    Buffer.from([0x81, 0x80 | text.length, ...mask]),
    Buffer.from(text.map((byte, at) => byte ^ (mask[at % 4] ?? 0))),
  ]);
  for (let cut = 0; cut <= masked.length; cut++) {
    const setup = new SetupModel();
    setup.push(masked.subarray(0, cut));
    setup.push(masked.subarray(cut));
    assert.is(setup.model, 'gemini-live-2.5', String(cut));
  }
});

test('what turns used is added up, cut anywhere, each once', () => {
  const messages = [21, 4, 1_000].map(
    (total) =>
      `${'x'.repeat(80)}{"usageMetadata": {"promptTokenCount":1,"totalTokenCount" : ${total}}}${'y'.repeat(90)}`,
  );
  const bytes = Buffer.from(messages.join(''));
  for (let size = 1; size < bytes.length; size++) {
    const turns = new TurnTokens();
    for (let at = 0; at < bytes.length; at += size) turns.push(bytes.subarray(at, at + size));
    assert.is(turns.total, 1_025, `chunks of ${size}`);
  }
  const silent = new TurnTokens();
  silent.push(Buffer.alloc(1_000, 0x41));
  assert.is(silent.total, null);
});

const MASK = Buffer.from([1, 2, 3, 4]);
const cutFrame = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([(bytes[0] ?? 0) & 0x7f]), bytes.subarray(1)]);

test('the first message is rewritten however it is cut, and all that follows passes', () => {
  const said = fc.array(fc.string({ maxLength: 400 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(said, fc.array(fc.nat(2_000), { maxLength: 5 }), (parts, cuts) => {
      const ping = maskedFrame(9, Buffer.from('p'), MASK);
      const frames = parts.map((part, at) => {
        const whole = maskedFrame(at === 0 ? 1 : 0, Buffer.from(part), MASK);
        return at === parts.length - 1 ? whole : cutFrame(whole);
      });
      const rest = maskedFrame(1, Buffer.from('later'), MASK);
      const bytes = Buffer.concat([...frames.flatMap((one) => [ping, one]), rest]);
      const first = new FirstMessage((message) => Buffer.from(`said ${message.toString()}`));
      const ends = [...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
      const out = ends.flatMap((end, at) => first.push(bytes.subarray(at === 0 ? 0 : ends[at - 1], end)));
      const whole = maskedFrame(1, Buffer.from(`said ${parts.join('')}`), MASK);
      assert.equal(Buffer.concat(out), Buffer.concat([...parts.map(() => ping), whole, rest]));
    }),
    { numRuns: 300 },
  );
});

test('a first message without end is given up at 1 MB', () => {
  for (const begin of [
    [0x81, 0xff, 0, 0, 0, 0, 0, 255, 0, 0, 1, 2, 3, 4],
    [0x01, 0x80, 1, 2, 3, 4],
  ]) {
    const first = new FirstMessage((message) => message);
    assert.throws(() => {
      for (let times = 0; times < 40; times++) {
        const filler = begin[0] === 1 ? cutFrame(maskedFrame(0, Buffer.alloc(65_536), MASK)) : Buffer.alloc(65_536);
        first.push(times === 0 ? Buffer.from(begin) : filler);
      }
    }, /too long/);
  }
});

test.run();
