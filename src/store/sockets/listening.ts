import type { Server } from 'node:net';

/** What `listen` of Node itself ends in, under the name that it has had for ten years; its types leave it open. */
interface Listens {
  /** @param kind - 4: an address of IPv4; -1: a path, without a port (-1) */
  _listen2?(place: string, port: number, kind: 4 | -1, backlog: number): void;
}

/** As Node has it where none is given. */
const BACKLOG = 511;

/**
 * Has a server listen, and resolves once it does. Where nothing is to be looked up, that is without what looks names up
 * and shares sockets among processes: to load those takes a start longer than to open all that it opens.
 *
 * @param host - a name or an address
 * @throws the system's error
 */
export function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const at = server as Listens;
    onceListening(server, resolve, reject);
    if (at._listen2 !== undefined && isAddress(host)) at._listen2(host, port, 4, BACKLOG);
    else server.listen(port, host);
  });
}

/** The same with a Unix socket. */
export function listeningAt(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const at = server as Listens;
    onceListening(server, resolve, reject);
    if (at._listen2 !== undefined && process.platform !== 'win32') at._listen2(path, -1, -1, BACKLOG);
    else server.listen(path);
  });
}

function onceListening(server: Server, resolve: () => void, reject: (error: unknown) => void): void {
  server.once('error', reject);
  server.once('listening', () => {
    server.off('error', reject);
    resolve();
  });
}

/** Whether it is an address of IPv4, as Node writes one. Node's own test of a text is compiled at its first call: 3 ms. */
function isAddress(host: string): boolean {
  const parts = host.split('.');
  return (
    parts.length === 4 &&
    parts.every((part) => /^\d{1,3}$/.test(part) && String(Number(part)) === part && Number(part) < 256)
  );
}
