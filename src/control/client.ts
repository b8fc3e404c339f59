import { read, reason, saying } from '../store/words/saying.js';
import net from 'node:net';
import * as v from 'valibot';
import { CannotRun, RegrantError, systemCode, type Saying } from '../store/ground/errors.js';
import { jsonOf } from '../store/ground/json.js';
import { LineSplitter } from '../store/ground/text/line-splitter.js';
import type { Progress } from '../proxy/contract/operations.js';
import { byItself } from '../store/ground/faults.js';
import { linesOf, requestLines, Whole } from './pages.js';
import {
  GreetingSchema,
  LONGEST_LINE,
  PushSchema,
  ControlReplySchema,
  requests,
  speaksOtherwise,
  type AnswerOf,
  type ArgumentsOf,
  type Greeting,
  type Push,
  type RequestName,
  type Speaking,
} from './protocol.js';

/** The supervisor went away, or speaks another version. Exit status 3. */
export class ControlError extends CannotRun {}

/** The running supervisor answered with an error. Exit status 1. */
export class RequestFailed extends RegrantError {
  constructor(
    readonly code: string,
    text: Saying,
  ) {
    super(text);
  }
}

interface Waiting {
  readonly progress: (news: Progress) => void;
  readonly page: (items: readonly unknown[]) => void;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How an answer is made of what comes, and what tells that it is not wanted any more. */
interface Asking {
  readonly answer: (result: unknown) => unknown;
  readonly unwanted?: AbortSignal | undefined;
}

const GREETING_MS = 5_000;

/** The longest message of a supervisor, letters: the file of one account may have 8 MB. */
const LONGEST_NEWS = 16 * LONGEST_LINE;

const nothing = (): void => undefined;

/** A connection to the running supervisor of a data directory. */
export class ControlClient {
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private hear: (push: Push) => void = nothing;
  private endGreeting: (greeting: Greeting | Error) => void = nothing;
  private greeting: Greeting | null = null;
  private fault: ControlError | null = null;
  private readonly messages = new Whole(LONGEST_NEWS);

  private constructor(private readonly socket: net.Socket) {
    const lines = new LineSplitter(LONGEST_LINE, (line) => this.hearLine(line));
    socket.on('data', (bytes: Uint8Array) => lines.push(bytes));
    // a socket that breaks is closed too, and `close` is listened for
    socket.on('error', nothing);
    socket.on('close', () => this.lost());
  }

  /**
   * Connects and reads the greeting; null where nothing listens.
   *
   * @throws {ControlError} something listens, but it is no regrant of this version, or not for this user
   */
  static async connect(path: string, speaking: Speaking = {}): Promise<ControlClient | null> {
    const socket = net.createConnection(path);
    const failure = await new Promise<unknown>((resolve) => {
      socket.once('connect', () => resolve(null));
      socket.once('error', resolve);
    });
    if (failure !== null) {
      if (!/^E(ACCES|PERM|AGAIN)$/.test(systemCode(failure))) return null;
      throw new ControlError(
        'CONTROL_SOCKET',
        saying('cannot speak to the running regrant at {path}: {why}', { path, why: reason(failure) }),
      );
    }
    const client = new ControlClient(socket);
    await client.greet(speaking);
    return client;
  }

  /** Process id of the supervisor. */
  get pid(): number {
    return this.greeting?.pid ?? 0;
  }

  /**
   * Requests an operation.
   *
   * @param unwanted - aborted when its answer is not wanted any more; the supervisor may give none then
   * @throws {ControlError}
   */
  request<N extends RequestName>(
    name: N,
    given: ArgumentsOf<N>,
    progress: (news: Progress) => void = nothing,
    unwanted?: AbortSignal,
  ): Promise<AnswerOf<N>> {
    const items: unknown[] = [];
    return this.ask(name, given, {
      progress,
      // one by one: the arguments of a call are limited
      page: (page) => {
        for (const item of page) items.push(item);
      },
      answer: (result) => (items.length > 0 && Array.isArray(result) ? items.concat(result) : result),
      unwanted,
    });
  }

  /**
   * Lists the accounts, a page at a time as they come.
   *
   * @throws {ControlError}
   */
  async listAccounts(page: (accounts: AnswerOf<'accounts'>) => void): Promise<void> {
    const { gives } = requests.accounts;
    const last = await this.ask('accounts', [], {
      progress: nothing,
      page: (items) => {
        const accounts = v.safeParse(gives, items);
        if (accounts.success) page(accounts.output);
        else this.misunderstand();
      },
      answer: (result) => result,
    });
    if (last.length > 0) page(last);
  }

