/** Attacks of somebody who can reach the port and has no key. */
import { randomBytes } from 'node:crypto';
import { pause } from '../pause.js';
import type { Attack } from './attack.js';
import { closedWithin, rawConnection } from './raw-connection.js';

const GENERATE = '/v1beta/models/gemini-3-flash:generateContent';

const wrongKey = `POST ${GENERATE} HTTP/1.1\r\nHost: localhost\r\nx-goog-api-key: sk-wrong\r\nContent-Length: 2\r\n\r\n{}`;

const page = (origin: string): string =>
  `POST ${GENERATE} HTTP/1.1\r\nHost: localhost\r\nOrigin: ${origin}\r\nSec-Fetch-Site: cross-site\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}`;

/** Requests that are invalid, or nearly valid. */
const odd: readonly string[] = [
  'TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  `GET /v1beta/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `POST ${GENERATE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET`,
  `GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: localhost\r\n${'x-a: b\r\n'.repeat(2_100)}\r\n`,
  `GET /${'a'.repeat(60_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `GET /?${'key=%FF&'.repeat(500)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  '\0\0\0\0\r\n\r\n',
];

export const attacksOnThePort: readonly Attack[] = [
  {
    name: 'bytes that are nothing',
    everyMs: 1_000,
    async round(target) {
      const connection = rawConnection(target);
      connection.socket.write(randomBytes(20_000));
      await closedWithin(connection, 1_000);
    },
  },
  {
    name: 'odd requests',
    everyMs: 1_000,
    async round(target, round) {
      const connection = rawConnection(target);
      connection.socket.write(odd[round % odd.length] ?? '');
      await closedWithin(connection, 1_000);
    },
  },
  {
    name: 'headers that drip',
    everyMs: 5_000,
    async round(target) {
      const connections = Array.from({ length: 20 }, () => rawConnection(target));
      for (const { socket } of connections) socket.write('POST / HTTP/1.1\r\nHost: localhost\r\n');
      for (let at = 0; at < 20; at++) {
        for (const { socket } of connections) socket.write(`x-${at}: y\r\n`);
        await pause(500);
      }
      for (const { socket } of connections) socket.destroy();
    },
  },
  {
    name: 'wrong keys',
    everyMs: 1_000,
    async round(target) {
      const connections = Array.from({ length: 30 }, () => rawConnection(target));
      for (const { socket } of connections) socket.write(wrongKey.repeat(2));
      await Promise.all(connections.map((connection) => closedWithin(connection, 2_000)));
    },
  },
  {
    name: 'pages of elsewhere',
    everyMs: 1_000,
    async round(target, round) {
      const connection = rawConnection(target);
      connection.socket.write(page(['https://evil.example', 'null', 'http://127.0.0.1:1'][round % 3] ?? 'null'));
      await closedWithin(connection, 1_000);
    },
  },
  {
    name: 'many requests on one connection',
    everyMs: 3_000,
    async round(target) {
      const connection = rawConnection(target);
      connection.socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(200));
      await closedWithin(connection, 1_000);
    },
  },
  {
    name: 'connections that say nothing',
    everyMs: 10_000,
    async round(target) {
      const connections: ReturnType<typeof rawConnection>[] = [];
      for (let at = 0; at < 300 * target.size; at++) {
        connections.push(rawConnection(target));
        if (at % 10 === 9) await pause(20);
      }
      await pause(5_000);
      for (const { socket } of connections) socket.destroy();
    },
  },
];
