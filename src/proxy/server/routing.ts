import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Forwarding } from '../forward/forward.js';
import { type ForwardingDeps, RequestContext } from '../forward/request-context.js';
import { BodyTooLarge, ReplayBudget, RequestBody } from '../http/body.js';
import { INTERNAL_ERROR, type OwnAnswer, type OwnError } from '../http/own-answer.js';
import { hasDotSegments } from '../http/request-target.js';
import type { Metrics } from '../reports/metrics.js';
import type { Clock } from '../../store/ground/clock.js';
import type { AccessRecord } from '../../store/records/log.js';
import type { Settings } from '../../store/settings/settings.js';
import type { Access } from './access.js';
import type { ClientResponse } from './listener/client-response.js';
import type { CorsOrigins } from './cors.js';
import { IncomingRequest, type RequestKind } from './incoming-request.js';
import type { Received } from './listener/listener.js';
import { OpenRequests } from './open-requests.js';
import * as errors from './own-errors.js';
import { isOwnPath, ownAnswer, ownPaths, type OwnRoutesDeps } from './own-routes.js';
import type { RequestLines } from './request-line.js';

export interface RoutingDeps {
  readonly access: Access;
  readonly cors: CorsOrigins;
  readonly lines: RequestLines;
  readonly forwarding: ForwardingDeps;
  readonly ownRoutes: Omit<OwnRoutesDeps, 'inFlight' | 'routes'>;
  readonly limits: Pick<Settings['proxy'], 'maxRequestBytes' | 'replayBytes'>;
  /** How long a client may pause within its request's body. */
  readonly bodyIdleMs: number;
  readonly metrics: Pick<Metrics, 'request'>;
  readonly clock: Clock;
  /** A key of ours was shown on a request's connection. */
  onKey(request: IncomingMessage): void;
  /** Called once for each request, when it has ended. */
  onAccess(record: AccessRecord, kind: RequestKind): void;
  /** Called with what should never happen: an error of this program while it served a request. */
  onFault(error: unknown): void;
  /** A request has ended. */
  onEnded(): void;
}

/** All bodies together that are kept for a replay. */
const REPLAY_BUDGET_BYTES = 268_435_456;

/** How long a client may go on sending a body after its answer was complete. */
const LINGER_MS = 30_000;

/** What becomes of each request: refused, answered here, or forwarded to the upstream; and its line in the log. */
export class Routing implements Received {
  readonly open = new OpenRequests();
  private readonly ownRoutes: OwnRoutesDeps;
  private readonly budget = new ReplayBudget(REPLAY_BUDGET_BYTES);
  private readonly idPrefix = randomBytes(3).toString('hex');
  private served = 0;
  /** Connections are to end with the request that runs on them. */
  closesConnections = false;

  constructor(private readonly deps: RoutingDeps) {
    const { ownRoutes, lines } = deps;
    this.ownRoutes = { ...ownRoutes, routes: lines.routes, inFlight: () => this.open.inFlight };
  }

  request(request: IncomingMessage, response: ClientResponse, begin: () => void): void {
    const incoming = this.begin(request, response, begin);
    const preflight = this.deps.cors.preflight(incoming);
    if (preflight === null) this.admit(incoming, () => this.route(incoming));
    else {
      this.countProbe(incoming);
      incoming.answer(preflight);
    }
  }

  webSocket(request: IncomingMessage, response: ClientResponse): void {
    const incoming = this.begin(request, response, nothing);
    this.admit(incoming, () => incoming.answer(errors.NO_UPGRADE));
  }

  unparsed(what: { readonly method: string; readonly status: number }): void {
    const id = this.nextId();
    const none = { model: null, stream: false, account: null, ms: 0, ttfbMs: null, bytes: 0, tokens: null };
    this.deps.onAccess({ id, path: '*', ...what, ...none, tries: 0, left: [] }, 'probe');
  }

  private begin(request: IncomingMessage, response: ClientResponse, begin: () => void): IncomingRequest {
    const { clock, cors, lines } = this.deps;
    const line = lines.read(request.url ?? '');
    const id = this.nextId();
    const incoming = new IncomingRequest(id, line, request, response, clock.monotonic(), begin);
    response.added = ['x-regrant-request-id', id, ...cors.headersFor(incoming.headers.origin)];
    this.open.begin();
    // Where a request ends that we read otherwise than whoever passed it on, what follows may be smuggled: nothing is read there.
    if (this.closesConnections || incoming.unsupported !== null) response.shouldKeepAlive = false;
    response.on('close', () => this.ended(incoming));
    return incoming;
  }

  private nextId(): string {
    return `${this.idPrefix}-${(this.served += 1).toString(36)}`;
  }

