/** The refresh events pane: the result of every refresh, newest first, a grant's death with its evidence. */
import type { GrantEvent } from '../../proxy/contract/supervisor.js';
import type { Feed } from '../../proxy/contract/supervisor.js';
import { boxOf, eventText, eventWords, saidOf, wordOf } from './event-words.js';
import { FeedFilter } from './log/feed-filter.js';
import { timeSlice } from './log/time-slice.js';
import { framed, hanging, highlighted, line, span, spread, widthOf, type Line, type Span } from '../text/lines.js';
import type { Pattern } from '../text/pattern.js';
import { clockTime, pad, sanitise, shortEmail, stampWidth, TODAY, when } from '../text/text.js';
import { grouped } from '../../store/words/counted.js';
import type { Glyphs, Style, Theme } from '../text/theme.js';
import { took } from '../../proxy/contract/durations.js';
import { tell } from '../../store/words/tongue.js';
import { phrase } from '../text/phrase.js';
import { told } from '../../store/words/told.js';

/** What the operator chose to see of the events, and the position in them. */
export class RefreshesView {
  private readonly events = new FeedFilter<GrantEvent>((event) => this.shownOnly?.matches(eventText(event)) ?? true);
  /** Number of the event that the keys act on; null: the newest. */
  private cursor: number | null = null;
  private top: number | null = null;
  private newerAbove = 0;
  /** Numbers of the events on each row that was drawn last. */
  private drawn: readonly number[] = [];
  /** How many rows the pane shows. */
  page = 10;
  private shownOnly: Pattern | null = null;
  /** Lines that were made for events, all for the same width and the same minute. */
  private made = new Map<GrantEvent, readonly Line[]>();
  private madeFor: readonly unknown[] = [];

  /** @param monotonic - a clock in ms by which it is measured how long a filter may take at a time */
  constructor(private readonly monotonic: () => number) {}

  /** Whether there are events that the filter has not looked at yet: the next frame shows more. */
  get busy(): boolean {
    return this.shownOnly !== null && !this.events.complete;
  }

  get pattern(): Pattern | null {
    return this.shownOnly;
  }

  filter(pattern: Pattern | null): void {
    this.shownOnly = pattern;
    this.events.reset();
  }

  /** Looks at what came in, and goes on with what the filter has not looked at, for a time slice at most. */
  refresh(feed: Feed<GrantEvent>): void {
    this.events.refresh(feed, timeSlice(this.monotonic));
  }

  /** Index of the event that the keys act on, oldest first. */
  private here(feed: Feed<GrantEvent>): number {
    this.refresh(feed);
    const last = this.events.count - 1;
    return this.cursor === null ? last : Math.min(this.events.indexFrom(this.cursor), last);
  }

  /** Moves down the pane, to older events, by `by`. */
  move(by: number, feed: Feed<GrantEvent>): void {
    const to = Math.max(0, this.here(feed) - by);
    this.cursor = to >= this.events.count - 1 ? null : (this.events.seqAt(to) ?? null);
  }

  get atNewest(): boolean {
    return this.cursor === null;
  }
  /** To the event on this row of the window that was drawn last, from 0. */
  standOn(row: number): void {
    this.cursor = this.drawn[row] ?? this.cursor;
  }

  /** Events that the filter hides. */
  hidden(feed: Feed<GrantEvent>): number {
    return this.shownOnly === null ? 0 : feed.next - feed.first - this.events.count;
  }

  /** How many newer events are above the first that is shown. */
  get newer(): number {
    return this.newerAbove;
  }

  toNewest(): void {
    this.cursor = null;
  }

  toOldest(feed: Feed<GrantEvent>): void {
    this.refresh(feed);
    this.cursor = this.events.seqAt(0) ?? null;
  }

  current(feed: Feed<GrantEvent>): GrantEvent | undefined {
    return feed.at(this.events.seqAt(this.here(feed)) ?? -1);
  }

