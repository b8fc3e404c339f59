import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { SendableBody } from '../http/sendable-body.js';
import { type Envelope, enveloped } from '../http/envelope.js';
import { type AnswerHeaders, readAnswerHeaders } from '../http/headers.js';
import type { Timed, IdleLimits, IdleTimeouts } from './idle-timeouts.js';
import type { Clock } from '../../store/ground/clock.js';
import { abortCodes, isStaleConnection, isTimeout, UpstreamFailed } from './upstream-failed.js';

export { isStaleConnection, isTimeout, UpstreamFailed };

/** Where an answer's body goes. */
export interface AnswerSink {
  /** @returns false: no more until `Exchange.resume` */
  chunk(chunk: Buffer): boolean;
  /** The body is whole. `trailers`: names and values in turn, as bytes. */
  end(trailers: readonly Buffer[]): void;
  /** The body broke off. */
  broken(failure: UpstreamFailed): void;
}

/** One request as it goes over the wire. */
export interface OutgoingRequest {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn; without Host and Content-Length. */
  readonly headers: readonly string[];
  /** The connection is to be handed over for another protocol (`websocket`). */
  readonly upgrade?: string;
  /** Put around the client's body. */
  readonly envelope?: Envelope;
}

/** An answer is held back up to this many bytes, until it is decided whether the client gets it. */
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
 * One request to one upstream and what comes of it.
 *
 * The answer is held (the upstream is stopped once 64 kB are) until `deliver` names a sink; so an answer can be looked
 * at, kept in case nothing better comes, or dropped. This is the one place that knows undici's handler: its callbacks
 * with raw headers, which cost neither a stream nor an object of headers.
 */
export class Exchange implements Dispatcher.DispatchHandler, Timed {
  /** 0 until answered. */
  status = 0;
  statusText = '';
  headers: AnswerHeaders = NO_HEADERS;
  /** The connection itself, after a 101. */
  upgraded: Socket | null = null;
  place = -1;

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
  private quietMs = 0;
  /** The upstream was told to wait. */
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
        // A stream's length cannot be seen from outside; without it the body would go out chunked.
        headers: framing
          ? [...request.headers, 'Content-Length', String(body.contentLength + extra)]
          : (request.headers as string[]),
        body: payload,
        upgrade: request.upgrade ?? null,
        // None of its own: `idleTimeouts` is cheaper.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      this,
    );
  }

  /** The answer is complete and all of it is held. */
  get whole(): boolean {
    return this.trailers !== null;
  }

  /** Why the answer broke off after it had begun. */
  get broken(): UpstreamFailed | null {
    return this.failure;
  }

  /** What is held of the body. */
  get heldBody(): Buffer {
    return this.held.length === 1 && this.held[0] !== undefined ? this.held[0] : Buffer.concat(this.held);
  }

  /** Waits until the answer is whole, has broken off, fills what may be held, or `ms` have passed. */
  async hold(clock: Clock, ms: number): Promise<void> {
    for (const until = clock.monotonic() + ms; await this.more(clock, until - clock.monotonic()););
  }

  /** Waits until more of the answer is held, or `ms` have passed. @returns whether there can be more to look at */
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

  /** Hands over what is held, then each chunk as it comes. */
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

  /** Goes on after a sink said stop. */
  resume(): void {
    this.quietMs = 0;
    this.waits = false;
    this.resumeUpstream?.();
  }

  /** Ends the exchange wherever it is; what was still to come is lost, and with it the connection. */
  abort(): void {
    this.upgraded?.destroy();
    if (this.whole || this.failure !== null) return;
    this.sink = null;
    this.held = [];
    this.breakOff(new UpstreamFailed(abortCodes.givenUp, this.received));
  }

  /** A connection that is not there yet has a timeout of its own, and an upstream that has to wait may be silent. */
  passed(ms: number, limits: IdleLimits): void {
    if (this.abortRequest === null || this.waits) return;
    this.quietMs += ms;
    const limit = this.status === 0 ? limits.firstByteMs : limits.idleMs;
    // More than the limit: the first time told began before the silence did.
    if (this.quietMs <= limit) return;
    this.breakOff(new UpstreamFailed(this.status === 0 ? abortCodes.noAnswer : abortCodes.paused, this.received));
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

  /** In a tick of its own, when all of the answer that is already here has been read: a small one goes out in one write. */
  private tellAnswered(): void {
    const tell = this.onAnswered;
    if (tell === null) return;
    this.onAnswered = null;
    process.nextTick(tell, this.status === 0 ? this.failure : null);
  }

  // What follows is called by undici.

  onConnect(abort: (error?: Error) => void): void {
    if (this.failure !== null) abort(this.failure);
    else this.abortRequest = abort;
  }

  onBodySent(): void {
    this.quietMs = 0;
  }

  onHeaders(status: number, headers: Buffer[], resume: () => void, statusText: string): boolean {
    this.quietMs = 0;
    // Interim answers (103 Early Hints) are for this hop's client; Google sends none that means anything.
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

  /** @returns false: no more is held */
  private keep(chunk: Buffer): boolean {
    // as in a request's body: one is the rule
    if (this.held.length === 0) this.held = [chunk];
    else this.held.push(chunk);
    this.heldBytes += chunk.length;
    this.onHeld?.();
    return this.heldBytes < HOLD_BYTES;
  }

  onComplete(trailers: string[] | null): void {
    // undici's types say strings; its HTTP/1.1 parser hands over bytes.
    this.trailers = (trailers ?? []) as unknown as readonly Buffer[];
    this.idleTimeouts?.end(this);
    this.sink?.end(this.trailers);
    this.onHeld?.();
  }

  onError(error: Error): void {
    if (this.failure === null) this.fail(UpstreamFailed.by(error, this.received));
  }
}
