import { randomBytes } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { Access, type Verdict } from './access.js';
import { type OwnAnswer } from '../http/own-answer.js';
import { googleError } from '../protocols/gemini/errors.js';
import { BodyTooLarge, ReplayBudget, RequestBody } from '../http/body.js';
import { ClientMessage } from './client-message.js';
import { Forwarding } from '../forward/forward.js';
import { listenFailure } from './listen-errors.js';
import type { Beyond } from '../http/headers.js';
import type { Metrics } from '../reports/metrics.js';
import { type ConnectLimit, Origins } from '../transport/origins.js';
import { outboundProxy } from '../transport/outbound.js';
import { isOwnPath, ownAnswer, type OwnRoutesDeps } from './own-routes.js';
import type { Pool } from '../pool/pool.js';
import { Projects } from '../upstreams/projects.js';
import type { ForwardingDeps, ServingPool, ServingTokens } from '../forward/forwarding-deps.js';
import { type SilenceLimits, Silences } from '../transport/idle-timeouts.js';
import { StoredResources } from '../protocols/gemini/stored-resources.js';
import { CodeAssist } from '../upstreams/code-assist.js';
import { upstreams } from '../upstreams/kinds.js';
import { Visit, type VisitKind } from './incoming-request.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import type { Clock } from '../../store/ground/clock.js';
import type { AccessRecord } from '../../store/records/log.js';
import type { Settings } from '../../store/settings/settings.js';
import type { StateStore } from '../../store/records/state-store.js';

/** The pool as the server needs it. */
export type ServerPool = ServingPool & Pick<Pool, 'counts' | 'health'>;

export interface ProxyServerDeps {
  readonly settings: Pick<Settings, 'proxy' | 'upstream' | 'network'>;
  readonly pool: ServerPool;
  readonly tokens: ServingTokens;
  readonly store: Pick<AccountStore, 'get' | 'patch'>;
  readonly state: Pick<StateStore, 'resources' | 'setResources'>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly version: string;
  /** Where the outbound proxy may be named. */
  readonly env: NodeJS.ProcessEnv;
  /** Called once for each request, when it has ended. */
  onAccess(record: AccessRecord, kind: VisitKind): void;
  /** Called with what should never happen: an error of this program while it served a request. */
  onFault(error: unknown): void;
  readonly timeouts?: Partial<ProxyTimeouts>;
}

export interface ProxyTimeouts extends ConnectLimit, SilenceLimits {
  /** How long a client may take for its request's headers. */
  readonly headersMs: number;
  /** How long a client may pause within its request's body. */
  readonly bodyIdleMs: number;
}

const standardTimeouts: ProxyTimeouts = {
  connectMs: 10_000,
  firstByteMs: 600_000,
  idleMs: 600_000,
  headersMs: 30_000,
  bodyIdleMs: 60_000,
};

/** All bodies together that are kept for a replay. */
const REPLAY_BUDGET_BYTES = 268_435_456;

/** The whole of a request, however slowly it comes. */
const LONGEST_UPLOAD_MS = 3_600_000;

/** Longer than most clients keep an idle connection, so that they close it and never meet one just closed. */
const KEEP_ALIVE_MS = 75_000;

/** More are closed as they come: each costs memory, and a file handle of a number that is limited. */
const MOST_CONNECTIONS = 8_192;

/** How often connections are looked over for headers that take too long. */
const CHECK_MS = 5_000;

/** How long a client may go on sending a body after its answer was complete. */
const LINGER_MS = 30_000;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The HTTP server that clients talk to. */
export class ProxyServer {
  private readonly server: http.Server;
  private readonly access: Access;
  private readonly origins: Origins;
  /** What is asked of Code Assist beside the clients' requests, over the same connections. */
  readonly codeAssist: CodeAssist;
  readonly projects: Projects;
  private readonly resources: StoredResources;
  private readonly forwardingDeps: ForwardingDeps;
  private readonly ownRoutes: OwnRoutesDeps;
  private readonly timeouts: ProxyTimeouts;
  private readonly budget = new ReplayBudget(REPLAY_BUDGET_BYTES);
  private readonly idPrefix = randomBytes(3).toString('hex');
  private bound: Address | null = null;
  private served = 0;
  private open = 0;
  /** How many of those open ask only the proxy itself. */
  private probes = 0;
  private draining = false;
  private stopped: Promise<void> = Promise.resolve();
  private readonly onIdle: (() => void)[] = [];

