import { readTarget, type RequestTarget } from '../http/request-target.js';
import type { ModelCall, Protocol } from '../protocols/protocol.js';
import { BoundedMap } from '../../store/ground/bounded-map.js';
import { redactUrl } from '../../store/ground/redact.js';

/** What a request line says, read. */
export interface RequestLine extends ModelCall {
  /** null: it names no path. */
  readonly target: RequestTarget | null;
  /** Without the query; empty where there is none. */
  readonly path: string;
  readonly protocol: Protocol;
  /** Path and query as the access log shows them, without keys. */
  readonly logged: string;
}

const LONGEST_LOGGED = 1_000;

/** Clients ask for a few paths again and again: reading one costs more than finding it. */
const MOST_KNOWN = 500;
const LONGEST_KNOWN = 300;

/** Reads request lines, each in the protocol that its path belongs to. */
export class RequestLines {
  private readonly known = new BoundedMap<string, RequestLine>(MOST_KNOWN);

  /** @param fallback - what a path belongs to that none of the others serves */
  constructor(
    private readonly protocols: readonly Protocol[],
    private readonly fallback: Protocol,
  ) {}

  /** @param url - the target of a request line */
  read(url: string): RequestLine {
    const found = this.known.get(url);
    if (found !== undefined) return found;
    const line = this.readAnew(url);
    // No key is kept.
    if (url.length <= LONGEST_KNOWN && line.target?.keys.length === 0) this.known.set(url, line);
    return line;
  }

  private readAnew(url: string): RequestLine {
    const target = readTarget(url);
    const path = target?.path ?? '';
    const protocol = this.protocols.find((one) => one.serves(path)) ?? this.fallback;
    return { target, path, protocol, ...protocol.modelCallOf(path), logged: logged(url) };
  }
}

function logged(url: string): string {
  const clean = url.includes('?') ? redactUrl(url) : url;
  return clean.length > LONGEST_LOGGED ? `${clean.slice(0, LONGEST_LOGGED)}…` : clean;
}
