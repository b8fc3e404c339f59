/** What is seen of the log: a window of our own over the ring of records, which never holds more lines than it shows. */
import type { Feed, LogRecord } from '../../../proxy/contract/supervisor.js';
import { FeedFilter, newestOf, type SeqList } from './feed-filter.js';
import type { LogArchive } from './archive.js';
import { tellsClients, type LogRoom } from './columns.js';
import { recordLines } from './record-lines.js';
import { LogChoice, type LogWindow } from './choice.js';
import { listOf, LogMatches, type MatchPlace } from './matches.js';
import { drawnAround, newestDrawn, seqsAround, type LogPlace, type WindowPlace } from './window.js';
import { timeSlice } from './time-slice.js';
import type { Line } from '../../text/lines.js';
import type { Pattern } from '../../text/pattern.js';
import { stampWidth } from '../../text/text.js';

/** Cells that Left and Right move long lines by. */
const SHIFT = 20;

/** What the operator chose to see of the log, and where he stands in it. */
export class LogView {
  private readonly choice = new LogChoice();
  private readonly records = new FeedFilter<LogRecord>((record) => this.choice.wants(record));
  private readonly matches = new LogMatches((record) => this.choice.wants(record));
  /** The record that the keys are about; null while the newest is. */
  private cursor: number | null = null;
  private standsAt = 0;
  private top = 0;
  private pausedAt = 0;
  /** Cells of each line's text that lie out of sight to the left. */
  shifted = 0;
  private hasKeys = false;
  private files: LogArchive | null = null;
  readonly marked = new Set<number>();
  /** Lines were marked after something was sought. */
  private marksLast = false;
  /** For each row that was last drawn, the number of its record. */
  drawn: readonly number[] = [];
  wrapped = false;
  /** Rows that the pane shows. */
  page = 10;
  /** Times as how long ago. */
  relative = false;
  /** The read of the files whose answer is waited for; null: there is none, or it is not wanted any more. */
  reading: symbol | null = null;

  /** @param monotonic - a clock in ms by which it is measured how long a filter may take at a time */
  constructor(private readonly monotonic: () => number) {}

  /** Looks at what came in, and goes on with what the filter has not looked at, for a time slice at most. */
  refresh(feed: Feed<LogRecord>): void {
    this.records.refresh(feed, timeSlice(this.monotonic));
  }

  /** Records are left that the filter has not looked at yet: the next picture knows more. */
  get busy(): boolean {
    return this.isFiltered && !this.records.complete;
  }

  private get isFiltered(): boolean {
    return this.cursor !== null || this.choice.isNarrow;
  }

  private choose(): void {
    this.records.reset();
    this.matches.reset();
  }

  get following(): boolean {
    return this.cursor === null;
  }
  /** What part of the log is shown, beside the filter. */
  get chosen(): Readonly<Pick<LogChoice, 'level' | 'account' | 'failedOnly'>> {
    return this.choice;
  }
  /** The filter now, else the one before: matches are shown and found by it. */
  get pattern(): Pattern | null {
    return this.choice.pattern ?? this.matches.sought;
  }
  /** Whether `n` goes to marks: lines were marked last, or nothing is sought. */
  get seeksMarks(): boolean {
    return this.pattern === null || (this.marksLast && this.marked.size > 0);
  }
  get filtering(): boolean {
    return this.choice.pattern !== null;
  }
  /** The part read from the files; null: the records in memory are shown. */
  get archive(): LogArchive | null {
    return this.files;
  }

  nextLevel(): void {
    this.choice.nextLevel();
    this.choose();
  }

  onlyFailed(which: 'failed' | 'all'): void {
    this.choice.failedOnly = which === 'failed';
    this.choose();
  }

  /** Long lines a step to the right (`1`), or back (`-1`). */
  shift(direction: 1 | -1): void {
    this.shifted = Math.max(0, this.shifted + direction * SHIFT);
  }