  /** An event never changes, and says a day other than today's by its date: its lines stand for a minute at least. */
  private linesOf(event: GrantEvent, width: number, glyphs: Glyphs, now: number, stamp: number): readonly Line[] {
    const wanted = [width, glyphs, this.shownOnly, Math.floor(now / 60_000), stamp];
    if (wanted.some((each, at) => each !== this.madeFor[at])) this.made.clear();
    this.madeFor = wanted;
    let lines = this.made.get(event);
    if (lines === undefined)
      this.made.set(event, (lines = eventLines(event, width, glyphs, now, this.shownOnly, stamp)));
    return lines;
  }

  /**
   * The lines that fit, newest first; the event that the keys act on is among them, and is highlighted once the cursor
   * was moved.
   */
  window({ feed, focused, now }: RefreshesModel, width: number, height: number, glyphs: Glyphs): readonly Line[] {
    this.page = height;
    const here = this.here(feed);
    const marked = this.cursor !== null || focused ? here : null;
    const oldest = feed.at(this.events.seqAt(Math.max(0, here - height)) ?? -1)?.at ?? now;
    const stamp = stampWidth(oldest, now);
    const lines = (index: number): readonly Line[] => {
      const seq = this.events.seqAt(index) ?? -1;
      const event = feed.at(seq);
      if (event === undefined) return [];
      const rows = this.linesOf(event, width, glyphs, now, stamp);
      return index === marked ? rows.map((row) => ({ ...row, ground: 'selected' as const })) : rows;
    };
    const newest = this.events.count - 1;
    let top = this.cursor === null || this.top === null ? newest : Math.min(newest, this.events.indexFrom(this.top));
    top = Math.max(top, here);
    let used = 0;
    for (let index = top; index >= here; index--) used += lines(index).length;
    while (used > height && top > here) used -= lines(top--).length;
    this.top = this.events.seqAt(top) ?? null;
    this.newerAbove = newest - top;
    const out: Line[] = [];
    const drawn: number[] = [];
    for (let index = top; index >= 0 && out.length < height; index--) {
      const rows = lines(index);
      out.push(...rows);
      drawn.push(...rows.map(() => this.events.seqAt(index) ?? -1));
    }
    this.drawn = drawn;
    return out.slice(0, height);
  }
}

/** One event as one line, or as two where there is a detail and the pane is wide enough. */
function eventLines(
  event: GrantEvent,
  width: number,
  glyphs: Glyphs,
  now: number,
  pattern: Pattern | null,
  stamp: number,
): Line[] {
  const { glyph, style } = eventWords[event.kind];
  const word = phrase(wordOf(event));
  const roomy = width >= 96;
  const mark = [span(`${glyph(glyphs)} `, style), span(pad(word, roomy ? 10 : 9), style), span(' ')];
  const email = sanitise(roomy ? event.email : shortEmail(event.email));
  const lasted = event.tookMs === null ? '' : sanitise(told(took(event.tookMs)));
  const next = event.nextAt === null ? '' : tell('next {time}', { time: clockTime(event.nextAt, now) });
  const spans: Span[] = [span(` ${when(event.at, now).padEnd(stamp)} `, 'dim'), ...mark];
  if (roomy) {
    spans.push(span(pad(email, Math.max(26, Math.min(36, email.length)))));
    // what took no time to tell of, as a rest, has the room of the column for its words
    spans.push(lasted === '' ? span(' ') : span(`${lasted.padStart(8)}   `, 'dim'));
  } else {
    spans.push(span(`${email} `));
  }
  const said = [saidOf(event), roomy ? '' : lasted, next]
    .filter((part) => part !== '')
    .map(sanitise)
    .join('   ');
  spans.push(span(said, event.kind === 'disabled' ? 'bold' : 'plain'));
  // whose event it is stays where there is no room for all of its words
  const box = sanitise(boxOf(event));
  const placed = box === '' ? spans : spread(spans, [span(` ${box}`, 'dim')], width, glyphs.cut);
  const first = line(...highlighted(placed, pattern));
  if (event.detail === '' || !roomy) return [first];
  return [first, line(span(`${' '.repeat(stamp + 4)}${sanitise(told(event.detail))}`, 'dim'))];
}

