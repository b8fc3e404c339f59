import { type GoogleError, googleErrorOf } from './google-error.js';
import { ownValue } from '../../store/ground/json.js';

/**
 * How the body of an answer with a good status begins: not enough of it is there to tell (`unclear`) · it is no error
 * (`good`) · it is an error, which counts as an answer of its `status` with that `body`.
 */
export type Beginning = 'unclear' | 'good' | { readonly status: number; readonly body: string };

/** A beginning that is longer than this and has not ended is no error: Google's errors have some hundred bytes. */
const LONGEST = 65_536;

/** The HTTP status of Google's canonical codes (google.rpc.Code), for an error that gives no number. */
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
/** An object whose first name cannot be `error`, as nearly all answers begin: told without taking the text apart. */
const PLAINLY_GOOD = /^\s*\{\s*"[^e]/;
const PLAINLY_GOOD_EVENT = /^data:[ \t]*\{[ \t]*"[^e]/;

/** A byte order mark, also where its bytes were read as characters or have come in part, and the opening of a list. */
const BEFORE_OBJECT = /^(?:\uFEFF|\u00ef(?:\u00bb(?:\u00bf|$)|$))?\s*\[?/;
/** JSON that is only called a stream of events: no field of an event begins so. */
const BARE_OBJECT = new RegExp(String.raw`${BEFORE_OBJECT.source}\s*\{`);

/**
 * Reads how an answer with a good status begins: Google's streams may begin with an error (`data:
 * {"error":{"code":429…}}`), and so may JSON, also as the first item of a list.
 *
 * @param text - what has come of the body
 * @param isStream - whether it is `text/event-stream`
 * @param hasEnded - whether no more will come; an event that is cut off then counts too
 */
export function beginningOf(text: string, isStream: boolean, hasEnded: boolean): Beginning {
  if ((isStream ? PLAINLY_GOOD_EVENT : PLAINLY_GOOD).test(text)) return 'good';
  const json = (isStream && !BARE_OBJECT.test(text) ? firstData(text) : text)?.replace(BEFORE_OBJECT, '');
  if (json === undefined) return hasEnded || text.length > LONGEST ? 'good' : 'unclear';
  const opens = opensWithError(json);
  if (opens === 'no') return 'good';
  if (opens === 'yes') {
    const error = errorIn(json);
    if (error !== null) return error;
  }
  if (!hasEnded && json.length <= LONGEST) return 'unclear';
  return opens === 'yes' && hasEnded ? (brokenError(json) ?? 'good') : 'good';
}

/**
 * The data of a stream's first event, as far as it has come; null: no event has begun. One whose data is empty is none
 * (WHATWG HTML §9.2.6).
 */
function firstData(text: string): string | null {
  let data: string | null = null;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    if (line === '' && data?.trim() === '') data = null;
    if (line === '' && data !== null) return data;
    const [, value] = /^data:? ?(.*)$/s.exec(line) ?? [];
    if (value !== undefined) data = data === null ? value : `${data}\n${value}`;
  }
  return data;
}

/** Whether a JSON text begins like an error; `maybe`: too little of it is there to tell. */
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
  const status = errorStatusOf(error);
  return status === null ? 'good' : { status, body };
}

/** The HTTP status that an error stands for, by its code or else its status; null: it names neither. */
export function errorStatusOf({ code, status }: Pick<GoogleError, 'code' | 'status'>): number | null {
  return isErrorStatus(code) ? code : (ownValue(statusOfCode, status) ?? null);
}

/** An error that broke off in its middle: only its code is used. */
function brokenError(json: string): Beginning | null {
  const code = Number(/"code"\s*:\s*(\d{3})\b/.exec(json)?.[1] ?? 0);
  return isErrorStatus(code) ? { status: code, body: JSON.stringify({ error: { code } }) } : null;
}

const isErrorStatus = (code: number): boolean => code >= 400 && code <= 599;

/** The index after the object that a text begins with; -1: the object is not complete. */
export function endOfObject(json: string): number {
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