  onlyAccount(email: string | null): void {
    this.choice.account = email;
    this.choose();
  }

  /** Shows only what matches; with null all again, while `n` still finds what the last filter matched. */
  filter(pattern: Pattern | null): void {
    if (pattern === null) this.matches.sought = this.choice.pattern ?? this.matches.sought;
    else this.marksLast = false;
    this.choice.pattern = pattern;
    this.choose();
  }

  /** Goes to the newest line in memory, and follows. */
  follow(): void {
    this.cursor = null;
    this.reading = null;
    this.leaveFiles();
  }

  private leaveFiles(): void {
    if (this.files === null) return;
    this.files = null;
    this.marked.clear();
    this.choose();
  }

  /** Shows a part of the files, at this time (ms since 1970). */
  open(files: LogArchive, time: number): void {
    this.marked.clear();
    this.files = files;
    this.choose();
    this.standOn(files.seqFrom(time), files);
  }

  /** Stands still on the record of this number, else on the next one that passes, else on the last. */
  standOn(seq: number, feed: Feed<LogRecord>): void {
    this.refresh(feed);
    this.stop(this.records.indexFrom(seq), feed);
  }

  /** Time of the line that the operator was on, if it is no longer held, ms since 1970; null: it is held. */
  leftAt(feed: Feed<LogRecord>): number | null {
    return this.cursor !== null && this.cursor < feed.first ? this.standsAt : null;
  }

  private stop(index: number, feed: Feed<LogRecord>): void {
    const last = this.records.count - 1;
    if (last < 0) return;
    if (this.cursor === null) this.pausedAt = feed.next;
    this.cursor = this.records.seqAt(Math.max(0, Math.min(index, last))) ?? null;
    this.standsAt = feed.at(this.cursor ?? -1)?.time ?? 0;
  }

  /** Index of the record that the keys are about. */
  private here(): number {
    const last = this.records.count - 1;
    return this.cursor === null ? last : Math.min(this.records.indexFrom(this.cursor), last);
  }

  /** Moves by lines; a step down from the last line follows the log again. @returns whether there was a line to go to */
  move(by: number, feed: Feed<LogRecord>): 'moved' | 'above' | 'below' {
    this.refresh(feed);
    const here = this.here();
    const to = here + by;
    if (to >= this.records.count) {
      if (this.files !== null) this.stop(this.records.count - 1, feed);
      else this.follow();
      return 'below';
    }
    this.stop(to, feed);
    return to < 0 && here <= 0 ? 'above' : 'moved';
  }

  toStart(feed: Feed<LogRecord>): void {
    this.refresh(feed);
    this.stop(0, feed);
  }

  /** To the next match or mark downwards (`1`) or upwards (`-1`); `seeking`: it may be there yet. */
  seek(direction: 1 | -1, feed: Feed<LogRecord>): 'found' | 'none' | 'seeking' {
    this.refresh(feed);
    const { list, complete } = this.hits(feed);
    const seq = this.matches.step(list, this.records.seqAt(this.here()) ?? 0, direction);
    if (seq === null) return complete ? 'none' : 'seeking';
    this.stop(this.records.indexFrom(seq), feed);
    return 'found';
  }

  /** Which of the records that are shown match, or are marked. */
  private hits(feed: Feed<LogRecord>): { readonly list: SeqList; readonly complete: boolean } {
    if (!this.seeksMarks) {
      if (this.filtering) return { list: this.records, complete: this.records.complete };
      return this.matches.listed(feed, timeSlice(this.monotonic));
    }
    const isListed = (seq: number): boolean => this.records.seqAt(this.records.indexFrom(seq)) === seq;
    return { list: listOf([...this.marked].filter(isListed).sort((a, b) => a - b)), complete: true };
  }

  /** `3 of 41` while the cursor stands where `n` led; null elsewhere. */
  get found(): MatchPlace | null {
    return this.cursor === null ? null : this.matches.placeOf(this.cursor);
  }

