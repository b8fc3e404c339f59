/** The status line, the alarm under it, the banners, and the foot. */
import type { AccountRow, Alarm, Snapshot } from '../../proxy/contract/snapshot.js';
import { RowSum, RowTally } from './row-sum.js';
import { line, span, spread, widthOf, type Line, type Span } from '../text/lines.js';
import { accountName, age, grouped, sanitise, stateWords, timeOfDay, when } from '../text/text.js';
import type { Style, Theme } from '../text/theme.js';
import { wait } from '../../proxy/contract/durations.js';

const healthWords: Record<Snapshot['health'], { readonly word: string; readonly style: Style }> = {
  ok: { word: 'OK', style: 'badge' },
  degraded: { word: 'DEGRADED', style: 'badgeWarn' },
  down: { word: 'DOWN', style: 'badgeDown' },
};

/** The place for the sparkline in the status line; the sparkline is a widget of its own. */
export interface SparkPlace {
  readonly left: number;
  readonly width: number;
}

export interface StatusLine {
  readonly line: Line;
  readonly spark: SparkPlace | null;
}

/** Requests a second, averaged over the last ten seconds. */
export function ratePerSecond({ perSecond }: Snapshot['traffic']): number {
  const last = perSecond.slice(-10);
  return last.length === 0 ? 0 : last.reduce((sum, n) => sum + n, 0) / last.length;
}

/** Percentage of requests that failed in the last minute. */
export function errorPercent({ perSecond, errorsPerSecond }: Snapshot['traffic']): number {
  const requests = perSecond.reduce((sum, n) => sum + n, 0);
  return requests === 0 ? 0 : (100 * errorsPerSecond.reduce((sum, n) => sum + n, 0)) / requests;
}

export interface Serving {
  readonly serve: number;
  readonly of: number;
  readonly off: number;
}

const servingRows = new RowSum(({ state, serves }) => Number(state === 'ready' || serves));

/** `5 of 8 serve, 1 off`: accounts that were put off by hand do not count as missing. */
export function serving({ accounts, counts }: Snapshot): Serving {
  const off = counts.proxy_disabled;
  return { serve: servingRows.of(accounts), of: accounts.length - off, off };
}

/** The last values for a sparkline of `width` cells; a leading zero makes a steady load visible as load. */
export function sparkValues(values: readonly number[], width: number): number[] {
  const shown = values.slice(1 - width);
  return [...new Array<number>(width - shown.length).fill(0), ...shown];
}

/** The same sparkline as text: blessed-contrib's is drawn over it, except in ASCII. */
export function sparkText(values: readonly number[], width: number, { glyphs }: Theme): string {
  const levels = glyphs.spark;
  const shown = sparkValues(values, width);
  const step = Math.max(1, Math.trunc((Math.max(...shown) * 256) / (levels.length - 1)));
  return shown.map((value) => levels[Math.min(levels.length - 1, Math.trunc((value * 256) / step))]).join('');
}

/** The sparkline of requests a second; seconds with failures are highlighted. */
function sparkSpans({ perSecond, errorsPerSecond }: Snapshot['traffic'], width: number, theme: Theme): Span[] {
  const errors = sparkValues(errorsPerSecond, width);
  return Array.from(sparkText(perSecond, width, theme), (level, at) =>
    span(level, errors[at] === 0 ? 'accent' : 'warn'),
  );
}

/** A sparkline of fewer seconds says nothing; more than a minute is not kept. */
const LEAST_SPARK = 5;
const MOST_SPARK = 60;

interface StatusOptions {
  readonly now: number;
  readonly attached: boolean;
}

/** Widths at which something is left out. */
const NARROWER = [109, 89, 71, 49, 44, 39, 19];

/**
 * The status line of `width` cells. Where not all of it fits, it is made as for a narrower screen, and nothing is cut.
 */
export function statusLine(snapshot: Snapshot, width: number, theme: Theme, options: StatusOptions): StatusLine {
  const parts = fittingParts(snapshot, width, options);
  const { before, after, right } = parts;
  const room = snapshot.noneServes.length > 0 ? 0 : width - lengthOf(parts) - 2;
  const spark = room < LEAST_SPARK ? null : { left: widthOf(before), width: Math.min(room, MOST_SPARK) };
  const drawn = spark === null ? [] : sparkSpans(snapshot.traffic, spark.width, theme);
  return { line: line(...spread([...before, ...drawn, ...after], right, width, theme.glyphs.cut)), spark };
}

interface PartOptions extends StatusOptions {
  /** Whether an attached screen names the process that it is attached to. */
  readonly supervisor: 'named' | 'unnamed';
}

