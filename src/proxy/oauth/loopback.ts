import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reasonOf } from '../../store/ground/errors.js';

/** The page that the human sees in the browser. */
export interface Page {
  readonly status: number;
  readonly text: string;
}

/**
 * A listener on loopback for the browser's answer: the browser runs on this machine, or a forwarded port leads here.
 */
export interface Loopback {
  readonly port: number;
  /** The address that Google is asked to send the browser to. */
  readonly redirectUri: string;
  close(): void;
}

/**
 * Listens on a free port of 127.0.0.1.
 *
 * @param take - gets the parameters of each answer, and returns the page to show
 * @throws {Error} with a reason in plain words
 */
export async function listenOnLoopback(take: (parameters: URLSearchParams) => Page): Promise<Loopback> {
  const server = createServer((request, response) => {
    // not by `new URL`, which throws at some of what any program on this machine may send
    const query = request.url?.startsWith('/?') === true ? request.url.slice(2) : '';
    const isAnswer = request.method === 'GET' && query !== '';
    show(response, isAnswer ? take(new URLSearchParams(query)) : { status: 404, text: 'There is nothing here.' });
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  server.maxConnections = 16;
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    redirectUri: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeIdleConnections();
    },
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`cannot listen on 127.0.0.1: ${reasonOf(error)}`)));
    server.listen(0, '127.0.0.1', () => {
      server.on('error', () => undefined);
      resolve();
    });
  });
}

/**
 * Shows a page. The address bar holds the code, so no other server may learn the address, and no cache may keep the
 * page.
 */
function show(response: ServerResponse, { status, text }: Page): void {
  const words = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'",
    connection: 'close',
  });
  response.end(`<!DOCTYPE html><meta charset="utf-8"><title>regrant</title><h1>regrant</h1><p>${words}\n`);
}