  /** Goes on with a request that may pass and asks for nothing that this proxy does not do. */
  private admit(incoming: IncomingRequest, goOn: () => void): void {
    const { path, keys, headers, request, unsupported } = incoming;
    const { localAddress } = request.socket;
    const { host, origin, isCrossSite } = headers;
    const verdict = this.deps.access.judge({ path, keys, host, origin, isCrossSite, localAddress });
    if (verdict === 'granted' && keys.length > 0) this.deps.onKey(request);
    if (verdict !== 'granted' && !(verdict === 'no_key' && goesOnWithUpload(incoming))) {
      this.refuse(incoming, errors.refusals[verdict]);
    } else if (unsupported !== null) this.refuse(incoming, errors.unsupported[unsupported]);
    else if (errors.METHODS_NOT_SERVED.has(incoming.method)) incoming.answer(errors.METHOD_NOT_SERVED);
    else goOn();
  }

  private route(incoming: IncomingRequest): void {
    const { target, path, line } = incoming;
    if (isOwnPath(path)) this.answerOwn(incoming);
    else if (target === null) incoming.answer(errors.NO_PATH);
    else if (hasDotSegments(path)) incoming.answer(errors.DOT_SEGMENTS);
    else if (!line.isServed && line.protocol.begunAt(target.upstream) === null) {
      incoming.answer(errors.notHere(path, [...this.ownRoutes.routes, ...ownPaths()]));
    } else this.forward(incoming, target.upstream);
  }

  private refuse(incoming: IncomingRequest, error: OwnError): void {
    if (isOwnPath(incoming.path)) this.countProbe(incoming);
    if (error.status === 401) incoming.answerLast(error, this.deps.clock);
    else incoming.answer(error);
  }

  /** Somebody looks at the proxy itself: no traffic. */
  private countProbe(incoming: IncomingRequest): void {
    incoming.kind = 'probe';
    this.open.isProbe();
  }

  private answerOwn(incoming: IncomingRequest): void {
    this.countProbe(incoming);
    const own = ownAnswer(incoming.method, incoming.path, this.ownRoutes);
    if (own instanceof Promise) void this.answerLater(incoming, own);
    else if (own !== null) incoming.answer(own);
  }

  private async answerLater(incoming: IncomingRequest, made: Promise<OwnAnswer>): Promise<void> {
    try {
      incoming.answer(await made);
    } catch (error) {
      this.deps.onFault(error);
      incoming.answer(INTERNAL_ERROR);
    }
  }

  private forward(incoming: IncomingRequest, target: string): void {
    const { request, response, headers, method, line, startedAt } = incoming;
    const { forwarding: deps, limits, bodyIdleMs } = this.deps;
    const { maxRequestBytes: maxBytes, replayBytes } = limits;
    const { contentLength, hasBody, forwarded } = headers;
    if ((contentLength ?? 0) > maxBytes) {
      incoming.answer({ status: 413, message: new BodyTooLarge(maxBytes).message });
      return;
    }
    const bodyLimits = { maxBytes, replayBytes, budget: this.budget, idleMs: bodyIdleMs };
    const body = new RequestBody(request, contentLength, bodyLimits, hasBody, incoming.begin);
    const asked = { method, target, headers: forwarded, model: line.model, call: line.call };
    if (!deps.upstream.knows(asked)) {
      incoming.answer(errors.UNKNOWN_TO_CODE_ASSIST);
      return;
    }
    incoming.forwarding = new Forwarding(new RequestContext(deps, line.protocol, asked, body, response, startedAt));
    incoming.forwarding.run();
  }

  /** The response is closed: it was sent, or the client left. */
  private ended(incoming: IncomingRequest): void {
    const { deps } = this;
    const { request, response, forwarding, line, kind } = incoming;
    if (!response.writableFinished) forwarding?.clientLeft();
    forwarding?.close();
    if (!request.complete && response.writableFinished) this.linger(request);
    this.open.end(kind);
    if (kind === 'traffic') deps.metrics.request(incoming.status, line.model);
    deps.onAccess(incoming.record(deps.clock.monotonic()), kind);
    deps.onEnded();
  }

  /** Cuts the connection of a client that will not stop sending a body whose answer it has. */
  private linger(request: IncomingMessage): void {
    const cancel = this.deps.clock.after(LINGER_MS, () => request.socket.destroy());
    request.once('close', cancel);
    request.once('end', cancel);
  }
}

/**
 * It goes on with what was begun with the key (an upload). The address of that is a secret that only who began it was told,
 * and clients send nothing else with it.
 */
const goesOnWithUpload = ({ target, line }: IncomingRequest): boolean =>
  target !== null && line.protocol.begunAt(target.upstream) !== null;

const nothing = (): void => undefined;
