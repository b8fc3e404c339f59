/**
 * What a translation costs over the pass-through: a stream of each protocol and the same stream as it comes (for `cloudcode`
 * taken out of its envelope), each from the upstream's chunk to the bytes on the client's connection, beside `JSON.parse` of
 * the same payloads, in turns; and requests of some sizes. Each figure is the median over the rounds, each ratio the median
 * of the rounds' ratios.
 *
 * `node --import tsx bench/translation.ts [rounds]`
 */
import { IncomingMessage } from 'node:http';
import { ClientResponse } from '../src/proxy/server/listener/client-response.js';
import { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { Duplex } from 'node:stream';
import { StreamError } from '../src/proxy/answers/stream-error.js';
import { ClientAnswer } from '../src/proxy/forward/client-answer.js';
import { ClientStream } from '../src/proxy/forward/translated/client-stream.js';
import { StreamedReply } from '../src/proxy/forward/translated/reply-sinks.js';
import { translatedMessages } from '../src/proxy/protocols/anthropic/request.js';
import { chatRequest } from '../src/proxy/protocols/openai-chat/request/chat-request.js';
import { responsesRequest } from '../src/proxy/protocols/openai-responses/request.js';
import type { AnswerWriter } from '../src/proxy/protocols/translation/translated.js';
import { UsageTail } from '../src/proxy/protocols/gemini/usage.js';
import type { AnswerSink, Exchange } from '../src/proxy/transport/exchange.js';
import { Unwrap } from '../src/proxy/upstreams/unwrap.js';
import { setClock } from '../test/support/clock.js';
import { contextOf } from '../test/support/translation.js';
import { median } from './load.js';

const rounds = Number(process.argv[2] ?? '25');
const EVENTS = 4_000;
const WARM_UP = 5;

/** No two events of a stream are the same. */
const events = Array.from({ length: EVENTS }, (_, i) => ({
  candidates: [
    { content: { parts: [{ text: `some words ${i} of an answer that goes on ` }], role: 'model' }, index: 0 },
  ],
  usageMetadata: {
    ...{ promptTokenCount: 12_034, candidatesTokenCount: i, totalTokenCount: 12_034 + i },
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: 12_034 }],
  },
  ...{
    modelVersion: 'gemini-3-pro-preview',
    responseId: 'abcdefghijklmnopqrstuvwxyz-0123456789',
    createTime: '2026-11-30T00:00:00Z',
  },
}));
const payloads = {
  gemini: events.map((event) => JSON.stringify(event)),
  cloudcode: events.map((event) => JSON.stringify({ response: event, traceId: 'f00dfeed' })),
};
type Kind = keyof typeof payloads;
/** µs of CPU a chunk. */
type Figures = Record<'parse' | 'passed' | 'whole', number>;

const ask = [{ role: 'user', content: 'Go on.' }];
const writers: Record<string, () => AnswerWriter> = {
  anthropic: () =>
    translatedMessages({ model: 'm', max_tokens: 100, messages: ask, stream: true }, contextOf()).writer(),
  'openai-chat': () => chatRequest({ model: 'm', messages: ask, stream: true }, contextOf()).writer(),
  'openai-responses': () => responsesRequest({ model: 'm', input: ask, stream: true }, contextOf()).writer(),
};

/** CPU time since the start, in µs: what else the machine does is not in it. */
function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const nothing = (): void => undefined;
const exchange = {
  status: 200,
  statusText: '',
  headers: { contentLength: null },
  resume: nothing,
  abort: nothing,
  deliver: nothing,
};

/** A client that takes everything at once: what is left is what the program does. */
function clientThatTakesAll(): ClientResponse {
  const response = new ClientResponse(new IncomingMessage(new Socket()));
  const connection = new Duplex({
    decodeStrings: false,
    read: nothing,
    write: (_chunk, _encoding, done) => done(),
    writev: (_chunks, done) => done(),
  });
  response.assignSocket(Object.assign(connection, { setTimeout: nothing }) as unknown as Socket);
  return response;
}

function passedThrough(kind: Kind): AnswerSink {
  const readers = { usage: new UsageTail(), stored: null, streamError: new StreamError(true) };
  const rewriting = kind === 'cloudcode' ? new Unwrap() : null;
  const answer = new ClientAnswer(
    clientThatTakesAll(),
    exchange as unknown as Exchange,
    [],
    rewriting,
    readers,
    nothing,
  );
  answer.start();
  return answer;
}

