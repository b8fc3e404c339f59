import type { IncomingMessage } from 'node:http';
import { NO_FAILOVERS } from '../forward/failovers.js';
import { Forwarding } from '../forward/forward.js';
import type { RequestContext } from '../forward/request-context.js';
import { canDecode } from '../http/decoded-body.js';
import { headerIn, readRequestHeaders, type RequestHeaders, type Unsupported, withoutHeader } from '../http/headers.js';
import { type OwnAnswer, type OwnError, send, sendHead } from '../http/own-answer.js';
import type { RequestBody } from '../http/body.js';
import type { RequestTarget } from '../http/request-target.js';
import type { Member, OnlyAccount } from '../pool/member.js';
import type { Protocol } from '../protocols/protocol.js';
import type { AccessRecord } from '../../store/records/log.js';
import type { Clock } from '../../store/ground/clock.js';
import type { ClientKey } from '../clients/client-keys.js';
import type { KeyGate } from '../clients/key-gate.js';
import type { ClientResponse } from './listener/client-response.js';
import type { RequestLine } from './request-line.js';
import { wantedAccount } from './wanted-account.js';

/** `traffic`: for the upstream; `probe`: somebody looks at the proxy itself. */
export type RequestKind = 'traffic' | 'probe';

/** What is stored is stored as it comes. */
const UPLOAD = /^\/(?:upload|resumable)\//;

/** How long a client may go on sending what nobody takes. */
const LAST_MS = 5_000;

/** One request of a client while it is served, and what the access log says of it afterwards. */
export class IncomingRequest {
  readonly headers: RequestHeaders;
  readonly method: string;
  kind: RequestKind = 'traffic';
  /** How its body is packed, where it is unpacked here; null: it goes on as it came. */
  decodedFrom: string | null = null;
  /** Set where the request goes to the upstream. */
  forwarding: Forwarding | null = null;
  /** The client's body, where it is read before anything is forwarded. */
  body: RequestBody | null = null;
  /** What the client calls the model, where that is another name; null: it is not. */
  asked: string | null = null;
  /** Whose key the client showed; null: it showed none of ours. */
  key: ClientKey | null = null;
  /** Where its key's limits are held; null: it showed none. */
  gate: KeyGate | null = null;
  private ownBytes = 0;
  private wasCut = false;
  private servedModel: string | null = null;
  private wanted: OnlyAccount | OwnError | null = null;

  /**
   * @param startedAt - monotonic ms
   * @param begin - lets the client send its body, where it waits to be told
   */
  constructor(
    readonly id: string,
    readonly line: RequestLine,
    /** What the client speaks: on a path that several share its headers tell. */
    readonly protocol: Protocol,
    readonly request: IncomingMessage,
    readonly response: ClientResponse,
    readonly startedAt: number,
    readonly begin: () => void,
    /** Where the client is; null: it is gone. */
    private readonly ip: string | null,
  ) {
    this.method = request.method ?? '';
    this.headers = readRequestHeaders(request.rawHeaders);
  }

  /** null: the request line names no path. */
  get target(): RequestTarget | null {
    return this.line.target;
  }

  /** Empty where there is none. */
  get path(): string {
    return this.line.path;
  }

  /** Every API key offered, by header or by query. */
  get keys(): readonly string[] {
    const { keys } = this.headers;
    return this.target === null || this.target.keys.length === 0 ? keys : [...keys, ...this.target.keys];
  }

  /** What of it this proxy does not do; null: it does all. */
  get unsupported(): Unsupported | null {
    const { unsupported, hasBody, contentLength } = this.headers;
    // Whoever passed it on in HTTP/1.0 may have seen its end elsewhere (RFC 9112 §6.1).
    const isChunked = hasBody && contentLength === null;
    return isChunked && this.request.httpVersionMinor === 0 ? 'old_chunks' : unsupported;
  }

  /** The client is gone, or has its answer. */
  get hasLeft(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }

  /** Empty where the request names none, as far as it is known. */
  get model(): string {
    const { model } = this.line;
    // What the path does not name a body or a Live session's first message may.
    return this.servedModel ?? (model === '' ? (this.forwarding?.model ?? '') : model);
  }

  /** Notes the model that will be asked, and what the client calls it. */
  names(model: string, asked: string): void {
    this.servedModel = model;
    this.asked = asked === model ? null : asked;
  }

