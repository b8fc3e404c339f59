import { Readable } from 'node:stream';
import { piecesOf, type SendableBody } from './sendable-body.js';
import type { BodySource } from './decoded-body.js';
import { CodedError } from '../../store/ground/errors.js';

/** The body of a request is larger than `proxy.maxRequestBytes`. */
export class BodyTooLarge extends CodedError {
  readonly code = 'BODY_TOO_LARGE';

  constructor(readonly maxBytes: number) {
    super(`the request's body is over ${maxBytes} bytes (proxy.maxRequestBytes)`);
  }
}

/** The client sent nothing more of its body for too long. */
export class BodyTooSlow extends CodedError {
  readonly code = 'BODY_TOO_SLOW';

  constructor(readonly idleMs: number) {
    super(`nothing more of the request's body came for ${idleMs / 1000} s`);
  }
}

/** The client went away before its request was whole. */
export class ClientLeft extends CodedError {
  readonly code = 'CLIENT_LEFT';

  constructor() {
    super('the client closed the connection before it had an answer');
  }
}

/** How many bytes all request bodies together may keep in memory to be sent again. */
export class ReplayBudget {
  private used = 0;

  constructor(private readonly limitBytes: number) {}

  take(bytes: number): boolean {
    if (this.used + bytes > this.limitBytes) return false;
    this.used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.used -= bytes;
  }
}

export interface BodyLimits {
  /** `proxy.maxRequestBytes`: more is refused. */
  readonly maxBytes: number;
  /** `proxy.replayBytes`: a body up to this size is kept, so that another account can be asked with it. */
  readonly replayBytes: number;
  readonly budget: ReplayBudget;
  /** How long a client may pause while it is sending. */
  readonly idleMs: number;
}

/** A body this small is sent in one write; copying a larger one into one buffer costs more than passing its chunks. */
const ONE_BUFFER_BYTES = 262_144;

/**
 * A client's request body, which can be sent to one upstream after another as long as all of it is kept.
 *
 * Up to `replayBytes` it is collected before anything is sent: then a slow client does not occupy an account, and after
 * any failure another account can be tried. A longer one streams at the upstream's pace, and is gone once it was read.
 */
export class RequestBody implements SendableBody {
  private chunks: Buffer[] = [];
  /** All chunks in one buffer, once somebody looked at it; null: nobody did. */
  private joined: Buffer | null = null;
  /** Index in `chunks` of what the open stream reads next. */
  private next = 0;
  private received = 0;
  private budgeted = 0;
  private ended: boolean;
  /** Whether everything that was received is still in `chunks`. */
  private kept = true;
  private listening = false;
  private awaited = false;
  private timed = false;
  private abandoned = false;
  private failed: Error | null = null;
  private stream: Readable | null = null;
  private waiting: ((error: Error | null) => void) | null = null;

  /**
   * @param contentLength - within `maxBytes`; null: chunked, or no body
   * @param begin - called once, just before the first byte is read from the client (for `100 Continue`)
   */
  constructor(
    private readonly request: BodySource,
    readonly contentLength: number | null,
    private readonly limits: BodyLimits,
    hasBody: boolean,
    private readonly begin: () => void,
  ) {
    this.ended = !hasBody;
  }

  /** Whether it can be sent (again): everything that was received is still there. */
  get replayable(): boolean {
    return this.kept && this.failed === null;
  }

  /** Why the body can never become whole; null: it still can. */
  get failure(): Error | null {
    return this.failed;
  }

  /**
   * Calls `done` when the body is whole or too large to be kept; at once where nothing needs to be waited for.
   *
   * @param done - null, or {@link BodyTooLarge}, {@link BodyTooSlow}, {@link ClientLeft}
   */
  gather(done: (error: Error | null) => void): void {
    if (this.failed !== null || this.ended || (this.contentLength ?? 0) > this.limits.replayBytes) {
      done(this.failed);
      return;
    }
    this.waiting = done;
    this.listen();
    // Most bodies come in one packet with their headers: these never have to wait.
    process.nextTick(expectRest, this);
  }

  /** What was received and is kept; null: nothing. */
  front(): Buffer | null {
    return this.stream === null ? this.whole() : Buffer.concat(this.chunks);
  }

  /** The body for one try, from its first byte; null where it is empty. To be called only while it is `replayable`. */
  open(): Buffer | Readable | null {
    this.stream?.destroy();
    if (this.ended && this.received <= ONE_BUFFER_BYTES) return this.whole();
    this.next = 0;
    this.stream = new Readable({
      highWaterMark: 65_536,
      read: () => this.feed(),
      destroy: (error, callback) => {
        this.stream = null;
        if (this.abandoned) this.discard();
        else if (!this.ended) this.hold();
        callback(error);
      },
    });
    return this.stream;
  }

