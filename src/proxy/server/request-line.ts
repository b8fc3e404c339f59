import { readTarget, type RequestTarget } from '../http/request-target.js';
import { modelCallOf } from '../protocols/gemini/model-call.js';
import { BoundedMap } from '../../store/ground/bounded-map.js';
import { redactUrl } from '../../store/ground/redact.js';

/** What a request line says, read. */
export interface RequestLine {
  /** null: it names no path. */
  readonly target: RequestTarget | null;
  /** Without the query; empty where there is none. */
  readonly path: string;
  /** Empty where the path names none. */
  readonly model: string;
  readonly call: string;
  /** Path and query as the access log shows them, without keys. */
  readonly logged: string;
}

const LONGEST_LOGGED = 1_000;

/** Clients ask for a few paths again and again: reading one costs more than finding it. */
const MOST_KNOWN = 500;
const LONGEST_KNOWN = 300;
const known = new BoundedMap<string, RequestLine>(MOST_KNOWN);

/** Reads the target of a request line. */
export function readRequestLine(url: string): RequestLine {
  const found = known.get(url);
  if (found !== undefined) return found;
  const line = read(url);
  // No key is kept.
  if (url.length <= LONGEST_KNOWN && line.target?.keys.length === 0) known.set(url, line);
  return line;
}

function read(url: string): RequestLine {
  const target = readTarget(url);
  const path = target?.path ?? '';
  return { target, path, ...modelCallOf(path), logged: logged(url) };
}

function logged(url: string): string {
  const clean = url.includes('?') ? redactUrl(url) : url;
  return clean.length > LONGEST_LOGGED ? `${clean.slice(0, LONGEST_LOGGED)}…` : clean;
}
