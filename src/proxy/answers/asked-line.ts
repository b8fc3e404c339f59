import { type Subject, subjectOf } from '../subject/subject.js';
import { modelOfPath, plainPath } from '../subject/path-model.js';
import { BoundedMap } from '../../store/ground/bounded-map.js';
import { pathShape } from './paths.js';

/** What a request's method and target show without its body. */
export interface AskedLine {
  readonly method: string;
  /** The path as it came, without the query. */
  readonly path: string;
  /** Method and path with the names taken out. */
  readonly shape: string;
  /** What it is about; null: only its body tells. */
  readonly named: Subject | null;
}

/**
 * How many targets are kept, since clients use a few again and again: reading one takes ten times as long as finding
 * it.
 */
const MOST_KNOWN = 500;
const LONGEST_KNOWN = 300;
const known = new BoundedMap<string, AskedLine>(MOST_KNOWN);

/** Reads a request's method and target, once for each that comes again. */
export function askedLine(method: string, target: string): AskedLine {
  const found = known.get(target);
  if (found?.method === method) return found;
  const path = target.split('?', 1)[0] ?? target;
  const isNamed = modelOfPath(plainPath(path)) !== null;
  const named = isNamed ? subjectOf({ method, path, body: () => null }) : null;
  const line = { method, path, shape: pathShape(method, path), named };
  if (target.length <= LONGEST_KNOWN) known.set(target, line);
  return line;
}
