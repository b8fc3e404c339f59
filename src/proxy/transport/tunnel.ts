import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { buildConnector } from 'undici';
import { KEEP_ALIVE_PROBE_MS } from './connections/keep-alive.js';

/**
 * Connects through the operator's HTTP proxy: a tunnel by CONNECT, and within it TLS with the upstream itself, so that
 * the proxy sees neither tokens nor bodies. The proxy's URL may have a user name and a password.
 */
export function tunnelThrough(proxy: URL, timeoutMs: number): buildConnector.connector {
  /** The TLS session of the upstream, for a shorter handshake the next time. */
  let session: Buffer | undefined;
  return (options, callback) => {
    const secure = options.protocol === 'https:';
    const port = options.port === '' ? (secure ? '443' : '80') : options.port;
    const target = `${options.hostname}:${port}`;
    const request = (proxy.protocol === 'https:' ? https : http).request({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port === '' ? undefined : proxy.port,
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...authorization(proxy) },
      agent: false,
      timeout: timeoutMs,
    });
    const giveUp = (): unknown => request.destroy(refusal('ETIMEDOUT', 'the outbound proxy did not answer'));
    // In all, so that an answer that trickles in does not count either.
    const deadline = setTimeout(giveUp, timeoutMs);
    request.once('timeout', giveUp);
    request.once('close', () => clearTimeout(deadline));
    request.once('error', (error) => callback(error, null));
    request.once('connect', (answer, socket: Socket) => {
      clearTimeout(deadline);
      socket.setTimeout(0).setKeepAlive(true, KEEP_ALIVE_PROBE_MS);
      if (answer.statusCode !== 200) {
        socket.destroy();
        callback(refusal('EPROXY', `the outbound proxy answered ${answer.statusCode ?? 0}`), null);
      } else if (secure) {
        const secured = encrypt(socket, options, { session, timeoutMs }, callback);
        secured.on('session', (given) => (session = given));
      } else callback(null, socket.setNoDelay(true));
    });
    request.end();
  };
}

interface Handshake {
  readonly session: Buffer | undefined;
  readonly timeoutMs: number;
}

function encrypt(
  socket: Socket,
  options: buildConnector.Options,
  { session, timeoutMs }: Handshake,
  callback: buildConnector.Callback,
): tls.TLSSocket {
  const servername = options.servername ?? options.hostname;
  const secured = tls.connect({ socket, servername, session, ALPNProtocols: ['http/1.1'] });
  const failed = (error: Error): void => callback(error, null);
  const tooSlow = (): void => {
    secured.destroy(refusal('UND_ERR_CONNECT_TIMEOUT', 'no TLS handshake through the outbound proxy in time'));
  };
  secured.setTimeout(timeoutMs, tooSlow);
  secured.once('error', failed);
  secured.once('secureConnect', () => {
    secured.off('error', failed);
    secured.off('timeout', tooSlow);
    secured.setTimeout(0);
    callback(null, secured);
  });
  return secured;
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

const refusal = (code: string, message: string): Error => Object.assign(new Error(message), { code });