function translated(writer: AnswerWriter): AnswerSink {
  const answer = { kind: 'stream', writer: () => writer, thoughtsShown: false } as const;
  const client = new ClientStream(clientThatTakesAll(), setClock(), [], () => writer.ping());
  const reply = new StreamedReply(answer, client, exchange as unknown as Exchange, nothing);
  reply.start(nothing);
  return reply;
}

/**
 * What each piece costs in an event loop turn of its own, as reads of a socket come; the cost of the empty turn is
 * subtracted.
 */
async function costOf<Piece>(pieces: readonly Piece[], take: (piece: Piece) => void): Promise<number> {
  const from = cpuMicroseconds();
  for (const piece of pieces) {
    take(piece);
    // Writes that were corked for this turn are done.
    await new Promise<void>((resolve) => process.nextTick(resolve));
  }
  return (cpuMicroseconds() - from) / pieces.length;
}

for (const kind of ['gemini', 'cloudcode'] as const) {
  const texts = payloads[kind];
  const chunks = texts.map((text) => Buffer.from(`data: ${text}\r\n\r\n`));
  console.log(`${kind}: chunks of ${chunks[0]?.length ?? 0} bytes, ${rounds} rounds of ${EVENTS}`);
  for (const [name, writer] of Object.entries(writers)) {
    const figures: Figures[] = [];
    for (let round = -WARM_UP; round < rounds; round++) {
      const turn = await costOf(chunks, () => undefined);
      const parse = (await costOf(texts, (text) => void JSON.parse(text))) - turn;
      const [through, said] = [passedThrough(kind), translated(writer())];
      const passed = (await costOf(chunks, (chunk) => through.chunk(chunk))) - turn;
      const whole = (await costOf(chunks, (chunk) => said.chunk(chunk))) - turn;
      if (round >= 0) figures.push({ parse, passed, whole });
    }
    const [parse, passed, whole] = (['parse', 'passed', 'whole'] as const).map((of) =>
      median(figures.map((one) => one[of])),
    );
    const over = median(figures.map((one) => one.whole - one.passed));
    const ratio = median(figures.map((one) => (one.whole - one.passed) / one.parse));
    const words = { translated: whole, 'passed through': passed, over, 'JSON.parse': parse };
    const told = Object.entries(words).map(([word, us]) => `${word} ${us?.toFixed(2) ?? ''} µs`);
    console.log(`  ${name}: ${told.join(', ')}; over / JSON.parse ${ratio.toFixed(2)}`);
  }
}

const [first = ''] = payloads.gemini;
for (const [name, writer] of Object.entries(writers)) {
  const took = Array.from({ length: rounds * 20 }, () => {
    const reply = translated(writer());
    const from = performance.now();
    reply.chunk(Buffer.from(`data: ${first}\r\n\r\n`));
    return performance.now() - from;
  });
  console.log(`the first event of a stream, ${name}: ${median(took).toFixed(3)} ms`);
}

for (const messages of [200, 3_000]) {
  const list = Array.from({ length: messages }, (_, i) => ({
    role: i % 2 === 0 ? 'user' : 'assistant',
    content: 'words '.repeat(58),
  }));
  const body = { model: 'm', max_tokens: 100, messages: [...list, ...ask] };
  const text = JSON.stringify(body);
  const took = (run: () => unknown): number =>
    median(
      Array.from({ length: rounds }, () => {
        const from = cpuMicroseconds();
        run();
        return (cpuMicroseconds() - from) / 1_000;
      }),
    );
  const figures = Object.entries({
    'JSON.parse': () => JSON.parse(text) as unknown,
    anthropic: () => JSON.stringify(translatedMessages(body, contextOf()).body),
    'openai-chat': () => JSON.stringify(chatRequest(body, contextOf()).body),
    'openai-responses': () => JSON.stringify(responsesRequest({ ...body, input: body.messages }, contextOf()).body),
  }).map(([name, run]) => `${name} ${took(run).toFixed(2)} ms`);
  console.log(`a request of ${(text.length / 1e6).toFixed(2)} MB: ${figures.join(', ')}`);
}
