import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { ClientMessage } from './client-message.js';
import { listenFailure } from './listen-errors.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * A request whose headers are here.
 *
 * @param begin - lets the client send its body, where it waits to be told
 */
export type OnRequest = (request: IncomingMessage, response: ServerResponse, begin: () => void) => void;

/** The whole of a request, however slowly it comes. */
const LONGEST_UPLOAD_MS = 3_600_000;

/** Longer than most clients keep an idle connection, so that they close it and never meet one just closed. */
const KEEP_ALIVE_MS = 75_000;

/** More are closed as they come: each costs memory, and a file handle of a number that is limited. */
const MOST_CONNECTIONS = 8_192;

/** How often connections are looked over for headers that take too long. */
const CHECK_MS = 5_000;

/** The port that clients connect to, and their connections. */
export class Listener {
  private readonly server: http.Server;
  private bound: Address | null = null;
  private stopped: Promise<void> = Promise.resolve();

  /** @param headersMs - how long a client may take for its request's headers */
  constructor(
    headersMs: number,
    private readonly onRequest: OnRequest,
  ) {
    this.server = this.createServer(headersMs);
  }

  /** Where it listens; null while it does not. */
  get address(): Address | null {
    return this.bound;
  }

  /**
   * Opens a port (0: any free one).
   *
   * @throws {AddressInUse | AddressUnusable}
   */
  async listen({ host, port }: Address): Promise<Address> {
    await new Promise<void>((resolve, reject) => {
      const failed = (error: unknown) => reject(listenFailure(error, host, port));
      this.server.once('error', failed);
      this.server.listen(port, host, () => {
        this.server.off('error', failed);
        resolve();
      });
    });
    const address = this.server.address();
    this.bound = { host, port: typeof address === 'object' && address !== null ? address.port : port };
    return this.bound;
  }

  /** Takes no new connections. Resolves when the last one has ended. */
  stop(): Promise<void> {
    if (this.bound === null) return this.stopped;
    this.bound = null;
    this.stopped = new Promise((resolve) => this.server.close(() => resolve()));
    return this.stopped;
  }

  closeIdleConnections(): void {
    this.server.closeIdleConnections();
  }

  closeAllConnections(): void {
    this.server.closeAllConnections();
  }

  private createServer(headersMs: number): http.Server {
    const server = http.createServer({
      IncomingMessage: ClientMessage,
      insecureHTTPParser: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(headersMs, CHECK_MS),
    });
    server.headersTimeout = headersMs;
    server.requestTimeout = LONGEST_UPLOAD_MS;
    server.maxConnections = MOST_CONNECTIONS;
    server.on('request', (request, response) => inTurn(response, () => this.onRequest(request, response, nothing)));
    for (const event of ['checkContinue', 'checkExpectation']) {
      server.on(event, (request: IncomingMessage, response: ServerResponse) =>
        inTurn(response, () => this.receiveUnsent(request, response)),
      );
    }
    return server;
  }

  /** A request whose body is not sent until it is asked for. */
  private receiveUnsent(request: IncomingMessage, response: ServerResponse): void {
    // An answer without the body having been asked for leaves open whether the client still sends it.
    const { shouldKeepAlive } = response;
    response.shouldKeepAlive = false;
    this.onRequest(request, response, () => {
      response.shouldKeepAlive = shouldKeepAlive;
      response.writeContinue();
    });
  }
}

const nothing = (): void => undefined;

/**
 * Begins with a request when those before it on its connection are answered. Node tells a response that waits for its
 * turn nothing of a connection that ends, so what was begun for it could never be given up.
 */
function inTurn(response: ServerResponse, begin: () => void): void {
  if (response.socket === null) response.once('socket', begin);
  else begin();
}
