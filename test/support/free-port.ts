import net from 'node:net';
import { listening } from './proxy.js';

/** A port of loopback that nobody had a moment ago, for a program that has to be told one. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
