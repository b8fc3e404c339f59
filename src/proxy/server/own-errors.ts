import type { Unsupported } from '../http/headers.js';
import type { OwnError } from '../http/own-answer.js';
import type { Protocol } from '../protocols/protocol.js';
import { SpokenProtocol } from '../protocols/translation/spoken.js';
import type { Settings } from '../../store/settings/settings.js';
import type { AccessDecision } from './access.js';

/** The errors for clients that are not let in. */
export const refusals: Record<Exclude<AccessDecision, 'granted'>, OwnError> = {
  no_key: {
    status: 401,
    message:
      "an API key is needed: send regrant's own (see `regrant env`) as x-goog-api-key, x-api-key, Authorization: Bearer or ?key=",
  },
  wrong_key: { status: 401, message: 'the API key is not the one of this regrant (see `regrant env`)' },
  foreign_host: {
    status: 403,
    message: 'the Host header names no address of this proxy; names it may have stand in proxy.allowedHosts',
  },
  foreign_origin: {
    status: 403,
    message:
      'the Origin header is that of a foreign web page, and no key is asked for: set proxy.authMode, or put it into proxy.corsOrigins',
  },
};

/** The errors for requests that ask for what this proxy does not do. */
export const unsupported: Record<Unsupported, OwnError> = {
  coding: { status: 501, message: 'of all transfer codings only chunked is known' },
  expectation: { status: 417, message: 'of all expectations only 100-continue is known' },
  hosts: { status: 400, message: 'the request has more than one Host header' },
  headers: { status: 431, message: 'the request has more than 2,000 headers' },
  old_chunks: { status: 400, message: 'HTTP/1.0 has no chunked bodies: send a Content-Length, or HTTP/1.1' },
};

/**
 * Methods that make no sense for an API: TRACE would show what was added on the way, and CONNECT would lead anywhere.
 */
export const METHODS_NOT_SERVED: ReadonlySet<string> = new Set(['TRACE', 'CONNECT']);
export const METHOD_NOT_SERVED: OwnError = {
  status: 405,
  message: 'regrant serves neither TRACE nor CONNECT',
  headers: ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
};

export const NO_PATH: OwnError = { status: 400, message: 'the request line names no path' };
export const DOT_SEGMENTS: OwnError = { status: 400, message: 'the path has . or .. segments, which lead elsewhere' };
export const NO_UPGRADE: OwnError = {
  status: 501,
  message: 'a Live session needs a WebSocket, at its own path, and kind gemini; nothing else is served by one',
};

export const UNKNOWN_TOKEN: OwnError = {
  status: 401,
  message: 'this ephemeral token was not made through this regrant, or is too old',
};

/** The error for a path that is not served. */
export const notHere = (path: string, routes: readonly string[]): OwnError => ({
  status: 404,
  message: `regrant has nothing at ${path.slice(0, 100)}; here are ${routes.join(', ')}`,
});
export const UNKNOWN_TO_CODE_ASSIST: OwnError = {
  status: 404,
  message: 'Code Assist has no such path: it knows models and calls of models',
};

/** The error for a client whose protocol is switched off; null: it is on. */
export function switchedOff(protocol: Protocol, { enabled }: Settings['protocols']): OwnError | null {
  const setting = protocol instanceof SpokenProtocol ? protocol.speaks.setting : 'gemini';
  if (enabled.includes(setting)) return null;
  return { status: 404, message: `${setting} is switched off here: add it to the setting protocols.enabled` };
}
