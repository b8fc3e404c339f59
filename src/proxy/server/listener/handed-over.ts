import type http from 'node:http';
import type net from 'node:net';
import { isBusy } from './connections.js';

/** Gives a connection to another process. @returns whether that has it: if not, it stays here */
export type PassOn = (socket: net.Socket) => Promise<boolean>;

/** What Node keeps of an open socket, and has no name for in its types. */
interface Handle {
  readonly fd?: number;
  readStop?(): void;
  readStart?(): void;
}

const handleOf = (of: net.Server | net.Socket): Handle | null =>
  (of as unknown as { readonly _handle?: Handle | null })._handle ?? null;

/** The descriptor of a listening socket; null: it is closed. */
export function descriptorOf(server: net.Server): number | null {
  const fd = handleOf(server)?.fd ?? -1;
  return fd < 0 ? null : fd;
}

/** What is sent to another process for a connection. */
export const sendable = (socket: net.Socket): net.Socket => handleOf(socket) as unknown as net.Socket;

/**
 * Gives away the connections on which no request is under way, one after the other. To close them instead would fail
 * whatever a client is just sending on one.
 *
 * A connection is read no more from the moment in which it is known to be idle, so what comes then stays in the kernel
 * for whoever has it next. One that is not taken is read again.
 */
export async function passIdle(server: http.Server, all: Iterable<net.Socket>, pass: PassOn): Promise<void> {
  const idle = idleOf(server, [...all]).map((socket) => ({ socket, read: socket.bytesRead }));
  for (const { socket, read } of idle) {
    const handle = handleOf(socket);
    // meanwhile something may have come
    if (handle === null || socket.destroyed || isBusy(socket) || socket.bytesRead !== read) continue;
    handle.readStop?.();
    if (await pass(socket)) socket.destroy();
    else handle.readStart?.();
  }
}

/**
 * The connections that Node's server itself would close as idle, since only its parser knows whether it is within a
 * request, and those on which nothing ever came.
 */
function idleOf(server: http.Server, all: readonly net.Socket[]): readonly net.Socket[] {
  const idle = new Set<net.Socket>(all.filter((socket) => socket.bytesRead === 0 && !isBusy(socket)));
  for (const socket of all) {
    socket.destroy = () => {
      idle.add(socket);
      return socket;
    };
  }
  server.closeIdleConnections();
  for (const socket of all) Reflect.deleteProperty(socket, 'destroy');
  return [...idle];
}
