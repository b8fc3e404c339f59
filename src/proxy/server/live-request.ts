import { withoutHeader } from '../http/headers.js';
import { decoded } from '../http/request-target.js';
import type { IncomingRequest } from './incoming-request.js';

/** What a client that asks for a Live session shows and wants. */
export interface LiveRequest {
  readonly keys: readonly string[];
  /** Path and query for the upstream, without a key of ours. */
  readonly target: string;
  readonly headers: readonly string[];
  /** The subprotocol that carried the key, to be answered with where the upstream names none; null: none did. */
  readonly subprotocol: string | null;
  /** It shows an ephemeral token, which goes on as it is. */
  readonly isEphemeral: boolean;
}

const LIVE_PATH = /^\/ws\/google\.ai\.generativelanguage\.[\w.]*Bidi\w+$/;

/** Whether a path is that of a Live session: both versions of the API, with a key or an ephemeral token. */
export const isLivePath = (path: string): boolean => LIVE_PATH.test(path);

/** How Google names a token that a page may have (ai.google.dev/gemini-api/docs/ephemeral-tokens). */
const EPHEMERAL = 'auth_tokens/';
const KEY_PROTOCOL = 'regrant-key.';
const TOKEN_SCHEME = /^token +/i;

/** Reads what is shown where a browser's WebSocket can show it, which sets no headers: in the query, or as a subprotocol. */
export function liveRequestOf(incoming: IncomingRequest): LiveRequest {
  const query = readQuery(incoming.target?.upstream ?? '');
  const protocols = readProtocols(incoming.headers.forwarded);
  const shown = [...incoming.keys, ...query.tokens, ...authorizationTokens(incoming.request.rawHeaders)];
  const ephemeral = shown.find((key) => key.startsWith(EPHEMERAL));
  const keys = [...shown.filter((key) => !key.startsWith(EPHEMERAL)), ...protocols.keys];
  // Packed frames would hide how many tokens a turn used.
  const headers = withoutHeader(
    withoutHeader(incoming.headers.forwarded, 'sec-websocket-extensions'),
    'sec-websocket-protocol',
  );
  if (protocols.kept.length > 0) headers.push('Sec-WebSocket-Protocol', protocols.kept.join(', '));
  return {
    keys,
    target: ephemeral === undefined ? query.target : withToken(query.target, ephemeral),
    headers,
    subprotocol: protocols.key,
    isEphemeral: ephemeral !== undefined,
  };
}

function readQuery(target: string): { readonly target: string; readonly tokens: readonly string[] } {
  const [path = '', query = ''] = target.split(/\?(.*)/s, 2);
  const parameters = query.split('&').filter((parameter) => parameter !== '');
  const isToken = (parameter: string): boolean => decoded(parameter.split('=', 1)[0] ?? '') === 'access_token';
  const kept = parameters.filter((parameter) => !isToken(parameter)).join('&');
  const tokens = parameters.filter(isToken).map((parameter) => decoded(parameter.replace(/^[^=]*=?/, '')));
  return { target: kept === '' ? path : `${path}?${kept}`, tokens };
}

const withToken = (target: string, token: string): string =>
  `${target}${target.includes('?') ? '&' : '?'}access_token=${token.split('/').map(encodeURIComponent).join('/')}`;

/** `Authorization: Token auth_tokens/…`, as Google's SDK for Python sends it. */
function authorizationTokens(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders
    .filter(
      (value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'authorization' && TOKEN_SCHEME.test(value),
    )
    .map((value) => value.replace(TOKEN_SCHEME, ''));
}

function readProtocols(headers: readonly string[]) {
  const offered = headers
    .filter((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === 'sec-websocket-protocol')
    .flatMap((value) => value.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const withKeys = offered.filter((name) => name.startsWith(KEY_PROTOCOL));
  return {
    kept: offered.filter((name) => !name.startsWith(KEY_PROTOCOL)),
    keys: withKeys.map((name) => name.slice(KEY_PROTOCOL.length)),
    key: withKeys[0] ?? null,
  };
}
