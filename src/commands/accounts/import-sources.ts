import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { looksLikeJson, tokensInJson, type FoundToken } from '../../proxy/contract/tokens-in-json.js';
import type { ImportRequest } from '../../proxy/contract/operations.js';
import { isAccount } from '../../store/accounts/account.js';
import { readText } from '../../store/disk/text-file.js';
import { isAccountFile } from '../../store/accounts/accounts-folder.js';
import { reasonOf } from '../../store/ground/errors.js';
import { withoutMark } from '../../store/ground/json.js';

/** Something found where the operator pointed, with a name that he recognises: a file, a line or an element in it. */
export type Source =
  | { readonly kind: 'token'; readonly name: string; readonly request: ImportRequest }
  | { readonly kind: 'unusable'; readonly name: string; readonly reason: string }
  /** It has the same token as an earlier one. */
  | { readonly kind: 'twice'; readonly name: string; readonly first: string };

/** The largest account file that is passed on: it goes to the running supervisor in one line, with space to spare. */
const LONGEST_FILE = 524_288;

/**
 * Every refresh token in these files and directories, and everything there that should have one and does not. Only
 * account files in a directory are recognised by their names; any other file by its content.
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

/** The sources in a data directory of Antigravity Tools or of regrant, or in a folder of account files. */
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
  return looksLikeJson(text) ? inJson(file, text) : inLines(file, text);
}

/**
 * One token on each line. A line with anything else on it shows that the file is of another kind, and then none of its
 * lines is sent to anybody.
 */
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
  return tokensInJson(text).map((found) => {
    const name = `${file}${found.where}`;
    return found.kind === 'token' ? fromFound(name, found.token) : unusable(name, found.reason);
  });
}

/** A source for a token that was found. If it was in a good account file, everything else in that file goes along. */
function fromFound(name: string, found: FoundToken): Source {
  const { refreshToken, clientKey: client, clientId: id, clientSecret: secret, projectId, account } = found;
  if (account === null) {
    return token(name, { refreshToken, ownClient: id === null || secret === null ? null : { id, secret }, projectId });
  }
  const text = JSON.stringify(account);
  if (Buffer.byteLength(text) > LONGEST_FILE) return unusable(name, 'too large for an account file');
  const file = isAccount(account, String(account.id)) ? account : null;
  return token(name, { refreshToken, client, file });
}

const token = (name: string, parts: Partial<ImportRequest> & Pick<ImportRequest, 'refreshToken'>): Source => ({
  kind: 'token',
  name,
  request: { client: null, ownClient: null, projectId: null, file: null, ...parts },
});
