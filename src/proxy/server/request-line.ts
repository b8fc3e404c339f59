import { hasDotSegments, readTarget, type RequestTarget } from '../http/request-target.js';
import type { ModelCall, Protocol } from '../protocols/protocol.js';
import { BoundedMap } from '../../store/ground/bounded-map.js';
import { redact } from '../../store/ground/redact.js';
import { isOwnPath } from './own-routes.js';
import { isShared } from './translating/shared-paths.js';

/** A request line, parsed. */
export interface RequestLine extends ModelCall {
  /** null: it names no path. */
  readonly target: RequestTarget | null;
  /** The path without the query; empty where there is none. */
  readonly path: string;
  readonly protocol: Protocol;
  /** Whether a protocol serves this path. */
  readonly isServed: boolean;
  /** Whether several protocols have this path, so that only headers tell which one is meant. */
  readonly isShared: boolean;
  readonly use: PathUse;
  /** Path and query as the access log shows them, without keys. */
  readonly logged: string;
}

/**
 * What a path is for: the proxy's own answers · a Live session · nothing, as it names no path, or would leave the base
 * URL's · `upstream`: whatever else there is.
 */
export type PathUse = 'own' | 'live' | 'none' | 'outside' | 'upstream';

const LONGEST_LOGGED = 1_000;

/** How many request lines are kept parsed, since clients use a few paths again and again. */
const MOST_KNOWN = 500;
const LONGEST_KNOWN = 300;

/** Parses request lines, each in the protocol that its path belongs to. */
export class RequestLines {
  private readonly known = new BoundedMap<string, RequestLine>(MOST_KNOWN);

  /** @param fallback - the protocol whose errors are used for paths that no protocol serves */
  constructor(
    private readonly protocols: readonly Protocol[],
    private readonly fallback: Protocol,
  ) {}

  /** The paths that are served, for a human. */
  get routes(): readonly string[] {
    return this.protocols.flatMap(({ routes }) => routes);
  }

  /** @param url - the target of a request line */
  read(url: string): RequestLine {
    const found = this.known.get(url);
    if (found !== undefined) return found;
    const line = this.readAnew(url);
    // Lines with a key are not kept.
    if (url.length <= LONGEST_KNOWN && line.target?.keys.length === 0) this.known.set(url, line);
    return line;
  }

  private readAnew(url: string): RequestLine {
    const target = readTarget(url);
    const path = target?.path ?? '';
    const serving = this.protocols.find((one) => one.serves(path));
    const protocol = serving ?? this.fallback;
    return {
      target,
      path,
      protocol,
      isServed: serving !== undefined,
      isShared: isShared(path),
      use: target === null ? 'none' : useOf(path),
      ...protocol.modelCallOf(path),
      logged: logged(url),
    };
  }
}

/** The path of a Live session: in both versions of the API, with a key or an ephemeral token. */
const LIVE_PATH = /^\/ws\/google\.ai\.generativelanguage\.[\w.]*Bidi\w+$/;

function useOf(path: string): PathUse {
  if (isOwnPath(path)) return 'own';
  if (LIVE_PATH.test(path)) return 'live';
  return hasDotSegments(path) ? 'outside' : 'upstream';
}

function logged(url: string): string {
  // a key may be in odd places: a segment of the path, a parameter of it, an address within the query
  const clean = redact(url);
  return clean.length > LONGEST_LOGGED ? `${clean.slice(0, LONGEST_LOGGED)}…` : clean;
}
