import type net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import split from 'split2';
import * as v from 'valibot';
import type { RunningSupervisor } from '../proxy/contract/supervisor.js';
import type { Progress } from '../proxy/contract/operations.js';
import { jsonOf } from '../store/ground/json.js';
import type { Broadcast, Receiver } from './broadcast.js';
import {
  EnvelopeSchema,
  isRequestName,
  LONGEST_LINE,
  type Greeting,
  type ControlReply,
  type RequestName,
} from './protocol.js';
import { answerTo } from './requests.js';
import { messageOf } from '../store/ground/errors.js';

/** How many requests of one client are worked on at a time; the next ones wait in its socket. */
const MOST_UNDER_WAY = 8;

/** If it has not taken more than this, a client is sent no news, and its requests are not read. */
const BEHIND_BYTES = 262_144;

/** A client that leaves more than this unread is disconnected: no client of ours does. */
const HOPELESS_BYTES = 67_108_864;

/**
 * One client of the control socket. It can hold up only itself: it is read no faster than it is answered, it is sent no
 * more than it takes, and the first line that is no request ends it.
 */
export class Connection implements Receiver {
  private readonly underWay = new Set<Promise<void>>();
  private wake: () => void = () => undefined;

  constructor(
    private readonly socket: net.Socket,
    private readonly supervisor: RunningSupervisor,
    private readonly broadcast: Broadcast,
  ) {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      broadcast.remove(this);
      this.wake();
    });
    socket.on('drain', () => {
      this.wake();
      broadcast.ready(this);
    });
  }

  get isBehind(): boolean {
    return this.socket.destroyed || this.socket.writableLength > BEHIND_BYTES;
  }

  send(line: string): void {
    if (this.socket.destroyed || !this.socket.writable) return;
    this.socket.write(`${line}\n`);
    if (this.socket.writableLength > HOPELESS_BYTES) this.socket.destroy();
  }

  /** Greets the client and answers it until it leaves. Never rejects. */
  async serve(greeting: Greeting): Promise<void> {
    this.send(JSON.stringify(greeting));
    const lines = this.socket.pipe(split({ maxLength: LONGEST_LINE }));
    this.socket.once('close', () => lines.destroy());
    try {
      for await (const line of lines) await this.take(String(line));
    } catch {
      // too long a line, no request, or the client is gone
    }
    this.socket.destroySoon();
  }

  /** Sends a last line and closes the connection. */
  close(): void {
    if (this.broadcast.isTold(this)) this.send(JSON.stringify({ push: 'farewell' }));
    this.socket.end();
    this.socket.destroySoon();
  }

  private async take(line: string): Promise<void> {
    const { id, request, arguments: given } = v.parse(EnvelopeSchema, jsonOf(line));
    const answering = this.answer(id, request, given).finally(() => this.underWay.delete(answering));
    this.underWay.add(answering);
    // otherwise many lines in one read would all be answered at once, while all others wait
    await nextTurn();
    if (this.underWay.size >= MOST_UNDER_WAY) await Promise.race(this.underWay);
    while (this.isBehind && !this.socket.destroyed) await new Promise<void>((resolve) => (this.wake = resolve));
  }

  private async answer(id: number, request: string, given: readonly unknown[]): Promise<void> {
    const reply = (message: ControlReply): void => this.send(JSON.stringify(message));
    if (!isRequestName(request)) {
      const message = `this regrant does not know "${request.slice(0, 40)}"`;
      reply({ id, error: { code: 'UNKNOWN_REQUEST', message } });
      return;
    }
    try {
      const result = await this.work(request, given, (progress) => reply({ id, progress }));
      reply({ id, result: result ?? null });
    } catch (error) {
      reply({ id, error: { code: codeOf(error), message: messageOf(error) } });
    }
  }

  private work(request: RequestName, given: readonly unknown[], progress: (news: Progress) => void): unknown {
    if (request !== 'subscribe') return answerTo(this.supervisor, request, given, progress);
    this.broadcast.add(this);
    return null;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'FAILED';
