import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { headerIn } from '../http/headers.js';
import { type Exchange, UpstreamFailed } from '../transport/exchange.js';
import type { IdleLimits, IdleTimeouts, Timed } from '../transport/idle-timeouts.js';
import { closeFrame, FrameEnds } from './frames.js';
import { SetupModel, TurnTokens } from './said.js';
import type { Session, Sessions } from './sessions.js';

/** A client that asked for a WebSocket. */
export interface LiveClient {
  /** What it sent already behind its request. */
  readonly behind: Buffer;
  /** The subprotocol it is told where the upstream names none: a browser hangs up on a server that took none of those offered. */
  readonly subprotocol: string | null;
  readonly sessions: Sessions;
}

/** RFC 6455 §7.4.1. */
const [GOING_AWAY, RESTART] = [1001, 1012] as const;

/**
 * A WebSocket between a client and the upstream that took it: bytes both ways as they come, at the pace of the slower side.
 * Of frames only the ends are followed, so that one of our own can be put between two.
 */
export class LiveAnswer implements Session, Timed {
  /** Bytes handed to the client so far. */
  bytes = 0;
  /** Its errors are the session’s own. */
  readonly streamError = null;
  /** Of a session only the sums of its turns are read. */
  readonly used = null;
  place = -1;
  private readonly client: Socket;
  private readonly upstream: Socket;
  private readonly setup = new SetupModel();
  private readonly turns = new TurnTokens();
  private readonly ends = new FrameEnds();
  private quietMs = 0;
  private isOver = false;
  /** The close frame that goes out behind the frame under way. */
  private closing: Buffer | null = null;

  /** @param done - called once, when the session is over: why it broke off, or null */
  constructor(
    private readonly response: ServerResponse,
    private readonly exchange: Exchange,
    private readonly live: LiveClient,
    private readonly idleTimeouts: IdleTimeouts,
    private readonly done: (failure: UpstreamFailed | null) => void,
  ) {
    if (response.socket === null || exchange.upgraded === null) throw new Error('no connection to relay');
    this.client = response.socket;
    this.upstream = exchange.upgraded;
  }

  /** What the turns used, as the upstream said; null: it said nothing. */
  get tokens(): number | null {
    return this.turns.total;
  }

  /** The model that the setup named; empty where none was. */
  get model(): string {
    return this.setup.model;
  }

  start(): void {
    this.live.sessions.begin(this);
    this.idleTimeouts.begin(this);
    this.sendHead();
    const { client, upstream } = this;
    client.setTimeout(0);
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    client.on('data', (chunk: Buffer) => this.fromClient(chunk));
    client.on('drain', () => upstream.resume());
    client.on('end', () => upstream.end());
    client.on('close', () => this.over(null));
    upstream.on('data', (chunk: Buffer) => this.fromUpstream(chunk));
    upstream.on('drain', () => client.resume());
    upstream.on('end', () => client.end());
    upstream.on('close', (failed) => this.over(failed ? new UpstreamFailed('ECONNRESET', this.bytes) : null));
    if (this.live.behind.length > 0) this.fromClient(this.live.behind);
    client.resume();
    upstream.resume();
  }

  restart(): void {
    this.close(closeFrame(RESTART, 'regrant restarts'));
  }

  destroy(): void {
    this.client.destroy();
    this.upstream.destroy();
  }

  passed(ms: number, { idleMs }: IdleLimits): void {
    this.quietMs += ms;
    if (this.quietMs > idleMs) this.close(closeFrame(GOING_AWAY, 'nothing came for too long'));
  }

  private sendHead(): void {
    const { response, live } = this;
    const headers = [...this.exchange.headers.forwarded, 'Connection', 'Upgrade', 'Upgrade', 'websocket'];
    if (live.subprotocol !== null && headerIn(headers, 'sec-websocket-protocol') === null) {
      headers.push('Sec-WebSocket-Protocol', live.subprotocol);
    }
    response.sendDate = false;
    response.writeHead(101, headers);
    response.flushHeaders();
  }

  private fromClient(chunk: Buffer): void {
    this.quietMs = 0;
    this.setup.push(chunk);
    if (!this.upstream.write(chunk)) this.client.pause();
  }

  private fromUpstream(chunk: Buffer): void {
    this.quietMs = 0;
    this.turns.push(chunk);
    const end = this.ends.push(chunk);
    if (this.closing !== null && end >= 0) this.endWith(chunk.subarray(0, end), this.closing);
    else this.toClient(chunk);
  }

  private toClient(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (!this.client.write(chunk)) this.upstream.pause();
  }

  /** Ends the session from here, between two frames. */
  private close(frame: Buffer): void {
    if (this.closing !== null) return;
    this.closing = frame;
    if (this.ends.isBetween) this.endWith(Buffer.alloc(0), frame);
  }

  private endWith(last: Buffer, frame: Buffer): void {
    this.upstream.removeAllListeners('data');
    this.bytes += last.length;
    if (last.length > 0) this.client.write(last);
    this.client.end(frame);
    this.upstream.destroy();
  }

  private over(failure: UpstreamFailed | null): void {
    if (this.isOver) return;
    this.isOver = true;
    this.idleTimeouts.end(this);
    this.live.sessions.end(this);
    this.done(failure);
    if (this.client.destroyed) this.upstream.destroy();
    else this.client.end();
  }
}
