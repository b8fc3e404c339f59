import { randomBytes } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { Access, HEALTH_PATH, type Verdict } from './access.js';
import { googleError, type OwnAnswer, send } from './answers.js';
import { BodyTooLarge, ReplayBudget, RequestBody } from './body.js';
import type { Timeouts } from './exchange.js';
import { Forwarding, type ForwardingDeps, type ServingPool, type ServingTokens } from './forward.js';
import { readRequestHeaders, type RequestHeaders } from './headers.js';
import { listenFailure } from './listening.js';
import type { Metrics } from './metrics.js';
import { Origins } from './origins.js';
import { modelCallOf, readTarget } from './request-target.js';
import type { Pool } from './pool.js';
import { gemini } from './upstreams/gemini.js';
import type { Clock } from '../store/clock.js';
import type { AccessRecord } from '../store/log.js';
import { redactUrl } from '../store/redact.js';
import type { Settings } from '../store/settings.js';

/** The pool as the server needs it. */
export type ServerPool = ServingPool & Pick<Pool, 'counts' | 'health'>;

export interface ProxyServerDeps {
  readonly settings: Pick<Settings, 'proxy' | 'upstream'>;
  readonly pool: ServerPool;
  readonly tokens: ServingTokens;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly version: string;
  /** Called once for each request, when it has ended. */
  onAccess(record: AccessRecord): void;
  /** Called with what should never happen: an error of this program while it served a request. */
  onFault(error: unknown): void;
  readonly timeouts?: Partial<ProxyTimeouts>;
}

export interface ProxyTimeouts extends Timeouts {
  /** How long a client may take for its request's headers. */
  readonly headersMs: number;
  /** How long a client may pause within its request's body. */
  readonly bodyIdleMs: number;
}

/** A model may think for minutes before its first word, and between two. */
const standardTimeouts: ProxyTimeouts = {
  connectMs: 10_000,
  firstByteMs: 600_000,
  idleMs: 300_000,
  headersMs: 30_000,
  bodyIdleMs: 60_000,
};

/** All bodies together that are kept for a replay. */
const REPLAY_BUDGET_BYTES = 268_435_456;
/** The whole of a request, however slowly it comes. */
const LONGEST_UPLOAD_MS = 3_600_000;
/** Longer than most clients keep an idle connection, so that they close it and never meet one just closed. */
const KEEP_ALIVE_MS = 75_000;
/** How long a client may go on sending a body after its answer was complete. */
const LINGER_MS = 30_000;
const LONGEST_LOGGED_PATH = 1_000;

/** A request while it is served. */
interface Visit {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly startedAt: number;
  readonly headers: RequestHeaders;
  readonly path: string;
  readonly target: string | null;
  readonly model: string;
  readonly call: string;
  /** Lets the client send its body, where it waits to be told. */
  readonly begin: () => void;
  forwarding: Forwarding | null;
  ownBytes: number;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The HTTP server that clients talk to. */
export class ProxyServer {
  private readonly server: http.Server;
  private readonly access: Access;
  private readonly origins: Origins;
  private readonly forwardingDeps: ForwardingDeps;
  private readonly timeouts: ProxyTimeouts;
  private readonly budget = new ReplayBudget(REPLAY_BUDGET_BYTES);
  private readonly idPrefix = randomBytes(3).toString('hex');
  private bound: Address | null = null;
  private served = 0;
  private open = 0;
  private draining = false;
  private onIdle: (() => void) | null = null;

  constructor(private readonly deps: ProxyServerDeps) {
    const { settings, pool, tokens, clock, metrics } = deps;
    this.timeouts = { ...standardTimeouts, ...deps.timeouts };
    this.access = new Access(settings.proxy);
    this.origins = new Origins(settings.upstream.baseUrls, this.timeouts);
    this.forwardingDeps = {
      ...{ pool, tokens, clock, metrics, timeouts: this.timeouts, upstream: gemini },
      onFault: (error) => deps.onFault(error),
      origins: this.origins.list,
      maxTries: settings.proxy.maxTries,
    };
    this.server = this.createServer();
  }