  constructor(private readonly deps: ProxyServerDeps) {
    const { settings, pool, tokens, clock, metrics } = deps;
    this.timeouts = { ...standardTimeouts, ...deps.timeouts };
    this.access = new Access(settings.proxy);
    this.origins = new Origins(settings.upstream.baseUrls, this.timeouts, outboundProxy(settings.network, deps.env));
    this.codeAssist = new CodeAssist(this.origins.list);
    this.resources = new StoredResources(deps.state, clock);
    this.projects = new Projects(this.codeAssist, deps.store);
    this.forwardingDeps = {
      ...{
        pool,
        tokens,
        clock,
        metrics,
        silences: new Silences(this.timeouts, clock),
        upstream: upstreams[settings.upstream.kind],
      },
      projects: (member, accessToken) => this.projects.of(member.id, accessToken),
      onFault: (error) => deps.onFault(error),
      origins: this.origins.list,
      resources: this.resources,
      maxTries: settings.proxy.maxTries,
    };
    this.ownRoutes = { pool, metrics, version: deps.version, inFlight: () => this.inFlight() };
    this.server = this.createServer();
  }

  /** Where it listens; null while it does not. */
  get address(): Address | null {
    return this.bound;
  }

  /** Clients have to show the API key. */
  get keyRequired(): boolean {
    return this.access.keyRequired;
  }

  /** Requests being served; who looks at the proxy itself is none. */
  inFlight(): number {
    return this.open - this.probes;
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
    void this.stopListening();
    this.server.closeIdleConnections();
    let cancel = (): void => undefined;
    const outOfTime = new Promise<void>((resolve) => {
      cancel = this.deps.clock.after(timeoutMs, resolve);
    });
    await Promise.race([this.idle(), outOfTime]);
    cancel();
    await this.close();
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    const closed = this.stopListening();
    this.server.closeAllConnections();
    // Clients first: a request whose upstream went away would be answered, and logged, as the upstream's failure.
    await Promise.all([closed, this.idle()]);
    await this.origins.destroy();
  }

  /** Resolves when no request is served. */
  private async idle(): Promise<void> {
    if (this.open > 0) await new Promise<void>((resolve) => this.onIdle.push(resolve));
  }

  /** Resolves when the last connection has ended. */
  private stopListening(): Promise<void> {
    if (this.bound === null) return this.stopped;
    this.bound = null;
    this.stopped = new Promise((resolve) => this.server.close(() => resolve()));
    return this.stopped;
  }

  private createServer(): http.Server {
    const server = http.createServer({
      IncomingMessage: ClientMessage,
      insecureHTTPParser: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(this.timeouts.headersMs, CHECK_MS),
    });
    server.headersTimeout = this.timeouts.headersMs;
    server.requestTimeout = LONGEST_UPLOAD_MS;
    server.maxConnections = MOST_CONNECTIONS;
    server.on('request', (request, response) => inTurn(response, () => this.receive(request, response, nothing)));
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
    this.receive(request, response, () => {
      response.shouldKeepAlive = shouldKeepAlive;
      response.writeContinue();
    });
  }

  private receive(request: IncomingMessage, response: ServerResponse, begin: () => void): void {
    const id = `${this.idPrefix}-${(this.served += 1).toString(36)}`;
    const visit = new Visit(id, request, response, this.deps.clock.monotonic(), begin);
    this.open += 1;
    // Nobody can be sure where such a request ends, so nothing behind it is taken for another.
    if (this.draining || visit.beyond !== null) response.shouldKeepAlive = false;
    response.on('close', () => this.ended(visit));
    const { path, keys, headers } = visit;
    const { localAddress } = request.socket;
    const { host, origin } = headers;
    const verdict = this.access.judge({ path, keys, host, origin, localAddress });
    if (verdict === 'granted' || (verdict === 'no_key' && this.isUpload(visit))) this.route(visit);
    else this.refuse(visit, refusals[verdict]);
  }

  /** Somebody looks at the proxy itself: no traffic. */
  private countProbe(visit: Visit): void {
    visit.kind = 'probe';
    this.probes += 1;
  }

