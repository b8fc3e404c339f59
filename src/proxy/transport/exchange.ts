import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { SendableBody } from '../http/sendable-body.js';
import { enveloped } from '../http/envelope.js';
import { type AnswerHeaders, readAnswerHeaders } from '../http/headers.js';
import type { Timed, IdleLimits, IdleTimeouts } from './idle-timeouts.js';
import type { Clock } from '../../store/ground/clock.js';
import type { Unheard } from './connections/acknowledgements.js';
import type { Carried, KeptConnection } from './connections/kept-connection.js';
import type { OutgoingRequest } from './outgoing-request.js';
import { abortCodes, isDeadConnection, isStaleConnection, isTimeout, UpstreamFailed } from './upstream-failed.js';
import { systemCode } from '../../store/ground/errors.js';

export { isDeadConnection, isStaleConnection, isTimeout, UpstreamFailed };

/** Where an answer's body goes. */
export interface AnswerSink {
  /** Takes the next bytes. @returns false: send no more until `Exchange.resume` */
  chunk(chunk: Buffer): boolean;
  /** The body is whole. `trailers`: names and values alternating, as bytes. */
  end(trailers: readonly Buffer[]): void;
  /** The body broke off. */
  broken(failure: UpstreamFailed): void;
}

/** How many bytes of an answer are held back, until it is decided whether the client gets it. */
const HOLD_BYTES = 65_536;

const NO_HEADERS: AnswerHeaders = {
  forwarded: [],
  contentLength: null,
  contentType: '',
  contentEncoding: '',
  retryAfter: null,
  leadsOn: false,
};

/**
 * One request to one upstream, and its answer.
 *
 * The answer is held (after 64 kB the upstream is made to wait) until `deliver` names a sink; so an answer can be
 * looked at, kept in case nothing better comes, or dropped. Only this class uses undici's handler interface: its
 * callbacks get raw headers, which cost neither a stream nor an object of headers.
 */
export class Exchange implements Dispatcher.DispatchHandler, Timed, Carried, Unheard {
  /** 0 until the answer's headers have come. */
  status = 0;
  statusText = '';
  headers: AnswerHeaders = NO_HEADERS;
  /** The connection itself, after a 101. */
  upgraded: Socket | null = null;
  place = -1;
  carrier: KeptConnection | null = null;
  isSent = false;
  isTaken = false;
  quietMs = 0;

  private held: Buffer[] = [];
  private heldBytes = 0;
  private received = 0;
  private trailers: readonly Buffer[] | null = null;
  private failure: UpstreamFailed | null = null;
  private sink: AnswerSink | null = null;
  private resumeUpstream: (() => void) | null = null;
  private abortRequest: ((error?: Error) => void) | null = null;
  private onHeld: (() => void) | null = null;
  private onAnswered: ((failure: UpstreamFailed | null) => void) | null = null;
  private idleTimeouts: IdleTimeouts | null = null;
  private body: SendableBody | null = null;
  /** Whether the upstream is made to wait. */
  private waits = false;

