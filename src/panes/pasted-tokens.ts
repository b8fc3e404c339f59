/** What a paste holds: a token, several of them one a line, or the JSON that other programs keep them in. */

/** A refresh token, and what the paste says about it beside. */
export interface PastedToken {
  readonly token: string;
  /** Id of the OAuth client that issued it, where the paste names one. */
  readonly clientId: string | null;
}

export interface PastedTokens {
  readonly tokens: readonly PastedToken[];
  /** What they were taken out of, in a few words; null where the paste was nothing but the token. */
  readonly from: string | null;
}

/** White space is never part of a token; nothing else is judged. */
export const stripped = (text: string): string => text.replace(/\s+/g, '');

/** How Google's refresh tokens start: several lines that all do are several tokens, all else is one that was broken. */
const START = /^1\/\/?\S{8,}$/;

/** Finds the tokens of a paste; JSON that holds none is taken as it is, since nothing here judges what a token is. */
export function tokensOf(text: string): PastedTokens {
  const json = jsonOf(text.trim());
  const found = json === undefined ? [] : tokensIn(json);
  if (found.length > 0) return { tokens: found, from: 'JSON' };
  const lines = text
    .split(/\r\n|[\r\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length > 1 && lines.every((line) => START.test(line))) {
    const tokens = [...new Set(lines)].map((token) => ({ token, clientId: null }));
    return { tokens, from: `${tokens.length} lines` };
  }
  const token = stripped(text);
  return { tokens: token === '' ? [] : [{ token, clientId: null }], from: null };
}

/** Only objects and lists count: a token that happens to be a JSON number or string is a token. */
function jsonOf(text: string): object | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

const tokensIn = (json: object): PastedToken[] => (Array.isArray(json) ? (json as unknown[]) : [json]).flatMap(tokenOf);

/** `{"refresh_token": …}` and gcloud's `authorized_user`; an account file has it one level down. */
function tokenOf(value: unknown): PastedToken[] {
  if (!isRecord(value)) return [];
  const holder = isRecord(value.token) ? value.token : value;
  const { refresh_token: token } = holder;
  if (typeof token !== 'string' || stripped(token) === '') return [];
  const clientId = typeof holder.client_id === 'string' ? holder.client_id : null;
  return [{ token: stripped(token), clientId }];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
