import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type ForwardingDeps, RequestContext } from '../forward/request-context.js';
import { BodyTooLarge, ClientLeft, ReplayBudget, RequestBody } from '../http/body.js';
import { BodyNotDecoded, decodedBody } from '../http/decoded-body.js';
import { INTERNAL_ERROR, type OwnAnswer, type OwnError } from '../http/own-answer.js';
import type { TrustedProxies } from '../http/trusted-proxies.js';
import type { Protocol } from '../protocols/protocol.js';
import { SpokenProtocol } from '../protocols/translation/spoken.js';
import type { Sessions } from '../live/sessions.js';
import type { Metrics } from '../reports/metrics.js';
import type { Clock } from '../../store/ground/clock.js';
import { byItself } from '../../store/ground/faults.js';
import { type AccessRecord, UNREAD } from '../../store/records/access-record.js';
import type { Settings } from '../../store/settings/settings.js';
import type { Access } from './access.js';
import type { ClientResponse } from './listener/client-response.js';
import type { KeyGate } from '../clients/key-gate.js';
import type { CorsOrigins } from './cors.js';
import { IncomingRequest, type RequestKind, type Shown } from './incoming-request.js';
import type { Received } from './listener/listener.js';
import { OpenRequests } from './open-requests.js';
import { type LiveRequest, liveRequestOf } from './live-request.js';
import * as errors from './own-errors.js';
import { ownAnswer, ownPaths, type OwnRoutesDeps } from './own-routes.js';
import { modelsOfSession, namedRequest } from './translating/named-request.js';
import type { RequestLine, RequestLines } from './request-line.js';
import { sharedBy, type SharingProtocols } from './translating/shared-paths.js';
import type { Translations } from './translations.js';

export interface RoutingDeps {
  readonly access: Access;
  readonly cors: CorsOrigins;
  readonly trusted: TrustedProxies;
  readonly gate: KeyGate;
  readonly lines: RequestLines;
  readonly sessions: Sessions;
  readonly forwarding: ForwardingDeps;
  readonly ownRoutes: Omit<OwnRoutesDeps, 'inFlight' | 'routes'>;
  readonly limits: Pick<Settings['proxy'], 'maxRequestBytes' | 'replayBytes'>;
  /** How long a client may pause within its request's body. */
  readonly bodyIdleMs: number;
  readonly translations: Translations;
  /** The protocols that share paths. */
  readonly sharing: SharingProtocols<SpokenProtocol>;
  /** Returns the current settings. */
  readonly settings: () => Pick<Settings, 'models' | 'protocols'>;
  readonly metrics: Pick<Metrics, 'request'>;
  readonly clock: Clock;
  /** A key of ours was shown on this request's connection. */
  onKey(request: IncomingMessage): void;
  /** Called once for each request, when it has ended. */
  onAccess(record: AccessRecord, kind: RequestKind): void;
  /** Called with an error of this program while it served a request, which should never happen. */
  onFault(error: unknown): void;
  /** A request has ended. */
  onEnded(): void;
}

/** How many bytes all request bodies together may keep to be sent again. */
const REPLAY_BUDGET_BYTES = 268_435_456;

/** How long a client may go on sending a body after its answer is complete. */
const LINGER_MS = 30_000;

/** Decides what happens to each request: it is refused, answered here, or forwarded; and tells the log. */
export class Routing implements Received {
  readonly open = new OpenRequests<IncomingRequest>();
  private readonly ownRoutes: OwnRoutesDeps;
  private readonly budget = new ReplayBudget(REPLAY_BUDGET_BYTES);
  private readonly idPrefix = randomBytes(3).toString('hex');
  private served = 0;
  /** Whether connections are to be closed after their current request. */
  closesConnections = false;

  constructor(private readonly deps: RoutingDeps) {
    const { ownRoutes, lines } = deps;
    this.ownRoutes = { ...ownRoutes, routes: lines.routes, inFlight: () => this.open.inFlight };
  }

  request(request: IncomingMessage, response: ClientResponse, begin: () => void): void {
    const incoming = this.begin(request, response, begin);
    const preflight = this.deps.cors.preflight(incoming);
    if (preflight === null) this.admitKnown(incoming, incoming.shown, () => this.route(incoming));
    else {
      this.countProbe(incoming);
      incoming.answer(preflight);
    }
  }

  webSocket(request: IncomingMessage, response: ClientResponse, behind: Buffer): void {
    const incoming = this.begin(request, response, nothing);
    const live = liveRequestOf(incoming);
    this.admitKnown(incoming, live, () => {
      const { method, headers, line } = incoming;
      // RFC 6455 §4.1: nothing but a GET opens a WebSocket, and what a body would mean nobody knows
      const isOpening = method === 'GET' && !headers.hasBody && line.use === 'live';
      if (!this.deps.forwarding.upstream.servesLive || !isOpening) incoming.answer(errors.NO_UPGRADE);
      else if (live.isEphemeral && incoming.protocol.begunAt(live.target) === null) {
        this.refuse(incoming, errors.UNKNOWN_TOKEN);
      } else this.relay(incoming, live, behind);
    });
  }

