/** What is seen of the log: a window of our own over the ring of records, which never holds more lines than it shows. */
import type { LogRecord } from '../../proxy/contract/supervisor.js';
import type { Feed } from '../../proxy/contract/supervisor.js';
import { FeedFilter, newestOf, type SeqList } from './feed-filter.js';
import { hasFailed, listOf, levelSteps, type LogWindow, type MatchPlace } from './log-records.js';
import { timeSlice } from './time-slice.js';
import { span, widthOf, type Line } from '../text/lines.js';
import { recordSpans, recordText, shiftedSpans, withoutLead, wrapSpans } from './log-line.js';
import type { Pattern } from '../text/pattern.js';
import { ago, timeOfDay } from '../text/text.js';
import type { Style } from '../text/theme.js';

/** From this width on a line has room for its level, its account and what happened. */
export const ROOMY = 96;

/** Cells that Left and Right move long lines by. */
const SHIFT = 20;

/** What the operator chose to see of the log, and where he stands in it. */
export class LogView {
  private readonly records = new FeedFilter<LogRecord>((record) => this.wants(record));
  /** Those of them that match what was sought last; where only matches are shown it stays empty. */
  private readonly matches = new FeedFilter<LogRecord>((record) => this.wants(record) && this.isSought(record));
  /** The record that the keys are about; null while the newest is. */
  private cursor: number | null = null;
  private top = 0;
  private pausedAt = 0;
  private levelIndex = 1;
  private shownOnly: Pattern | null = null;
  private onlyOf: string | null = null;
  private remembered: Pattern | null = null;
  /** Where the last `n` or `N` led. */
  private lastFound: { readonly seq: number; readonly place: MatchPlace } | null = null;
  private failed = false;
  private leftCut = 0;
  readonly marked = new Set<number>();
  wrapped = false;
  /** Rows that the pane shows. */
  page = 10;
  /** Times as how long ago. */
  relative = false;

  /** @param monotonic - ms of a clock that nobody sets: how long a filter may take at a time is measured by it */
  constructor(private readonly monotonic: () => number) {}

  private isSought(record: LogRecord): boolean {
    return this.remembered?.matches(recordText(record)) ?? false;
  }

  private refresh(feed: Feed<LogRecord>): void {
    this.records.refresh(feed, timeSlice(this.monotonic));
  }

  /** Records are left that the filter has not looked at yet: the next picture knows more. */
  get busy(): boolean {
    return this.isFiltered && !this.records.complete;
  }

  private get isFiltered(): boolean {
    return this.failed || this.cursor !== null || this.shownOnly !== null || this.onlyOf !== null;
  }

  private wants(record: LogRecord): boolean {
    if (this.failed && !hasFailed(record)) return false;
    if (record.level < (levelSteps[this.levelIndex]?.level ?? 0)) return false;
    if (this.onlyOf !== null && record.account !== this.onlyOf && record.access?.account !== this.onlyOf) return false;
    return this.shownOnly === null || this.shownOnly.matches(recordText(record));
  }

  private choose(): void {
    this.records.reset();
    this.matches.reset();
  }

  get following(): boolean {
    return this.cursor === null;
  }
  get level(): string {
    return levelSteps[this.levelIndex]?.name ?? '';
  }
  get account(): string | null {
    return this.onlyOf;
  }
  /** The filter now, else the one before: matches are shown and found by it. */
  get pattern(): Pattern | null {
    return this.shownOnly ?? this.remembered;
  }
  get filtering(): boolean {
    return this.shownOnly !== null;
  }

  nextLevel(): void {
    this.levelIndex = (this.levelIndex + 1) % levelSteps.length;
    this.choose();
  }

  get failedOnly(): boolean {
    return this.failed;
  }

  onlyFailed(which: 'failed' | 'all'): void {
    this.failed = which === 'failed';
    this.choose();
  }

  /** Long lines a step to the right (`1`), or back (`-1`). */
  shift(direction: 1 | -1): void {
    this.leftCut = Math.max(0, this.leftCut + direction * SHIFT);
  }

