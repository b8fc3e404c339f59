import type net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as v from 'valibot';
import type { RunningSupervisor } from '../proxy/contract/supervisor.js';
import { PredecessorNewsSchema } from '../proxy/contract/succession/handover.js';
import type { Progress } from '../proxy/contract/operations.js';
import { jsonOf } from '../store/ground/json.js';
import { LineSplitter } from '../store/ground/text/line-splitter.js';
import type { Broadcast, Receiver } from './broadcast.js';
import { HeldLines } from './held-lines.js';
import { linesOf, pagesOf, Whole } from './pages.js';
import {
  AheadSchema,
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

/** What a client may send ahead of its requests, bytes (the ids of 400,000 accounts), and as one message in parts. */
const MOST_AHEAD_BYTES = 16_777_216;

/** A client that leaves more than this unread is disconnected: no client of ours does. */
const HOPELESS_BYTES = 67_108_864;

/**
 * One client of the control socket. It can hold up only itself: it is read little faster than it is answered, it is sent
 * no more than it takes, and the first line that is no request ends it. What it asked Google for ends with it.
 */
export class Connection implements Receiver {
  private readonly underWay = new Set<Promise<void>>();
  private readonly ahead = new Map<number, unknown[]>();
  private aheadBytes = 0;
  private readonly messages = new Whole(MOST_AHEAD_BYTES);
  /** Called when the client has taken what it was sent, or is gone. */
  private readonly waitingToSend: (() => void)[] = [];
  /** Process id of the predecessor that speaks here; null: it is another client. */
  private predecessor: number | null = null;
  /** Aborted when nobody waits for the answer to a request any more; by its id. */
  private readonly unwanted = new Map<number, AbortController>();
  private readonly held = new HeldLines();
  /** Nothing more comes from the client. */
  private hasEnded = false;

  constructor(
    private readonly socket: net.Socket,
    private readonly supervisor: RunningSupervisor,
    private readonly broadcast: Broadcast,
  ) {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      broadcast.remove(this);
      if (this.predecessor !== null) supervisor.succession.gone(this.predecessor);
      this.leaveAll();
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
    for (const one of linesOf(line)) this.socket.write(`${one}\n`);
    if (this.socket.writableLength > HOPELESS_BYTES) this.socket.destroy();
  }

  /** Greets the client and answers it until it leaves. Never rejects. */
  async serve(greeting: Greeting): Promise<void> {
    this.send(JSON.stringify(greeting));
    const working = this.workOff();
    const splitter = new LineSplitter(LONGEST_LINE, (line) => this.held.push(line));
    try {
      for await (const bytes of this.socket as AsyncIterable<Uint8Array>) {
        splitter.push(bytes);
        await this.held.room();
      }
    } catch {
      // the client is gone
    }
    this.leaveAll();
    this.held.end();
    await working;
    this.socket.destroySoon();
  }

  /** Takes one line after the other. */
  private async workOff(): Promise<void> {
    try {
      for await (const line of this.held) {
        if (this.socket.destroyed) return;
        await this.take(line);
      }
    } catch {
      // too long a line, or no request
      this.socket.destroySoon();
    }
  }

  /** Sends a last line and closes the connection. @param next - whether another process goes on in this one's place */
  close(next: 'none' | 'heir' = 'none'): void {
    const isTold = this.broadcast.isTold(this) || this.predecessor !== null;
    if (isTold) this.send(JSON.stringify({ push: 'farewell', heir: next === 'heir' }));
    this.socket.end();
    this.socket.destroySoon();
  }

  /** Resolves when everything that was asked is answered. */
  async answered(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }

  private async take(line: string): Promise<void> {
    const whole = this.messages.of(line);
    if (whole === null) return;
    const message = jsonOf(whole);
    const ahead = v.safeParse(AheadSchema, message);
    if (ahead.success) {
      this.keepAhead(ahead.output, whole.length);
      return;
    }
    const { id, request, arguments: given } = v.parse(EnvelopeSchema, message);
    const answering = this.answer(id, request, this.whole(id, given)).finally(() => this.underWay.delete(answering));
    this.underWay.add(answering);
    // otherwise many lines in one read would all be answered at once, while all others wait
    await nextTurn();
    if (this.underWay.size >= MOST_UNDER_WAY) await Promise.race(this.underWay);
    await this.taken();
  }

  /** @throws {RangeError} more than any client of ours sends */
  private keepAhead({ id, items }: v.InferOutput<typeof AheadSchema>, bytes: number): void {
    this.aheadBytes += bytes;
    if (this.aheadBytes > MOST_AHEAD_BYTES) throw new RangeError('too much was sent ahead');
    const kept = this.ahead.get(id) ?? [];
    this.ahead.set(id, kept);
    // one by one: neither is all copied for each line, nor are there too many arguments
    for (const item of items) kept.push(item);
  }

  /** The arguments with what was sent ahead of them. */
  private whole(id: number, given: readonly unknown[]): readonly unknown[] {
    const ahead = this.ahead.get(id);
    if (ahead === undefined) return given;
    this.ahead.delete(id);
    if (this.ahead.size === 0) this.aheadBytes = 0;
    const at = given.findIndex((one) => Array.isArray(one));
    return given.map((one, place) => (place === at ? [...ahead, ...(one as unknown[])] : one));
  }

  /** Resolves once the client has taken enough of what it was sent, or is gone. */
  private async taken(): Promise<void> {
    while (this.isBehind && !this.socket.destroyed) {
      await new Promise<void>((resolve) => this.waitingToSend.push(resolve));
    }
  }

  private wake(): void {
    for (const resolve of this.waitingToSend.splice(0)) resolve();
  }

  private async answer(id: number, request: string, given: readonly unknown[]): Promise<void> {
    const reply = (message: ControlReply): void => this.send(JSON.stringify(message));
    if (!isRequestName(request)) {
      const message = `this regrant does not know "${request.slice(0, 40)}"`;
      reply({ id, error: { code: 'UNKNOWN_REQUEST', message } });
      return;
    }
    const unwanted = new AbortController();
    this.unwanted.set(id, unwanted);
    if (this.hasEnded) unwanted.abort();
    try {
      if (request === 'accounts') await this.supervisor.prepared();
      const result = await this.work(request, given, (progress) => reply({ id, progress }), unwanted.signal);
      if (isList(result)) await this.sendList(id, result);
      else reply({ id, result: result ?? null });
    } catch (error) {
      reply({ id, error: { code: codeOf(error), message: messageOf(error) } });
    } finally {
      this.unwanted.delete(id);
    }
  }

  /** The client is gone, and waits for nothing any more. */
  private leaveAll(): void {
    this.hasEnded = true;
    for (const one of this.unwanted.values()) one.abort();
  }

  /** Sends a list: all pages but the last ahead of it. */
  private async sendList(id: number, list: Iterable<unknown>): Promise<void> {
    let last: readonly string[] = [];
    for (const page of pagesOf(list)) {
      if (last.length > 0) this.send(`{"id":${id},"page":[${last.join(',')}]}`);
      last = page;
      await nextTurn();
      await this.taken();
    }
    this.send(`{"id":${id},"result":[${last.join(',')}]}`);
  }

  private work(
    request: RequestName,
    given: readonly unknown[],
    progress: (news: Progress) => void,
    gone: AbortSignal,
  ): unknown {
    if (request === 'predecessor') return this.hear(given);
    if (request === 'leave') this.unwanted.get(Number(given[0]))?.abort();
    else if (request === 'subscribe') this.broadcast.add(this);
    else return answerTo(this.supervisor, request, given, progress, gone);
    return null;
  }

  private hear(given: readonly unknown[]): null {
    const [news] = v.parse(v.tuple([PredecessorNewsSchema]), given);
    this.predecessor = news.pid;
    this.supervisor.succession.heard(news);
    return null;
  }
}

const isList = (result: unknown): result is Iterable<unknown> =>
  typeof result === 'object' && result !== null && Symbol.iterator in result;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'FAILED';
