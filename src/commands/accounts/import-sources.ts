import { read, reason, saying } from '../../store/words/saying.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { looksLikeJson, tokensInJson, type FoundToken } from '../../proxy/contract/tokens-in-json.js';
import { lineTokens, unquoted } from '../../proxy/contract/token-text.js';
import type { ImportRequest } from '../../proxy/contract/operations.js';
import { isAccount } from '../../store/accounts/account.js';
import { readText } from '../../store/disk/text-file.js';
import { isAccountFile } from '../../store/accounts/accounts-folder.js';
import type { Saying } from '../../store/ground/errors.js';
import { withoutMark } from '../../store/ground/json.js';

/** Something found where the operator pointed, with a name that he recognises: a file, a line or an element in it. */
export type Source =
  | { readonly kind: 'token'; readonly name: string; readonly request: ImportRequest }
  | { readonly kind: 'unusable'; readonly name: string; readonly reason: Saying }
  /** It has the same token as an earlier one. */
  | { readonly kind: 'twice'; readonly name: string; readonly first: string };

/** Which words of a text without JSON are taken: those that begin with `1/`, or every line of one word. */
export type TakenWords = 'tokens' | 'any';

/** The largest account file that is passed on: it goes to the running supervisor in one line, with space to spare. */
const LONGEST_FILE = 524_288;

/**
 * Every refresh token in these files and directories, and everything there that should have one and does not. Only
 * account files in a directory are recognised by their names; any other file by its content.
 */
export function sourcesOf(paths: readonly string[], words: TakenWords = 'tokens'): readonly Source[] {
  const first = new Map<string, string>();
  return paths
    .flatMap((place) => sourcesAt(place, words))
    .map((source) => {
      if (source.kind !== 'token') return source;
      const { name, request } = source;
      const known = first.get(request.refreshToken);
      if (known !== undefined) return { kind: 'twice', name, first: known };
      first.set(request.refreshToken, name);
      return source;
    });
}

const unusable = (name: string, why: Saying): Source => ({ kind: 'unusable', name, reason: why });

function sourcesAt(place: string, words: TakenWords): readonly Source[] {
  try {
    return statSync(place).isDirectory() ? inDirectory(place, words) : inFile(place, words);
  } catch (error) {
    return [unusable(place, reason(error))];
  }
}

/** The sources in a data directory of Antigravity Tools or of regrant, or in a folder of account files. */
function inDirectory(place: string, words: TakenWords): readonly Source[] {
  const accounts = path.join(place, 'accounts');
  const folder = statSync(accounts, { throwIfNoEntry: false })?.isDirectory() === true ? accounts : place;
  const names = readdirSync(folder).filter(isAccountFile).sort();
  if (names.length === 0) return [unusable(folder, saying('a directory without account files in it'))];
  return names.flatMap((name) => inFile(path.join(folder, name), words));
}

function inFile(file: string, words: TakenWords): readonly Source[] {
  try {
    const text = readText(file, 'unknown');
    return typeof text === 'string' ? inText(file, withoutMark(text), words) : [unusable(file, read(text.reason))];
  } catch (error) {
    return [unusable(file, reason(error))];
  }
}

function inText(file: string, text: string, words: TakenWords): readonly Source[] {
  if (text.includes('\0')) return [unusable(file, saying('not text: there are NUL bytes in it'))];
  return looksLikeJson(text) ? inJson(file, text) : inLines(file, text, words);
}

/**
 * Tokens among the words of a text, whatever else is on the line, or lines of one word. Nothing else of a line is sent
 * or shown: lines without a token are named by their number and kind, never by their text.
 */
function inLines(file: string, text: string, words: TakenWords): readonly Source[] {
  const lines = text
    .split(/\r\n|[\r\n]/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) return [unusable(file, saying('nothing in it'))];
  const found = lines.map(({ line, number }) => ({ line, number, tokens: tokensOf(line, words) }));
  const bare = found.filter(({ tokens }) => tokens.length === 0);
  if (bare.length === found.length) return [unusable(file, reasonFor(lines))];
  const named = new Set(bare.slice(0, MOST_NAMED));
  const unnamed = bare.length - named.size;
  return [
    ...found.flatMap((each): readonly Source[] => {
      const name = `${file} line ${each.number}`;
      if (named.has(each))
        return [unusable(name, saying('no refresh token in it: {kind}', { kind: kindOf(each.line) }))];
      return each.tokens.map((refreshToken) => token(name, { refreshToken }));
    }),
    ...(unnamed === 0
      ? []
      : [unusable(file, saying('{n} more lines without a refresh token in them', { n: unnamed }))]),
  ];
}

function tokensOf(line: string, words: TakenWords): readonly string[] {
  const tokens = lineTokens(line);
  return tokens.length > 0 || words === 'tokens' || /\s/.test(line) ? tokens : [unquoted(line)];
}

/** Why no token of a text is taken. */
function reasonFor(lines: readonly { readonly line: string; readonly number: number }[]): Saying {
  const prose = lines.find(({ line }) => /\s/.test(line));
  if (prose !== undefined)
    return saying('line {n} is more than one word; a list of tokens has one refresh token a line', { n: prose.number });
  const { line, number } = lines[0] ?? { line: '', number: 1 };
  return saying("line {n} is {kind}; Google's refresh tokens begin 1/, and --any takes every line of one word", {
    n: number,
    kind: kindOf(line),
  });
}

/** The kinds of lines without a token; the first that fits. */
const kinds: readonly (readonly [RegExp, PlainWord])[] = [
  [/\bya29\./, 'an access token, which ends within the hour'],
  [/\bAIza[\w-]{20,}/, 'an API key'],
  [/(^|[\s=:"'])4\/[\w-]{4,}/, 'an authorization code, which is good once'],
  [/\bGOCSPX-/, "an OAuth client's secret"],
  [/\.apps\.googleusercontent\.com\b/, "an OAuth client's id"],
  [/-----BEGIN /, 'a key in PEM'],
  [/^\S+@\S+\.\w+\S*$/, 'an e-mail, with nothing that begins 1/ beside it'],
  [/^[A-Za-z_][\w-]*=/, 'a setting of something else'],
];

const kindOf = (line: string): Saying => saying(kinds.find(([pattern]) => pattern.test(line))?.[1] ?? 'other words');

/** How many lines are named one by one. */
const MOST_NAMED = 20;

/** The sources in a text of JSON. @param file - what it is called */
export function inJson(file: string, text: string): readonly Source[] {
  return tokensInJson(text).map((found) => {
    const name = `${file}${found.where}`;
    return found.kind === 'token' ? fromFound(name, found.token) : unusable(name, read(found.reason));
  });
}

/** A source for a token that was found. If it was in a good account file, everything else in that file goes along. */
function fromFound(name: string, found: FoundToken): Source {
  const { refreshToken, clientKey: client, clientId: id, clientSecret: secret, projectId, account } = found;
  const beside = id === null || secret === null ? null : { id, secret };
  if (account === null) return token(name, { refreshToken, client: null, ownClient: beside, projectId });
  const ownClient = client === null ? beside : null;
  const text = JSON.stringify(account);
  if (Buffer.byteLength(text) > LONGEST_FILE) return unusable(name, saying('too large for an account file'));
  const file = isAccount(account, String(account.id)) ? account : null;
  return token(name, { refreshToken, client, ownClient, file });
}

const token = (name: string, parts: Partial<ImportRequest> & Pick<ImportRequest, 'refreshToken'>): Source => ({
  kind: 'token',
  name,
  request: { client: null, ownClient: null, projectId: null, file: null, ...parts },
});
