/** Attacks of a client that has a key. Its upstream answers the model `gemini-2.5-pro` as badly as can be. */
import { randomInt } from 'node:crypto';
import { pause } from '../pause.js';
import type { Attack, Target } from './attack.js';
import { closedWithin, rawConnection } from './raw-connection.js';

/** The model for which the hostile upstream answers. */
export const EVIL_MODEL = 'gemini-2.5-pro';

const post = ({ key }: Target, path: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nx-goog-api-key: ${key}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const generate = (model: string): string => `/v1beta/models/${model}:generateContent`;
const stream = (model: string): string => `/v1beta/models/${model}:streamGenerateContent?alt=sse`;
const SMALL = '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}';

/** Bodies that a reader of JSON may fail on. */
const bodies: readonly string[] = [
  '['.repeat(100_000),
  `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
  '{"__proto__":{"model":"x"},"constructor":{"prototype":1},"model":"constructor","messages":[]}',
  `{"model":"${'\\u0000'.repeat(3_000)}","messages":[{"role":"user","content":"\\ud800"}]}`,
  `{"model":"gemini-3-flash","max_tokens":1e308,"messages":[{"role":"__proto__","content":[{"type":"constructor"}]}]}`,
  `{"contents":"${'\\/'.repeat(50_000)}","project":"p"},"model":"m"`,
];
const paths: readonly string[] = [
  '/v1/messages',
  '/v1/chat/completions',
  '/v1/responses',
  generate('gemini-3-flash'),
  '/v1beta/cachedContents',
];

async function send(target: Target, bytes: string, ms = 3_000): Promise<void> {
  const connection = rawConnection(target);
  connection.socket.write(bytes);
  await closedWithin(connection, ms);
}

export const attacksWithAKey: readonly Attack[] = [
  {
    name: 'an upstream that answers badly',
    everyMs: 300,
    round: (target, round) =>
      send(target, post(target, round % 2 === 0 ? generate(EVIL_MODEL) : stream(EVIL_MODEL), SMALL), 2_000),
  },
  {
    name: 'bodies that a reader falls over',
    everyMs: 700,
    round: (target) =>
      send(target, post(target, paths[randomInt(paths.length)] ?? '/', bodies[randomInt(bodies.length)] ?? ''), 1_000),
  },
  {
    name: 'models of endless names',
    everyMs: 1_000,
    round: (target, round) => send(target, post(target, generate(`m${round}-${'x'.repeat(12_000)}`), SMALL), 1_000),
  },
  {
    name: 'models without number',
    everyMs: 200,
    round: (target, round) => send(target, post(target, generate(`invented-${round}`), SMALL), 1_000),
  },
  {
    name: 'many requests behind one that hangs',
    everyMs: 4_000,
    round: (target) =>
      send(
        target,
        post(target, stream(EVIL_MODEL), SMALL) + post(target, generate('gemini-3-flash'), SMALL).repeat(80),
      ),
  },
  {
    name: 'half of an address, many times',
    everyMs: 10_000,
    round: (target) =>
      send(
        target,
        post(target, generate('gemini-3-flash'), `{"contents":[{"parts":[{"text":"${':\\/\\/'.repeat(40_000)}"}]}]}`),
      ),
  },
  {
    name: 'bodies that drip and never end',
    everyMs: 4_000,
    async round(target) {
      const connection = rawConnection(target);
      const { socket } = connection;
      socket.write(
        `POST ${generate('gemini-3-flash')} HTTP/1.1\r\nHost: localhost\r\nx-goog-api-key: ${target.key}\r\nContent-Length: 50000000\r\n\r\n`,
      );
      for (let at = 0; at < 20 && !socket.destroyed; at++) {
        socket.write(' '.repeat(10_000));
        await pause(200);
      }
      socket.destroy();
    },
  },
  {
    name: 'readers that read nothing',
    everyMs: 5_000,
    async round(target) {
      const connection = rawConnection(target);
      connection.socket.pause();
      connection.socket.write(post(target, stream(EVIL_MODEL), SMALL));
      await pause(10_000);
      connection.socket.destroy();
    },
  },
];
