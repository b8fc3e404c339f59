import { googleErrorOf } from './google-error.js';

/**
 * What an answer with a good status begins with: `unclear` so far · `good` · an error, which counts as an answer of its
 * `status` with that `body`.
 */
export type Beginning = 'unclear' | 'good' | { readonly status: number; readonly body: string };

/** What is longer than this and has not ended is no error: Google's are some hundred bytes. */
const LONGEST = 65_536;

/** Google's canonical codes (google.rpc.Code), for an error that names no number. */
const statusOfCode: Readonly<Partial<Record<string, number>>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  UNKNOWN: 500,
  INTERNAL: 500,
  DATA_LOSS: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

const OPENING = ['{', '"error"', ':', '{'];

/**
 * Reads how an answer with a good status begins: Google's streams may open with an error (`data: {"error":{"code":429…}}`),
 * and so may JSON, in a list too.
 *
 * @param text - what has come of the body
 * @param isStream - it is `text/event-stream`
 * @param hasEnded - no more will come; an event that this cuts off counts
 */
export function beginningOf(text: string, isStream: boolean, hasEnded: boolean): Beginning {
  const json = isStream ? firstData(text) : text.replace(/^\uFEFF?\s*\[?/, '');
  if (json === null) return hasEnded || text.length > LONGEST ? 'good' : 'unclear';
  const opens = opensWithError(json);
  if (opens === 'no') return 'good';
  if (opens === 'yes') {
    const error = errorIn(json);
    if (error !== null) return error;
  }
  if (!hasEnded && json.length <= LONGEST) return 'unclear';
  return opens === 'yes' && hasEnded ? (brokenError(json) ?? 'good') : 'good';
}

/** What the first event of a stream carries, as far as it has come; null: none has begun. */
function firstData(text: string): string | null {
  let data: string | null = null;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    if (line === '' && data !== null) return data;
    const [, value] = /^data:? ?(.*)$/s.exec(line) ?? [];
    if (value !== undefined) data = data === null ? value : `${data}\n${value}`;
  }
  return data;
}

/** Whether a JSON text opens as an error does; `maybe`: too little of it is there to tell. */
function opensWithError(json: string): 'yes' | 'no' | 'maybe' {
  let rest = json.trimStart();
  for (const token of OPENING) {
    if (!rest.startsWith(token)) return token.startsWith(rest) ? 'maybe' : 'no';
    rest = rest.slice(token.length).trimStart();
  }
  return 'yes';
}

function errorIn(json: string): Beginning | null {
  const end = endOfObject(json);
  if (end < 0) return null;
  const body = json.slice(0, end).trimStart();
  const error = googleErrorOf(body);
  if (error === null) return 'good';
  const status = isErrorStatus(error.code) ? error.code : statusOfCode[error.status];
  return status === undefined ? 'good' : { status, body };
}

/** An error that broke off in its middle: its code is all that counts. */
function brokenError(json: string): Beginning | null {
  const code = Number(/"code"\s*:\s*(\d{3})\b/.exec(json)?.[1] ?? 0);
  return isErrorStatus(code) ? { status: code, body: JSON.stringify({ error: { code } }) } : null;
}

const isErrorStatus = (code: number): boolean => code >= 400 && code <= 599;

/** The index behind the object that a text begins with; -1: it is not whole. */
function endOfObject(json: string): number {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === '"') {
      for (at++; at < json.length && json[at] !== '"'; at++) if (json[at] === '\\') at++;
    } else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}