/** The same event in the timeline of its account: whole, on as many lines as needed, and without the e-mail. */
function timelineLines(event: GrantEvent, width: number, glyphs: Glyphs, now: number): Line[] {
  const { glyph, style } = eventWords[event.kind];
  const word = phrase(wordOf(event));
  const lead = [
    span(` ${when(event.at, now).padEnd(TODAY)} `, 'dim'),
    span(`${glyph(glyphs)} ${pad(word, 10)}`, style),
  ];
  const lasted = event.tookMs === null ? '' : sanitise(told(took(event.tookMs)));
  const next = event.nextAt === null ? '' : tell('next {time}', { time: clockTime(event.nextAt, now) });
  const said = [saidOf(event), lasted, next, boxOf(event)]
    .filter((text) => text !== '')
    .map(sanitise)
    .join('   ');
  const under = [span(' '.repeat(widthOf(lead)), 'dim')];
  const weight: Style = event.kind === 'disabled' ? 'bold' : 'plain';
  const detail = sanitise(told(event.detail));
  return [
    ...hanging(lead, said, weight, width, weight),
    ...(detail === '' ? [] : hanging(under, detail, 'dim', width, 'dim')),
  ];
}

/** The most events of one account that its timeline shows. */
const TIMELINE = 50;

/** The events of one account as lines, newest first. */
export function timeline(id: string, events: Feed<GrantEvent>, now: number, width: number, { glyphs }: Theme): Line[] {
  const lines: Line[] = [];
  let shown = 0;
  for (let seq = events.next - 1; seq >= events.first && shown < TIMELINE; seq--) {
    const event = events.at(seq);
    if (event?.accountId !== id) continue;
    lines.push(...timelineLines(event, width, glyphs, now));
    shown += 1;
  }
  return lines.length > 0 ? lines : [line(span(`   ${phrase('nothing yet since this program started')}`, 'dim'))];
}

export interface RefreshesModel {
  readonly view: RefreshesView;
  readonly feed: Feed<GrantEvent>;
  readonly hasAccounts: boolean;
  readonly now: number;
  readonly focused: boolean;
}

/** The pane as `height` painted rows. */
export function refreshesPane(model: RefreshesModel, width: number, height: number, theme: Theme): string[] {
  const { view, focused } = model;
  const shown = view.window(model, width - 2, height - 2, theme.glyphs);
  const title = [span(width >= 100 ? phrase('3 Refresh events') : phrase('3 Refresh'), focused ? 'key' : 'bold')];
  if (view.pattern !== null)
    title.push(
      span('  '),
      span(`/${sanitise(view.pattern.source)}`, 'match'),
      span(`  ${phrase('{n} hidden', { n: grouped(view.hidden(model.feed)) })}`, 'dim'),
    );
  const body = shown.length > 0 ? shown : [line(span(emptyText(model), 'dim'))];
  if (view.newer > 0) title.push(span(`  ${phrase('{n} newer above', { n: view.newer })}`, 'warn'));
  const note = focused ? [span(phrase('Enter account'), 'dim')] : [];
  return framed({ title, note, border: focused ? 'accent' : 'dim', focused }, body, width, height, theme);
}

const emptyText = ({ view: { pattern }, hasAccounts }: RefreshesModel): string =>
  pattern === null
    ? ` ${hasAccounts ? phrase('No refresh yet. An access token lives an hour; t asks Google for one now.') : phrase('No refresh yet. The first account brings one.')}`
    : ` ${phrase('No event matches /{filter}; Esc shows all', { filter: sanitise(pattern.source) })}`;