  /** Asks for all news from now on, until the connection ends. */
  async subscribe(hear: (push: Push) => void): Promise<void> {
    this.hear = hear;
    await this.request('subscribe', []);
  }

  /** Gives `hear` what is sent unasked. */
  onPush(hear: (push: Push) => void): void {
    this.hear = hear;
  }

  /** Resolves when the connection has ended: with the error that ended it, or null. Never rejects. */
  async closed(): Promise<ControlError | null> {
    if (!this.socket.closed) await new Promise((resolve) => this.socket.once('close', resolve));
    return this.fault;
  }

  close(): void {
    this.socket.end();
    this.socket.destroySoon();
  }

  private ask<N extends RequestName>(
    name: N,
    given: ArgumentsOf<N>,
    { answer, unwanted, ...how }: Pick<Waiting, 'progress' | 'page'> & Asking,
  ): Promise<AnswerOf<N>> {
    const id = ++this.lastId;
    unwanted?.addEventListener('abort', () => {
      // a supervisor that does not know of this answers so, and goes on
      if (this.waiting.has(id)) byItself('the leaving of a request', this.request('leave', [id]).catch(nothing));
    });
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) {
        reject(this.fault ?? gone());
        return;
      }
      this.waiting.set(id, {
        ...how,
        reject,
        resolve: (result) => {
          const parsed = v.safeParse(requests[name].gives, answer(result));
          // the table pairs each name with its answer, which the compiler cannot follow through an index
          if (parsed.success) resolve(parsed.output as AnswerOf<N>);
          else reject(misunderstood());
        },
      });
      for (const line of requestLines(id, name, given).flatMap(linesOf)) this.socket.write(`${line}\n`);
    });
  }

  private hearLine(line: string): void {
    try {
      const whole = this.messages.of(line);
      if (whole !== null) this.receive(jsonOf(whole));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.misunderstand();
    }
  }

  private receive(message: unknown): void {
    if (this.greeting === null) {
      const greeting = v.safeParse(GreetingSchema, message);
      this.endGreeting(greeting.success ? greeting.output : stranger());
      return;
    }
    const reply = v.safeParse(ControlReplySchema, message);
    if (reply.success) {
      this.answer(reply.output);
      return;
    }
    const push = v.safeParse(PushSchema, message);
    if (push.success) {
      this.hear(push.output);
      return;
    }
    this.misunderstand();
  }

  private misunderstand(): void {
    this.fault = misunderstood();
    this.socket.destroy();
  }

  private answer(reply: v.InferOutput<typeof ControlReplySchema>): void {
    const waiting = this.waiting.get(reply.id);
    if (waiting === undefined) return;
    if ('progress' in reply) {
      waiting.progress(reply.progress);
      return;
    }
    if ('page' in reply) {
      waiting.page(reply.page);
      return;
    }
    this.waiting.delete(reply.id);
    if ('error' in reply) waiting.reject(new RequestFailed(reply.error.code, read(reply.error.message)));
    else waiting.resolve(reply.result);
  }

  private lost(): void {
    this.endGreeting(stranger());
    for (const { reject } of this.waiting.values()) reject(this.fault ?? gone());
    this.waiting.clear();
  }

  private async greet(speaking: Speaking): Promise<void> {
    const heard = await new Promise<Greeting | Error>((resolve) => {
      const timer = setTimeout(() => resolve(silent()), GREETING_MS);
      this.endGreeting = (greeting) => {
        clearTimeout(timer);
        resolve(greeting);
      };
    });
    this.endGreeting = nothing;
    const otherwise = heard instanceof Error ? null : speaksOtherwise(heard, speaking);
    const fault = otherwise === null ? heard : new ControlError('VERSION', otherwise);
    if (fault instanceof Error) {
      this.socket.destroy();
      throw fault;
    }
    this.greeting = fault;
  }
}

const gone = (): ControlError => new ControlError('GONE', saying('the running regrant went away before it answered'));
const misunderstood = (): ControlError =>
  new ControlError('PROTOCOL', saying('the running regrant answered in a way this version does not know'));
const stranger = (): ControlError =>
  new ControlError('STRANGER', saying('something answers on the control socket, but it is no regrant'));
const silent = (): ControlError =>
  new ControlError(
    'SILENT',
    saying(
      'the running regrant does not answer within {n} s: it is suspended (Ctrl-Z) or hangs; bring it back with fg, or end it with kill',
      { n: GREETING_MS / 1000 },
    ),
  );
