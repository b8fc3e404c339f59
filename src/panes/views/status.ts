/** The status line. */
import type { PoolBoxes, Snapshot } from '../../proxy/contract/snapshot.js';
import { RowSum } from './row-sum.js';
import { line, span, spansText, spread, widthOf, type Line, type Span } from '../text/lines.js';
import { sanitise, timeOfDay } from '../text/text.js';
import type { Style, Theme } from '../text/theme.js';
import { wait } from '../../proxy/contract/durations.js';
import { tell, type PlainWord } from '../../store/words/tongue.js';
import { phrase } from '../text/phrase.js';
import { told } from '../../store/words/told.js';

const healthWords: Record<Snapshot['health'], { readonly word: PlainWord; readonly style: Style }> = {
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

/** What the terminal's window is called: how many are out, where some are. */
export function windowTitle(snapshot: Snapshot): string {
  const { serve, of } = serving(snapshot);
  return serve < of ? tell('regrant {n}/{of} out', { n: of - serve, of }) : 'regrant';
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

/** Whether they fit, with a blank before what is at the right edge. */
function doFit(parts: StatusParts, width: number): boolean {
  const left = width - lengthOf(parts);
  return left > 0 || (left === 0 && (spansText(parts.after).endsWith(' ') || spansText(parts.right).startsWith(' ')));
}

/** With one blank before the clock instead of two. */
const tightened = ({ right, ...parts }: StatusParts): StatusParts => ({
  ...parts,
  right: right.map(({ text, style }) => span(text.replace(/^ {2}(?=\d)/, ' '), style)),
});

/** The most that fits. Nearly always that is the first version, so others are made only when needed. */
function fittingParts(snapshot: Snapshot, width: number, options: StatusOptions): StatusParts {
  const whole = statusParts(snapshot, width, { ...options, supervisor: 'named' });
  if (doFit(whole, width)) return whole;
  const brief = { ...options, supervisor: 'unnamed' } as const;
  for (const asIf of [width, ...NARROWER.filter((less) => less < width)]) {
    const parts = statusParts(snapshot, asIf, brief);
    const fitting = [parts, tightened(parts)].find((each) => doFit(each, width));
    if (fitting !== undefined) return fitting;
  }
  return statusParts(snapshot, 0, brief);
}

/** What was good when it was heard last is no news of now. */
function healthOf({ banners, draining, health }: Snapshot): { readonly word: PlainWord; readonly style: Style } {
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
  const isServed = snapshot.noneServes.length === 0;
  return {
    before: [
      span(width < 45 ? ' ' : ' regrant ', 'bold'),
      span(roomy ? ` ${phrase(health.word)} ` : phrase(health.word), health.style),
      span(
        roomy
          ? `  ${phrase('{serve} of {of} serve', { serve, of })}${off > 0 ? `, ${phrase('{n} off', { n: off })}` : ''}`
          : ` ${phrase('{serve}/{of} serve', { serve, of })}`,
      ),
      ...unservedSpans(snapshot, width, options.now),
      span(isServed ? `${gap}${roomy ? phrase('{rate} req/s', { rate }) : phrase('{rate}/s', { rate })} ` : ''),
    ],
    after: loadSpans(traffic, width, gap),
    right: [...boxSpans(snapshot, width), ...placeSpans(snapshot, width, options)],
  };
}

/** How many requests fail, are under way, and wait. */
function loadSpans(traffic: Snapshot['traffic'], width: number, gap: string): Span[] {
  const { inFlight, waiting } = traffic;
  const error = errorPercent(traffic);
  const share = error.toFixed(error > 0 && error < 10 ? 1 : 0);
  const flying = width >= 110 ? phrase('in flight {n}', { n: inFlight }) : phrase('fly {n}', { n: inFlight });
  return [
    span(
      width < 50 ? '' : `${width >= 110 ? '  ' : ' '}${phrase('err {share}%', { share })}`,
      error > 0 ? 'warn' : 'plain',
    ),
    span(width < 72 ? '' : `${gap}${flying}`),
    span(waiting === 0 || width < 50 ? '' : `${gap}${phrase('waiting {n}', { n: waiting })} `, 'warn'),
  ];
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
  const left = next === null ? '' : sanitise(told(wait(next - now)));
  const when = next === null ? '' : `, ${isBrief ? left : phrase('next in {left}', { left })}`;
  const model = isBrief ? first.model.replace(/^gemini-/, '') : first.model;
  const what = width < 20 || model === '' ? '' : ` ${sanitise(model)}`;
  const more = noneServes.length > 1 && !isBrief ? ` ${phrase('and {n} more', { n: noneServes.length - 1 })}` : '';
  return [span(`  ${phrase('NONE SERVES{what}', { what: `${what}${more}` })}${when} `, 'error')];
}

/** `box 2 of 3`: where one is among those that are there. null: it is not among them. */
export function placeAmong({ own, all }: PoolBoxes): { readonly at: number; readonly of: number } | null {
  const there = all.filter(({ name, isGone }) => name === own || !isGone);
  const at = there.findIndex(({ name }) => name === own);
  return at === -1 ? null : { at: at + 1, of: there.length };
}

/** `box 2 of 3`, where several machines share the pool. */
function boxSpans({ boxes }: Snapshot, width: number): Span[] {
  const place = boxes === null || width < 60 ? null : placeAmong(boxes);
  if (place === null) return [];
  return [span(`${width >= 72 ? phrase('box {at} of {of}', place) : phrase('box {at}/{of}', place)}  `, 'dim')];
}

/** The address, whether it asks for a key, and the time: as much as there is space for. */
function placeSpans(snapshot: Snapshot, width: number, { attached, now, supervisor }: PartOptions): Span[] {
  const port = snapshot.address.replace(/^.*:/, ':');
  const address = width >= 90 ? `${sanitise(snapshot.address)} ` : width >= 72 ? `${sanitise(port)} ` : '';
  const whose =
    width < 110
      ? `${phrase('att')} `
      : supervisor === 'named'
        ? `${phrase('attached to {pid}', { pid: snapshot.pid })}  `
        : `${phrase('attached')} `;
  const key = snapshot.keyRequired ? (width >= 72 ? phrase('key:on') : '') : phrase('key:off');
  return [
    ...(attached ? [span(whose, 'accent')] : []),
    span(address),
    span(key, snapshot.keyRequired ? 'dim' : 'warn'),
    span(snapshot.noneServes.length > 0 && width < 110 ? ' ' : `  ${timeOfDay(now)} `, 'dim'),
  ];
}
