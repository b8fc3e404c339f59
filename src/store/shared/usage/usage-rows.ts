import * as v from 'valibot';
import type { Statements } from '../../database/statements.js';
import {
  dayBefore,
  type UsageLine,
  type UsageName,
  usageNames,
  usageNumbers,
  UsageNumbersSchema,
} from '../../usage/usage-line.js';
import type { UsageSpan } from '../../usage/usage-store.js';
import type { UsageSums } from '../../usage/usage-sums.js';
import { soundJson } from '../shared-table.js';

/** What one line counts for a key's limits. */
export interface KeyCounts {
  readonly tokens: number;
  readonly requests: number;
}

/** What lines count for the limits of one key. */
export interface CountsOfKey extends KeyCounts {
  readonly key: string;
}

/** A line of another box, as far as limits need it. */
export type ForeignLine = v.InferOutput<typeof ForeignRow>;

/** So many lines are written with one statement, which has to be over within a second. */
const LINES_AT_ONCE = 1000;
/** So many days are summed up with one. */
const DAYS_AT_ONCE = 7;
/** A row may come into effect after rows that changed later: so far back rows are read again. */
const LATE_MS = 2000;

const OwnRow = v.object({
  ...{ account: v.string(), model: v.string(), key: v.string(), protocol: v.string(), doc: UsageNumbersSchema },
});
const TotalRow = v.object({ day: v.string(), total: v.number() });
const SumRow = v.object({ key: v.string(), tokens: v.number(), requests: v.number() });
const ForeignRow = v.object({
  ...{ id: v.string(), day: v.string(), key: v.string(), tokens: v.number(), requests: v.number(), at: v.number() },
});
const NowRow = v.object({ now: v.number() });
const LastDayRow = v.object({ until: v.nullable(v.string()) });

/** What is no number counts nothing, and none is so large that sums run over. */
const numberIn = (name: string, of = ''): string =>
  `(case jsonb_typeof(${of}doc->'${name}') when 'number' then least(greatest((${of}doc->'${name}')::numeric, 0), 1e15)::float8 else 0 end)`;
const TOKENS = ['in', 'cached', 'out', 'thoughts'].map((name) => numberIn(name)).join(' + ');
const DAY = `to_char(day, 'YYYY-MM-DD')`;

const totalIn = (of: string): string =>
  ['requests', 'in', 'cached', 'out', 'thoughts'].map((name) => numberIn(name, of)).join(' + ');

/** Lines say how much it is by now, not how much more: a statement that comes twice does no harm. */
const SAVE = `with saved as (
    insert into {usage} as u (day, account, model, key, protocol, box, doc)
    select distinct on (s->>'account', s->>'model', s->>'key', s->>'protocol')
      $1::date, s->>'account', s->>'model', s->>'key', s->>'protocol', $3::text, s->'doc'
    from jsonb_array_elements($2::jsonb) as s
    on conflict (day, account, model, key, protocol, box) do update
      set doc = excluded.doc, changed_at = clock_timestamp()
      where $5 or ${totalIn('u.')} < ${totalIn('excluded.')}
    returning 1
  ) select count(*) as saved, pg_notify($4::text, 'usage:' || $3::text) from saved`;
const SavedRow = v.object({ saved: v.number() });

/**
 * Writes lines of a day of one box, and tells the others.
 *
 * @param how - `at least`: a line that counts more already stays
 * @returns how many it had not as they are
 */
export async function saveLines(
  statements: Statements,
  { day, box, channel }: { readonly day: string; readonly box: string; readonly channel: string },
  lines: Iterable<UsageLine>,
  how: 'as they are' | 'at least' = 'as they are',
): Promise<number> {
  let saved = 0;
  const all = [...lines].map(({ day: _day, account, model, key, protocol, ...doc }) => ({
    ...{ account, model, key, protocol, doc },
  }));
  for (let from = 0; from < all.length; from += LINES_AT_ONCE) {
    const some = soundJson(all.slice(from, from + LINES_AT_ONCE));
    const [row] = await statements.rows(SavedRow, SAVE, [day, some, box, channel, how === 'as they are']);
    saved += row?.saved ?? 0;
  }
  return saved;
}

/** The lines of a day of one box. */
export async function ownLines(statements: Statements, day: string, box: string): Promise<readonly UsageLine[]> {
  const text = 'select account, model, key, protocol, doc from {usage} where day = $1::date and box = $2';
  const rows = await statements.rows(OwnRow, text, [day, box]);
  return rows.map(({ doc, ...names }) => ({ day, ...names, ...doc }));
}