  /** All that is kept, joined into one chunk. */
  private whole(): Buffer | null {
    if (this.joined !== null && this.joined.length === this.received) return this.joined;
    if (this.chunks.length <= 1) return this.chunks[0] ?? null;
    this.joined = Buffer.concat(this.chunks);
    // in one piece of megabytes it would count as sent while the upstream takes nothing of it
    this.chunks = piecesOf(this.joined);
    return this.joined;
  }

  /**
   * No further try will be made: what is kept is released as soon as the current try has read it, and what still comes
   * is thrown away.
   */
  abandon(): void {
    if (this.abandoned) return;
    this.abandoned = true;
    this.letGo();
    if (this.stream === null) this.discard();
  }

  /** The body will never be whole: callers that wait for it or read it are given the reason. */
  fail(error: Error): void {
    if (this.failed !== null || this.ended) return;
    this.failed = error;
    this.stream?.destroy(error);
    this.abandon();
    this.tellWaiting();
  }

  private tellWaiting(): void {
    const tell = this.waiting;
    this.waiting = null;
    tell?.(this.failed);
  }

  private listen(): void {
    if (this.listening) return;
    this.listening = true;
    this.begin();
    // a stream that was asked gives each chunk as it comes, instead of keeping it for a later turn
    this.request.read(0);
    this.request.on('data', (chunk: Buffer) => this.take(chunk));
    // If the length is known, the last byte is the end.
    if (this.contentLength === null) this.request.on('end', () => this.finish());
  }

  private take(chunk: Buffer): void {
    if (this.abandoned && this.stream === null) return;
    this.received += chunk.length;
    if (this.received > this.limits.maxBytes) {
      this.fail(new BodyTooLarge(this.limits.maxBytes));
      return;
    }
    const room = this.kept && this.received <= this.limits.replayBytes && this.limits.budget.take(chunk.length);
    if (room) this.budgeted += chunk.length;
    // most bodies have one chunk, and a list that grows reserves room for seventeen
    if (this.chunks.length === 0) this.chunks = [chunk];
    else this.chunks.push(chunk);
    if (this.stream !== null && !room) this.letGo();
    if (this.received === this.contentLength) {
      this.finish();
    } else if (this.stream !== null) {
      this.feed();
    } else if (!room) {
      // Too much to keep, but none of it may be lost: reading stops until a stream is opened.
      this.hold();
      this.tellWaiting();
    } else if (this.awaited) this.expectMore();
  }

  private finish(): void {
    if (this.ended) return;
    this.ended = true;
    this.stopClock();
    if (this.stream !== null) this.feed();
    this.tellWaiting();
  }

  /** Gives the open stream what there is, as long as it takes more; then reads the rest from the client. */
  private feed(): void {
    const stream = this.stream;
    if (stream === null || stream.destroyed) return;
    for (let chunk = this.chunks[this.next]; chunk !== undefined; chunk = this.chunks[this.next]) {
      if (this.kept) this.next += 1;
      else this.chunks.shift();
      if (!stream.push(chunk)) {
        if (!this.ended) this.hold();
        return;
      }
    }
    if (this.ended) {
      stream.push(null);
    } else {
      this.listen();
      this.expectMore();
    }
  }

  /** Stops reading from the client: the upstream is the slower side now, so the client's time-out does not run. */
  private hold(): void {
    this.request.pause();
    this.stopClock();
  }

  private expectMore(): void {
    if (!this.awaited) {
      this.awaited = true;
      this.request.on('error', () => this.fail(new ClientLeft()));
      this.request.on('timeout', () => this.fail(new BodyTooSlow(this.limits.idleMs)));
    }
    this.timed = true;
    this.request.socket.setTimeout(this.limits.idleMs);
    this.request.resume();
  }

  /** The body's bytes that came together with the headers have been read. */
  expectRest(): void {
    if (this.waiting !== null) this.expectMore();
  }

  private stopClock(): void {
    if (!this.timed) return;
    this.timed = false;
    this.request.socket.setTimeout(0);
  }

  /** Keeps only what the open stream has not read yet. */
  private letGo(): void {
    if (!this.kept) return;
    this.kept = false;
    this.limits.budget.give(this.budgeted);
    this.budgeted = 0;
    this.chunks = this.stream === null ? [] : this.chunks.slice(this.next);
    this.joined = null;
    this.next = 0;
  }

  /** Goes on reading without keeping anything, so that the client can finish its upload and see the answer. */
  private discard(): void {
    this.chunks = [];
    if (this.ended) return;
    this.stopClock();
    this.request.on('error', () => undefined);
    this.request.resume();
  }
}

const expectRest = (body: RequestBody): void => body.expectRest();
