import * as v from 'valibot';
import type { Clock } from '../ground/clock.js';
import type { TableShape } from './shared-table.js';

/** A rest, with the fields of `state/accounts.json`. */
interface SharedRest {
  readonly who: string;
  readonly about: string;
  readonly model: string;
  readonly group: string;
  /** Unix seconds. */
  readonly setAt: number;
  readonly seconds: number;
  readonly step: number;
  readonly kind: string;
  readonly cause: string;
  readonly reason: string;
}

const text = v.fallback(v.string(), '');
const number = v.fallback(v.pipe(v.number(), v.finite()), 0);

const SavedSchema = v.object({
  ...{ who: v.string(), about: text, model: text, group: text, setAt: number, seconds: number, step: number },
  ...{ kind: text, cause: text, reason: text },
});

const RowSchema = v.object({
  ...{ who: v.string(), about: text, model: text, group: text, age: number, seconds: number, step: number },
  ...{ kind: text, cause: text, reason: text },
});

/** Clocks and rounding make no other rest of one, seconds. */
const SAME_MOMENT = 2;

const COLUMNS = `key as who, about, model, method_group as "group", kind, cause, coalesce(step, 0) as step, reason,
  extract(epoch from clock_timestamp() - set_at)::float8 as age, extract(epoch from lasts)::float8 as seconds`;
/** Neither a time nor a length without end can be reckoned with. */
const SOUND = 'isfinite(set_at) and isfinite(lasts)';
const THESE = `(key, model, method_group) in
  (select k::jsonb->>0, k::jsonb->>1, k::jsonb->>2 from jsonb_array_elements_text($1::jsonb) as k)`;

export const restKey = (rest: object): string => {
  const { who, model, group } = v.parse(SavedSchema, rest);
  return JSON.stringify([who, model, group]);
};

const endOf = ({ setAt, seconds }: SharedRest): number => setAt + seconds;

/**
 * The rests, of which the longer counts. When one was set goes both ways as how long ago that was, so that a box's clock
 * need not show the database's time.
 */
export const restShape = (clock: Pick<Clock, 'now'>): TableShape<SharedRest> => ({
  table: 'cool_down',
  row: v.pipe(
    RowSchema,
    v.transform(({ age, ...rest }) => {
      const record = { ...rest, setAt: clock.now() / 1000 - age };
      return { key: restKey(record), record };
    }),
  ),
  readAll: `select ${COLUMNS} from {cool_down} where ${SOUND}`,
  readSome: `select ${COLUMNS} from {cool_down} where ${SOUND} and ${THESE}`,
  drop: `delete from {cool_down} where ${THESE}`,
  save: `insert into {cool_down} as c
      (key, about, model, method_group, kind, step, set_at, lasts, reason, box, cause)
    select s->>'who', s->>'about', s->>'model', s->>'group', s->>'kind', (s->>'step')::int,
      clock_timestamp() - make_interval(secs => (s->>'age')::float8), make_interval(secs => (s->>'seconds')::float8),
      s->>'reason', own.box, s->>'cause'
    from jsonb_array_elements($1::jsonb) as s, (select $2::text) as own (box)
    on conflict (key, model, method_group) do update set about = excluded.about, kind = excluded.kind,
      step = excluded.step, set_at = excluded.set_at, lasts = excluded.lasts, reason = excluded.reason,
      box = excluded.box, cause = excluded.cause
    where (c.set_at + c.lasts <= excluded.set_at + excluded.lasts) is not false`,
  saved: ({ setAt, ...rest }) => ({ ...rest, age: Math.max(0, clock.now() / 1000 - setAt) }),
  isSame: ({ setAt: one, ...was }, { setAt: other, ...is }) =>
    Math.abs(one - other) < SAME_MOMENT &&
    JSON.stringify(Object.entries(was).sort()) === JSON.stringify(Object.entries(is).sort()),
  isCutShort: (before, after) => endOf(after) < endOf(before) - SAME_MOMENT,
});

/** Of what the pool saves, what goes into the database. */
export const sharedRest = (rest: object): SharedRest => v.parse(SavedSchema, rest);
