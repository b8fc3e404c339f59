/** An outbound proxy that a test plays. */
import http from 'node:http';
import net from 'node:net';
import { listening } from './proxy.js';

/** An HTTP proxy that answers each CONNECT with `status`, and tunnels where that is 200. @param use - gets its URL, and what was asked of it */
export async function withTunnel(status: number, use: (url: string, asked: string[]) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = http.createServer();
  server.on('connect', (request, client: net.Socket) => {
    asked.push(`${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`);
    sockets.add(client);
    client.on('error', () => undefined);
    if (status !== 200) return client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const target = net.connect(Number((request.url ?? '').split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    target.on('error', () => client.destroy());
    sockets.add(target);
    return undefined;
  });
  const port = await listening(server);
  try {
    await use(`http://user:p%40ss@127.0.0.1:${port}`, asked);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}