  /** Cells of each line's text that lie out of sight to the left. */
  get shifted(): number {
    return this.leftCut;
  }

  onlyAccount(email: string | null): void {
    this.onlyOf = email;
    this.choose();
  }

  /** Shows only what matches; with null all again, while `n` still finds what the last filter matched. */
  filter(pattern: Pattern | null): void {
    if (pattern === null) this.remembered = this.shownOnly ?? this.remembered;
    this.shownOnly = pattern;
    this.lastFound = null;
    this.choose();
  }

  follow(): void {
    this.cursor = null;
  }

  pause(feed: Feed<LogRecord>): void {
    this.refresh(feed);
    this.stop(this.records.count - 1, feed);
  }

  private stop(index: number, feed: Feed<LogRecord>): void {
    const last = this.records.count - 1;
    if (last < 0) return;
    if (this.cursor === null) this.pausedAt = feed.next;
    this.cursor = this.records.seqAt(Math.max(0, Math.min(index, last))) ?? null;
  }

  /** Index of the record that the keys are about. */
  private here(): number {
    const last = this.records.count - 1;
    return this.cursor === null ? last : Math.min(this.records.indexFrom(this.cursor), last);
  }

  /** Moves by lines; a step down from the last line follows again. */
  move(by: number, feed: Feed<LogRecord>): void {
    this.refresh(feed);
    const to = this.here() + by;
    if (to >= this.records.count) this.follow();
    else this.stop(to, feed);
  }

  toStart(feed: Feed<LogRecord>): void {
    this.refresh(feed);
    this.stop(0, feed);
  }

  /** To the next match downwards (`1`) or upwards (`-1`), or mark where nothing is sought; `seeking`: it may be there yet. */
  seek(direction: 1 | -1, feed: Feed<LogRecord>): 'found' | 'none' | 'seeking' {
    this.refresh(feed);
    const here = this.records.seqAt(this.here()) ?? 0;
    const { list, complete } = this.hits(feed);
    const at = direction === 1 ? list.indexFrom(here + 1) : list.indexFrom(here) - 1;
    const seq = list.seqAt(at);
    if (seq === undefined) return complete ? 'none' : 'seeking';
    this.stop(this.records.indexFrom(seq), feed);
    this.lastFound = { seq: this.cursor ?? -1, place: { at: at + 1, of: list.count } };
    return 'found';
  }

  /** Which of the records that are shown match, or are marked where nothing is sought. */
  private hits(feed: Feed<LogRecord>): { readonly list: SeqList; readonly complete: boolean } {
    if (this.shownOnly !== null) return { list: this.records, complete: this.records.complete };
    if (this.remembered !== null) {
      this.matches.refresh(feed, timeSlice(this.monotonic));
      return { list: this.matches, complete: this.matches.complete };
    }
    const isListed = (seq: number): boolean => this.records.seqAt(this.records.indexFrom(seq)) === seq;
    return { list: listOf([...this.marked].filter(isListed).sort((a, b) => a - b)), complete: true };
  }

  /** `3 of 41` while the cursor stands where `n` led; null elsewhere. */
  get found(): MatchPlace | null {
    return this.cursor !== null && this.lastFound?.seq === this.cursor ? this.lastFound.place : null;
  }

  /** Every record that passes the filter, oldest first, as it was written; null while not all have been looked at. */
  lines(feed: Feed<LogRecord>): string[] | null {
    this.refresh(feed);
    if (!this.records.complete) return null;
    const lines: string[] = [];
    for (let at = 0; at < this.records.count; at++) {
      const record = feed.at(this.records.seqAt(at) ?? -1);
      if (record !== undefined) lines.push(record.source === '' ? record.line : `[${record.source}] ${record.line}`);
    }
    return lines;
  }

  toggleMark(feed: Feed<LogRecord>): void {
    const seq = this.current(feed)?.seq;
    if (seq !== undefined && !this.marked.delete(seq)) this.marked.add(seq);
  }

