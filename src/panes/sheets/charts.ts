/** `:charts`: requests, latency and refresh outcomes of the last while, drawn once a second. */
import type { Snapshot } from '../../proxy/contract/snapshot.js';
import type { Feed, GrantEvent, LogRecord } from '../../proxy/contract/supervisor.js';
import type { Desk, Cover } from '../desk/desk.js';
import type { Key } from '../terminal/keys.js';
import { framed, line, span, type Line } from '../text/lines.js';
import { errorPercent, ratePerSecond, sparkText } from '../views/status.js';
import { took } from '../../proxy/contract/durations.js';
import { plural, sanitise, wrap } from '../text/text.js';
import type { Style, Theme } from '../text/theme.js';
import { phrase } from '../text/phrase.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { told } from '../../store/words/told.js';

/** One figure over time, oldest first. */
export interface Series {
  readonly title: string;
  readonly values: readonly number[];
}

export interface ChartData {
  readonly requests: Series;
  readonly errors: Series;
  /** Median time to answer, ms. */
  readonly latency: Series;
  /** Percentage of refreshes that succeeded; null: there were none in the last hour. */
  readonly refreshed: number | null;
  readonly outcomes: readonly (readonly [kind: Outcome, count: number])[];
}

const LATENCY_BUCKET_MS = 2000;
const LATENCY_BUCKETS = 30;
/** The most records that the latency is computed from: a minute of heavy traffic. */
const MOST_RECORDS = 20_000;
const OUTCOMES_MS = 3600_000;
const good: readonly Outcome[] = ['refreshed', 'rotated', 'recovered'];
const bad: readonly Outcome[] = ['disabled', 'refused', 'temporary', 'client'];

const outcomeWords = {
  refreshed: 'refreshed',
  rotated: 'rotated',
  recovered: 'recovered',
  disabled: 'disabled ¦ outcome',
  refused: 'refused ¦ event',
  temporary: 'temporary',
  client: 'client ¦ event',
} as const satisfies Partial<Record<GrantEvent['kind'], PlainWord>>;
type Outcome = keyof typeof outcomeWords;

/** What the charts show at `now`. */
function chartData(
  traffic: Snapshot['traffic'],
  logs: Feed<LogRecord>,
  events: Feed<GrantEvent>,
  now: number,
): ChartData {
  const counts = new Map<GrantEvent['kind'], number>();
  for (let seq = events.next - 1; seq >= events.first; seq--) {
    const event = events.at(seq);
    if (event === undefined || event.at < now - OUTCOMES_MS) break;
    counts.set(event.kind, (counts.get(event.kind) ?? 0) + 1);
  }
  const sum = (kinds: readonly GrantEvent['kind'][]): number =>
    kinds.reduce((all, kind) => all + (counts.get(kind) ?? 0), 0);
  const all = sum(good) + sum(bad);
  return {
    requests: { title: phrase('requests'), values: traffic.perSecond },
    errors: { title: phrase('errors'), values: traffic.errorsPerSecond },
    latency: { title: phrase('latency'), values: latencies(logs, now) },
    refreshed: all === 0 ? null : (100 * sum(good)) / all,
    outcomes: [...good, ...bad].flatMap((kind) => {
      const count = counts.get(kind) ?? 0;
      return count === 0 ? [] : [[kind, count] as const];
    }),
  };
}

/** Medians of the last minute, in buckets; a bucket without a request repeats the one before. */
function latencies(logs: Feed<LogRecord>, now: number): number[] {
  const buckets = Array.from({ length: LATENCY_BUCKETS }, (): number[] => []);
  const from = now - LATENCY_BUCKETS * LATENCY_BUCKET_MS;
  for (let seq = logs.next - 1; seq >= Math.max(logs.first, logs.next - MOST_RECORDS); seq--) {
    const record = logs.at(seq);
    if (record === undefined || record.time < from) break;
    const bucket = Math.min(LATENCY_BUCKETS - 1, Math.floor((record.time - from) / LATENCY_BUCKET_MS));
    if (record.access !== null) buckets[bucket]?.push(record.access.ms);
  }
  let last = 0;
  return buckets.map((bucket) => {
    bucket.sort((a, b) => a - b);
    last = bucket[Math.floor(bucket.length / 2)] ?? last;
    return last;
  });
}

