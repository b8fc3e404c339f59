/** Raw connections that ask for upgrades and then send frames of every kind, whole, cut, unmasked, endless or none at all. */
import net from 'node:net';
import { API_KEY, type Proxied } from './proxy.js';
import { LIVE, withLive } from './live.js';
import type { Random } from './random.js';

const KEY = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const upgrade = (path: string, rest: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nx-goog-api-key: ${API_KEY}\r\nConnection: Upgrade\r\n${rest}\r\n`;

/** How a connection may begin. */
const heads: readonly string[] = [
  upgrade(LIVE, `Upgrade: websocket\r\n${KEY}`),
  upgrade(`/${LIVE}`, `Upgrade: WebSocket\r\n${KEY}`),
  upgrade(LIVE, 'Upgrade: websocket\r\n'),
  upgrade(LIVE, `Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n${KEY}`),
  upgrade('/v1beta/models', `Upgrade: websocket\r\n${KEY}`),
  upgrade('/v1beta/models', 'Upgrade: h2c\r\n'),
  `GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n${upgrade(LIVE, `Upgrade: websocket\r\n${KEY}`)}`,
  `POST ${LIVE} HTTP/1.1\r\nHost: x\r\nx-goog-api-key: ${API_KEY}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n${KEY}\r\nabc`,
  upgrade(LIVE, `Upgrade: websocket, foo/2\r\nUpgrade: bar\r\n${KEY}`),
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
];

/** A frame of any kind: its header says the truth or not, and its payload is there or not. */
function frame(random: Random): Buffer {
  const first = random(256);
  const masked = random(4) === 0 ? 0 : 0x80;
  const mask = masked === 0 ? Buffer.alloc(0) : Buffer.from([1, 2, 3, 4]);
  switch (random(5)) {
    case 0: {
      // 2^63 - 1, 2^63 and more than any number holds
      const length = Buffer.alloc(8, random(2) === 0 ? 0xff : 0x7f);
      return Buffer.concat([Buffer.from([first, masked | 127]), length, mask, Buffer.alloc(random(2_000))]);
    }
    case 1: {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(random(65_536));
      return Buffer.concat([Buffer.from([first, masked | 126]), length, mask, Buffer.alloc(random(3_000), 'x')]);
    }
    case 2:
      return Buffer.from(Array.from({ length: random(200) }, () => random(256)));
    default: {
      const payload = Buffer.from('{"setup":{"model":"models/gemini-live"}}'.slice(0, random(41)));
      const text = [0x81, 0x82, 0x88, 0x89, 0x8a, 0x01, 0x00][random(7)] ?? 0x81;
      return Buffer.concat([Buffer.from([text, masked | payload.length]), mask, payload]);
    }
  }
}

/** Sends it in pieces of any size, and leaves in one of the ways that clients leave. */
async function connection({ host, port }: Pick<Proxied, 'host' | 'port'>, random: Random): Promise<void> {
  const socket = net.connect(port, host);
  socket.on('error', () => undefined);
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const head = Buffer.from(heads[random(3) === 0 ? random(heads.length) : 0] ?? '', 'latin1');
  const bytes = Buffer.concat([head, ...Array.from({ length: random(6) }, () => frame(random))]);
  for (let at = 0; at < bytes.length && !socket.destroyed;) {
    const size = 1 + random(random(2) === 0 ? 12 : 4_000);
    socket.write(bytes.subarray(at, at + size));
    at += size;
    if (random(3) === 0) await new Promise(setImmediate);
  }
  const way = random(3);
  if (way === 0) socket.end();
  else if (way === 1) socket.resetAndDestroy();
  else setTimeout(() => socket.destroy(), random(40));
  // half-closed or left open, it is not waited for without end
  setTimeout(() => socket.destroy(), 300).unref();
  await closed;
}

export interface FuzzFigures {
  readonly connections: number;
  /** How much the heap and buffers grew from the first tenth on, in bytes, after a collection where one can be asked for. */
  readonly grownBytes: number;
  /** Requests still counted as under way at the end. */
  readonly left: number;
  /** Errors that nothing in the proxy expected. */
  readonly faults: number;
  /** Whether a plain request was answered at the end. */
  readonly servesOn: boolean;
}

const held = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

export async function fuzzLive(connections: number, random: Random): Promise<FuzzFigures> {
  const figures = { connections, grownBytes: 0, left: 0, faults: 0, servesOn: false };
  await withLive({}, async (service, proxied) => {
    service.session = (socket) => {
      socket.on('error', () => undefined);
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    };
    let before = 0;
    for (let done = 0; done < connections; done += 10) {
      await Promise.all(Array.from({ length: 10 }, () => connection(proxied, random)));
      if (before === 0 && done >= connections / 10) before = held();
    }
    for (let wait = 0; wait < 100 && proxied.server.inFlight() > 0; wait++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    figures.left = proxied.server.inFlight();
    figures.faults = proxied.faults.length;
    figures.grownBytes = held() - before;
    const response = await fetch(`${proxied.url}/v1beta/models`, { headers: { 'x-goog-api-key': API_KEY } });
    await response.arrayBuffer();
    figures.servesOn = response.status === 200;
  });
  return figures;
}
