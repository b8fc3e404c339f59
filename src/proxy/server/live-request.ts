import { withoutHeader } from '../http/headers.js';
import { decoded } from '../http/request-target.js';
import type { IncomingRequest } from './incoming-request.js';

/** What a request for a Live session shows and wants. */
export interface LiveRequest {
  readonly keys: readonly string[];
  /** Path and query for the upstream, without a key of ours. */
  readonly target: string;
  readonly headers: readonly string[];
  /** The subprotocol that carried the key, with which to answer if the upstream names none; null: none did. */
  readonly subprotocol: string | null;
  /** Whether it shows an ephemeral token, which is passed on as it is. */
  readonly isEphemeral: boolean;
}

/** The prefix of tokens that Google makes for web pages (ai.google.dev/gemini-api/docs/ephemeral-tokens). */
const EPHEMERAL = 'auth_tokens/';
const KEY_PROTOCOL = 'regrant-key.';
const TOKEN_SCHEME = /^token +/i;

/** Reads the key or token from the query or a subprotocol, since a browser's WebSocket cannot set headers. */
export function liveRequestOf(incoming: IncomingRequest): LiveRequest {
  const query = readQuery(incoming.target?.upstream ?? '');
  const protocols = readProtocols(incoming.headers.forwarded);
  const shown = [...incoming.keys, ...query.tokens, ...authorizationTokens(incoming.request.rawHeaders)];
  const ephemeral = shown.find((key) => key.startsWith(EPHEMERAL));
  const keys = [...shown.filter((key) => !key.startsWith(EPHEMERAL)), ...protocols.keys];
  // In compressed frames the number of tokens of a turn could not be read.
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
