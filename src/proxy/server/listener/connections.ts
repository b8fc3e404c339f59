import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The most connections: more would take more memory than they are worth. */
const MOST = 8_192;
/** The fewest connections, however small the limit of descriptors is. */
const LEAST = 16;
/** Descriptors kept free for files, logs, the control socket and the token endpoint. */
const RESERVE = 64;
/** The limit assumed where the system does not tell its limit of descriptors: the smallest usual one. */
const UNSAID_LIMIT = 1_024;

/** Requests that may wait on one connection behind the one that is being answered. */
const MOST_WAITING = 64;

/** What is known of a client's connection. */
interface Connection {
  /** Whether a key of ours was shown on it. */
  keyed: boolean;
  waiting: number;
}

/**
 * How many connections clients may have: each request that is served needs a second descriptor, to the upstream.
 *
 * @param descriptors - the soft limit of the process (RLIMIT_NOFILE)
 */
export const mostConnections = (descriptors: number): number =>
  Math.min(MOST, Math.max(LEAST, Math.floor((descriptors - RESERVE) / 2)));

/** How many descriptors this process may have open. */
export function descriptorLimit(): number {
  try {
    const said = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    if (said === 'unlimited') return Infinity;
    return Number(said) || UNSAID_LIMIT;
  } catch {
    return UNSAID_LIMIT;
  }
}

/** The clients' connections: bounds how many there are, and how many requests wait on each. */
export class Connections {
  /** In the order in which they were opened. */
  private readonly open = new Map<Socket, Connection>();

  constructor(private readonly most: number) {}

  get count(): number {
    return this.open.size;
  }

  get sockets(): Iterable<Socket> {
    return this.open.keys();
  }

  /**
   * Adds a new connection. If that is one too many, the oldest idle one is closed, first among those that showed no
   * key; if none is idle, the new one.
   *
   * @returns whether it was not known yet
   */
  add(socket: Socket): boolean {
    if (this.open.has(socket)) return false;
    this.open.set(socket, { keyed: false, waiting: 0 });
    socket.once('close', () => this.open.delete(socket));
    if (this.open.size > this.most) this.expendable(socket).destroy();
    return true;
  }

  /** A key of ours was shown on a connection. */
  noteKey(socket: Socket): void {
    const connection = this.open.get(socket);
    if (connection !== undefined) connection.keyed = true;
  }

  /**
   * Begins with a request when those before it on its connection are answered. (Node does not tell a response that
   * waits for its turn that its connection has ended, so work begun for it could not be given up.) A connection on
   * which too many requests wait is closed.
   */
  inTurn(socket: Socket, response: ServerResponse, begin: () => void): void {
    if (response.socket !== null) {
      begin();
      return;
    }
    const connection = this.open.get(socket);
    if (connection === undefined) return;
    connection.waiting += 1;
    if (connection.waiting > MOST_WAITING) socket.destroy();
    response.once('socket', () => {
      connection.waiting -= 1;
      begin();
    });
  }

  private expendable(newest: Socket): Socket {
    let idle: Socket | null = null;
    for (const [socket, { keyed }] of this.open) {
      if (socket === newest || isBusy(socket)) continue;
      if (!keyed) return socket;
      idle ??= socket;
    }
    return idle ?? newest;
  }
}

/** Whether a response is under way on a connection; Node keeps it on the socket. */
export const isBusy = (socket: Socket): boolean => responseOn(socket) !== null;

/** The response that a connection carries now. */
export const responseOn = (socket: Socket): ServerResponse | null =>
  (socket as { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? null;
