/**
 * Finds refresh tokens in the JSON files of other programs. Pure: the caller reads the text, and says where it came
 * from.
 */
import { english } from '../../store/words/saying.js';
import type { PlainSentence } from '../../store/words/tongue.js';
import { lineTokens, tokenText } from './token-text.js';
import { isJsonObject, NotJson, parseJson, type JsonObject } from '../../store/ground/json.js';

/** A refresh token, and what was found beside it. */
export interface FoundToken {
  readonly refreshToken: string;
  /** Name of the OAuth client that issued it (`oauth_client_key` of an account file). */
  readonly clientKey: string | null;
  /** Id of that client, and its secret, as gcloud's `authorized_user` has them. */
  readonly clientId: string | null;
  readonly clientSecret: string | null;
  readonly projectId: string | null;
  /** The account file that the token was in; null where it was in something else. */
  readonly account: JsonObject | null;
}

/** `where`: the place within the text, as ` line 3` or ` #2`; empty for the whole text. */
export type Found =
  | { readonly kind: 'token'; readonly where: string; readonly token: FoundToken }
  | { readonly kind: 'unusable'; readonly where: string; readonly reason: string };

const unusable = (where: string, reason: string): Found => ({ kind: 'unusable', where, reason });

const NONE = english('no refresh_token in it');

/** How deep objects are searched: no program stores a token deeper. */
const DEEPEST = 6;

export const looksLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);

/**
 * Every token in a text that looks like JSON, in its order: an object, a list, a map, lists and maps of bare tokens, each
 * within others too, or one object a line. Keys are taken in whatever spelling (`refresh_token`, `refreshToken`).
 */
export function tokensInJson(text: string): readonly Found[] {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return tokensInLines(text) ?? [unusable('', error.message)];
  }
  const list = isJsonObject(json) && tokenIn(json) === null && Array.isArray(json.accounts) ? json.accounts : json;
  if (Array.isArray(list) && list.length === 0) return [unusable('', english('nothing in it'))];
  const found = within('', list, 0);
  if (found.some(({ kind }) => kind === 'token') || list === json) return found;
  const isIndex = (list as unknown[]).every((one) => isJsonObject(one));
  return isIndex
    ? [unusable('', english('an index of accounts without their tokens: give the directory it lies in'))]
    : found;
}

/** One object on each line; null where a line is something else. */
function tokensInLines(text: string): readonly Found[] | null {
  const found: Found[] = [];
  for (const [index, line] of text.split(/\r\n|[\r\n]/).entries()) {
    if (line.trim() === '') continue;
    const json = objectOf(line);
    if (json === null) return null;
    found.push(...within(` line ${index + 1}`, json, 0));
  }
  return found;
}

function objectOf(line: string): JsonObject | null {
  try {
    const json = parseJson(line);
    return isJsonObject(json) ? json : null;
  } catch (error) {
    if (error instanceof NotJson) return null;
    throw error;
  }
}

/** JSON files of other kinds that are recognised, and what to say about them. */
const others: readonly { readonly is: (json: JsonObject) => boolean; readonly reason: PlainSentence }[] = [
  {
    is: ({ type }) => type === 'service_account',
    reason: "a service account's key: it holds no refresh token, and regrant serves users' accounts only",
  },
  {
    is: ({ installed, web }) => isJsonObject(installed) || isJsonObject(web),
    reason: 'an OAuth client and no account: its id and secret belong into settings.json, under oauth.clients',
  },
  {
    is: ({ type }) => typeof type === 'string' && type.startsWith('external_account'),
    reason: 'credentials of another identity provider: they hold no refresh token of Google',
  },
];

/** The tokens in a value, and everything in it that should have one and does not. */
function within(where: string, value: unknown, depth: number): readonly Found[] {
  if (typeof value === 'string') return [bareToken(where, value) ?? unusable(where, NONE)];
  if (Array.isArray(value)) {
    return depth >= DEEPEST
      ? [unusable(where, NONE)]
      : value.flatMap((one: unknown, index) => within(`${where} #${index + 1}`, one, depth + 1));
  }
  return isJsonObject(value) ? inObject(where, value, depth) : [unusable(where, NONE)];
}

function inObject(where: string, json: JsonObject, depth: number): readonly Found[] {
  const other = others.find(({ is }) => is(json));
  if (other !== undefined) return [unusable(where, other.reason)];
  const own = tokenIn(json);
  if (own !== null) return [{ kind: 'token', where, token: own }];
  const inner =
    depth >= DEEPEST ? [] : Object.entries(json).flatMap(([key, value], at) => inMember(where, key, value, depth, at));
  // if there are tokens, the members without one are not reported
  if (inner.some(({ kind }) => kind === 'token')) return inner;
  return [inner.find((found) => found.kind === 'unusable' && found.reason !== NONE) ?? unusable(where, NONE)];
}

/**
 * A member of an object that is not itself an account: `"work": {…}`, `"bob@example.com": "1//…"`, or the other way
 * round.
 */
function inMember(where: string, key: string, value: unknown, depth: number, at: number): readonly Found[] {
  const place = `${where} ${PLAIN_KEY.test(key) ? `.${key}` : `#${at + 1}`}`;
  if (typeof value === 'string')
    return [bareToken(place, value) ?? bareToken(place, key)].filter((one) => one !== null);
  return typeof value === 'object' && value !== null ? within(place, value, depth + 1) : [];
}

/** A key that may be shown: a name or an e-mail, never a token. */
const PLAIN_KEY = /^(?!1\/)[\w@.+-]{1,64}$/;

/** A text that is nothing but a token; null: it is something else. */
function bareToken(where: string, text: string): Found | null {
  const [refreshToken] = lineTokens(text);
  if (refreshToken === undefined) return null;
  const nothing = { clientKey: null, clientId: null, clientSecret: null, projectId: null, account: null };
  return { kind: 'token', where, token: { refreshToken, ...nothing } };
}

/** The token of an object, `token.refresh_token` of an account file, and what stands beside it; null: it has none of its own. */
function tokenIn(json: JsonObject): FoundToken | null {
  const holder = isJsonObject(json.token) ? json.token : json;
  const packed = member(holder, /refreshtoken$/) ?? packedIn(holder);
  if (packed === null) return null;
  // some programs put the project after the token: `1//0abc|project|another`
  const [refreshToken = '', ...projects] = /^1\/[^|]*\|/.test(packed) ? packed.split('|') : [packed];
  const beside = (name: RegExp): string | null => member(holder, name) ?? member(json, name);
  return {
    refreshToken: tokenText(refreshToken),
    clientKey: beside(/^oauthclientkey$/),
    clientId: beside(/^(oauth)?clientid$/),
    clientSecret: beside(/^(oauth)?clientsecret$/),
    projectId: member(json, /^(quota|managed)?projectid$/) ?? projects.find((project) => project !== '') ?? null,
    account: holder === json ? null : json,
  };
}

/** `"refresh": "1//…"`; under this key there may be anything else too. */
function packedIn(holder: JsonObject): string | null {
  const { refresh } = holder;
  return typeof refresh === 'string' && refresh.startsWith('1/') ? refresh : null;
}

/** The first text under a key with this name, in any case, with or without hyphens and underscores. */
function member(json: JsonObject, name: RegExp): string | null {
  for (const [key, value] of Object.entries(json)) {
    if (typeof value !== 'string' || value.trim() === '') continue;
    if (name.test(key.toLowerCase().replace(/[^a-z0-9]/g, ''))) return value;
  }
  return null;
}
