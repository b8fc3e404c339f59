import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { headerIn } from '../../http/headers.js';
import { responseOn } from './connections.js';

/** Whether a client asks to go on with WebSocket frames. */
export const wantsWebSocket = ({ rawHeaders }: IncomingMessage): boolean =>
  (headerIn(rawHeaders, 'upgrade') ?? '').split(',').some((name) => name.trim().toLowerCase() === 'websocket');

/**
 * Calls `act` when everything that came before on a connection is answered: Node takes a request with Upgrade off its
 * connection at once, even while earlier answers are still being sent.
 */
export function afterOthers(socket: Socket, act: () => void): void {
  const before = responseOn(socket);
  if (before === null) act();
  else before.once('close', () => afterOthers(socket, act));
}

const forUpgradesOnly: ReadonlySet<string> = new Set(['upgrade', 'http2-settings', 'connection']);

/**
 * The bytes of a request that asks for an unknown upgrade, rewritten as one that does not, with everything that came
 * after it: Node would lose that.
 */
export function withoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage, behind: Buffer): Buffer {
  const lines = [`${method ?? ''} ${url ?? ''} HTTP/${httpVersion}`];
  const options: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (name.toLowerCase() === 'connection') options.push(...value.split(',').map((option) => option.trim()));
    if (!forUpgradesOnly.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  const kept = options.filter((option) => option !== '' && !forUpgradesOnly.has(option.toLowerCase()));
  if (kept.length > 0) lines.push(`Connection: ${kept.join(', ')}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), behind]);
}