  /**
   * Sends the request.
   *
   * @param idleTimeouts - ends the exchange when nothing has come for too long
   * @param onAnswered - called once, never at once: status and headers are here, with what came along of the body; or why
   *   there will be none
   */
  send(
    dispatcher: Dispatcher,
    request: OutgoingRequest,
    body: SendableBody,
    idleTimeouts: IdleTimeouts,
    onAnswered: (failure: UpstreamFailed | null) => void,
  ): void {
    this.onAnswered = onAnswered;
    this.body = body;
    const { envelope } = request;
    const payload = envelope === undefined ? body.open() : enveloped(body.open(), envelope);
    this.idleTimeouts = idleTimeouts;
    idleTimeouts.begin(this);
    const framing = payload instanceof Readable && body.contentLength !== null && envelope?.fit === undefined;
    const extra = envelope === undefined ? 0 : envelope.before.length + envelope.after.length;
    dispatcher.dispatch(
      {
        method: request.method,
        path: request.path,
        // undici cannot see a stream's length; without it the body would be sent chunked.
        headers: framing
          ? [...request.headers, 'Content-Length', String(body.contentLength + extra)]
          : (request.headers as string[]),
        body: payload,
        upgrade: request.upgrade ?? null,
        // No timeouts of undici's own: `idleTimeouts` costs less.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      this,
    );
  }

  /** Whether the answer is complete and all of it is held. */
  get whole(): boolean {
    return this.trailers !== null;
  }

  /** Why the answer broke off after it had begun; null: it did not. */
  get broken(): UpstreamFailed | null {
    return this.failure;
  }

  /** The part of the body that is held. */
  get heldBody(): Buffer {
    return this.held.length === 1 && this.held[0] !== undefined ? this.held[0] : Buffer.concat(this.held);
  }

  /** Waits until the answer is whole, has broken off, is as long as may be held, or `ms` have passed. */
  async hold(clock: Clock, ms: number): Promise<void> {
    for (const until = clock.monotonic() + ms; await this.more(clock, until - clock.monotonic()););
  }

  /** Waits until more of the answer is held, or `ms` have passed. @returns whether yet more may come */
  async more(clock: Clock, ms: number): Promise<boolean> {
    if (this.whole || this.failure !== null || this.heldBytes >= HOLD_BYTES) return false;
    const before = this.heldBytes;
    let cancel = (): void => undefined;
    await new Promise<void>((resolve) => {
      cancel = clock.after(ms, resolve);
      this.onHeld = resolve;
    });
    cancel();
    this.onHeld = null;
    return this.heldBytes > before || this.whole;
  }

  /** Gives a sink what is held, then each chunk as it comes. */
  deliver(sink: AnswerSink): void {
    let goOn = true;
    for (const chunk of this.held) goOn = sink.chunk(chunk);
    this.held = [];
    if (this.trailers !== null) sink.end(this.trailers);
    else if (this.failure !== null) sink.broken(this.failure);
    else {
      this.sink = sink;
      if (goOn) this.resume();
    }
  }

  /** Goes on after a sink had asked to wait. */
  resume(): void {
    this.quietMs = 0;
    this.waits = false;
    this.resumeUpstream?.();
  }

  /** Ends the exchange at any point; what was still to come is lost, and so is the connection. */
  abort(): void {
    this.upgraded?.destroy();
    if (this.whole || this.failure !== null) return;
    this.sink = null;
    this.held = [];
    this.breakOff(new UpstreamFailed(abortCodes.givenUp, this.received));
  }

  /**
   * Ends the exchange if it has been silent too long. Not while it connects, which has a timeout of its own, nor while
   * the upstream is made to wait.
   */
  passed(ms: number, limits: IdleLimits): void {
    if (this.abortRequest === null || this.waits) return;
    this.quietMs += ms;
    const limit = this.status === 0 ? limits.firstByteMs : limits.idleMs;
    // Compared with "more than": the first period that is counted began before the silence did.
    if (this.quietMs <= limit) return;
    this.breakOff(new UpstreamFailed(this.status === 0 ? abortCodes.noAnswer : abortCodes.paused, this.received));
  }

  get unheard(): Unheard | null {
    const isHeard = this.status > 0 || this.isTaken || this.abortRequest === null;
    return isHeard || this.body?.replayable !== true ? null : this;
  }

  unacknowledged(): void {
    if (this.unheard !== null) this.breakOff(new UpstreamFailed(abortCodes.unacknowledged, 0));
  }

  private breakOff(failure: UpstreamFailed): void {
    this.fail(failure);
    this.abortRequest?.(failure);
  }

  private fail(failure: UpstreamFailed): void {
    this.failure = failure;
    this.idleTimeouts?.end(this);
    this.tellAnswered();
    this.sink?.broken(failure);
    this.onHeld?.();
  }

  /**
   * Calls `onAnswered` in a tick of its own, when all of the answer that has come already was read: a small answer is
   * then sent in one write.
   */
  private tellAnswered(): void {
    const tell = this.onAnswered;
    if (tell === null) return;
    this.onAnswered = null;
    process.nextTick(tell, this.status === 0 ? this.failure : null);
  }

  // The methods from here on are called by undici.

  onConnect(abort: (error?: Error) => void): void {
    if (this.failure !== null) abort(this.failure);
    else this.abortRequest = abort;
  }

  onBodySent(): void {
    this.quietMs = 0;
  }

  onRequestSent(): void {
    this.isSent = true;
  }

  onHeaders(status: number, headers: Buffer[], resume: () => void, statusText: string): boolean {
    this.quietMs = 0;
    // Interim answers (103 Early Hints) are meant for this connection only; Google sends none of use.
    if (status < 200) return true;
    this.status = status;
    this.statusText = statusText;
    this.headers = readAnswerHeaders(headers);
    this.resumeUpstream = resume;
    this.tellAnswered();
    return true;
  }

  onUpgrade(status: number, headers: Buffer[] | string[] | null, socket: Socket): void {
    this.upgraded = socket;
    socket.on('error', () => undefined);
    this.status = status;
    this.headers = readAnswerHeaders((headers ?? []) as Buffer[]);
    this.trailers = [];
    this.idleTimeouts?.end(this);
    this.tellAnswered();
  }

  onData(chunk: Buffer): boolean {
    this.quietMs = 0;
    this.received += chunk.length;
    const goOn = this.sink === null ? this.keep(chunk) : this.sink.chunk(chunk);
    this.waits = !goOn;
    return goOn;
  }

  /** @returns false: no more can be held */
  private keep(chunk: Buffer): boolean {
    // as in a request's body: most have one chunk
    if (this.held.length === 0) this.held = [chunk];
    else this.held.push(chunk);
    this.heldBytes += chunk.length;
    this.onHeld?.();
    return this.heldBytes < HOLD_BYTES;
  }

  onComplete(trailers: string[] | null): void {
    // undici's types say strings; its HTTP/1.1 parser gives bytes.
    this.completed((trailers ?? []) as unknown as readonly Buffer[]);
  }

  private completed(trailers: readonly Buffer[]): void {
    this.trailers = trailers;
    this.idleTimeouts?.end(this);
    this.sink?.end(trailers);
    this.onHeld?.();
  }

  onError(error: Error): void {
    // undici misses the body that a 204 or 304 cannot have, where it has the length of one (RFC 9110 §8.6 allows it a 304)
    const isBodiless = this.status === 204 || this.status === 304;
    if (isBodiless && systemCode(error) === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') this.completed([]);
    else if (this.failure === null) this.fail(UpstreamFailed.by(error, this.received));
  }
}
