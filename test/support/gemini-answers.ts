import fc from 'fast-check';
import type { GeminiEvent } from '../../src/proxy/protocols/translation/gemini/gemini.js';
import { character } from './characters.js';
import { freshSignature } from './strict-gemini.js';

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('', 'ünd 🙂 so', '\u2028"\\\n', '[DONE]', 'data: x\n\n'),
);
const args = fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 3,
  noNullPrototype: true,
});

const part = (names: readonly string[]) =>
  fc.oneof(
    fc.record({ text }),
    fc.record({ text, thought: fc.constant(true) }),
    fc.record({ text: fc.constant(''), thoughtSignature: fc.constant('c2ln') }),
    fc.record({ name: fc.constantFrom(...names), args, signed: fc.boolean() }).map(({ name, args, signed }) => ({
      functionCall: { name, args },
      ...(signed && { thoughtSignature: freshSignature() }),
    })),
  );

const usageMetadata = fc.record(
  {
    promptTokenCount: fc.nat(100_000),
    cachedContentTokenCount: fc.nat(200_000),
    candidatesTokenCount: fc.nat(9_000),
    thoughtsTokenCount: fc.nat(9_000),
    totalTokenCount: fc.nat(300_000),
  },
  { requiredKeys: [] },
);

const REASONS = [
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'OTHER',
  'PROHIBITED_CONTENT',
  'MALFORMED_FUNCTION_CALL',
];

/**
 * A stream of Gemini's as it may come: thoughts, words and calls in any order and number, events without anything in
 * them, counts that come late or never, an end with or without its reason.
 *
 * @param names - of the functions that it calls
 */
export const anyStream = (names: readonly string[] = ['look_up', 'run']): fc.Arbitrary<GeminiEvent[]> =>
  fc
    .record({
      bodies: fc.array(fc.array(part(names), { maxLength: 4 }), { maxLength: 8 }),
      counts: fc.array(fc.option(usageMetadata, { nil: undefined }), { minLength: 9, maxLength: 9 }),
      reason: fc.option(fc.constantFrom(...REASONS), { nil: undefined }),
      blocked: fc.boolean(),
    })
    .map(({ bodies, counts, reason, blocked }) => {
      if (bodies.length === 0) return blocked ? [{ promptFeedback: { blockReason: 'SAFETY' } }] : [{}];
      return bodies.map((parts, i) => ({
        candidates: [
          {
            ...{ index: 0, content: { role: 'model', parts } },
            ...(i === bodies.length - 1 && reason !== undefined && { finishReason: reason }),
          },
        ],
        ...(counts[i] !== undefined && { usageMetadata: counts[i] }),
      }));
    });

const anyText = fc.oneof(
  text,
  fc.string({ unit: character, maxLength: 8 }),
  fc.constantFrom('\\', '"', '\\"', '}', '\ud800'),
);
/** A text as a JSON string, in one of the ways in which it can be written; rarely something else. */
const written = fc.oneof(
  {
    weight: 30,
    arbitrary: fc
      .tuple(anyText, fc.boolean())
      .map(([words, escaped]) =>
        escaped
          ? `"${words.replace(/[^]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
          : JSON.stringify(words),
      ),
  },
  { weight: 1, arbitrary: fc.constantFrom('"\\q"', '"\t"', '7') },
);
const usageText = fc
  .oneof(usageMetadata, fc.constant({ details: [{ modality: 'TEXT', note: '}"text":"' }] }))
  .map((usage) => JSON.stringify(usage));

/** The JSON around a text (T) and a usage (U): what Google sends, and what only looks like it. */
const FRAMES = [
  '{"candidates":[{"content":{"parts":[{"text":T}],"role":"model"},"index":0}],"usageMetadata":U,"modelVersion":"m"}',
  '{"candidates": [{"content": {"parts": [{"text": T}],"role": "model"}}],"usageMetadata": U}',
  '{"response":{"candidates":[{"content":{"parts":[{"text":T,"thought":true}]}}],"usageMetadata":U},"traceId":"t"}',
  '{"candidates":[{"content":{"parts":[{"thought":true,"text":T}]}}]}',
  '{"usageMetadata":U,"candidates":[{"content":{"parts":[{"text":T}]}}]}',
  '{"candidates":[{"content":{"parts":[{"text":T},{"text":"more"}]}}],"usageMetadata":U}',
  '{"candidates":[{"content":{"parts":[{"text":T,"text":"b"}]}},{"content":{}}],"usageMetadata":U}',
  '{"candidates":[{"content":{"parts":[{"text":T}]}}],"usageMetadata":U,"usageMetadata":{"promptTokenCount":3}}',
  '{"text":T,"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"text":T}}}]}}],"usageMetadata":U}',
  '{"candidates":[{"note":"\\"text\\":\\"a\\"","content":{"parts":[{"text":T}]}}],"x":{"usageMetadata":U}}',
  '[{"candidates":[{"content":{"parts":[{"text":T}]},"finishReason":"STOP"}],"usageMetadata":U}]',
];

/** Payloads of an answer that are alike; late in it one may be of another kind, and one damaged in what they share. */
export const alikeEvents = (): fc.Arbitrary<string[]> =>
  fc
    .record({
      frame: fc.constantFrom(...FRAMES),
      pieces: fc.array(fc.record({ words: written, usage: usageText }), { minLength: 5, maxLength: 9 }),
      other: fc.option(fc.record({ at: fc.integer({ min: 1, max: 8 }), frame: fc.constantFrom(...FRAMES) })),
      damage: fc.record({
        at: fc.integer({ min: 4, max: 8 }),
        place: fc.noBias(fc.nat(200)),
        by: fc.constantFrom('', 'x', '"', '}', ','),
      }),
    })
    .map(({ frame, pieces, other, damage: { at, place, by } }) =>
      pieces.map(({ words, usage }, i) => {
        const around = other?.at === i ? other.frame : frame;
        const cutAt = place % around.length;
        const sent = (at === i ? `${around.slice(0, cutAt)}${by}${around.slice(cutAt + 1)}` : around).replace(
          /T(?=[,}\]])|U(?=[,}\]])/g,
          (hole) => (hole === 'T' ? words : usage),
        );
        // As the bytes of a stream: half a surrogate pair cannot be sent.
        return Buffer.from(sent).toString();
      }),
    );

/** The bytes of a stream as Google sends it, each line ended by `ending`. */
export const bytesOf = (events: readonly GeminiEvent[], ending: '\n' | '\r\n' = '\r\n'): Buffer =>
  Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}${ending}${ending}`).join(''));

/** Bytes cut at the given places, which may repeat and lie anywhere. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...sorted].map((from, i) => bytes.subarray(from, sorted[i] ?? bytes.length));
}

/** The same answer in one piece, as `generateContent` gives it. */
export function inOnePiece(events: readonly GeminiEvent[]): GeminiEvent {
  const parts = events.flatMap(({ candidates }) => candidates?.flatMap(({ content }) => content?.parts ?? []) ?? []);
  const finishReason = events.findLast(({ candidates }) => candidates?.[0]?.finishReason)?.candidates?.[0]
    ?.finishReason;
  const candidate = { index: 0, content: { parts }, ...(finishReason !== undefined && { finishReason }) };
  const hasCandidates = events.some(({ candidates }) => candidates !== undefined);
  return { ...(Object.assign({}, ...events) as GeminiEvent), ...(hasCandidates && { candidates: [candidate] }) };
}
