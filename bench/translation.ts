/**
 * What a translation costs: a stream of each protocol beside `JSON.parse` of the same payloads, in turns, and requests of
 * some sizes. Each figure is the median over the rounds, each ratio the median of the rounds' ratios.
 *
 * `node --import tsx bench/translation.ts [rounds]`
 */
import { performance } from 'node:perf_hooks';
import { translatedMessages } from '../src/proxy/protocols/anthropic/request.js';
import { chatRequest } from '../src/proxy/protocols/openai-chat/request/chat-request.js';
import { responsesRequest } from '../src/proxy/protocols/openai-responses/request.js';
import type { AnswerWriter } from '../src/proxy/protocols/translation/translated.js';
import { TranslatedStream } from '../src/proxy/protocols/translation/translated-stream.js';
import { contextOf } from '../test/support/translation.js';
import { median } from './load.js';

const rounds = Number(process.argv[2] ?? '25');
const EVENTS = 4_000;

const event = {
  candidates: [{ content: { parts: [{ text: 'some words of an answer that goes on ' }], role: 'model' }, index: 0 }],
  usageMetadata: {
    ...{ promptTokenCount: 12_034, candidatesTokenCount: 56, totalTokenCount: 12_090 },
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: 12_034 }],
  },
  ...{
    modelVersion: 'gemini-3-pro-preview',
    responseId: 'abcdefghijklmnopqrstuvwxyz-0123456789',
    createTime: '2026-11-30T00:00:00Z',
  },
};
const payload = JSON.stringify(event);
const chunk = Buffer.from(`data: ${payload}\r\n\r\n`);

const ask = [{ role: 'user', content: 'Go on.' }];
const writers: Record<string, () => AnswerWriter> = {
  anthropic: () =>
    translatedMessages({ model: 'm', max_tokens: 100, messages: ask, stream: true }, contextOf()).writer(),
  'openai-chat': () => chatRequest({ model: 'm', messages: ask, stream: true }, contextOf()).writer(),
  'openai-responses': () => responsesRequest({ model: 'm', input: ask, stream: true }, contextOf()).writer(),
};

/** Microseconds that each of so many took. */
function timed(count: number, run: () => void): number {
  const from = performance.now();
  run();
  return ((performance.now() - from) * 1_000) / count;
}

const parsed = (): number =>
  timed(EVENTS, () => {
    for (let i = 0; i < EVENTS; i++) JSON.parse(payload);
  });

const translated = (writer: AnswerWriter): number => {
  const stream = new TranslatedStream(writer, false);
  return timed(EVENTS, () => {
    for (let i = 0; i < EVENTS; i++) stream.push(chunk);
  });
};

console.log(`a chunk of ${chunk.length} bytes, ${rounds} rounds of ${EVENTS}`);
for (const [name, writer] of Object.entries(writers)) {
  const figures = Array.from({ length: rounds + 3 }, () => ({ parse: parsed(), whole: translated(writer()) })).slice(3);
  const ratio = median(figures.map(({ parse, whole }) => whole / parse));
  const [whole, parse] = [median(figures.map((one) => one.whole)), median(figures.map((one) => one.parse))];
  console.log(`${name}: ${whole.toFixed(2)} µs, JSON.parse ${parse.toFixed(2)} µs, ratio ${ratio.toFixed(2)}`);
}

for (const messages of [200, 3_000]) {
  const list = Array.from({ length: messages }, (_, i) => ({
    role: i % 2 === 0 ? 'user' : 'assistant',
    content: 'words '.repeat(58),
  }));
  const body = { model: 'm', max_tokens: 100, messages: [...list, ...ask] };
  const text = JSON.stringify(body);
  const took = (run: () => unknown): number => median(Array.from({ length: rounds }, () => timed(1_000, run)));
  const figures = Object.entries({
    'JSON.parse': () => JSON.parse(text) as unknown,
    anthropic: () => JSON.stringify(translatedMessages(body, contextOf()).body),
    'openai-chat': () => JSON.stringify(chatRequest(body, contextOf()).body),
    'openai-responses': () => JSON.stringify(responsesRequest({ ...body, input: body.messages }, contextOf()).body),
  }).map(([name, run]) => `${name} ${took(run).toFixed(2)} ms`);
  console.log(`a request of ${(text.length / 1e6).toFixed(2)} MB: ${figures.join(', ')}`);
}