  /** The upstream wants the body wrapped: one that is packed has to be unpacked for that. */
  unpack(): void {
    const encoding = this.headers.hasBody ? headerIn(this.headers.forwarded, 'content-encoding') : null;
    if (encoding !== null && canDecode(encoding) && !UPLOAD.test(this.path)) this.decodedFrom = encoding;
  }

  /** For the upstream. */
  get forwardedHeaders(): readonly string[] {
    const { forwarded } = this.headers;
    return this.decodedFrom === null ? forwarded : withoutHeader(forwarded, 'content-encoding');
  }

  /** 0 where the client left before one was sent. */
  get status(): number {
    return this.response.headersSent ? this.response.statusCode : 0;
  }

  /** Answers from here; an error has the shape of the request's protocol. */
  answer(answer: OwnAnswer | OwnError): void {
    this.ownBytes = send(this.response, this.rendered(answer));
  }

  /**
   * Answers, and ends the connection with it: nothing more is taken from this client. What it still sends is thrown away for
   * a while first, since a connection that is cut while it sends loses the answer.
   */
  answerLast(answer: OwnError, clock: Clock): void {
    const { request, response } = this;
    response.shouldKeepAlive = false;
    if (request.complete || !this.headers.hasBody || request.headers.expect !== undefined) {
      this.answer(answer);
      return;
    }
    const body = sendHead(response, this.rendered(answer));
    this.ownBytes = body.length;
    response.write(body);
    const end = (): void => {
      cancel();
      response.end();
    };
    const cancel = clock.after(LAST_MS, end);
    request.once('close', end);
    request.once('end', end);
    request.resume();
  }

  private rendered(answer: OwnAnswer | OwnError): OwnAnswer {
    return 'message' in answer ? this.protocol.errorAnswer(answer, this.id) : answer;
  }

  /** It has shown keys of which one is let in; such a one may name the account that is to serve it. */
  comesWith(keys: readonly string[], gate: KeyGate, accounts: () => readonly Member[]): void {
    this.gate = gate;
    this.key = gate.keyAmong(keys);
    this.wanted = wantedAccount(this.key, this.request.rawHeaders, accounts);
  }

  /** Goes to the upstream. @returns what has to be run */
  forwarded(context: RequestContext): Forwarding {
    const { wanted } = this;
    context.only = wanted !== null && 'onlyId' in wanted ? wanted : null;
    return (this.forwarding = new Forwarding(context));
  }

  /** Counts it in with its key, or says why it may not go on. @param model - empty where it names none */
  enter(model: string): OwnError | null {
    const { key, gate, wanted } = this;
    if (key === null || gate === null) return null;
    if (wanted !== null && 'status' in wanted) return wanted;
    return gate.enter({ key, cut: () => this.cut() }, this, model);
  }

  /** Ends it, whatever it has sent. */
  private cut(): void {
    this.wasCut = true;
    this.response.destroy();
    this.request.socket.destroy();
  }

  /** What the access log says. @param endedAt - monotonic ms */
  record(endedAt: number): AccessRecord {
    const { forwarding, line } = this;
    const ttfbMs = forwarding?.reply.ttfbMs ?? null;
    return {
      id: this.id,
      method: this.method,
      path: line.logged,
      model: this.model === '' ? null : this.model,
      stream: forwarding?.streams ?? false,
      status: this.status,
      account: forwarding?.reply.account ?? null,
      ms: rounded(endedAt - this.startedAt),
      ttfbMs: ttfbMs === null ? null : rounded(ttfbMs),
      bytes: forwarding?.reply.bytes ?? this.ownBytes,
      tokens: forwarding?.reply.tokens ?? null,
      tries: forwarding?.asked ?? 0,
      left: forwarding?.failovers ?? NO_FAILOVERS,
      ...(forwarding !== null && courseOf(forwarding)),
      key: this.key?.name ?? null,
      ip: this.ip,
      asked: this.asked,
      protocol: this.protocol.name,
      used: forwarding?.reply.used ?? null,
      asksTokens: forwarding?.group === 'generate',
      broken: this.wasCut || forwarding?.reply.brokeOff === true,
      held: (forwarding?.waitedMs ?? 0) > 0,
    };
  }
}

/** To 10 µs, which is more than the clock is good for; a number of three digits is written in a third of the time of one of sixteen. */
const rounded = (ms: number): number => Math.round(ms * 100) / 100;

const courseOf = ({
  group,
  waitedMs,
  reply,
}: Forwarding): Pick<AccessRecord, 'group' | 'waitedMs' | 'streamError'> => ({
  group,
  waitedMs: rounded(waitedMs),
  streamError: reply.streamError,
});
