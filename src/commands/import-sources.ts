import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ImportRequest } from '../proxy/supervisor.js';
import { isAccount } from '../store/account.js';
import { readText } from '../store/account-file.js';
import { isAccountFile } from '../store/accounts-folder.js';
import { reasonOf } from '../store/errors.js';
import { isJsonObject, NotJson, parseJson, withoutMark, type JsonObject } from '../store/json.js';

/** Something that was found where the operator pointed, by a name that he knows: a file, a line or an element in it. */
export type Source =
  | { readonly kind: 'token'; readonly name: string; readonly request: ImportRequest }
  | { readonly kind: 'unusable'; readonly name: string; readonly reason: string }
  /** The token of another one before it. */
  | { readonly kind: 'twice'; readonly name: string; readonly first: string };

/** What goes to the running supervisor in one line, with room to spare. */
const LONGEST_FILE = 524_288;

/**
 * Every refresh token in these files and directories, and everything there that should hold one and does not. Nothing is
 * judged by its name but account files in a directory: a file says itself what it is.
 */
export function sourcesOf(paths: readonly string[]): readonly Source[] {
  const first = new Map<string, string>();
  return paths.flatMap(sourcesAt).map((source) => {
    if (source.kind !== 'token') return source;
    const { name, request } = source;
    const known = first.get(request.refreshToken);
    if (known !== undefined) return { kind: 'twice', name, first: known };
    first.set(request.refreshToken, name);
    return source;
  });
}

const unusable = (name: string, reason: string): Source => ({ kind: 'unusable', name, reason });

function sourcesAt(place: string): readonly Source[] {
  try {
    return statSync(place).isDirectory() ? inDirectory(place) : inFile(place);
  } catch (error) {
    return [unusable(place, reasonOf(error))];
  }
}

/** A data directory of Antigravity Tools or of regrant, or a folder of account files. */
function inDirectory(place: string): readonly Source[] {
  const accounts = path.join(place, 'accounts');
  const folder = statSync(accounts, { throwIfNoEntry: false })?.isDirectory() === true ? accounts : place;
  const names = readdirSync(folder).filter(isAccountFile).sort();
  if (names.length === 0) return [unusable(folder, 'a directory without account files in it')];
  return names.flatMap((name) => inFile(path.join(folder, name)));
}

function inFile(file: string): readonly Source[] {
  try {
    const text = readText(file, 'unknown');
    return typeof text === 'string' ? inText(file, withoutMark(text)) : [unusable(file, text.reason)];
  } catch (error) {
    return [unusable(file, reasonOf(error))];
  }
}

function inText(file: string, text: string): readonly Source[] {
  if (text.includes('\0')) return [unusable(file, 'not text: there are NUL bytes in it')];
  return /^\s*[[{]/.test(text) ? inJson(file, text) : inLines(file, text);
}

/** One token a line; a line with more on it is the line of another kind of file, none of which goes to anybody. */
function inLines(file: string, text: string): readonly Source[] {
  const lines = text
    .split(/\r\n|[\r\n]/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) return [unusable(file, 'nothing in it')];
  const prose = lines.find(({ line }) => /\s/.test(line));
  if (prose !== undefined) {
    return [
      unusable(file, `line ${prose.number} is more than one word; a list of tokens has one refresh token a line`),
    ];
  }
  return lines.map(({ line, number }) => token(`${file} line ${number}`, { refreshToken: line }));
}

function inJson(file: string, text: string): readonly Source[] {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    if (error instanceof NotJson) return [unusable(file, error.message)];
    throw error;
  }
  if (isJsonObject(json) && !Array.isArray(json.accounts)) return [fromObject(file, json)];
  const list = (isJsonObject(json) ? json.accounts : json) as unknown[];
  const isIndex = isJsonObject(json) && list.every((one) => isJsonObject(one) && tokenIn(one) === null);
  if (isIndex) return [unusable(file, 'an index of accounts without their tokens: give the directory it lies in')];
  if (list.length === 0) return [unusable(file, 'nothing in it')];
  return list.map((one, index) => fromObject(`${file} #${index + 1}`, isJsonObject(one) ? one : {}));
}

/** A kind of JSON that is no account, and what to do with it. */
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

function fromObject(name: string, json: JsonObject): Source {
  const other = others.find(({ is }) => is(json));
  if (other !== undefined) return unusable(name, other.reason);
  const refreshToken = tokenIn(json);
  if (refreshToken === null) return unusable(name, 'no refresh_token in it');
  if (isJsonObject(json.token)) return fromAccount(name, json, json.token, refreshToken);
  const { client_id: id, client_secret: secret, quota_project_id: project } = json;
  return token(name, {
    refreshToken,
    ownClient: isFilled(id) && isFilled(secret) ? { id, secret } : null,
    projectId: isFilled(project) ? project : null,
  });
}

/** An account file: where it is a good one, what it says beyond its credential goes along. */
function fromAccount(
  name: string,
  json: JsonObject,
  { oauth_client_key: key }: JsonObject,
  refreshToken: string,
): Source {
  const text = JSON.stringify(json);
  if (Buffer.byteLength(text) > LONGEST_FILE) return unusable(name, 'too large for an account file');
  const file = isAccount(json, String(json.id)) ? json : null;
  return token(name, { refreshToken, client: isFilled(key) ? key : null, file });
}

const token = (name: string, parts: Partial<ImportRequest> & Pick<ImportRequest, 'refreshToken'>): Source => ({
  kind: 'token',
  name,
  request: { client: null, ownClient: null, projectId: null, file: null, ...parts },
});

/** `token.refresh_token` of an account file, `refresh_token` of anything else. */
function tokenIn(json: JsonObject): string | null {
  const { refresh_token: found } = isJsonObject(json.token) ? json.token : json;
  return typeof found === 'string' && found.trim() !== '' ? found.replace(/\s+/g, '') : null;
}

const isFilled = (value: unknown): value is string => typeof value === 'string' && value !== '';
