import http, { type IncomingMessage } from 'node:http';
import net, { type Socket } from 'node:net';
import { KEEP_ALIVE_PROBE_MS } from '../../transport/connections/keep-alive.js';
import { ClientMessage } from './client-message.js';
import { ClientResponse } from './client-response.js';
import { type Connections, responseOn } from './connections.js';
import { descriptorOf, passIdle, type PassOn } from './handed-over.js';
import { IdleConnections } from './idle-connections.js';
import { listenFailure, NoListeningSocket } from './listen-errors.js';
import { type Clock, systemClock } from '../../../store/ground/clock.js';
import { reasonOf } from '../../../store/ground/errors.js';
import { listening } from '../../../store/sockets/listening.js';
import { unparsedAnswer } from './unparsed.js';
import { afterOthers, wantsWebSocket, withoutUpgrade } from './upgrades.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What the listener does with what clients send. */
export interface Received {
  /**
   * A request whose headers have come.
   *
   * @param begin - lets the client send its body, if it waits for `100 Continue`
   */
  request(request: IncomingMessage, response: ClientResponse, begin: () => void): void;
  /**
   * A client asks to go on with WebSocket frames.
   * @param response - for an answer without them
   * @param behind - bytes that came after the request already
   */
  webSocket(request: IncomingMessage, response: ClientResponse, behind: Buffer): void;
  /** Something a client sent was answered although it was no valid request. */
  unparsed(what: { readonly method: string; readonly status: number; readonly ip: string | null }): void;
}

/** How long a whole request may take, however slowly it comes. */
const LONGEST_UPLOAD_MS = 3_600_000;

/** Small answers go at once; a client whose machine is gone is noticed, and its request given up. */
const OF_CONNECTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS };

/** How often connections are checked for headers that take too long. */
const CHECK_MS = 5_000;

/** The port that clients connect to, and their connections. */
export class Listener {
  private readonly server: http.Server<typeof ClientMessage, typeof ClientResponse>;
  /** Further sockets that were handed over; what they accept is served by `server`. */
  private others: readonly net.Server[] = [];
  private readonly idle: IdleConnections;
  private bound: Address | null = null;
  private stopped: Promise<void> = Promise.resolve();

  /** @param headersMs - how long a client may take for its request's headers */
  constructor(
    headersMs: number,
    private readonly connections: Connections,
    private readonly received: Received,
    // the machine's, by which clients count too
    clock: Clock = systemClock,
  ) {
    this.idle = new IdleConnections(connections, clock);
    this.server = http.createServer({
      IncomingMessage: ClientMessage,
      ServerResponse: ClientResponse,
      insecureHTTPParser: false,
      // the idle ones are closed by `IdleConnections`
      keepAliveTimeout: 0,
      ...OF_CONNECTIONS,
      connectionsCheckingInterval: Math.min(headersMs, CHECK_MS),
    });
    this.server.headersTimeout = headersMs;
    this.server.requestTimeout = LONGEST_UPLOAD_MS;
    // With a limit, Node would silently leave out further headers, even Content-Length.
    this.server.maxHeadersCount = 0;
    // Whether a client that closed its side gets its answer is decided in `clientClosed`.
    Object.assign(this.server, { httpAllowHalfOpen: true });
    this.receive();
  }

  /** The address it listens on; null while it does not. */
  get address(): Address | null {
    return this.bound;
  }

  /**
   * Opens a port (0: any free one).
   *
   * @throws {AddressInUse | AddressUnusable}
   */
  async listen({ host, port }: Address): Promise<Address> {
    try {
      await listening(this.server, host, port);
    } catch (error) {
      throw listenFailure(error, host, port);
    }
    const address = this.server.address();
    this.bound = { host, port: typeof address === 'object' && address !== null ? address.port : port };
    this.idle.start();
    return this.bound;
  }

  /**
   * Accepts on sockets that listen already, which another process has opened. @returns the address of the first
   *
   * @throws {NoListeningSocket}
   */
  async listenOn([first, ...more]: readonly number[]): Promise<Address> {
    if (first === undefined) throw new NoListeningSocket('none', 'it was not handed over');
    this.bound = await acceptOn(this.server, first);
    this.idle.start();
    this.others = more.map(() => net.createServer(OF_CONNECTIONS, (socket) => this.take(socket)));
    for (const [at, server] of this.others.entries()) await acceptOn(server, more[at] ?? -1);
    return this.bound;
  }

  /** The listening sockets, as descriptors. */
  get descriptors(): readonly number[] {
    return [this.server, ...this.others].flatMap((server) => descriptorOf(server) ?? []);
  }

  /** Takes in a connection that another process accepted. */
  take(socket: Socket): void {
    this.server.emit('connection', socket);
  }

  /** Accepts no new connections. Resolves when the last one has ended. */
  stop(): Promise<void> {
    if (this.bound === null) return this.stopped;
    this.bound = null;
    for (const other of this.others) other.close();
    this.stopped = new Promise((resolve) => this.server.close(() => resolve()));
    return this.stopped;
  }

