import net from 'node:net';
import split from 'split2';
import * as v from 'valibot';
import { RegrantError } from '../store/errors.js';
import type { Progress } from '../proxy/supervisor.js';
import { GreetingSchema, LONGEST_LINE, PROTOCOL, ReplySchema, type Arguments, type RequestName } from './protocol.js';

/** The supervisor went away, speaks another version, or refused a request. */
export class ControlError extends RegrantError {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

interface Waiting {
  readonly progress: (news: Progress) => void;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: ControlError) => void;
}

const GREETING_MS = 5_000;

/** A connection to the running supervisor of a data directory. */
export class ControlClient {
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  private constructor(
    private readonly socket: net.Socket,
    readonly pid: number,
  ) {}

  /**
   * Connects and hears the greeting; null where nothing listens.
   *
   * @throws {ControlError} something listens, but it is no regrant of this version
   */
  static async connect(path: string): Promise<ControlClient | null> {
    const socket = net.createConnection(path);
    const reached = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (!reached) return null;
    const lines = socket.pipe(split({ maxLength: LONGEST_LINE }));
    // a socket that breaks after this closes, and that is heard
    socket.on('error', () => undefined);
    lines.on('error', () => socket.destroy());
    const greeting = await greetingOf(socket, lines);
    const client = new ControlClient(socket, greeting.pid);
    lines.on('data', (line: string) => client.receive(line));
    socket.on('close', () => client.lost());
    return client;
  }

  /**
   * Asks for an operation.
   *
   * @throws {ControlError}
   */
  request<N extends RequestName, T extends v.GenericSchema>(
    name: N,
    given: Arguments<N>,
    schema: T,
    progress: (news: Progress) => void = () => undefined,
  ): Promise<v.InferOutput<T>> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, {
        progress,
        reject,
        resolve: (result) => {
          const parsed = v.safeParse(schema, result);
          if (parsed.success) resolve(parsed.output);
          else reject(new ControlError('PROTOCOL', 'the running regrant answered in a way this version does not know'));
        },
      });
      this.socket.write(`${JSON.stringify({ id, request: name, arguments: given })}\n`);
    });
  }

  /** Resolves when the supervisor has closed the connection. */
  async closed(): Promise<void> {
    if (this.socket.closed) return;
    await new Promise((resolve) => this.socket.once('close', resolve));
  }

  close(): void {
    this.socket.end();
  }

  private receive(line: string): void {
    const parsed = v.safeParse(ReplySchema, JSON.parse(line));
    if (!parsed.success) return;
    const reply = parsed.output;
    const waiting = this.waiting.get(reply.id);
    if (waiting === undefined) return;
    if ('progress' in reply) {
      waiting.progress(reply.progress);
      return;
    }
    this.waiting.delete(reply.id);
    if ('error' in reply) waiting.reject(new ControlError(reply.error.code, reply.error.message));
    else waiting.resolve(reply.result);
  }

  private lost(): void {
    for (const { reject } of this.waiting.values()) {
      reject(new ControlError('GONE', 'the running regrant went away before it answered'));
    }
    this.waiting.clear();
  }
}

async function greetingOf(
  socket: net.Socket,
  lines: NodeJS.ReadableStream,
): Promise<v.InferOutput<typeof GreetingSchema>> {
  const line = await new Promise<string | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), GREETING_MS);
    const answer = (text: string | null) => {
      clearTimeout(timer);
      resolve(text);
    };
    lines.once('data', (text: string) => answer(text));
    socket.once('close', () => answer(null));
  });
  const greeting = v.safeParse(GreetingSchema, line === null ? null : jsonOf(line));
  if (greeting.success && greeting.output.protocol === PROTOCOL) return greeting.output;
  socket.destroy();
  throw new ControlError(
    'VERSION',
    greeting.success
      ? `the running regrant is version ${greeting.output.regrant}, which speaks another protocol; use the same version, or stop it with \`kill ${greeting.output.pid}\``
      : 'something answers on the control socket, but it is no regrant',
  );
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return null;
  }
}
