import type { TokensUsed } from '../../store/records/access-record.js';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { headerIn } from '../http/headers.js';
import { BodyRefused } from '../http/rewritten-body.js';
import { type Exchange, UpstreamFailed } from '../transport/exchange.js';
import type { IdleLimits, IdleTimeouts, Timed } from '../transport/idle-timeouts.js';
import { FirstMessage } from './first-message.js';
import { closeFrame, FrameEnds } from './frames.js';
import { SetupModel, TurnTokens } from './said.js';
import type { Session, Sessions } from './sessions.js';

/** A client that asked for a WebSocket. */
export interface LiveClient {
  /** Bytes that it sent right after its request. */
  readonly behind: Buffer;
  /**
   * The subprotocol to answer with if the upstream names none: a browser closes the connection if the server takes none
   * of those offered.
   */
  readonly subprotocol: string | null;
  readonly sessions: Sessions;
  /**
   * Puts the model that is meant into the client's first message; null: that passes as it is. Throws
   * {@link BodyRefused} where the model may not be used.
   */
  readonly rewriteSetup: ((message: Buffer) => Buffer) | null;
}

/** Close codes of RFC 6455 §7.4.1. */
const LONGEST_REASON_BYTES = 123;
const [GOING_AWAY, POLICY_VIOLATION, RESTART] = [1001, 1008, 1012] as const;

/**
 * A WebSocket between a client and the upstream that accepted it: bytes in both directions as they come, at the pace of
 * the slower side. Only the ends of frames are noted, so that a frame of our own can be put between two.
 */
export class LiveAnswer implements Session, Timed {
  /** Bytes handed to the client so far. */
  bytes = 0;
  /** Always null: errors in a session are not looked for. */
  readonly streamError = null;
  /** Always null: it cannot be sent again. */
  readonly unheard = null;
  place = -1;
  private readonly client: Socket;
  private readonly upstream: Socket;
  private readonly setup = new SetupModel();
  private readonly turns = new TurnTokens();
  private readonly ends = new FrameEnds();
  private quietMs = 0;
  private isOver = false;
  /** null: all that the client says passes as it comes. */
  private readonly first: FirstMessage | null;
  /** The close frame that is sent after the current frame. */
  private closing: Buffer | null = null;

  /** @param done - called once, when the session has ended: with why it broke off, or null */
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
    this.first = live.rewriteSetup === null ? null : new FirstMessage(live.rewriteSetup);
  }

  /** The tokens that all turns used, as the upstream said; null: it said nothing. */
  get tokens(): number | null {
    return this.turns.total;
  }

  /** The same by kind; null: the upstream did not say. */
  get used(): TokensUsed | null {
    return this.turns.used;
  }

  /** The model that the setup message named; empty where it named none. */
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
    // it closed its side before there was anybody to hear it
    if (client.readableEnded) upstream.end();
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
    if (this.first?.isOver !== false) this.toUpstream(chunk);
    else if (this.closing === null) this.firstFromClient(this.first, chunk);
  }

  private toUpstream(chunk: Buffer): void {
    this.setup.push(chunk);
    if (!this.upstream.write(chunk)) this.client.pause();
  }

  /** A setup that may not be sent ends the session, and goes nowhere. */
  private firstFromClient(first: FirstMessage, chunk: Buffer): void {
    try {
      for (const piece of first.push(chunk)) this.toUpstream(piece);
    } catch (error) {
      if (!(error instanceof BodyRefused)) throw error;
      this.close(closeFrame(POLICY_VIOLATION, error.message.slice(0, LONGEST_REASON_BYTES)));
    }
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

  /** Ends the session from our side, between two frames. */
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
