import { chmodSync, lstatSync, unlinkSync, type Stats } from 'node:fs';
import net from 'node:net';
import type { Clock } from '../store/ground/clock.js';
import { CannotRun, reasonOf } from '../store/ground/errors.js';
import { version } from '../store/ground/version.js';
import type { RunningSupervisor } from '../proxy/contract/supervisor.js';
import { Broadcast } from './broadcast.js';
import { Connection } from './connection.js';
import { PROTOCOL } from './protocol.js';
import { byItself } from '../store/ground/faults.js';

/** More clients than any number of terminals and scripts; the rest is turned away. */
const MOST_CLIENTS = 64;

/**
 * The running supervisor's door for other processes of the same user: a socket that nobody else may open. Only the
 * owner of the instance lock may create it, so a socket that stands in its place is left from a crash.
 */
export class ControlServer {
  private readonly server = net.createServer((socket) => this.receive(socket));
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
      removeLeftover(path);
      await control.listen();
    } catch (error) {
      throw new CannotRun(
        'CONTROL_SOCKET',
        `cannot open the control socket ${path}: ${reasonOf(error)}; remove what stands there, or set XDG_RUNTIME_DIR to a folder of your own`,
      );
    }
    return control;
  }

  /** Tells attached screens that it is over, and lets go; the socket is gone then. */
  async close(): Promise<void> {
    // closing unlinks the socket
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const connection of this.connections) connection.close();
    await closed;
  }

  /** Its name in the file system is gone or another's: who is connected stays so, and closing must not unlink that name. */
  abandon(): void {
    this.server.unref();
  }

  /** Lets go of who is connected, after `abandon`. */
  disconnect(): void {
    for (const connection of this.connections) connection.close();
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
    // such as having no file descriptor left for one more client
    this.server.on('error', () => undefined);
    chmodSync(this.path, 0o600);
  }

  private receive(socket: net.Socket): void {
    const connection = new Connection(socket, this.supervisor, this.broadcast);
    this.connections.add(connection);
    socket.once('close', () => this.connections.delete(connection));
    const greeting = { regrant: version, protocol: PROTOCOL, pid: process.pid };
    byItself('a client of the control socket', connection.serve(greeting));
  }
}

/** What is no socket was put there by somebody for something: it is not ours to remove. */
function removeLeftover(path: string): void {
  let found: Stats;
  try {
    found = lstatSync(path);
  } catch {
    return;
  }
  if (!found.isSocket()) throw new Error('something that is no socket stands there');
  unlinkSync(path);
}