  unparsed(what: { readonly method: string; readonly status: number; readonly ip: string | null }): void {
    this.deps.metrics.request(what.status, '');
    this.deps.onAccess({ ...UNREAD, id: this.nextId(), ...what }, 'traffic');
  }

  private begin(request: IncomingMessage, response: ClientResponse, begin: () => void): IncomingRequest {
    const { clock, cors, lines } = this.deps;
    const line = lines.read(request.url ?? '');
    const id = this.nextId();
    const protocol = line.isShared ? this.sharedBy(line, request) : line.protocol;
    const ip = this.deps.trusted.clientOf(request);
    const incoming = new IncomingRequest(id, line, protocol, request, response, clock.monotonic(), begin, ip);
    response.added = cors.with(['x-regrant-request-id', id], incoming.headers.origin);
    this.open.begin(incoming);
    // Where the end of a request is ambiguous the next one may be smuggled, so no more is read from the connection.
    if (this.closesConnections || incoming.unsupported !== null) response.shouldKeepAlive = false;
    response.on('close', () => this.ended(incoming));
    return incoming;
  }

  private nextId(): string {
    return `${this.idPrefix}-${(this.served += 1).toString(36)}`;
  }

  /** Admits a request once other boxes have said whether they began what it continues. */
  private admitKnown(incoming: IncomingRequest, shown: Shown, goOn: () => void): void {
    const asked = shown.target === null ? null : incoming.protocol.findBegun(shown.target);
    // whoever asks so, and whatever he shows
    if (errors.METHODS_NOT_SERVED.has(incoming.method)) incoming.answer(errors.METHOD_NOT_SERVED);
    else if (asked === null) this.admit(incoming, shown, goOn);
    else {
      const admit = (): void => (incoming.hasLeft ? undefined : this.admit(incoming, shown, goOn));
      byItself('asking other boxes for an upload', asked.then(admit));
    }
  }

  /** Goes on with a request that is let in and asks for nothing that this proxy does not do. */
  private admit(incoming: IncomingRequest, { keys, target }: Shown, goOn: () => void): void {
    const { method, path, headers, request, unsupported } = incoming;
    const { localAddress, localPort } = request.socket;
    const owner = this.deps.gate.keyAmong(keys);
    const key = keys.length === 0 ? 'none' : owner === null ? 'unknown' : 'known';
    const verdict = this.deps.access.judge({ ...headers, method, path, key, localAddress, localPort });
    if (verdict === 'granted' && keys.length > 0) {
      incoming.comesWith(owner, this.deps.gate, this.deps.forwarding.pool);
      this.deps.onKey(request);
    }
    if (verdict !== 'granted' && !(verdict === 'no_key' && incoming.continues(target))) {
      this.refuse(incoming, errors.refusals[verdict]);
    } else if (unsupported !== null) this.refuse(incoming, errors.unsupported[unsupported]);
    else goOn();
  }

  private route(incoming: IncomingRequest): void {
    const { target, path, line } = incoming;
    if (target === null) incoming.answer(errors.NO_PATH);
    else if (line.use === 'own') this.answerOwn(incoming);
    else if (line.use === 'live') incoming.answer(errors.NO_UPGRADE);
    else if (line.use === 'outside') incoming.answer(errors.DOT_SEGMENTS);
    else if (!line.isServed && line.protocol.begunAt(target.upstream) === null) {
      incoming.answer(errors.notHere(path, [...this.ownRoutes.routes, ...ownPaths()]));
    } else this.forward(incoming, target.upstream);
  }

  private refuse(incoming: IncomingRequest, error: OwnError): void {
    if (incoming.line.use === 'own') this.countProbe(incoming);
    if (error.status === 401) incoming.answerLast(error, this.deps.clock);
    else incoming.answer(error);
  }

  /** Counts a request that only asks about the proxy itself. */
  private countProbe(incoming: IncomingRequest): void {
    incoming.kind = 'probe';
    this.open.isProbe();
  }

  private answerOwn(incoming: IncomingRequest): void {
    this.countProbe(incoming);
    const own = ownAnswer(incoming.method, incoming.path, this.ownRoutes);
    if (own instanceof Promise) this.answerLater(incoming, own);
    else if (own !== null) incoming.answer(own);
  }

  private answerLater(incoming: IncomingRequest, made: Promise<OwnAnswer>): void {
    made
      .then((answer) => incoming.answer(answer))
      .catch((error: unknown) => {
        this.deps.onFault(error);
        incoming.answer(INTERNAL_ERROR);
      });
  }

