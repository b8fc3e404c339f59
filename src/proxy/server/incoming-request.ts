import type { IncomingMessage } from 'node:http';
import { NO_FAILOVERS } from '../forward/failovers.js';
import { Forwarding } from '../forward/forward.js';
import type { RequestContext } from '../forward/request-context.js';
import { canDecode } from '../http/decoded-body.js';
import { headerIn, readRequestHeaders, type RequestHeaders, type Unsupported, withoutHeader } from '../http/headers.js';
import { type OwnAnswer, type OwnError, send, sendHead } from '../http/own-answer.js';
import type { RequestBody } from '../http/body.js';
import type { RequestTarget } from '../http/request-target.js';
import type { OnlyAccount } from '../pool/member.js';
import type { InOpenList } from '../transport/open-list.js';
import type { Protocol } from '../protocols/protocol.js';
import type { AccessRecord } from '../../store/records/log.js';
import type { Clock } from '../../store/ground/clock.js';
import type { ClientKey } from '../clients/client-keys.js';
import { modelRefusal, type HeldRequest, type KeyGate } from '../clients/key-gate.js';
import type { ClientResponse } from './listener/client-response.js';
import type { RequestLine } from './request-line.js';
import { type PoolMembers, wantedAccount } from './wanted-account.js';

/** `traffic`: for the upstream; `probe`: it only asks about the proxy itself. */
export type RequestKind = 'traffic' | 'probe';

/** Paths of uploads: their bodies are passed on as they come. */
const UPLOAD = /^\/(?:upload|resumable)\//;

/** How long a client may go on sending a body that is not read any more. */
const LAST_MS = 5_000;

/** One client request while it is served, and what the access log says of it afterwards. */
export class IncomingRequest implements InOpenList {
  place = -1;
  readonly headers: RequestHeaders;
  readonly method: string;
  kind: RequestKind = 'traffic';
  /** The coding of its body, if that is decoded here; null: the body is passed on as it came. */
  decodedFrom: string | null = null;
  /** Set if the request goes to the upstream. */
  forwarding: Forwarding | null = null;
  /** The client's body, if it is read before anything is forwarded. */
  body: RequestBody | null = null;
  /** The name that the client used for the model, if it is not the model's own; null: it is. */
  asked: string | null = null;
  /** The client key that was shown; null: none of ours. */
  key: ClientKey | null = null;
  /** Counts the request against the limits of its key; null: no key was shown. */
  gate: KeyGate | null = null;
  /** How the gate knows this request; null: it does not. */
  private held: HeldRequest | null = null;
  private ownBytes = 0;
  private wasCut = false;
  private servedModel: string | null = null;
  private wanted: OnlyAccount | OwnError | null = null;

