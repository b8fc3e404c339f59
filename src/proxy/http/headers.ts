import { BoundedMap } from '../../store/ground/bounded-map.js';

/**
 * HTTP headers that pass through: flat lists of name, value, name, value, as they came, so that order, case, repetition
 * and bytes (latin1) stay the same.
 */

/** What a client's headers mean to the proxy, and the headers for the upstream. */
export interface RequestHeaders {
  /** For the upstream: without credentials, cookies, hop-by-hop headers, Host and Content-Length. */
  readonly forwarded: readonly string[];
  /** Every API key offered, in `Authorization: Bearer`, `x-api-key` and `x-goog-api-key`. */
  readonly keys: readonly string[];
  readonly host: string | null;
  readonly origin: string | null;
  /** `Sec-Fetch-Site: cross-site`: the browser says that a page of another site sends the request. */
  readonly isCrossSite: boolean;
  /** The value of Content-Length; null where there is none (chunked, or no body). */
  readonly contentLength: number | null;
  /** Whether a body follows, even an empty one. */
  readonly hasBody: boolean;
  readonly unsupported: Unsupported | null;
}

/**
 * What a request may ask for that this proxy does not do: a transfer coding other than `chunked`, an expectation other
 * than `100-continue`, two hosts at once, chunks from a client of HTTP/1.0 (which does not know them), and too many
 * headers.
 */
export type Unsupported = 'coding' | 'expectation' | 'hosts' | 'old_chunks' | 'headers';

/** What a request header means to the proxy, if it is not simply passed on. */
type HeaderRole =
  'hop' | 'bearer' | 'key' | 'secret' | 'host' | 'origin' | 'site' | 'length' | 'coding' | 'expectation' | 'connection';

/** How many names have their role at hand. */
const MOST_KNOWN = 500;
const LONGEST_KNOWN = 40;

const requestRoles: ReadonlyMap<string, HeaderRole> = new Map([
  ['authorization', 'bearer'],
  ['x-api-key', 'key'],
  ['x-goog-api-key', 'key'],
  ['cookie', 'secret'],
  ['host', 'host'],
  ['origin', 'origin'],
  ['sec-fetch-site', 'site'],
  // The account decides whose quota is used, not the client.
  ['x-goog-user-project', 'secret'],
  ['x-regrant-account', 'secret'],
  ['content-length', 'length'],
  ['transfer-encoding', 'coding'],
  ['connection', 'connection'],
  ['proxy-connection', 'hop'],
  ['proxy-authorization', 'hop'],
  ['proxy-authenticate', 'hop'],
  ['keep-alive', 'hop'],
  ['te', 'hop'],
  ['trailer', 'hop'],
  ['upgrade', 'hop'],
  ['http2-settings', 'hop'],
  ['expect', 'expectation'],
]);

/** A header's name as clients write it. */
interface KnownName {
  /** The same text for every request: whoever looks it up further on finds its hash already made. */
  readonly name: string;
  readonly role: HeaderRole | 'none';
}

/** Names as clients write them, which are a few: to look one up in lower case takes twice as long. */
const knownNames = new BoundedMap<string, KnownName>(MOST_KNOWN);

function knownName(name: string): KnownName {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  const made: KnownName = { name, role: requestRoles.get(name.toLowerCase()) ?? 'none' };
  if (name.length <= LONGEST_KNOWN) knownNames.set(name, made);
  return made;
}

/** The most headers: as many as Node's own server takes. */
const MOST_HEADERS = 2_000;

const BEARER = /^bearer +/i;

/** Sorts a request's raw headers. */
export function readRequestHeaders(raw: readonly string[]): RequestHeaders {
  let forwarded: string[] = [];
  let keys: readonly string[] = [];
  let host: string | null = null;
  let origin: string | null = null;
  let isCrossSite = false;
  let contentLength: number | null = null;
  let chunked = false;
  let unsupported: Unsupported | null = null;
  let options = '';
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const { name, role } = knownName(raw[at] ?? '');
    const value = raw[at + 1] ?? '';
    switch (role) {
      case 'none':
        forwarded.push(name, value);
        break;
      case 'bearer':
        if (BEARER.test(value)) keys = withOne(keys, value.replace(BEARER, ''));
        break;
      case 'key':
        keys = withOne(keys, value);
        break;
      case 'host':
        if (host !== null) unsupported = 'hosts';
        host ??= value;
        break;
      case 'origin':
        origin ??= value;
        forwarded.push(name, value);
        break;
      case 'site':
        isCrossSite ||= isWord(value, 'cross-site');
        forwarded.push(name, value);
        break;
      case 'length':
        contentLength = Number(value);
        break;
      case 'coding':
        chunked = true;
        if (!isWord(value, 'chunked')) unsupported = 'coding';
        break;
      case 'expectation':
        if (!isWord(value, '100-continue')) unsupported = 'expectation';
        break;
      case 'connection':
        options += `,${value}`;
        break;
    }
  }
  if (raw.length > 2 * MOST_HEADERS) unsupported = 'headers';
  forwarded = withoutNamed(forwarded, options);
  const hasBody = chunked || (contentLength ?? 0) > 0;
  return { forwarded, keys, host, origin, isCrossSite, contentLength, hasBody, unsupported };
}