interface StatusParts {
  /** Left of the sparkline. */
  readonly before: readonly Span[];
  /** Right of it. */
  readonly after: readonly Span[];
  /** At the right edge. */
  readonly right: readonly Span[];
}

const lengthOf = ({ before, after, right }: StatusParts): number => widthOf([...before, ...after, ...right]);

/** The most that fits. Nearly always that is the first version, so others are made only when needed. */
function fittingParts(snapshot: Snapshot, width: number, options: StatusOptions): StatusParts {
  const whole = statusParts(snapshot, width, { ...options, supervisor: 'named' });
  if (lengthOf(whole) <= width) return whole;
  const brief = { ...options, supervisor: 'unnamed' } as const;
  for (const asIf of [width, ...NARROWER.filter((less) => less < width)]) {
    const parts = statusParts(snapshot, asIf, brief);
    if (lengthOf(parts) <= width) return parts;
  }
  return statusParts(snapshot, 0, brief);
}

/** What was good when it was heard last is no news of now. */
function healthOf({ banners, draining, health }: Snapshot): { readonly word: string; readonly style: Style } {
  if (banners.some(({ code }) => code === 'silent')) return { word: 'OLD', style: 'badgeWarn' };
  return draining ? { word: 'DRAINING', style: 'badgeWarn' } : healthWords[health];
}

/** The parts for a line of `width` cells: where it gets narrow, the less important ones are left out first. */
function statusParts(snapshot: Snapshot, width: number, options: PartOptions): StatusParts {
  const roomy = width >= 110;
  const { traffic } = snapshot;
  const health = healthOf(snapshot);
  const { serve, of, off } = serving(snapshot);
  const gap = roomy ? '   ' : ' ';
  const rate = ratePerSecond(traffic).toFixed(1);
  const error = errorPercent(traffic);
  const isServed = snapshot.noneServes.length === 0;
  return {
    before: [
      span(width < 45 ? ' ' : ' regrant ', 'bold'),
      span(roomy ? ` ${health.word} ` : health.word, health.style),
      span(roomy ? `  ${serve} of ${of} serve${off > 0 ? `, ${off} off` : ''}` : ` ${serve}/${of} serve`),
      ...unservedSpans(snapshot, width, options.now),
      span(isServed ? `${gap}${rate}${roomy ? ' req' : ''}/s ` : ''),
    ],
    after: [
      span(
        width < 50 ? '' : `${roomy ? '  ' : ' '}err ${error.toFixed(error > 0 && error < 10 ? 1 : 0)}%`,
        error > 0 ? 'warn' : 'plain',
      ),
      span(width < 72 ? '' : `${gap}${roomy ? 'in flight' : 'fly'} ${traffic.inFlight}`),
      span(traffic.waiting === 0 || width < 50 ? '' : `${gap}waiting ${traffic.waiting} `, 'warn'),
    ],
    right: placeSpans(snapshot, width, options),
  };
}

/**
 * `NONE SERVES gemini-3-flash, next in 14 s`: a model that was asked for in vain, and how many more there are; in the
 * place of rate and sparkline.
 */
function unservedSpans({ noneServes }: Snapshot, width: number, now: number): Span[] {
  const [first] = noneServes;
  if (first === undefined) return [];
  const next = noneServes.reduce<number | null>(
    (least, { next: at }) => (at === null ? least : Math.min(least ?? at, at)),
    null,
  );
  const isBrief = width < 40;
  const when = next === null ? '' : `, ${isBrief ? '' : 'next in '}${wait(next - now)}`;
  const model = isBrief ? first.model.replace(/^gemini-/, '') : first.model;
  const what = width < 20 || model === '' ? '' : ` ${sanitise(model)}`;
  const more = noneServes.length > 1 && !isBrief ? ` and ${noneServes.length - 1} more` : '';
  return [span(`  NONE SERVES${what}${more}${when} `, 'error')];
}

/** The address, whether it asks for a key, and the time: as much as there is space for. */
function placeSpans(snapshot: Snapshot, width: number, { attached, now, supervisor }: PartOptions): Span[] {
  const port = snapshot.address.replace(/^.*:/, ':');
  const address = width >= 90 ? `${sanitise(snapshot.address)} ` : width >= 72 ? `${sanitise(port)} ` : '';
  const whose = width < 110 ? 'att ' : supervisor === 'named' ? `attached to ${snapshot.pid}  ` : 'attached ';
  const key = snapshot.keyRequired ? (width >= 72 ? 'key:on' : '') : 'key:off';
  return [
    ...(attached ? [span(whose, 'accent')] : []),
    span(address),
    span(key, snapshot.keyRequired ? 'dim' : 'warn'),
    span(snapshot.noneServes.length > 0 && width < 110 ? ' ' : `  ${timeOfDay(now)} `, 'dim'),
  ];
}

