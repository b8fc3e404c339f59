/** What a paste holds: a token, several of them one a line, or the JSON that other programs keep them in. */
import { tokenText } from '../../proxy/contract/token-text.js';
import { looksLikeJson, tokensInJson } from '../../proxy/contract/tokens-in-json.js';
import { tell } from '../../store/words/tongue.js';

/** A refresh token, and what else the paste says about it. */
export interface PastedToken {
  readonly token: string;
  /** Name or id of the OAuth client that issued it, where the paste tells it. */
  readonly client: string | null;
}

export interface PastedTokens {
  readonly tokens: readonly PastedToken[];
  /** What the tokens were taken out of, in a few words; null where the paste was only the token. */
  readonly from: string | null;
}

/**
 * How Google's refresh tokens begin: several lines that all begin so are several tokens, anything else is one token
 * that was broken into lines.
 */
const START = /^1\/\S+$/;
/** As in a file for `regrant import`. */
const COMMENT = '#';

/**
 * Finds the tokens of a paste; JSON without any is taken as it is, since it is not judged here what a token looks like.
 */
export function tokensOf(text: string): PastedTokens {
  const found = looksLikeJson(text) ? inJson(text) : [];
  if (found.length > 0) return { tokens: found, from: 'JSON' };
  const lines = text
    .split(/\r\n|[\r\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const said = lines.filter((line) => !line.startsWith(COMMENT));
  if (lines.length > 1 && said.length > 0 && said.every((line) => START.test(line))) {
    const tokens = [...new Set(said)].map((token) => ({ token, client: null }));
    return {
      tokens,
      from: said.length > 1 ? tell('{n} lines', { n: said.length }) : tell('the line that is no comment'),
    };
  }
  const token = tokenText(text);
  return { tokens: token === '' ? [] : [{ token, client: null }], from: null };
}

function inJson(text: string): PastedToken[] {
  const tokens = new Map<string, PastedToken>();
  for (const found of tokensInJson(text)) {
    if (found.kind === 'unusable') continue;
    const { refreshToken: token, clientKey, clientId } = found.token;
    tokens.set(token, { token, client: clientKey ?? clientId });
  }
  return [...tokens.values()];
}