/** A list with one more key. Nearly every request has one, and a list that grows reserves room for seventeen. */
const withOne = (keys: readonly string[], key: string): readonly string[] =>
  keys.length === 0 ? [key] : [...keys, key];

const isWord = (value: string, word: string): boolean => value.trim().toLowerCase() === word;

/** The headers without those that a Connection header names: they are meant for the next hop only (RFC 9110 §7.6.1). */
function withoutNamed(headers: string[], options: string): string[] {
  if (options === '' || /^[, \t]*(keep-alive|close)?[, \t]*$/i.test(options)) return headers;
  const named = new Set(options.split(',').map((option) => option.trim().toLowerCase()));
  const kept: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (!named.has(name.toLowerCase())) kept.push(name, headers[at + 1] ?? '');
  }
  return kept;
}

/** A copy of `headers` without those of one name (lower case). */
export function withoutHeader(headers: readonly string[], name: string): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const other = headers[at] ?? '';
    if (other.length !== name.length || other.toLowerCase() !== name) kept.push(other, headers[at + 1] ?? '');
  }
  return kept;
}

/** The value of the first header of one name (lower case); null: there is none. */
export function headerIn(headers: readonly string[], name: string): string | null {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const other = headers[at] ?? '';
    if (other.length === name.length && other.toLowerCase() === name) return headers[at + 1] ?? null;
  }
  return null;
}

/** What an upstream's headers mean to the proxy, and the headers for the client. */
export interface AnswerHeaders {
  readonly forwarded: readonly string[];
  readonly contentLength: number | null;
  /** Lower case; empty where there is none. */
  readonly contentType: string;
  /** Lower case; empty for the body as it is. */
  readonly contentEncoding: string;
  readonly retryAfter: string | null;
  /** Whether the headers may have an address to go on at: of a resumable upload, or of a redirect. */
  readonly leadsOn: boolean;
}

const answerHops: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'proxy-authenticate',
  'keep-alive',
  'transfer-encoding',
  'te',
  'upgrade',
]);

/** Headers that may have the address of a resumable upload: Google's own, and that of `uploadType=resumable`. */
export const uploadAddresses: ReadonlySet<string> = new Set([
  'x-goog-upload-url',
  'x-goog-upload-control-url',
  'location',
]);

/** Sorts an answer's raw headers, as undici gives them: names and values alternating, as bytes. */
export function readAnswerHeaders(raw: readonly Buffer[]): AnswerHeaders {
  const forwarded: string[] = [];
  let options = '';
  let contentLength: number | null = null;
  let contentType = '';
  let contentEncoding = '';
  let retryAfter: string | null = null;
  let leadsOn = false;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toString('latin1') ?? '';
    const value = raw[at + 1]?.toString('latin1') ?? '';
    const lower = name.toLowerCase();
    // Which web pages may read an answer is decided by us, not by the upstream.
    if (answerHops.has(lower) || lower.startsWith('access-control-')) {
      if (lower === 'connection') options += `,${value}`;
      continue;
    }
    if (lower === 'content-length') contentLength = Number(value);
    else if (lower === 'content-type') contentType = value.toLowerCase();
    else if (lower === 'content-encoding') contentEncoding = value.trim().toLowerCase();
    else if (lower === 'retry-after') retryAfter = value;
    else if (uploadAddresses.has(lower)) leadsOn = true;
    forwarded.push(name, value);
  }
  const passed = withoutNamed(forwarded, options);
  return { forwarded: passed, contentLength, contentType, contentEncoding, retryAfter, leadsOn };
}

/** How a written date begins. Without it `Date.parse` takes `-1` and `10, 20` for days of 2001. */
const DATE = /^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? |\d{4}-\d\d-\d\dT)/i;
/** The one form of an HTTP date that does not name its zone, which is GMT all the same. */
const ASCTIME = /^[a-z]{3} [a-z]{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/i;

/** `Retry-After` in ms: seconds or an HTTP date (RFC 9110 §10.2.3); null where it says nothing usable. */
export function retryAfterMs(header: string | null, now: number): number | null {
  const said = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(said)) return Math.round(Number(said) * 1000);
  const date = DATE.test(said) ? Date.parse(ASCTIME.test(said) ? `${said} GMT` : said) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
