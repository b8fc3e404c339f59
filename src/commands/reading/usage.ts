import { saying } from '../../store/words/saying.js';
import { data, tell, type PlainWord } from '../../store/words/tongue.js';
import { cellsOf, padded } from '../columns.js';
import {
  usageNames,
  usageNumbers,
  dayBefore,
  dayOf,
  type UsageName,
  type UsageSum,
} from '../../store/usage/usage-line.js';
import { UsageSums } from '../../store/usage/usage-sums.js';
import { sumUsage } from '../../store/usage/usage-reading.js';
import { UsageError } from '../../store/ground/errors.js';
import { ownValue } from '../../store/ground/json.js';
import { settingsLayers } from '../../store/settings/settings.js';
import {
  exit,
  isGiven,
  say,
  sayJson,
  optionValue,
  type Context,
  type CommandArguments,
  sayExactly,
} from '../context.js';
import { connectTo } from '../../control/place.js';
import { spanMs } from '../times.js';
import { onPool } from '../pool/pool-settings.js';
import { placesOf } from '../places.js';

const DAY_MS = 86_400_000;

/** `regrant usage`: what was used, summed up by day, account, model, key or protocol. */
export async function usage(context: Context, given: CommandArguments): Promise<number> {
  const by = namesIn(optionValue(given, 'by') ?? 'day');
  const days = Math.ceil(spanMs(optionValue(given, 'since') ?? '7d', '--since') / DAY_MS);
  const now = context.clock.now();
  const sums = await sumsOf(context, dayBefore(now, Math.max(0, days - 1)), dayOf(now), by);
  if (isGiven(given, 'json')) sayJson(context.stdout, { usage: sums });
  else if (isGiven(given, 'csv'))
    for (const row of table(sums, by)) sayExactly(context.stdout, row.map(cell).join(','));
  else if (sums.length === 0) say(context.stdout, tell('nothing was used in this time'));
  else for (const row of aligned(titled(table(sums, by)), by.length)) say(context.stdout, data(row));
  return exit.done;
}

function namesIn(text: string): readonly UsageName[] {
  return text.split(',').map((word) => {
    const name = usageNames.find((known) => known === word.trim());
    if (name === undefined)
      throw new UsageError(saying('{given}: of {words}', { given: `--by ${text}`, words: usageNames.join(', ') }));
    return name;
  });
}

/**
 * Asks a running supervisor, which knows the last minute too; else reads the files, or the database where boxes share one,
 * without creating or locking anything.
 */
async function sumsOf(
  context: Context,
  since: string,
  until: string,
  by: readonly UsageName[],
): Promise<readonly UsageSum[]> {
  const client = await connectTo(context.dataDir, context.env);
  if (client === null) {
    const sums = new UsageSums(by);
    const places = placesOf(context);
    const { database } = settingsLayers(places.settings, context.env).settings;
    if (database.url === '') await sumUsage(places.usage, [since, until], sums);
    else {
      const { sumLines } = await import('../../store/shared/usage/usage-rows.js');
      const days = { since, until, except: new Set<string>() };
      await onPool(context, database, (pool) => sumLines(pool.database, days, '', sums));
    }
    return sums.sums;
  }
  return client.request('usage', [since, until, by]).finally(() => client.close());
}

const table = (sums: readonly UsageSum[], by: readonly UsageName[]): readonly (readonly string[])[] => [
  [...by, ...usageNumbers],
  ...sums.map((sum) => [...by.map((name) => sum[name] ?? ''), ...usageNumbers.map((name) => String(sum[name]))]),
];

/** The names of the columns, for people. */
const titles: Record<UsageName | (typeof usageNumbers)[number], PlainWord> = {
  day: 'day ¦ usage',
  account: 'account',
  model: 'model',
  key: 'key',
  protocol: 'protocol',
  requests: 'requests',
  failed: 'failed',
  held: 'held',
  in: 'in',
  cached: 'cached',
  out: 'out',
  thoughts: 'thoughts',
  bytes: 'bytes',
  unread: 'unread',
};

/** A table with its first row in the operator's tongue. */
const titled = ([head = [], ...rows]: ReturnType<typeof table>): ReturnType<typeof table> => [
  head.map((name) => {
    const title = ownValue(titles, name);
    return title === undefined ? name : tell(title);
  }),
  ...rows,
];

/** Rows of columns: names aligned left, numbers right. */
function aligned(rows: readonly (readonly string[])[], names: number): readonly string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => cellsOf(row[at] ?? ''))));
  return rows.map((row) =>
    row
      .map((text, at) => (at < names ? padded(text, widths[at] ?? 0) : padded(text, widths[at] ?? 0, 'right')))
      .join('  ')
      .trimEnd(),
  );
}

/** One field of RFC 4180. */
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
