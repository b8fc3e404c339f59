/** What a request line asks for. */
export interface RequestTarget {
  /** The path without the query; the proxy's own paths are recognised by it. */
  readonly path: string;
  /**
   * Path and query for the upstream: the bytes and their order unchanged, but without `key` parameters and doubled
   * slashes.
   */
  readonly upstream: string;
  /** Values of the `key` parameters that were taken out, decoded. */
  readonly keys: readonly string[];
}

const NO_KEYS: readonly string[] = [];

/** The authority of an absolute-form target (`GET http://host/path`), which clients of a forward proxy send. */
const AUTHORITY = /^https?:\/\/[^/?#]*/i;

/** Reads a request target in origin or absolute form; null for anything else (`*`, an authority). */
export function readTarget(url: string): RequestTarget | null {
  const origin = url.startsWith('/') ? url : originForm(url);
  if (origin === null) return null;
  const mark = origin.indexOf('?');
  if (mark < 0) {
    const path = withSingleSlashes(origin);
    return { path, upstream: path, keys: NO_KEYS };
  }
  const path = withSingleSlashes(origin.slice(0, mark));
  const query = origin.slice(mark + 1);
  // Percent signs may disguise the name (`k%65y`).
  if (!query.includes('key') && !query.includes('%')) return { path, upstream: `${path}?${query}`, keys: NO_KEYS };
  return withoutKeys(path, query);
}

function originForm(url: string): string | null {
  const authority = AUTHORITY.exec(url)?.[0];
  if (authority === undefined) return null;
  const rest = url.slice(authority.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function withoutKeys(path: string, query: string): RequestTarget {
  const keys: string[] = [];
  const kept: string[] = [];
  for (const parameter of query.split('&')) {
    const equals = parameter.indexOf('=');
    const name = equals < 0 ? parameter : parameter.slice(0, equals);
    if (decoded(name) !== 'key') kept.push(parameter);
    else keys.push(equals < 0 ? '' : decoded(parameter.slice(equals + 1).replaceAll('+', ' ')));
  }
  return { path, upstream: kept.length === 0 ? path : `${path}?${kept.join('&')}`, keys };
}

/** Google's own SDKs write `//v1beta/…` and `//ws/…` where a base URL ends with a slash. */
const withSingleSlashes = (path: string): string => (path.includes('//') ? path.replace(/\/{2,}/g, '/') : path);

/** What separates segments for whatever program reads the path later: some decode before they split. */
const SEPARATORS = /\/|\\|%2f|%5c/i;
const DOTS = /^(?:\.|%2e){1,2}$/i;

/** Whether a path has a `..` segment, also as an escape: appended to a base URL it could leave that URL's path. */
export const hasDotSegments = (path: string): boolean =>
  (path.includes('.') || path.includes('%')) && path.split(SEPARATORS).some((segment) => DOTS.test(segment));

/** The text percent-decoded; unchanged where its escapes are no UTF-8. */
export function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