  /** The protocol of a request on a path that several protocols share. */
  private sharedBy({ path, target }: RequestLine, { rawHeaders }: IncomingMessage): Protocol {
    return sharedBy({ path, rawHeaders, hasQueryKey: (target?.keys.length ?? 0) > 0 }, this.deps.sharing);
  }

  private forward(incoming: IncomingRequest, target: string): void {
    const { protocol, headers } = incoming;
    const { maxRequestBytes: maxBytes } = this.deps.limits;
    const off = errors.switchedOff(protocol, this.deps.settings().protocols);
    if (off !== null) incoming.answer(off);
    else if ((headers.contentLength ?? 0) > maxBytes) {
      incoming.answer({ status: 413, message: new BodyTooLarge(maxBytes).message });
    } else if (protocol instanceof SpokenProtocol) {
      // A request that is translated has to be read whole.
      this.deps.translations.serve(incoming, protocol, () => this.bodyOf(incoming, maxBytes));
    } else this.forwardGemini(incoming, target);
  }

  private forwardGemini(incoming: IncomingRequest, target: string): void {
    const { response, protocol, startedAt } = incoming;
    const { forwarding: deps, limits } = this.deps;
    const given = namedRequest(incoming, target, deps.upstream.kind, this.deps.settings().models);
    if ('status' in given) {
      incoming.answer(given);
      return;
    }
    const { request: asked, models } = given;
    const barred = deps.upstream.knows(asked) ? incoming.enter(asked.model) : errors.UNKNOWN_TO_CODE_ASSIST;
    if (barred !== null) {
      incoming.answer(barred);
      return;
    }
    const body = this.bodyOf(incoming, limits.replayBytes);
    const reply = this.deps.translations.geminiModels(incoming, asked);
    const sent = models?.rewritten(body) ?? body;
    const context = new RequestContext(deps, protocol, asked, sent, response, startedAt, reply);
    if (models !== null) context.echo = (contentType) => models.echo(contentType);
    incoming.forwarded(context).run();
  }

  /** @param replayBytes - a body up to this size is kept */
  private bodyOf(incoming: IncomingRequest, replayBytes: number): RequestBody {
    const { request, headers, begin, decodedFrom } = incoming;
    const { limits, bodyIdleMs } = this.deps;
    const bodyLimits = { maxBytes: limits.maxRequestBytes, replayBytes, budget: this.budget, idleMs: bodyIdleMs };
    if (decodedFrom === null)
      return new RequestBody(request, headers.contentLength, bodyLimits, headers.hasBody, begin);
    const source = decodedBody(request, decodedFrom);
    const body = new RequestBody(source, null, bodyLimits, headers.hasBody, begin);
    source.on('error', () => body.fail(new BodyNotDecoded(decodedFrom)));
    return body;
  }

  private relay(
    incoming: IncomingRequest,
    { target, headers, subprotocol, isEphemeral }: LiveRequest,
    behind: Buffer,
  ): void {
    const { response, method, protocol, startedAt } = incoming;
    const { forwarding: deps, sessions } = this.deps;
    // its first message names the model
    const barred = incoming.enter('');
    if (barred !== null) {
      incoming.answer(barred);
      return;
    }
    const body = this.bodyOf(incoming, 0);
    const asked = { method, target, headers, ...UNNAMED, carriesToken: isEphemeral };
    const context = new RequestContext(deps, protocol, asked, body, response, startedAt);
    const models = modelsOfSession(incoming, this.deps.settings().models);
    const rewriteSetup = models === null ? null : (message: Buffer) => models.whole(message);
    context.live = { behind, subprotocol, sessions, rewriteSetup };
    incoming.forwarded(context).run();
  }

  /** The response has been closed: it was sent, or the client left. */
  private ended(incoming: IncomingRequest): void {
    const { request, response, forwarding, kind } = incoming;
    if (!response.writableFinished) {
      incoming.body?.fail(new ClientLeft());
      forwarding?.clientLeft();
    }
    forwarding?.close();
    incoming.leaves();
    if (!request.complete && response.writableFinished) this.linger(request);
    this.open.end(incoming, kind);
    const record = incoming.record(this.deps.clock.monotonic());
    if (kind === 'traffic') this.deps.metrics.request(record.status, record.model ?? '');
    this.deps.onAccess(record, kind);
    this.deps.onEnded();
  }

  /** Cuts the connection of a client that does not stop sending its body after it has the answer. */
  private linger(request: IncomingMessage): void {
    const cancel = this.deps.clock.after(LINGER_MS, () => request.socket.destroy());
    request.once('close', cancel);
    request.once('end', cancel);
  }
}

/** What a Live session asks for before its first message. */
const UNNAMED = { model: '', call: '', upgrade: 'websocket' } as const;

const nothing = (): void => undefined;