  /** The record that the keys are about. */
  current(feed: Feed<LogRecord>): LogRecord | undefined {
    const newest = this.newest(feed, 1);
    if (newest !== null) return feed.at(newest[0] ?? -1);
    this.refresh(feed);
    return feed.at(this.records.seqAt(this.here()) ?? -1);
  }

  /**
   * The newest records that pass, newest first; null where the filter has to be asked. Under full traffic a thousand come
   * between two pictures: while the log is followed, only those that are shown are looked at.
   */
  private newest(feed: Feed<LogRecord>, most: number): readonly number[] | null {
    if (this.isFiltered) return null;
    return newestOf(feed, most, (record) => this.wants(record));
  }

  /** What fits into `height` lines of `width` cells, and where it stands. */
  window(feed: Feed<LogRecord>, width: number, height: number, now: number): LogWindow {
    this.page = height;
    const newest = this.newest(feed, height);
    return newest === null ? this.filtered(feed, width, height, now) : this.followed(newest, feed, width, height, now);
  }

  private followed(
    newest: readonly number[],
    feed: Feed<LogRecord>,
    width: number,
    height: number,
    now: number,
  ): LogWindow {
    const shown: (readonly Line[])[] = [];
    let used = 0;
    for (const seq of newest) {
      const lines = this.linesOf(feed, seq, width, now);
      if (shown.length > 0 && used + lines.length > height) break;
      shown.unshift(lines);
      used += lines.length;
      this.top = seq;
    }
    return { lines: shown.flat().slice(0, height), count: 0, position: 0, fresh: 0, held: feed.next - feed.first };
  }

  private filtered(feed: Feed<LogRecord>, width: number, height: number, now: number): LogWindow {
    this.refresh(feed);
    const here = this.here();
    const linesAt = (index: number): Line[] => this.linesOf(feed, this.records.seqAt(index) ?? -1, width, now);
    const tall = (index: number): number => (this.wrapped ? linesAt(index).length : 1);
    let top = this.cursor === null ? here : Math.min(this.records.indexFrom(this.top), here);
    let used = 0;
    for (let index = top; index <= here; index++) used += tall(index);
    while (used > height && top < here) used -= tall(top++);
    // The window is filled upwards where following, or where the end of the log leaves it half empty.
    const end = this.cursor === null ? here : this.filledDownTo(here, height - used, tall);
    for (let index = here + 1; index <= end; index++) used += tall(index);
    while (top > 0 && used + tall(top - 1) <= height) used += tall(--top);
    this.top = this.records.seqAt(top) ?? 0;
    const lines: Line[] = [];
    for (let index = top; index <= end && lines.length < height; index++) lines.push(...linesAt(index));
    return {
      lines: lines.slice(0, height),
      count: this.records.count,
      position: here + 1,
      fresh: this.cursor === null ? 0 : this.records.count - this.records.indexFrom(this.pausedAt),
      held: feed.next - feed.first,
    };
  }

  private filledDownTo(here: number, room: number, tall: (index: number) => number): number {
    let end = here;
    let left = room;
    while (end + 1 < this.records.count && left - tall(end + 1) >= 0) left -= tall(++end);
    return end;
  }

  private linesOf(feed: Feed<LogRecord>, seq: number, width: number, now: number): Line[] {
    const record = feed.at(seq);
    if (record === undefined) return [];
    const stamp = this.relative ? ago(now - record.time).padStart(8) : timeOfDay(record.time);
    const spans = shiftedSpans(
      recordSpans(record, width >= ROOMY ? 'roomy' : 'narrow', this.pattern, stamp),
      this.wrapped ? 0 : this.leftCut,
    );
    const marked = this.marked.has(seq);
    const led = marked ? [span('◆', 'accent'), ...withoutLead(spans)] : spans;
    const ground: { ground?: Style } = seq === this.cursor ? { ground: 'selected' } : {};
    if (!this.wrapped || widthOf(led) <= width) return [{ spans: led, ...ground }];
    return wrapSpans(led, width).map((row) => ({ spans: row, ...ground }));
  }
}