/** The alarm in one line, with the key that leads to the account at its end. */
export function alarmLine(alarm: Alarm, width: number, theme: Theme, now: number): Line {
  const { glyphs } = theme;
  const since = width >= 100 ? `${when(alarm.at, now)} (${age(now - alarm.at)})` : age(now - alarm.at);
  const others = alarm.count > 1 ? `${alarm.count} accounts, last ` : '';
  const text = sanitise(alarm.text);
  const email = sanitise(alarm.email);
  // The text often begins with the account's name: once is enough.
  const said = text.startsWith(email) ? text : `${email}: ${text}`;
  const head = ` ${glyphs.dead} ${since} ${others}`;
  const way = ' . go to it ';
  // Where not all of it fits, the code says enough.
  const [code = ''] = said.split(', ');
  const shown = head.length + said.length + 1 + way.length <= width ? said : code;
  return line(...spread([span(`${head}${shown} `, 'alarm')], [span(way, 'alarm')], width, glyphs.cut));
}

const severities: Record<Snapshot['banners'][number]['severity'], Style> = {
  info: 'accent',
  warning: 'warn',
  error: 'error',
};

/** All that stands above the panes under the status line: alarm, hint, banners; one calm line where there is nothing. */
export function headLines(
  snapshot: Snapshot,
  width: number,
  theme: Theme,
  now: number,
  hidden: readonly AccountRow[] = [],
): Line[] {
  const { alarm, banners, hint } = snapshot;
  const lines: Line[] = alarm === null ? [] : [alarmLine(alarm, width, theme, now)];
  const unsaid = hidden.filter(({ id }) => id !== alarm?.accountId);
  if (unsaid.length > 0) lines.push(hiddenLine(unsaid, width, theme));
  if (snapshot.noneServes.length > 0 && snapshot.accounts.length > 0) lines.push(unservedLine(snapshot, width, theme));
  if (hint !== null) lines.push(line(span(` ${sanitise(hint)}`, 'key')));
  for (const { severity, text } of banners.slice(0, 3)) {
    lines.push(line(span(` ${severity === 'info' ? ' ' : '!'} ${sanitise(text)}`, severities[severity])));
  }
  if (banners.length > 3) lines.push(line(span(`   and ${banners.length - 3} more`, 'dim')));
  return lines.length > 0 ? lines : [calmLine(snapshot, now)];
}

/** What keeps how many accounts from serving, in words. */
const hindrances = new RowTally(({ state, reason }) => {
  const [head = ''] = reason.split(', ');
  return [state === 'ready' || state === 'cooling' ? sanitise(head) || 'rests' : stateWords[state]];
});

/** Why nobody serves a model that was asked for: what keeps how many accounts from it. */
function unservedLine({ noneServes, accounts }: Snapshot, width: number, { glyphs }: Theme): Line {
  const [first] = noneServes;
  const model = first === undefined || first.model === '' ? '' : ` ${sanitise(first.model)}`;
  const more = noneServes.length > 1 ? ` and ${noneServes.length - 1} more` : '';
  const whys = Array.from(hindrances.of(accounts), ([why, count]) => `${why} (${grouped(count)})`).join(', ');
  const said = [span(` ! nobody serves${model}${more}: ${whys}`, 'warn')];
  return line(...spread(said, [span(' Enter says why ', 'key')], width, glyphs.cut));
}

/** Who is out is said also where a filter hides his row. */
function hiddenLine(hidden: readonly AccountRow[], width: number, { glyphs }: Theme): Line {
  const names = hidden.map((row) => `${sanitise(accountName(row))} (${stateWords[row.state]})`);
  const text = ` ! out, and hidden by the filter: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
  return line(...spread([span(text, 'warn')], [span(' Esc shows all ', 'key')], width, glyphs.cut));
}

function calmLine(snapshot: Snapshot, now: number): Line {
  const { serve, of } = serving(snapshot);
  const said = of === 0 ? 'no account yet' : serve === of ? 'every account serves' : `${of - serve} of ${of} out`;
  // what somebody who has just set it up wants to know next
  if (serve > 0 && snapshot.traffic.requests === 0) {
    const where = /\/\.regrant\/?$/.test(snapshot.dataDir) ? '' : ` --data-dir ${sanitise(snapshot.dataDir)}`;
    return line(span(` no request yet: eval "$(regrant env${where})" points a client here`, 'dim'));
  }
  return line(span(` ${said} · up ${age(now - snapshot.upSince)} · ${sanitise(snapshot.dataDir)}`, 'dim'));
}
