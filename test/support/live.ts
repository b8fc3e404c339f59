/** A Live service in front of which the proxy stands: real WebSockets, played by the test. */
import http, { type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { API_KEY, listening, type Proxied, type ProxyOptions, withProxy } from './proxy.js';

export const LIVE = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
export const CONSTRAINED = '/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained';

/** The answer to an upgrade; null accepts it. */
export type Refusing = (request: IncomingMessage) => { readonly status: number; readonly body?: string } | null;

export interface LiveService {
  readonly url: string;
  /** Every request for an upgrade. */
  readonly asked: IncomingMessage[];
  readonly sockets: WebSocket[];
  /** Called with each session that begins; echoes unless the test says otherwise. */
  session: (socket: WebSocket, request: IncomingMessage) => void;
  refuses: Refusing;
}

export async function withLiveService<T>(use: (service: LiveService) => Promise<T>): Promise<T> {
  const answers = new WebSocketServer({ noServer: true, perMessageDeflate: true, handleProtocols: () => false });
  const service: LiveService = {
    ...{ url: '', asked: [], sockets: [], refuses: () => null },
    session: (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  };
  const server = http.createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name: 'auth_tokens/made-for-a-page' }));
  });
  server.on('upgrade', (request, socket: Duplex, head) => {
    service.asked.push(request);
    const refusal = service.refuses(request);
    if (refusal !== null) {
      const { status, body = '{}' } = refusal;
      socket.end(
        `HTTP/1.1 ${status} No\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      return;
    }
    answers.handleUpgrade(request, socket, head, (webSocket) => {
      service.sockets.push(webSocket);
      service.session(webSocket, request);
    });
  });
  const port = await listening(server);
  try {
    return await use(Object.assign(service, { url: `http://127.0.0.1:${port}` }));
  } finally {
    for (const socket of service.sockets) socket.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** The proxy in front of such a service. */
export const withLive = (
  options: ProxyOptions,
  use: (service: LiveService, proxied: Proxied) => Promise<void>,
): Promise<void> =>
  withLiveService((service) =>
    withProxy(
      { proxy: { authMode: 'strict' }, ...options, baseUrls: options.baseUrls ?? [service.url] },
      () => undefined,
      (proxied) => use(service, proxied),
    ),
  );

/** A client's WebSocket, and all that comes on it. */
export class LiveClient {
  readonly socket: WebSocket;
  readonly messages: string[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly opened: Promise<void>;
  private readonly watchers = new Set<() => void>();

  constructor(
    { host, port }: Pick<Proxied, 'host' | 'port'>,
    path = LIVE,
    headers: Record<string, string> = { 'x-goog-api-key': API_KEY },
    protocols: string[] = [],
  ) {
    this.socket = new WebSocket(`ws://${host}:${port}${path}`, protocols, { headers });
    this.socket.on('message', (data: Buffer) => {
      this.messages.push(data.toString());
      for (const watcher of this.watchers) watcher();
    });
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
    });
    this.opened.catch(() => undefined);
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
  }

  /** Resolves when so many messages have come. */
  async received(count: number): Promise<readonly string[]> {
    while (this.messages.length < count) {
      await new Promise<void>((resolve) => this.watchers.add(resolve));
      this.watchers.clear();
    }
    return this.messages;
  }
}

/** The status that an upgrade is refused with. */
export const refusedWith = (client: LiveClient): Promise<number> =>
  new Promise((resolve) => {
    client.socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      response.resume();
    });
  });