/** Where on the screen a chart has its cells, inside its border. */
export interface ChartPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The pane's inside, divided: requests over the whole width, latency and refreshes below. */
export interface ChartPlaces {
  readonly requests: ChartPlace;
  readonly latency: ChartPlace;
  readonly refreshed: ChartPlace;
}

/** In less space than this a line chart shows less than a sparkline. */
const LEAST_CHART = 8;

/**
 * The places inside a body of `width` x `height` cells whose first row is `top`; null where there is not enough space.
 */
export function chartPlaces(top: number, width: number, height: number): ChartPlaces | null {
  const upper = Math.floor(height / 2);
  const lower = height - upper;
  if (lower < LEAST_CHART) return null;
  const left = Math.floor(width * 0.6);
  return {
    requests: { left: 1, top: top + 2, width: width - 2, height: upper - 3 },
    latency: { left: 1, top: top + upper + 2, width: left - 2, height: lower - 3 },
    refreshed: { left: left + 1, top: top + upper + 4, width: width - left - 2, height: 5 },
  };
}

/** Of how long figures are shown, one a second. */
const sinceText = (seconds: number): string =>
  seconds >= 60 ? phrase('the last minute') : phrase('the last {n} s', { n: seconds });

export class Charts implements Cover {
  readonly place = 'panes';
  readonly takesText = false;
  readonly pace = 'second';
  readonly foot = phrase('drawn once a second · Esc back');

  height(): number {
    return 3 * LEAST_CHART;
  }

  /** What was drawn last, for the charts that are drawn over it; null: nothing yet. */
  data: ChartData | null = null;

  rows(desk: Desk, width: number, height: number, theme: Theme): string[] {
    const { snapshot, supervisor, now } = desk;
    const data = (this.data = chartData(snapshot.traffic, supervisor.logs, supervisor.events, now));
    const upper = Math.floor(height / 2);
    const left = Math.floor(width * 0.6);
    const pane = (title: string, body: readonly Line[], wide: number, tall: number): string[] =>
      framed({ title: [span(title, 'bold')], note: [], border: 'accent', focused: false }, body, wide, tall, theme);
    const spark = ({ values }: Series, wide: number, style: Style): Line =>
      line(span(` ${sparkText(values, Math.max(5, wide - 4), theme)}`, style));
    const { traffic } = snapshot;
    const legend = [
      span(` ${phrase('requests a second')}`, 'accent'),
      span(` ${phrase('{n} now', { n: ratePerSecond(traffic).toFixed(1) })} · `),
      span(phrase('failed'), 'warn'),
      span(` ${errorPercent(traffic).toFixed(1)}% · ${sinceText(data.requests.values.length)}`),
    ];
    const requests = [line(...legend), spark(data.requests, width, 'accent'), spark(data.errors, width, 'warn')];
    const latest = data.latency.values.at(-1) ?? 0;
    const latency = [
      line(
        span(` ${phrase('median in ms')}`, 'accent'),
        span(` ${phrase('{n} now', { n: sanitise(told(took(latest))) })} · ${phrase('the last minute')}`),
      ),
      spark(data.latency, left, 'accent'),
    ];
    const outcomes = data.outcomes.map(([kind, count]) => `${phrase(outcomeWords[kind])} ${count}`).join(' · ');
    const all = data.outcomes.reduce((sum, [, count]) => sum + count, 0);
    const share =
      data.refreshed === null
        ? ` ${phrase('none in the last hour')}`
        : ` ${phrase('{share}% of {refreshes} went well', { share: Math.round(data.refreshed), refreshes: plural(all, 'refresh') })}`;
    const lines = wrap(outcomes, width - left - 4).slice(0, 2);
    const refreshes = [line(span(share)), ...lines.map((text) => line(span(` ${text}`, 'dim')))];
    const lower = pane(phrase('Latency'), latency, left, height - upper);
    const beside = pane(phrase('Refreshes'), refreshes, width - left, height - upper);
    return [
      ...pane(phrase('Requests and errors'), requests, width, upper),
      ...lower.map((row, at) => `${row}${beside[at] ?? ''}`),
    ];
  }

  key(key: Key, desk: Desk): 'taken' | 'pass' {
    if (key.name !== 'escape') return 'pass';
    desk.drop(this);
    return 'taken';
  }
}
