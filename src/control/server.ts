import { reason, saying } from '../store/words/saying.js';
import { chmodSync, lstatSync, renameSync, rmSync, type Stats } from 'node:fs';
import net from 'node:net';
import type { Clock } from '../store/ground/clock.js';
import { CannotRun } from '../store/ground/errors.js';
import { version } from '../store/ground/version.js';
import { HANDOVER } from '../proxy/contract/succession/handover.js';
import type { RunningSupervisor } from '../proxy/contract/supervisor.js';
import { Broadcast } from './broadcast.js';
import { Connection } from './connection.js';
import { PROTOCOL } from './protocol.js';
import { byItself } from '../store/ground/faults.js';
import { listeningAt } from '../store/sockets/listening.js';

/** The most clients; more are turned away. */
const MOST_CLIENTS = 64;

/**
 * The socket by which other processes of the same user reach the running supervisor; nobody else may open it. Only the
 * holder of the instance lock may create it, so a socket that exists already is left from a crash.
 */
export class ControlServer {
  // a client that says that it sends no more is answered what it has asked
  private readonly server = net.createServer({ allowHalfOpen: true }, (socket) => this.receive(socket));
  private readonly connections = new Set<Connection>();
  private readonly broadcast: Broadcast;

  private constructor(
    private readonly path: string,
    private readonly supervisor: RunningSupervisor,
    clock: Clock,
  ) {
    this.broadcast = new Broadcast(supervisor, clock);
    this.server.maxConnections = MOST_CLIENTS;
  }

  /** @throws {CannotRun} */
  static async open(path: string, supervisor: RunningSupervisor, clock: Clock): Promise<ControlServer> {
    const control = new ControlServer(path, supervisor, clock);
    try {
      refuseStranger(path);
      await control.listen();
    } catch (error) {
      throw new CannotRun(
        'CONTROL_SOCKET',
        saying(
          'cannot open the control socket {path}: {why}; remove what stands there, or set XDG_RUNTIME_DIR to a folder of your own',
          { path, why: reason(error) },
        ),
      );
    }
    return control;
  }

  /** Tells attached screens that the supervisor ends, and disconnects them; the socket is gone then. */
  async close(): Promise<void> {
    rmSync(this.path, { force: true });
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const connection of this.connections) connection.close();
    await closed;
  }

  /**
   * Gives up the socket's file, which is gone or replaced by another's: clients stay connected, and closing must not
   * unlink that file.
   */
  abandon(): void {
    this.server.unref();
  }

  /** Disconnects the clients, after `abandon`. */
  disconnect(): void {
    for (const connection of this.connections) connection.close();
  }

  /** Sends the clients on to the process that has the socket's name by now, once they have their answers. */
  async sendOn(): Promise<void> {
    const open = [...this.connections];
    await Promise.all(open.map((connection) => connection.answered()));
    for (const connection of open) connection.close('heir');
  }

  /** Listens under another name first: so there is no moment without a socket, whoever had this one before. */
  private async listen(): Promise<void> {
    const first = `${this.path}~`;
    rmSync(first, { force: true });
    // created closed to others: with a later chmod there would be a moment in which anybody could connect
    const mask = process.umask(0o177);
    try {
      await listeningAt(this.server, first);
    } finally {
      process.umask(mask);
    }
    // such as having no file descriptor left for one more client
    this.server.on('error', () => undefined);
    chmodSync(first, 0o600);
    renameSync(first, this.path);
  }

  private receive(socket: net.Socket): void {
    const connection = new Connection(socket, this.supervisor, this.broadcast);
    this.connections.add(connection);
    socket.once('close', () => this.connections.delete(connection));
    const greeting = { regrant: version, protocol: PROTOCOL, pid: process.pid, handover: HANDOVER };
    byItself('a client of the control socket', connection.serve(greeting));
  }
}

/** A socket is replaced: a crash left it, or a predecessor. Anything else at its path was put there by somebody. */
function refuseStranger(path: string): void {
  let found: Stats;
  try {
    found = lstatSync(path);
  } catch {
    return;
  }
  if (!found.isSocket()) throw new Error('something that is no socket stands there');
}
