/** How the simulated Google sends its answers. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** One whole answer. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is, `undefined` as an empty body, anything else as JSON. */
  readonly body?: unknown;
  /** Announces the whole body, sends only this many bytes of it, and then breaks the connection. */
  readonly cutAfterBytes?: number;
}

/** An answer whose body is sent in pieces: each chunk is sent before the next one is asked for. */
export interface StreamAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly chunks: Iterable<string> | AsyncIterable<string>;
}

/** `reset` breaks the connection before a byte is sent. */
export type GoogleAnswer = WholeAnswer | StreamAnswer | 'reset';

const jsonType = 'application/json; charset=UTF-8';

/** Headers of every answer of Google's front end. */
const frontEnd: Readonly<Record<string, string>> = {
  vary: 'Origin, X-Origin, Referer',
  server: 'ESF',
  'x-xss-protection': '0',
  'x-frame-options': 'SAMEORIGIN',
  'x-content-type-options': 'nosniff',
};

export const jsonReply = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): WholeAnswer => ({
  status,
  headers: { 'content-type': jsonType, ...headers },
  body,
});

export const html = (status: number, body: string): WholeAnswer => ({
  status,
  headers: { 'content-type': 'text/html; charset=UTF-8' },
  body,
});

/** A redirect, as from a captive portal or a moved endpoint. */
export const redirect = (location: string, status = 302): WholeAnswer => ({ status, headers: { location }, body: '' });

/** Sends the reply; resolves when the last byte has been written, or the client has left. */
export async function sendReply(response: ServerResponse, reply: GoogleAnswer): Promise<void> {
  if (reply === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  if ('chunks' in reply) {
    await sendChunks(response, reply);
    return;
  }
  const text = typeof reply.body === 'string' ? reply.body : reply.body === undefined ? '' : JSON.stringify(reply.body);
  const bytes = Buffer.from(text);
  const type = typeof reply.body === 'string' ? 'text/plain; charset=UTF-8' : jsonType;
  response.writeHead(reply.status, {
    'content-type': type,
    'content-length': String(bytes.length),
    ...frontEnd,
    ...reply.headers,
  });
  if (reply.cutAfterBytes === undefined) {
    response.end(bytes);
    return;
  }
  await new Promise<void>((sent) => response.write(bytes.subarray(0, reply.cutAfterBytes), () => sent()));
  response.socket?.resetAndDestroy();
}

async function sendChunks(response: ServerResponse, reply: StreamAnswer): Promise<void> {
  response.writeHead(reply.status, { ...frontEnd, ...reply.headers });
  response.flushHeaders();
  const left = once(response, 'close');
  for await (const chunk of reply.chunks) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), left]);
  }
  response.end();
}