  /** Where it listens; null before `listen` and after `close`. */
  get address(): Address | null {
    return this.bound;
  }

  /** Clients have to show the API key. */
  get keyRequired(): boolean {
    return this.access.keyRequired;
  }

  /** Requests being served. */
  inFlight(): number {
    return this.open;
  }

  /**
   * Opens the port of the settings (0: any free one).
   *
   * @throws {AddressInUse | AddressUnusable}
   */
  async listen(): Promise<Address> {
    const { host, port } = this.deps.settings.proxy;
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

  /** Takes no new connections, lets what runs end, and cuts off after `timeoutMs` what still does. */
  async drain(timeoutMs: number): Promise<void> {
    this.draining = true;
    if (this.server.listening) this.server.close();
    this.server.closeIdleConnections();
    if (this.open > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.deps.clock.after(timeoutMs, resolve);
        this.onIdle = () => {
          cancel();
          resolve();
        };
      });
    }
    await this.close();
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (!this.server.listening) resolve();
      else this.server.close(() => resolve());
    });
    this.server.closeAllConnections();
    this.bound = null;
    await Promise.all([closed, this.origins.destroy()]);
  }

  private createServer(): http.Server {
    const server = http.createServer({ insecureHTTPParser: false, keepAliveTimeout: KEEP_ALIVE_MS });
    server.headersTimeout = this.timeouts.headersMs;
    server.requestTimeout = LONGEST_UPLOAD_MS;
    server.on('request', (request, response) => this.receive(request, response, () => undefined));
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      // An answer without the body having been asked for leaves open whether the client still sends it.
      const { shouldKeepAlive } = response;
      response.shouldKeepAlive = false;
      this.receive(request, response, () => {
        response.shouldKeepAlive = shouldKeepAlive;
        response.writeContinue();
      });
    });
    server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
      response.shouldKeepAlive = false;
      send(response, googleError(417, 'of all expectations only 100-continue is known'));
    });
    return server;
  }

  private receive(request: IncomingMessage, response: ServerResponse, begin: () => void): void {
    const target = readTarget(request.url ?? '');
    const headers = readRequestHeaders(request.rawHeaders);
    const path = target?.path ?? '';
    const visit: Visit = {
      id: `${this.idPrefix}-${(this.served += 1).toString(36)}`,
      ...{ request, response, headers, path, begin, forwarding: null, ownBytes: 0 },
      target: target?.upstream ?? null,
      startedAt: this.deps.clock.monotonic(),
      ...modelCallOf(path),
    };
    this.open += 1;
    if (this.draining) response.shouldKeepAlive = false;
    response.once('close', () => this.ended(visit));
    const verdict = this.access.judge({
      path,
      keys: target === null || target.keys.length === 0 ? headers.keys : [...headers.keys, ...target.keys],
      host: headers.host,
      localAddress: request.socket.localAddress,
    });
    if (verdict === 'granted') this.route(visit);
    else this.answer(visit, refusals[verdict]);
  }

  private route(visit: Visit): void {
    if (visit.path === HEALTH_PATH) this.answerOwn(visit, () => this.healthAnswer());
    else if (visit.path === '/metrics') this.answerOwn(visit, () => this.metricsAnswer());
    else if (visit.target === null) this.answer(visit, googleError(400, 'the request line names no path'));
    else if (visit.headers.foreignCoding)
      this.answer(visit, googleError(501, 'of all transfer codings only chunked is known'));
    else this.forward(visit, visit.target);
  }

  private forward(visit: Visit, target: string): void {
    const { request, response, headers } = visit;
    const { maxRequestBytes: maxBytes, replayBytes } = this.deps.settings.proxy;
    const limits = { maxBytes, replayBytes, budget: this.budget, idleMs: this.timeouts.bodyIdleMs };
    let body: RequestBody;
    try {
      body = new RequestBody(request, headers.contentLength, limits, headers.hasBody, visit.begin);
    } catch (error) {
      if (!(error instanceof BodyTooLarge)) throw error;
      this.answer(visit, googleError(413, error.message));
      return;
    }
    const { model, call } = visit;
    const asked = { method: request.method ?? 'GET', target, headers: headers.forwarded, model, call };
    visit.forwarding = new Forwarding(this.forwardingDeps, asked, body, response);
    void visit.forwarding.run();
  }

  private answer(visit: Visit, answer: OwnAnswer): void {
    visit.ownBytes = send(visit.response, answer);
  }

  /** A route of the proxy's own, which is there to be looked at only. */
  private answerOwn(visit: Visit, make: () => OwnAnswer | Promise<OwnAnswer>): void {
    if (visit.request.method !== 'GET' && visit.request.method !== 'HEAD') {
      this.answer(visit, googleError(405, `${visit.path} can only be read`, ['Allow', 'GET, HEAD']));
      return;
    }
    const made = make();
    if (made instanceof Promise) {
      made.then((answer) => this.answer(visit, answer)).catch((error: unknown) => this.deps.onFault(error));
    } else this.answer(visit, made);
  }

  private healthAnswer(): OwnAnswer {
    const { pool, version } = this.deps;
    const status = pool.health();
    const body = `${JSON.stringify({ status, version, accounts: pool.counts() })}\n`;
    return { status: status === 'down' ? 503 : 200, contentType: 'application/json; charset=utf-8', body };
  }

  private async metricsAnswer(): Promise<OwnAnswer> {
    const { metrics, pool } = this.deps;
    const body = await metrics.text({ accounts: pool.counts(), inFlight: this.open });
    return { status: 200, contentType: metrics.contentType, body };
  }

  /** The response is closed: it was sent, or the client left. */
  private ended(visit: Visit): void {
    const { request, response, forwarding } = visit;
    if (!response.writableFinished) forwarding?.clientLeft();
    forwarding?.close();
    if (!request.complete && response.writableFinished) this.linger(request);
    this.open -= 1;
    const status = response.headersSent ? response.statusCode : 0;
    this.deps.metrics.request(status, visit.model);
    this.deps.onAccess(this.recordOf(visit, status));
    if (!this.draining) return;
    this.server.closeIdleConnections();
    if (this.open === 0) this.onIdle?.();
  }

  /** Cuts the connection of a client that will not stop sending a body whose answer it has. */
  private linger(request: IncomingMessage): void {
    const cancel = this.deps.clock.after(LINGER_MS, () => request.socket.destroy());
    request.once('close', cancel);
    request.once('end', cancel);
  }

  private recordOf(visit: Visit, status: number): AccessRecord {
    const { request, forwarding } = visit;
    return {
      id: visit.id,
      method: request.method ?? '',
      path: loggedPath(request.url ?? ''),
      model: visit.model === '' ? null : visit.model,
      stream: forwarding?.streams ?? false,
      status,
      account: forwarding?.account ?? null,
      ms: this.deps.clock.monotonic() - visit.startedAt,
      ttfbMs: forwarding?.ttfbMs ?? null,
      bytes: forwarding?.bytes ?? visit.ownBytes,
      tokens: forwarding?.tokens ?? null,
      tries: forwarding?.asked ?? 0,
      left: forwarding?.story ?? [],
    };
  }
}

/** The proxy's server, not listening yet. */
export const createProxyServer = (deps: ProxyServerDeps): ProxyServer => new ProxyServer(deps);

const refusals: Record<Exclude<Verdict, 'granted'>, OwnAnswer> = {
  no_key: googleError(
    401,
    "an API key is needed: send regrant's own (see `regrant env`) as x-goog-api-key, x-api-key, Authorization: Bearer or ?key=",
  ),
  wrong_key: googleError(401, 'the API key is not the one of this regrant (see `regrant env`)'),
  foreign_host: googleError(
    403,
    'the Host header names no address of this proxy; names it may have stand in proxy.allowedHosts',
  ),
};

const loggedPath = (url: string): string => {
  const clean = url.includes('?') ? redactUrl(url) : url;
  return clean.length > LONGEST_LOGGED_PATH ? `${clean.slice(0, LONGEST_LOGGED_PATH)}…` : clean;
};