  /**
   * Goes on with an upload that was begun with the key. Its address is a secret that only who began it was told, and clients
   * send nothing else with it.
   */
  private isUpload({ target }: Visit): boolean {
    return target !== null && this.resources.uploadOf(target.upstream) !== null;
  }

  private route(visit: Visit): void {
    const { target, beyond } = visit;
    if (beyond !== null) this.refuse(visit, beyonds[beyond]);
    else if (isOwnPath(visit.path)) this.answerOwn(visit);
    else if (target === null) visit.answer(googleError(400, 'the request line names no path'));
    else this.forward(visit, target.upstream);
  }

  private refuse(visit: Visit, answer: OwnAnswer): void {
    if (isOwnPath(visit.path)) this.countProbe(visit);
    visit.answer(answer);
  }

  private answerOwn(visit: Visit): void {
    this.countProbe(visit);
    const own = ownAnswer(visit.method, visit.path, this.ownRoutes);
    if (own instanceof Promise) void this.answerLater(visit, own);
    else if (own !== null) visit.answer(own);
  }

  private async answerLater(visit: Visit, made: Promise<OwnAnswer>): Promise<void> {
    try {
      visit.answer(await made);
    } catch (error) {
      this.deps.onFault(error);
      visit.answer(googleError(500, 'regrant failed; its log says why'));
    }
  }

  private forward(visit: Visit, target: string): void {
    const { request, response, headers, method, model, call } = visit;
    const { maxRequestBytes: maxBytes, replayBytes } = this.deps.settings.proxy;
    const limits = { maxBytes, replayBytes, budget: this.budget, idleMs: this.timeouts.bodyIdleMs };
    if ((headers.contentLength ?? 0) > maxBytes) {
      visit.answer(googleError(413, new BodyTooLarge(maxBytes).message));
      return;
    }
    const body = new RequestBody(request, headers.contentLength, limits, headers.hasBody, visit.begin);
    const asked = { method, target, headers: headers.forwarded, model, call };
    if (!this.forwardingDeps.upstream.knows(asked)) {
      visit.answer(googleError(404, 'Code Assist has no such path: it knows models and calls of models'));
      return;
    }
    visit.forwarding = new Forwarding(this.forwardingDeps, asked, body, response, visit.startedAt);
    visit.forwarding.run();
  }

  /** The response is closed: it was sent, or the client left. */
  private ended(visit: Visit): void {
    const { request, response, forwarding } = visit;
    if (!response.writableFinished) forwarding?.clientLeft();
    forwarding?.close();
    if (!request.complete && response.writableFinished) this.linger(request);
    this.open -= 1;
    if (visit.kind === 'probe') this.probes -= 1;
    else this.deps.metrics.request(visit.status, visit.model);
    this.deps.onAccess(visit.record(this.deps.clock.monotonic()), visit.kind);
    if (this.draining) this.server.closeIdleConnections();
    if (this.open === 0) for (const resolve of this.onIdle.splice(0)) resolve();
  }

  /** Cuts the connection of a client that will not stop sending a body whose answer it has. */
  private linger(request: IncomingMessage): void {
    const cancel = this.deps.clock.after(LINGER_MS, () => request.socket.destroy());
    request.once('close', cancel);
    request.once('end', cancel);
  }
}

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
  foreign_origin: googleError(
    403,
    'the Origin header is that of a foreign web page, and no key is asked for: set proxy.authMode, or put its host into proxy.allowedHosts',
  ),
};

const beyonds: Record<Beyond, OwnAnswer> = {
  coding: googleError(501, 'of all transfer codings only chunked is known'),
  expectation: googleError(417, 'of all expectations only 100-continue is known'),
  hosts: googleError(400, 'the request has more than one Host header'),
  old_chunks: googleError(400, 'HTTP/1.0 has no chunked bodies: send a Content-Length, or HTTP/1.1'),
};

const nothing = (): void => undefined;

/**
 * Begins with a request when those before it on its connection are answered. Node tells a response that waits for its
 * turn nothing of a connection that ends, so what was begun for it could never be given up.
 */
function inTurn(response: ServerResponse, begin: () => void): void {
  if (response.socket === null) response.once('socket', begin);
  else begin();
}
