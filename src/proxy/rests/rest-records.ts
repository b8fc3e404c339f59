import * as v from 'valibot';
import { isRestCause, type RestCause, restCauses } from '../answers/causes.js';
import type { Group } from '../subject/groups.js';
import { restEndOf, type Rest, unsaidSeconds } from './rest.js';

/** A rest as it is saved on disk. */
export interface RestRecord {
  readonly who: string;
  readonly about: Rest['about'];
  readonly model: string;
  readonly group: string;
  /** Unix seconds. */
  readonly setAt: number;
  readonly seconds: number;
  readonly step: number;
  readonly kind: 'rest' | 'blocked';
  readonly cause: RestCause;
  /** Google's own words. */
  readonly reason: string;
}

const text = v.fallback(v.string(), '');
const number = v.fallback(v.pipe(v.number(), v.finite(), v.minValue(0)), 0);

const RecordSchema = v.object({
  who: v.pipe(v.string(), v.minLength(1)),
  about: v.fallback(v.picklist(['account', 'project', 'model']), 'account'),
  model: text,
  group: v.fallback(v.picklist(['generate', 'count', 'embed', 'batch', 'predict', 'other', '']), ''),
  setAt: v.pipe(v.number(), v.finite()),
  seconds: v.pipe(v.number(), v.finite(), v.minValue(0)),
  step: number,
  kind: text,
  cause: text,
  reason: text,
});

/** The format from before rests had a group and a cause. */
const OldSchema = v.object({
  project: v.pipe(v.string(), v.minLength(1)),
  model: v.nullable(v.string()),
  /** ms since 1970. */
  until: v.pipe(v.number(), v.finite()),
  reason: text,
});

/** One moment on the wall clock and on the monotonic clock; ms. */
export interface Moment {
  readonly now: number;
  readonly monotonic: number;
}

const LONGEST_SECONDS = 31 * 86_400;
/** A rest that ended longer ago than this is not remembered. */
const REMEMBERED_SECONDS = 86_400;

/**
 * Reads the rests that an earlier run saved, also in the earlier format. One that was set in the future is dropped: the
 * clock was wrong then or is wrong now, so its end is not known.
 */
export function restsOf(records: readonly unknown[], at: Moment): readonly Rest[] {
  return records.flatMap((record) => restOf(record, at) ?? []);
}

function restOf(record: unknown, at: Moment): Rest | null {
  const read = v.safeParse(RecordSchema, record);
  if (!read.success) return oldRest(record, at);
  const { who, about, model, group, setAt, step, kind, cause, reason } = read.output;
  if (setAt * 1000 > at.now) return null;
  const seconds = Math.min(read.output.seconds, LONGEST_SECONDS);
  const known = causeOf(cause, kind);
  const rest = {
    ...{ who, about, model, group: group satisfies Group | '', words: reason, seconds, step, cause: known },
    // the record does not say so: only by its length is it told from one that was not said
    isSaid: seconds !== unsaidSeconds(known, step),
    setAt: at.monotonic - (at.now - setAt * 1000),
  };
  return at.monotonic - restEndOf(rest) > REMEMBERED_SECONDS * 1000 ? null : rest;
}

/**
 * The cause by its code. Another program or a later version may have written an unknown code: then the kind tells what
 * to do.
 */
function causeOf(cause: string, kind: string): RestCause {
  if (isRestCause(cause)) return cause;
  if (isRestCause(kind)) return kind;
  return kind === 'blocked' ? 'project_denied' : 'quota';
}

function oldRest(record: unknown, { now, monotonic }: Moment): Rest | null {
  const read = v.safeParse(OldSchema, record);
  if (!read.success || read.output.until <= now) return null;
  const { project: who, model, until, reason: words } = read.output;
  const seconds = Math.min((until - now) / 1000, LONGEST_SECONDS);
  return {
    ...{ who, about: 'project', model: model ?? '', group: '', words },
    ...{ step: 0, isSaid: true, setAt: monotonic, seconds },
    cause: 'quota',
  };
}

/**
 * A rest as it is saved on disk. The wall clock may have been set since the rest began, so its beginning is computed
 * from how long ago it was.
 *
 * @param parts - a second has so many in the record
 */
export function recordOf(rest: Rest, { now, monotonic }: Moment, parts: 1 | 1_000): RestRecord {
  const { who, about, model, group, step, cause, words, seconds } = rest;
  const setAt = Math.floor(((now - (monotonic - rest.setAt)) / 1000) * parts) / parts;
  return {
    ...{ who, about, model, group, setAt, seconds, step, kind: restCauses[cause].kind, cause, reason: words },
  };
}
