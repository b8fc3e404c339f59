import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  NO_GROUNDING,
  citationsIn,
  groundingAfter,
  linksOf,
} from '../../../../../src/proxy/protocols/translation/answer/grounding.js';

const a = { url: 'https://a.example/', title: 'A' };
const b = { url: 'https://b.example/', title: 'https://b.example/' };
const metadata = {
  webSearchQueries: ['one', 'two', 'one', 7],
  groundingChunks: [{ web: { uri: a.url, title: 'A' } }, { maps: {} }, { web: { uri: b.url } }],
  groundingSupports: [
    { segment: { startIndex: 5, endIndex: 9 }, groundingChunkIndices: [0, 1, 2, 9] },
    { segment: { endIndex: 2 }, groundingChunkIndices: [2] },
    { segment: {}, groundingChunkIndices: [0] },
  ],
};
const grounded = groundingAfter(NO_GROUNDING, { candidates: [{ groundingMetadata: metadata }] });

test('what Google searched for and found is told once, though its stream repeats it', () => {
  assert.equal(grounded.queries, ['one', 'two']);
  assert.equal(grounded.sources, [a, b]);
  assert.equal(groundingAfter(grounded, { candidates: [{ groundingMetadata: metadata }] }), grounded);
  assert.is(groundingAfter(grounded, { candidates: [{}] }), grounded);
});

test('places are in characters, where Google counts bytes', () => {
  assert.equal(citationsIn('üé 🙂x', grounded), [
    { ...a, start: 3, end: 5 },
    { ...b, start: 3, end: 5 },
    { ...b, start: 0, end: 1 },
  ]);
});

test('sources as text are links', () => {
  assert.is(linksOf([{ url: 'https://a.example/', title: 'A [1]' }]), '\n\nSources:\n- [A  1 ](https://a.example/)');
});

test.run();