  /** Every record that passes the filter, oldest first, as it was written; null while not all have been looked at. */
  lines(feed: Feed<LogRecord>): string[] | null {
    this.refresh(feed);
    if (!this.records.complete) return null;
    const seqs = Array.from({ length: this.records.count }, (_, at) => this.records.seqAt(at) ?? -1);
    return seqs
      .flatMap((seq) => feed.at(seq) ?? [])
      .map(({ source, line }) => (source === '' ? line : `[${source}] ${line}`));
  }

  toggleMark(feed: Feed<LogRecord>): void {
    const seq = this.currentSeq(feed);
    if (seq !== undefined && !this.marked.delete(seq)) this.marked.add(seq);
    this.marksLast = true;
  }

  private currentSeq(feed: Feed<LogRecord>): number | undefined {
    const newest = this.newest(feed, 1);
    if (newest !== null) return newest[0];
    this.refresh(feed);
    return this.records.seqAt(this.here());
  }

  /** The record that the keys are about. */
  current(feed: Feed<LogRecord>): LogRecord | undefined {
    return feed.at(this.currentSeq(feed) ?? -1);
  }

  /**
   * The newest records that pass, newest first; null where the filter has to be asked. Under full traffic a thousand come
   * between two pictures: while the log is followed, only those that are shown are looked at.
   */
  private newest(feed: Feed<LogRecord>, most: number): readonly number[] | null {
    if (this.isFiltered) return null;
    return newestOf(feed, most, (record) => this.choice.wants(record));
  }

  /** The records that fit, and where they are. */
  window(feed: Feed<LogRecord>, place: LogPlace): LogWindow {
    this.page = place.height;
    const newest = this.newest(feed, place.height);
    if (newest === null) this.refresh(feed);
    const here = this.here();
    const near = newest ?? seqsAround(this.records, here, place.height);
    this.hasKeys ||= near.some((seq) => tellsClients(feed.at(seq)));
    const stamp = stampWidth(feed.at(near.at(-1) ?? -1)?.time ?? 0, place.now);
    const room = { ...place, stamp, hasKeys: this.hasKeys };
    const linesOf = (seq: number): Line[] => this.linesOf(feed, seq, room, place);
    const shown =
      newest === null
        ? drawnAround(this.records, this.windowPlace(here), place.height, linesOf)
        : newestDrawn(newest, place.height, linesOf);
    this.top = shown.top;
    this.drawn = shown.seqs;
    return { lines: shown.lines, room, ...this.counts(feed, newest === null ? here : null) };
  }

  private windowPlace(here: number): WindowPlace {
    return this.cursor === null
      ? { here, top: here, fill: 'none' }
      : { here, top: this.records.indexFrom(this.top), fill: 'below' };
  }

  /** @param here - index of the record that the keys act on; null: the records were not counted */
  private counts(feed: Feed<LogRecord>, here: number | null): Omit<LogWindow, 'lines' | 'room'> {
    const held = feed.next - feed.first;
    if (here === null) return { count: 0, position: 0, fresh: 0, held, hasLeft: false };
    const isStanding = this.cursor !== null && this.files === null;
    return {
      count: this.records.count,
      position: here + 1,
      fresh: isStanding ? this.records.count - this.records.indexFrom(this.pausedAt) : 0,
      held,
      hasLeft: this.leftAt(feed) !== null,
    };
  }

  private linesOf(feed: Feed<LogRecord>, seq: number, room: LogRoom, { now, glyphs }: LogPlace): Line[] {
    const record = feed.at(seq);
    if (record === undefined) return [];
    return recordLines(record, {
      ...{ room, glyphs, now, pattern: this.pattern },
      isRelative: this.relative,
      isWrapped: this.wrapped,
      shifted: this.wrapped ? 0 : this.shifted,
      isMarked: this.marked.has(seq),
      isSelected: seq === this.cursor,
    });
  }
}
