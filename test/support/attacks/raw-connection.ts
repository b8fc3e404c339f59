/** Bytes on a connection, whatever they are. */
import net from 'node:net';

export interface RawConnection {
  readonly socket: net.Socket;
  /** Resolves once it is closed, by either side. */
  readonly closed: Promise<void>;
}

/** A connection that reads and forgets; errors are what an attacker expects. */
export function rawConnection(place: { readonly host: string; readonly port: number } | string): RawConnection {
  const socket = typeof place === 'string' ? net.connect(place) : net.connect(place.port, place.host);
  socket.on('error', () => undefined);
  socket.resume();
  return { socket, closed: new Promise((resolve) => socket.once('close', () => resolve())) };
}

/** Closes it after this time, if it is still open. */
export async function closedWithin({ socket, closed }: RawConnection, ms: number): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), ms);
  await closed;
  clearTimeout(timer);
}