  /**
   * Accepts no new connections, which another process does from now on on the same sockets, and gives it those on which
   * no request is under way. The others stay. Resolves when all are given.
   */
  async handOver(pass: PassOn): Promise<void> {
    if (this.bound === null) return;
    this.bound = null;
    for (const other of this.others) other.close();
    // not the HTTP server's own way, which would end the idle connections
    this.stopped = new Promise((resolve) => net.Server.prototype.close.call(this.server, () => resolve()));
    await passIdle(this.server, this.connections.sockets, pass);
  }

  /** Resolves when the last connection has ended, once no new ones are accepted. */
  get ended(): Promise<void> {
    return this.stopped;
  }

  closeIdleConnections(): void {
    this.server.closeIdleConnections();
  }

  closeAllConnections(): void {
    this.idle.stop();
    this.server.closeAllConnections();
  }

  private receive(): void {
    const { server, connections, received } = this;
    server.on('connection', (socket: Socket) => {
      if (connections.add(socket)) socket.on('end', () => clientClosed(socket));
    });
    server.on('request', (request, response) =>
      connections.inTurn(request.socket, response, () => received.request(request, response, nothing)),
    );
    for (const event of ['checkContinue', 'checkExpectation']) {
      server.on(event, (request: IncomingMessage, response: ClientResponse) =>
        connections.inTurn(request.socket, response, () => this.receiveUnsent(request, response)),
      );
    }
    server.on('connect', (request, socket: Socket) => this.receiveDetached(request, socket));
    server.on('upgrade', (request, socket: Socket, behind) => this.receiveUpgrade(request, socket, behind));
    server.on('clientError', (error, socket: Socket) => this.receiveUnparsed(error, socket));
  }

  /** A request whose client sends the body only after `100 Continue`. */
  private receiveUnsent(request: IncomingMessage, response: ClientResponse): void {
    // If it is answered without `100 Continue`, it is open whether the client still sends the body.
    const { shouldKeepAlive } = response;
    response.shouldKeepAlive = false;
    this.received.request(request, response, () => {
      response.shouldKeepAlive = shouldKeepAlive;
      response.writeContinue();
    });
  }

  private receiveUpgrade(request: IncomingMessage, socket: Socket, behind: Buffer): void {
    socket.on('error', nothing);
    if (wantsWebSocket(request)) {
      const go = (response: ClientResponse): void => this.received.webSocket(request, response, behind);
      afterOthers(socket, () => go(responseFor(request, socket)));
      return;
    }
    afterOthers(socket, () => {
      socket.off('error', nothing);
      socket.unshift(withoutUpgrade(request, behind));
      this.server.emit('connection', socket);
    });
  }

  /** A CONNECT request, whose connection Node's server does not manage any more. */
  private receiveDetached(request: IncomingMessage, socket: Socket): void {
    socket.on('error', nothing);
    afterOthers(socket, () => this.received.request(request, responseFor(request, socket), nothing));
  }

  private receiveUnparsed(error: Error, socket: Socket): void {
    const open = responseOn(socket);
    if (socket.writable && open?.headersSent !== true) {
      const answer = unparsedAnswer(error);
      const ip = socket.remoteAddress ?? null;
      socket.write(answer.bytes);
      if (answer.isHttp2) this.received.unparsed({ method: 'PRI', status: answer.status, ip });
    }
    socket.destroy(error);
  }
}

/** How long a client that closed its side may be silent before it is asked whether it is still there. */
const PROBE_MS = 10_000;

/**
 * A client closed its side of a connection. One that did so right behind its request wants the answer (`nc` sends so);
 * one that does it later leaves. A client that left at once cannot be told from the former until something is sent to
 * it, or its system, asked, knows nothing of the connection any more.
 */
function clientClosed(socket: Socket): void {
  const request = responseOn(socket)?.req;
  // without a request under way, and with an upgrade, it is not Node's server that goes on with it
  if (!(request instanceof ClientMessage) || isUpgrade(request)) return;
  if (request.hasJustCome) socket.setKeepAlive(true, PROBE_MS);
  else socket.end();
}

/** Whether Node has taken a request off its connection, as it does with an Upgrade and with CONNECT. */
const isUpgrade = (request: IncomingMessage): boolean => (request as { readonly upgrade?: boolean }).upgrade === true;

/** @throws {NoListeningSocket} */
async function acceptOn(server: net.Server, fd: number): Promise<Address> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: unknown) => reject(new NoListeningSocket(String(fd), reasonOf(error)));
    server.once('error', failed);
    server.listen({ fd }, () => {
      server.off('error', failed);
      resolve();
    });
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new NoListeningSocket(String(fd), 'it is no TCP socket');
  return { host: address.address, port: address.port };
}

/** A response on a connection that Node's server does not manage any more: the connection ends with it. */
function responseFor(request: IncomingMessage, socket: Socket): ClientResponse {
  const response = new ClientResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => socket.end());
  return response;
}

const nothing = (): void => undefined;