/** Requests and tokens of one box, by day; so few days at once that no statement takes long. */
export async function totalsOf(
  statements: Statements,
  { since, until, box }: { readonly since: string; readonly until: string; readonly box: string },
): Promise<ReadonlyMap<string, number>> {
  const text = `select ${DAY} as day, sum(${totalIn('')}) as total from {usage}
    where day = any($1::date[]) and box = $2 group by usage.day`;
  const days = [...daysFrom(since, until)];
  const totals = new Map<string, number>();
  for (let from = 0; from < days.length; from += DAYS_AT_ONCE) {
    const rows = await statements.rows(TotalRow, text, [days.slice(from, from + DAYS_AT_ONCE), box]);
    for (const { day, total } of rows) totals.set(day, total);
  }
  return totals;
}

/** What one box, or every other one, counted in a day, by key. */
export function countsOf(
  statements: Statements,
  day: string,
  { box, of }: { readonly box: string; readonly of: 'itself' | 'others' },
): Promise<readonly CountsOfKey[]> {
  const text = `select key, sum(${TOKENS}) as tokens, sum(${numberIn('requests')}) as requests
    from {usage} where day = $1::date and box ${of === 'itself' ? '=' : '<>'} $2 group by key`;
  return statements.rows(SumRow, text, [day, box]);
}

const FOREIGN = `select jsonb_build_array(box, day, account, model, key, protocol)::text as id, ${DAY} as day, key,
  ${TOKENS} as tokens, ${numberIn('requests')} as requests, extract(epoch from changed_at)::float8 * 1000 as at
  from {usage} where box <> $1 and isfinite(day)`;

/** The lines of other boxes of a day and later. */
export const foreignSince = (statements: Statements, day: string, box: string): Promise<readonly ForeignLine[]> =>
  statements.rows(ForeignRow, `${FOREIGN} and day >= $2::date`, [box, day]);

/** The database's time, ms since 1970. */
export async function databaseNow(statements: Statements): Promise<number> {
  const [row] = await statements.rows(NowRow, 'select extract(epoch from clock_timestamp())::float8 * 1000 as now');
  return row?.now ?? 0;
}

/** Those that changed after a time of the database, and a little before it. @param at - ms since 1970 */
export const foreignAfter = (statements: Statements, at: number, box: string): Promise<readonly ForeignLine[]> =>
  statements.rows(ForeignRow, `${FOREIGN} and changed_at > to_timestamp($2::float8 / 1000)`, [box, at - LATE_MS]);

/** So many lines are summed up with one statement, and those of one day more. */
const LINES_A_SUM = 20_000;
const LAST_DAY = `select to_char(max(day), 'YYYY-MM-DD') as until from (
  select day from {usage} where day between $1::date and $2::date order by day limit ${LINES_A_SUM}) as first`;

/**
 * Adds up what is written in these days, some days after the others: no single statement takes long, however much is kept.
 *
 * @param box - whose lines of the days of `except` do not count
 */
export async function sumLines(
  statements: Statements,
  { since, until, except }: UsageSpan,
  box: string,
  sums: UsageSums,
): Promise<void> {
  const text = groupedText(sums.by);
  for (let from = since; from <= until;) {
    const [first] = await statements.rows(LastDayRow, LAST_DAY, [from, until]);
    if (first?.until == null) return;
    const rows = await statements.rows(GroupedRow, text, [from, first.until, box, [...except]]);
    for (const { names, counts } of rows) sums.add({ ...NO_NAMES, ...names, ...counts });
    from = dayAfter(first.until);
  }
}

const NO_NAMES: Readonly<Record<UsageName, string>> = { day: '', account: '', model: '', key: '', protocol: '' };
const GroupedRow = v.object({ names: v.record(v.string(), v.string()), counts: UsageNumbersSchema });

/** Sums of some days, by names. */
function groupedText(by: readonly UsageName[]): string {
  const columns = usageNames.filter((name) => by.includes(name));
  const counts = usageNumbers.map((name) => `'${name}', coalesce(sum(${numberIn(name)}), 0)`).join(', ');
  const names = columns.map((name) => `'${name}', ${name === 'day' ? DAY : name}`).join(', ');
  const groups = columns.length === 0 ? 'having count(*) > 0' : `group by ${columns.join(', ')}`;
  return `select jsonb_build_object(${names}) as names, jsonb_build_object(${counts}) as counts
    from {usage} where day between $1::date and $2::date and not (box = $3 and day = any($4::date[])) ${groups}`;
}

const dayAfter = (day: string): string => dayBefore(new Date(`${day}T12:00`).getTime(), -1);

/** @yields each day, both included */
function* daysFrom(since: string, until: string): Iterable<string> {
  for (let day = since; day <= until; day = dayAfter(day)) yield day;
}

/** The days of a month that are not later than `until`. */
export const daysOfMonth = (month: string, until: string): readonly string[] => [...daysFrom(`${month}-01`, until)];

const DROP = 'delete from {usage} where day = (select min(day) from {usage} where day < $1::date)';

/** Removes the days before, one after the other. */
export async function dropBefore(statements: Statements, day: string): Promise<void> {
  while ((await statements.run(DROP, [day])) > 0);
}