  /**
   * @param startedAt - monotonic ms
   * @param begin - lets the client send its body, if it waits for `100 Continue`
   */
  constructor(
    readonly id: string,
    readonly line: RequestLine,
    /** The protocol that the client speaks; on a path that several protocols share, its headers decide. */
    readonly protocol: Protocol,
    readonly request: IncomingMessage,
    readonly response: ClientResponse,
    readonly startedAt: number,
    readonly begin: () => void,
    /** The client's address; null: the client is gone. */
    readonly ip: string | null,
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

  get shown(): Shown {
    return { keys: this.keys, target: this.target?.upstream ?? null };
  }

  /** What the request asks for that this proxy does not do; null: nothing. */
  get unsupported(): Unsupported | null {
    const { unsupported, hasBody, contentLength } = this.headers;
    // An HTTP/1.0 proxy that passed the request on may have taken another place for its end (RFC 9112 §6.1).
    const isChunked = hasBody && contentLength === null;
    return isChunked && this.request.httpVersionMinor === 0 ? 'old_chunks' : unsupported;
  }

  /** Whether the client has left, or has its answer. */
  get hasLeft(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }

  /**
   * Whether it continues something that was begun with a key (an upload, an ephemeral token). Only the client that began
   * it was told its address, which is a secret, and clients send no key with it.
   */
  continues(target: string | null): boolean {
    return target !== null && this.protocol.begunAt(target) !== null;
  }

  /** The model; empty where the request names none, as far as that is known. */
  get model(): string {
    const { model } = this.line;
    // Where the path names no model, a body or a Live session's first message may.
    return this.servedModel ?? (model === '' ? (this.forwarding?.model ?? '') : model);
  }

  /** Notes the model that will be asked, and the client's name for it. */
  names(model: string, asked: string): void {
    this.servedModel = model;
    this.asked = asked === model ? null : asked;
  }

  /** Notes a model that the body names, unless the path names one. */
  namesInBody(model: string, asked: string): void {
    if (this.servedModel === null && this.line.model === '') this.names(model, asked);
  }

  /** Decodes the body if it is compressed, because the upstream wants it wrapped in JSON. */
  unpack(): void {
    const encoding = this.headers.hasBody ? headerIn(this.headers.forwarded, 'content-encoding') : null;
    if (encoding !== null && canDecode(encoding) && !UPLOAD.test(this.path)) this.decodedFrom = encoding;
  }

  /** The headers for the upstream. */
  get forwardedHeaders(): readonly string[] {
    const { forwarded } = this.headers;
    return this.decodedFrom === null ? forwarded : withoutHeader(forwarded, 'content-encoding');
  }

  /** The status that was sent; 0 where the client left before that. */
  get status(): number {
    return this.response.headersSent ? this.response.statusCode : 0;
  }

  /** Bytes of the answer's body handed to the client so far. */
  get bytes(): number {
    return this.forwarding?.reply.bytes ?? this.ownBytes;
  }

  /** Sends an answer of the proxy's own; an error gets the shape of the request's protocol. */
  answer(answer: OwnAnswer | OwnError): void {
    this.ownBytes = send(this.response, this.rendered(answer));
  }

  /**
   * Answers, and then closes the connection. What the client still sends is read and thrown away for a moment first,
   * since a client whose connection is cut while it sends loses the answer.
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

  /**
   * Takes in the keys that it shows. One of them may be let in, and such a key may name the account that is to serve
   * it.
   */
  comesWith(key: ClientKey | null, gate: KeyGate, accounts: PoolMembers): void {
    this.gate = gate;
    this.key = key;
    this.wanted = wantedAccount(key, this.request.rawHeaders, accounts);
  }

  /** Goes to the upstream. @returns what has to be run */
  forwarded(context: RequestContext): Forwarding {
    const { wanted } = this;
    context.only = wanted !== null && 'onlyId' in wanted ? wanted : null;
    return (this.forwarding = new Forwarding(context));
  }

  /**
   * Counts the request with its key.
   *
   * @param model - empty where it names none
   * @returns why the key does not allow it; null: it does
   */
  enter(model: string): OwnError | null {
    const { key, gate, wanted } = this;
    if (key === null || gate === null) return null;
    if (wanted !== null && 'status' in wanted) return wanted;
    this.held = { key, cut: () => this.cut(), place: -1 };
    return gate.enter(this.held, model);
  }

  /** Counts the request out with its key. */
  leaves(): void {
    if (this.held !== null) this.gate?.leave(this.held);
  }

  /** Whether its key may use some models only. */
  get isOfFewModels(): boolean {
    return (this.key?.rules?.models.length ?? 0) > 0;
  }

  /** Why its key may not use a model that its path does not name; null: it may. */
  refusalOf(model: string): OwnError | null {
    return this.key === null ? null : modelRefusal(this.key, model);
  }

  /** Cuts the connection, whatever was sent. */
  private cut(): void {
    this.wasCut = true;
    this.response.destroy();
    this.request.socket.destroy();
  }

  /** The record for the access log. @param endedAt - monotonic ms */
  record(endedAt: number): AccessRecord {
    const { forwarding, line } = this;
    const reply = forwarding?.reply ?? null;
    const ttfbMs = reply?.ttfbMs ?? null;
    const waitedMs = forwarding?.tries.waitedMs ?? 0;
    const group = forwarding?.group ?? null;
    const record: AccessRecord = {
      id: this.id,
      method: this.method,
      path: line.logged,
      model: this.model || null,
      stream: forwarding?.streams ?? false,
      status: this.status,
      account: reply?.account ?? null,
      ms: rounded(endedAt - this.startedAt),
      ttfbMs: ttfbMs === null ? null : rounded(ttfbMs),
      bytes: this.bytes,
      tokens: reply?.tokens ?? null,
      tries: forwarding?.tries.asked ?? 0,
      left: forwarding?.tries.failovers ?? NO_FAILOVERS,
      group,
      waitedMs: rounded(waitedMs),
      streamError: reply?.streamError ?? null,
      key: this.key?.name ?? null,
      ip: this.ip,
      asked: this.asked,
      protocol: this.protocol.name,
      used: reply?.used ?? null,
      asksTokens: group === 'generate',
      broken: this.wasCut || reply?.brokeOff === true,
      held: waitedMs > 0,
    };
    const spent = forwarding?.tries.spent ?? [];
    return spent.length === 0 ? record : { ...record, spent };
  }
}

/**
 * Rounds to 10 µs, which is finer than the clock is exact: a number of three digits is written in a third of the time
 * of one of sixteen.
 */
const rounded = (ms: number): number => Math.round(ms * 100) / 100;

/** The key and target by which a request is let in. */
export interface Shown {
  readonly keys: readonly string[];
  /** The target for the upstream; null: the request names no path. */
  readonly target: string | null;
}
