import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Forwarding } from '../forward/forward.js';
import { type ForwardingDeps, RequestContext } from '../forward/request-context.js';
import { BodyTooLarge, ReplayBudget, RequestBody } from '../http/body.js';
import { INTERNAL_ERROR, type OwnAnswer, type OwnError } from '../http/own-answer.js';
import type { Metrics } from '../reports/metrics.js';
import type { Clock } from '../../store/ground/clock.js';
import type { AccessRecord } from '../../store/records/log.js';
import type { Settings } from '../../store/settings/settings.js';
import type { Access } from './access.js';
import { IncomingRequest, type RequestKind } from './incoming-request.js';
import { NO_PATH, refusals, unsupported, UNKNOWN_TO_CODE_ASSIST } from './own-errors.js';
import { isOwnPath, ownAnswer, type OwnRoutesDeps } from './own-routes.js';
import type { RequestLines } from './request-line.js';

export interface RoutingDeps {
  readonly access: Access;
  readonly lines: RequestLines;
  readonly forwarding: ForwardingDeps;
  readonly ownRoutes: Omit<OwnRoutesDeps, 'inFlight'>;
  readonly limits: Pick<Settings['proxy'], 'maxRequestBytes' | 'replayBytes'>;
  /** How long a client may pause within its request's body. */
  readonly bodyIdleMs: number;
  readonly metrics: Pick<Metrics, 'request'>;
  readonly clock: Clock;
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
export class Routing {
  private readonly ownRoutes: OwnRoutesDeps;
  private readonly budget = new ReplayBudget(REPLAY_BUDGET_BYTES);
  private readonly idPrefix = randomBytes(3).toString('hex');
  private served = 0;
  private open = 0;
  /** How many of those open ask only the proxy itself. */
  private probes = 0;
  /** Connections are to end with the request that runs on them. */
  closesConnections = false;

  constructor(private readonly deps: RoutingDeps) {
    this.ownRoutes = { ...deps.ownRoutes, inFlight: () => this.inFlight };
  }

  /** Requests being served, whatever they ask. */
  get openRequests(): number {
    return this.open;
  }

  /** Requests being served; who looks at the proxy itself is none. */
  get inFlight(): number {
    return this.open - this.probes;
  }

  /** Sees to it that a request is answered. @param begin - lets the client send its body, where it waits to be told */
  receive(request: IncomingMessage, response: ServerResponse, begin: () => void): void {
    const { access, clock, lines } = this.deps;
    const id = `${this.idPrefix}-${(this.served += 1).toString(36)}`;
    const line = lines.read(request.url ?? '');
    const incoming = new IncomingRequest(id, line, request, response, clock.monotonic(), begin);
    this.open += 1;
    // Where a request ends that we read otherwise than whoever passed it on, what follows may be smuggled: nothing is read there.
    if (this.closesConnections || incoming.unsupported !== null) response.shouldKeepAlive = false;
    response.on('close', () => this.ended(incoming));
    const { path, keys, headers } = incoming;
    const { localAddress } = request.socket;
    const { host, origin } = headers;
    const verdict = access.judge({ path, keys, host, origin, localAddress });
    if (verdict === 'granted' || (verdict === 'no_key' && goesOn(incoming))) this.route(incoming);
    else this.refuse(incoming, refusals[verdict]);
  }

  private route(incoming: IncomingRequest): void {
    const { target, unsupported: lacking } = incoming;
    if (lacking !== null) this.refuse(incoming, unsupported[lacking]);
    else if (isOwnPath(incoming.path)) this.answerOwn(incoming);
    else if (target === null) incoming.fail(NO_PATH);
    else this.forward(incoming, target.upstream);
  }

  private refuse(incoming: IncomingRequest, error: OwnError): void {
    if (isOwnPath(incoming.path)) this.countProbe(incoming);
    incoming.fail(error);
  }

  /** Somebody looks at the proxy itself: no traffic. */
  private countProbe(incoming: IncomingRequest): void {
    incoming.kind = 'probe';
    this.probes += 1;
  }

  private answerOwn(incoming: IncomingRequest): void {
    this.countProbe(incoming);
    const own = ownAnswer(incoming.method, incoming.path, this.ownRoutes);
    if (own instanceof Promise) void this.answerLater(incoming, own);
    else if (own !== null) {
      if ('message' in own) incoming.fail(own);
      else incoming.answer(own);
    }
  }

  private async answerLater(incoming: IncomingRequest, made: Promise<OwnAnswer>): Promise<void> {
    try {
      incoming.answer(await made);
    } catch (error) {
      this.deps.onFault(error);
      incoming.fail(INTERNAL_ERROR);
    }
  }

  private forward(incoming: IncomingRequest, target: string): void {
    const { request, response, headers, method, line, startedAt } = incoming;
    const { forwarding: deps, limits, bodyIdleMs } = this.deps;
    const { maxRequestBytes: maxBytes, replayBytes } = limits;
    const { contentLength, hasBody, forwarded } = headers;
    if ((contentLength ?? 0) > maxBytes) {
      incoming.fail({ status: 413, message: new BodyTooLarge(maxBytes).message });
      return;
    }
    const bodyLimits = { maxBytes, replayBytes, budget: this.budget, idleMs: bodyIdleMs };
    const body = new RequestBody(request, contentLength, bodyLimits, hasBody, incoming.begin);
    const asked = { method, target, headers: forwarded, model: line.model, call: line.call };
    if (!deps.upstream.knows(asked)) {
      incoming.fail(UNKNOWN_TO_CODE_ASSIST);
      return;
    }
    incoming.forwarding = new Forwarding(new RequestContext(deps, line.protocol, asked, body, response, startedAt));
    incoming.forwarding.run();
  }

  /** The response is closed: it was sent, or the client left. */
  private ended(incoming: IncomingRequest): void {
    const { deps } = this;
    const { request, response, forwarding, line } = incoming;
    if (!response.writableFinished) forwarding?.clientLeft();
    forwarding?.close();
    if (!request.complete && response.writableFinished) this.linger(request);
    this.open -= 1;
    if (incoming.kind === 'probe') this.probes -= 1;
    else deps.metrics.request(incoming.status, line.model);
    deps.onAccess(incoming.record(deps.clock.monotonic()), incoming.kind);
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
const goesOn = ({ target, line }: IncomingRequest): boolean =>
  target !== null && line.protocol.begunAt(target.upstream) !== null;
