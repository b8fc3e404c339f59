import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { RequestBody } from './body.js';
import { type Envelope, enveloped } from './envelope.js';
import { type AnswerHeaders, readAnswerHeaders } from './headers.js';
import { networkWords } from './network-words.js';
import type { Clock } from '../store/clock.js';
import { RegrantError, systemCode } from '../store/errors.js';

const GIVEN_UP = 'UND_ERR_ABORTED';

/** No answer, or no whole one, came from an upstream. */
export class UpstreamFailed extends RegrantError {
  readonly code = 'UPSTREAM_FAILED';

  constructor(
    /** The system's or undici's code: `ECONNREFUSED`, `UND_ERR_HEADERS_TIMEOUT`, … */
    readonly reason: string,
    /** Bytes of the answer that had come. */
    readonly receivedBytes: number,
    /** What happened; it may go to a client, so it names no address and no account. */
    words: string = networkWords[reason] ?? `the exchange failed (${reason})`,
  ) {
    super(words);
  }

  /** What broke off, as the code that came with it says. */
  static by(error: Error, receivedBytes: number): UpstreamFailed {
    const code = systemCode(error) || error.name;
    // The outbound proxy's own words are ours, and name its status only.
    return new UpstreamFailed(code, receivedBytes, code === 'EPROXY' ? error.message : undefined);
  }

  /** The account's credentials cannot be sent: nothing was asked. */
  get isUnsendable(): boolean {
    return this.reason === 'UND_ERR_INVALID_ARG';
  }

  /** It was ended from here. */
  get givenUp(): boolean {
    return this.reason === GIVEN_UP;
  }
}

/** Codes of a connection that was closed under a request: what a kept-alive connection does that the other side had just given up. */
const closedUnderUs: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** The connection ended before a byte of the answer; a new one may well do. */
export const isStaleConnection = (failure: UpstreamFailed): boolean =>
  failure.receivedBytes === 0 && closedUnderUs.has(failure.reason);

export const isTimeout = (failure: UpstreamFailed): boolean => /TIMEOUT|TIMEDOUT/.test(failure.reason);

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
export class Exchange implements Dispatcher.DispatchHandler {
  /** 0 until answered. */
  status = 0;
  statusText = '';
  headers: AnswerHeaders = NO_HEADERS;

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

  /**
   * Sends the request.
   *
   * @param onAnswered - called once, never at once: status and headers are here, with what came along of the body; or why
   *   there will be none
   */
  send(
    dispatcher: Dispatcher,
    request: OutgoingRequest,
    body: RequestBody,
    timeouts: Timeouts,
    onAnswered: (failure: UpstreamFailed | null) => void,
  ): void {
    this.onAnswered = onAnswered;
    const { envelope } = request;
    const payload = envelope === undefined ? body.open() : enveloped(body.open(), envelope);
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
        headersTimeout: timeouts.firstByteMs,
        bodyTimeout: timeouts.idleMs,
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
    if (this.whole || this.failure !== null || this.heldBytes >= HOLD_BYTES) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      this.onHeld = () => {
        cancel();
        resolve();
      };
    });
    this.onHeld = null;
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
    this.resumeUpstream?.();
  }

  /** Ends the exchange wherever it is; what was still to come is lost, and with it the connection. */
  abort(): void {
    if (this.whole || this.failure !== null) return;
    this.failure = new UpstreamFailed(GIVEN_UP, this.received);
    this.sink = null;
    this.held = [];
    this.tellAnswered();
    this.onHeld?.();
    this.abortRequest?.(this.failure);
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

  onHeaders(status: number, headers: Buffer[], resume: () => void, statusText: string): boolean {
    // Interim answers (103 Early Hints) are for this hop's client; Google sends none that means anything.
    if (status < 200) return true;
    this.status = status;
    this.statusText = statusText;
    this.headers = readAnswerHeaders(headers);
    this.resumeUpstream = resume;
    this.tellAnswered();
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.received += chunk.length;
    if (this.sink !== null) return this.sink.chunk(chunk);
    // as in a request's body: one is the rule
    if (this.held.length === 0) this.held = [chunk];
    else this.held.push(chunk);
    this.heldBytes += chunk.length;
    if (this.heldBytes < HOLD_BYTES) return true;
    this.onHeld?.();
    return false;
  }

  onComplete(trailers: string[] | null): void {
    // undici's types say strings; its HTTP/1.1 parser hands over bytes.
    this.trailers = (trailers ?? []) as unknown as readonly Buffer[];
    this.sink?.end(this.trailers);
    this.onHeld?.();
  }

  onError(error: Error): void {
    if (this.failure !== null) return;
    this.failure = UpstreamFailed.by(error, this.received);
    this.tellAnswered();
    this.sink?.broken(this.failure);
    this.onHeld?.();
  }
}

export interface Timeouts {
  /** Until a connection stands. */
  readonly connectMs: number;
  /** From the whole request to the first byte of the answer: a model may think for minutes. */
  readonly firstByteMs: number;
  /** Between two reads of the answer. */
  readonly idleMs: number;
}
