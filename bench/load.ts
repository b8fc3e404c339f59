/** Clients for the benchmarks, on bare sockets, so that they cost little beside what they measure. */
import net from 'node:net';
import { performance } from 'node:perf_hooks';
import { API_KEY } from './candidates.js';

const head = (method: string, path: string, length: number): string =>
  `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nx-goog-api-key: ${API_KEY}\r\nContent-Type: application/json\r\n` +
  `Accept: */*\r\nUser-Agent: bench/1.0\r\n${method === 'POST' ? `Content-Length: ${length}\r\n` : ''}\r\n`;

const body = Buffer.alloc(1_024, 'a');
const GENERATE = '/v1beta/models/gemini-3-flash:generateContent';
const STREAM = '/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse';

export interface LoadResult {
  readonly requests: number;
  readonly failed: number;
  readonly ms: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The value below which this part of the values lies. */
export const share = (values: readonly number[], part: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
};

export const median = (values: readonly number[]): number => share(values, 0.5);

const request = Buffer.concat([Buffer.from(head('POST', GENERATE, body.length)), body]);

/** Clients that keep their connections, as clients of a proxy do. */
export class Clients {
  private readonly connections: readonly Connection[];
  private left = 0;

  private constructor(sockets: readonly net.Socket[]) {
    this.connections = sockets.map((socket) => new Connection(socket));
  }

  static async open(port: number, count: number): Promise<Clients> {
    const opened = Array.from({ length: count }, async () => {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
      await new Promise((resolve) => socket.once('connect', resolve));
      return socket;
    });
    return new Clients(await Promise.all(opened));
  }

  /** Sends so many requests of 1 KB, each connection one after the other. */
  async load(requests: number): Promise<LoadResult> {
    this.left = requests;
    const [times, statuses]: [number[], string[]] = [[], []];
    const startedAt = performance.now();
    await Promise.all(
      this.connections.map(async (connection) => {
        while (this.left-- > 0) {
          const sentAt = performance.now();
          statuses.push(await connection.ask());
          times.push(performance.now() - sentAt);
        }
      }),
    );
    const ms = performance.now() - startedAt;
    const failed = statuses.filter((status) => status !== '200').length;
    return { requests: times.length, failed, ms, p50Ms: share(times, 0.5), p99Ms: share(times, 0.99) };
  }

  close(): void {
    for (const connection of this.connections) connection.close();
  }
}

/** A connection on which one request after the other is sent. */
class Connection {
  private got = 0;
  private expected = 0;
  private status = '';
  private answered: (status: string) => void = () => undefined;

  constructor(private readonly socket: net.Socket) {
    socket.on('data', (bytes) => this.take(bytes));
    // a caller that waits for an answer is told that none comes
    for (const event of ['error', 'close']) socket.on(event, () => this.answered('none'));
  }

  /** Sends the request. @returns the answer's status, `none` where the connection broke off */
  ask(): Promise<string> {
    this.got = 0;
    this.socket.write(request);
    return new Promise((resolve) => (this.answered = resolve));
  }

  close(): void {
    this.socket.destroy();
  }

  private take(bytes: Buffer): void {
    if (this.got === 0) {
      const end = bytes.indexOf('\r\n\r\n') + 4;
      const text = bytes.toString('latin1', 0, end);
      this.status = text.slice(9, 12);
      this.expected = end + Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    }
    this.got += bytes.length;
    if (this.got >= this.expected) this.answered(this.status);
  }
}

/** The same with connections opened for it. */
export async function load(port: number, connections: number, requests: number): Promise<LoadResult> {
  const clients = await Clients.open(port, connections);
  const result = await clients.load(requests);
  clients.close();
  return result;
}

export interface StreamsResult {
  readonly bytes: number;
  readonly failed: number;
  readonly ttfbP50Ms: number;
  readonly ttfbP99Ms: number;
}

/** Opens one stream on a connection of its own, and leaves it at its first event; ms until that. */
export async function firstEvent(port: number): Promise<number> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve) => socket.once('connect', resolve));
  const sentAt = performance.now();
  socket.write(Buffer.concat([Buffer.from(head('POST', STREAM, body.length)), body]));
  let seen = '';
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1');
      if (seen.includes('data: ')) resolve();
    });
  });
  const ms = performance.now() - sentAt;
  socket.destroy();
  return ms;
}

/** Opens so many streams at once and reads each to its end. @param halfway - called once, when all have begun */
export async function streams(port: number, count: number, halfway: () => void): Promise<StreamsResult> {
  const payload = Buffer.concat([Buffer.from(head('POST', STREAM, body.length)), body]);
  const firsts: number[] = [];
  let [bytes, failed] = [0, 0];
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      // Spread over a second: clients do not all come in one packet.
      await new Promise((resolve) => setTimeout(resolve, index * 2));
      await new Promise<void>((resolve) => {
        const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
        let [sentAt, seen] = [0, ''];
        socket.once('connect', () => {
          sentAt = performance.now();
          socket.write(payload);
        });
        socket.on('data', (chunk) => {
          bytes += chunk.length;
          if (seen === '') {
            firsts.push(performance.now() - sentAt);
            if (firsts.length === count) halfway();
          }
          seen = (seen + chunk.toString('latin1')).slice(-20);
          if (seen.endsWith('0\r\n\r\n')) socket.destroy();
        });
        socket.on('error', () => failed++);
        socket.on('close', () => resolve());
      });
    }),
  );
  return {
    bytes,
    failed: failed + count - firsts.length,
    ttfbP50Ms: share(firsts, 0.5),
    ttfbP99Ms: share(firsts, 0.99),
  };
}

/** Reads a large answer at so many bytes a second for a while, then leaves. */
export async function slowly(port: number, bytesPerSecond: number, ms: number): Promise<number> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.pause();
  socket.write(head('GET', '/large', 0));
  let got = 0;
  const startedAt = performance.now();
  for (let at = 0; at < ms; at = performance.now() - startedAt) {
    const allowed = (at / 1000) * bytesPerSecond;
    while (got < allowed) {
      const bytes = socket.read() as Buffer | null;
      if (bytes === null) break;
      got += bytes.length;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  socket.destroy();
  return got;
}

/** Uploads 1 MB to an upstream that refuses at once; ms until the answer's end for each time. */
export async function refusedUploads(port: number, times: number): Promise<number[]> {
  const large = Buffer.alloc(1_048_576, 'a');
  const found: number[] = [];
  for (let time = 0; time < times; time++) {
    const path = `/v1beta/models/refused-${time}:refuse`;
    const startedAt = performance.now();
    await new Promise<void>((resolve, reject) => {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
      socket.write(head('POST', path, large.length));
      socket.write(large);
      socket.on('data', (bytes) => {
        if (!bytes.toString('latin1', 0, 16).includes(' 429 ')) reject(new Error('no 429'));
        socket.destroy();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
    });
    found.push(performance.now() - startedAt);
  }
  return found;
}
