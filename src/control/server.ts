import { chmodSync, existsSync, unlinkSync } from 'node:fs';
import net from 'node:net';
import split from 'split2';
import * as v from 'valibot';
import { CannotRun, reasonOf } from '../store/errors.js';
import type { RunningSupervisor } from '../proxy/start.js';
import type { Progress } from '../proxy/supervisor.js';
import {
  EnvelopeSchema,
  LONGEST_LINE,
  PROTOCOL,
  requestSchemas,
  type Arguments,
  type Reply,
  type RequestName,
  type Status,
} from './protocol.js';

type Handlers = {
  readonly [N in RequestName]: (
    supervisor: RunningSupervisor,
    given: Arguments<N>,
    progress: (news: Progress) => void,
  ) => unknown;
};

/** The body of `/healthz`, and where it comes from. */
export function statusOf(supervisor: RunningSupervisor): Status {
  const { health, version, counts, pid, address, upSince } = supervisor.snapshot();
  return { status: health, version, accounts: { ...counts }, pid, address, upSince: Math.floor(upSince / 1000) };
}

const handlers: Handlers = {
  status: (supervisor) => statusOf(supervisor),
  accounts: (supervisor) => supervisor.listing(),
  regrant: ({ operations }, request, progress) => operations.regrant(request, progress),
  resume: ({ operations }, { pending, decision }, progress) => operations.resume(pending, decision, progress),
  reload: ({ operations }) => operations.reload(),
  stop: async (supervisor) => {
    const inFlight = supervisor.inFlight();
    await supervisor.operations.stop();
    return { inFlight };
  },
};

/**
 * The running supervisor's door for other processes of the same user: a socket that nobody else may open. Only the
 * owner of the instance lock may create it, so what stands in its place is left from a crash.
 */
export class ControlServer {
  private readonly server = net.createServer((socket) => this.greet(socket));
  private readonly sockets = new Set<net.Socket>();

  private constructor(
    private readonly path: string,
    private readonly supervisor: RunningSupervisor,
  ) {}

  /** @throws {CannotRun} */
  static async open(path: string, supervisor: RunningSupervisor): Promise<ControlServer> {
    const control = new ControlServer(path, supervisor);
    try {
      if (existsSync(path)) unlinkSync(path);
      await control.listen();
    } catch (error) {
      throw new CannotRun(
        'CONTROL_SOCKET',
        `cannot open the control socket ${path}: ${reasonOf(error)}; remove what stands there, or set XDG_RUNTIME_DIR to a folder of your own`,
      );
    }
    return control;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.end();
    // closing unlinks the socket
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      for (const socket of this.sockets) socket.destroySoon();
    });
  }

  private async listen(): Promise<void> {
    // born closed to others: a chmod alone would leave a moment in which anybody could connect
    const mask = process.umask(0o177);
    try {
      await new Promise<void>((resolve, reject) => {
        this.server.once('error', reject);
        this.server.listen(this.path, resolve);
      });
    } finally {
      process.umask(mask);
    }
    chmodSync(this.path, 0o600);
  }

  private greet(socket: net.Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const { version, pid } = this.supervisor.snapshot();
    socket.write(`${JSON.stringify({ regrant: version, protocol: PROTOCOL, pid })}\n`);
    const lines = socket.pipe(split({ maxLength: LONGEST_LINE }));
    lines.on('data', (line: string) => void this.receive(socket, line));
    lines.on('error', () => socket.destroy());
  }

  private async receive(socket: net.Socket, line: string): Promise<void> {
    const envelope = v.safeParse(EnvelopeSchema, jsonOf(line));
    if (!envelope.success) {
      socket.destroy();
      return;
    }
    const { id, request, arguments: given } = envelope.output;
    const reply = (message: Reply): void => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
    };
    if (!isRequestName(request)) {
      reply({
        id,
        error: { code: 'UNKNOWN_REQUEST', message: `this regrant does not know "${request.slice(0, 40)}"` },
      });
      return;
    }
    try {
      const parsed: unknown = v.parse(requestSchemas[request], given);
      // the table pairs each name's schema with its handler; the compiler cannot follow that through an index
      const handle = handlers[request] as (...all: [RunningSupervisor, unknown, (news: Progress) => void]) => unknown;
      const result = await handle(this.supervisor, parsed, (progress) => reply({ id, progress }));
      reply({ id, result });
    } catch (error) {
      reply({ id, error: { code: codeOf(error), message: error instanceof Error ? error.message : String(error) } });
    }
  }
}

const isRequestName = (name: string): name is RequestName => Object.hasOwn(requestSchemas, name);

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'FAILED';

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return null;
  }
}
