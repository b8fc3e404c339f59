/**
 * Finds refresh tokens in the JSON files of other programs. Pure: the caller reads the text, and says where it came
 * from.
 */
import { tokenText } from './token-text.js';
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

export const looksLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);

/** Every token in a text that looks like JSON, in its order: an object, a list, `{"accounts": […]}`, or one object a line. */
export function tokensInJson(text: string): readonly Found[] {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return tokensInLines(text) ?? [unusable('', error.message)];
  }
  if (isJsonObject(json) && !Array.isArray(json.accounts)) return [inObject('', json)];
  const list = (isJsonObject(json) ? json.accounts : json) as unknown[];
  const isIndex = isJsonObject(json) && list.every((one) => isJsonObject(one) && tokenIn(one) === null);
  if (isIndex) return [unusable('', 'an index of accounts without their tokens: give the directory it lies in')];
  if (list.length === 0) return [unusable('', 'nothing in it')];
  return list.map((one, index) => inObject(` #${index + 1}`, isJsonObject(one) ? one : {}));
}

/** One object on each line; null where a line is something else. */
function tokensInLines(text: string): readonly Found[] | null {
  const found: Found[] = [];
  for (const [index, line] of text.split(/\r\n|[\r\n]/).entries()) {
    if (line.trim() === '') continue;
    const json = objectOf(line);
    if (json === null) return null;
    found.push(inObject(` line ${index + 1}`, json));
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
const others: readonly { readonly is: (json: JsonObject) => boolean; readonly reason: string }[] = [
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

function inObject(where: string, json: JsonObject): Found {
  const other = others.find(({ is }) => is(json));
  if (other !== undefined) return unusable(where, other.reason);
  const refreshToken = tokenIn(json);
  if (refreshToken === null) return unusable(where, 'no refresh_token in it');
  const isAccount = isJsonObject(json.token);
  const holder = isJsonObject(json.token) ? json.token : json;
  const token = {
    refreshToken,
    clientKey: filled(holder.oauth_client_key),
    clientId: filled(holder.client_id),
    clientSecret: filled(holder.client_secret),
    projectId: filled(json.quota_project_id),
    account: isAccount ? json : null,
  };
  return { kind: 'token', where, token };
}

/** `token.refresh_token` of an account file, `refresh_token` of any other. */
function tokenIn(json: JsonObject): string | null {
  const { refresh_token: found } = isJsonObject(json.token) ? json.token : json;
  return typeof found === 'string' && found.trim() !== '' ? tokenText(found) : null;
}

const filled = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
