import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** More would cost more memory than they are worth. */
const MOST = 8_192;
/** As many as a small limit leaves. */
const LEAST = 16;
/** Files, logs, the control socket and the token endpoint need descriptors too. */
const RESERVE = 64;
/** Where the system does not say how many descriptors a process may have: the least that any of them gives. */
const UNSAID_LIMIT = 1_024;

/** Requests that may wait on one connection behind the one that is being answered. */
const MOST_WAITING = 64;

/** What is known of a client's connection. */
interface Connection {
  /** A key of ours was shown on it. */
  keyed: boolean;
  waiting: number;
}

/**
 * How many connections clients may have: each request that is served needs a second descriptor to the upstream.
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

/** The connections of clients: no more than there is room for, and on each no more than it can wait for. */
export class Connections {
  /** In the order in which they came. */
  private readonly open = new Map<Socket, Connection>();

  constructor(private readonly most: number) {}

  get count(): number {
    return this.open.size;
  }

  /** A new one. Where it is one too many the oldest idle one goes, first of those on which no key was shown; else itself. */
  add(socket: Socket): void {
    if (this.open.has(socket)) return;
    this.open.set(socket, { keyed: false, waiting: 0 });
    socket.once('close', () => this.open.delete(socket));
    if (this.open.size > this.most) this.expendable(socket).destroy();
  }

  /** A key of ours was shown. */
  noteKey(socket: Socket): void {
    const connection = this.open.get(socket);
    if (connection !== undefined) connection.keyed = true;
  }

  /**
   * Begins with a request when those before it on its connection are answered. Node tells a response that waits for its
   * turn nothing of a connection that ends, so what was begun for it could never be given up. A connection on which too many
   * wait is closed.
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

/** A response is under way on it; Node keeps that there. */
export const isBusy = (socket: Socket): boolean => responseOn(socket) !== null;

/** The response that a connection carries now. */
export const responseOn = (socket: Socket): ServerResponse | null =>
  (socket as { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? null;
