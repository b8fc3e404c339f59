/** `:usage`: who used what: bars by day for the selected line, and the sums below, sorted. */
import type { UsageName, UsageSum } from '../../proxy/contract/operations.js';
import type { Desk } from '../desk/desk.js';
import { Sheet } from '../layers/sheet.js';
import type { Key } from '../terminal/keys.js';
import { blank, line, span, type Line, type Span } from '../text/lines.js';
import { date, grouped, pad, sanitise, wordsOf } from '../text/text.js';
import type { Theme } from '../text/theme.js';
import { windowOf } from './window.js';

const groups = ['account', 'key', 'model', 'protocol'] as const;
type Grouping = (typeof groups)[number];
const spans = [7, 30, 90, 365] as const;
const columns = ['requests', 'failed', 'held', 'in', 'cached', 'out', 'thoughts', 'unread'] as const;
type Column = (typeof columns)[number];

const NAME = 26;
const NUMBER = 12;
/** Days that have a bar of their own. */
const BARS = 10;
const LONGEST_BAR = 160;

/** The sums of one name over all days, and its tokens of each day. */
export interface UsedBy {
  readonly name: string;
  readonly sums: Readonly<Record<Column, number>>;
  readonly days: ReadonlyMap<string, number>;
}

const tokens = ({ in: fresh, cached, out, thoughts }: Pick<UsageSum, 'in' | 'cached' | 'out' | 'thoughts'>): number =>
  fresh + cached + out + thoughts;

/** What each name used, sorted by a column, the most first. @param sums - by day and that name */
export function usedBy(sums: readonly UsageSum[], by: Grouping, sorted: Column): readonly UsedBy[] {
  const names = new Map<string, { name: string; sums: Record<Column, number>; days: Map<string, number> }>();
  for (const sum of sums) {
    const name = sum[by] ?? '-';
    let one = names.get(name);
    if (one === undefined) {
      const none = { requests: 0, failed: 0, held: 0, in: 0, cached: 0, out: 0, thoughts: 0, unread: 0 };
      names.set(name, (one = { name, sums: none, days: new Map<string, number>() }));
    }
    for (const column of columns) one.sums[column] += sum[column];
    const day = sum.day ?? '';
    one.days.set(day, (one.days.get(day) ?? 0) + tokens(sum));
  }
  return [...names.values()].sort((a, b) => b.sums[sorted] - a.sums[sorted] || (a.name < b.name ? -1 : 1));
}

export class UsageSheet extends Sheet {
  readonly place = 'panes';
  readonly foot = 'j k choose · b by · s sort · d days · Esc back';
  private sums: readonly UsageSum[] | null = null;
  private trouble = '';
  private by: Grouping = 'account';
  private sorted: Column = 'in';
  private days: (typeof spans)[number] = 7;
  private index = 0;
  private space = Infinity;
  private asked = '';

  /** @param by - what the sums are first grouped by */
  constructor(by: Grouping = 'account') {
    super();
    this.by = by;
  }

  override title(): readonly Span[] {
    return [span(`usage of ${this.days} days by ${this.by}`, 'key')];
  }

  override note(): readonly Span[] {
    return [span(this.hidden() || `sorted by ${this.sorted}`, 'dim')];
  }

  override rows(desk: Desk, width: number, height: number, theme: Theme): string[] {
    this.space = height - 2;
    return super.rows(desk, width, height, theme);
  }

  override raw(desk: Desk): string {
    this.space = Infinity;
    return super.raw(desk);
  }

  override lines(desk: Desk, width: number, theme: Theme): readonly Line[] {
    this.look(desk);
    if (this.sums === null) return [line(span(` ${this.trouble || 'adding up'}`, 'dim'))];
    const used = usedBy(this.sums, this.by, this.sorted);
    if (used.length === 0) return [line(span(' nothing was used in this time', 'dim'))];
    this.index = Math.max(0, Math.min(this.index, used.length - 1));
    const { index, sorted, by, days } = this;
    return usageLines(used, { index, sorted, by, days }, { width, room: this.space, now: desk.now, theme });
  }

  override key(key: Key, desk: Desk): 'taken' | 'pass' {
    const act = Object.hasOwn(this.steps, key.name) ? this.steps[key.name] : undefined;
    if (act === undefined) return super.key(key, desk);
    act();
    return 'taken';
  }

  private readonly steps: Readonly<Record<string, () => void>> = {
    j: () => (this.index += 1),
    down: () => (this.index += 1),
    k: () => (this.index -= 1),
    up: () => (this.index -= 1),
    b: () => {
      this.by = after(groups, this.by);
      this.index = 0;
    },
    s: () => (this.sorted = after(columns, this.sorted)),
    d: () => (this.days = after(spans, this.days)),
  };

  private look(desk: Desk): void {
    const since = dayBefore(desk.now, this.days - 1);
    const wanted = `${this.by} ${since}`;
    if (wanted === this.asked) return;
    this.asked = wanted;
    this.sums = null;
    const by: readonly UsageName[] = ['day', this.by];
    desk.supervisor.operations.usage(since, dayBefore(desk.now, 0), by).then(
      (sums) => {
        if (this.asked === wanted) this.sums = sums;
        desk.changed();
      },
      (error: unknown) => {
        this.trouble = wordsOf(error);
        desk.changed();
      },
    );
  }
}

/** The day that is `days` before, also when daylight saving time changes: `2026-11-29`. */
function dayBefore(now: number, days: number): string {
  const at = new Date(now);
  return date(new Date(at.getFullYear(), at.getMonth(), at.getDate() - days, 12).getTime());
}

/** The next item; after the last the first. */
const after = <One>(all: readonly One[], one: One): One => all[(all.indexOf(one) + 1) % all.length] ?? one;

interface Drawn {
  readonly width: number;
  /** How many lines fit. */
  readonly room: number;
  readonly now: number;
  readonly theme: Theme;
}

/** The bars of the selected line, then all lines. */
export function usageLines(
  used: readonly UsedBy[],
  { index, sorted, by, days }: Chosen,
  { width, room, now, theme: { glyphs } }: Drawn,
): readonly Line[] {
  const chosen = used[index];
  const bars = chosen === undefined ? [] : barsOf(chosen, Math.min(days, BARS), now, width, glyphs);
  const shown = columns.filter((_, at) => NAME + 3 + NUMBER * (at + 1) <= width);
  const head = [by.toUpperCase(), ...shown].map((title, at) =>
    at === 0
      ? span(`   ${pad(title, NAME)}`, 'dim')
      : span(pad(title, NUMBER, 'right'), title === sorted ? 'key' : 'dim'),
  );
  const rows = used.map(({ name, sums }, at) => {
    const isChosen = at === index;
    return line(
      span(
        ` ${isChosen ? glyphs.selected : ' '} ${pad(sanitise(name), NAME, 'left', glyphs.cut)}`,
        isChosen ? 'bold' : 'plain',
      ),
      span(shown.map((column) => pad(grouped(sums[column]), NUMBER, 'right')).join('')),
    );
  });
  return [...bars, blank, line(...head), ...windowOf(rows, index, room - bars.length - 2)];
}

/** What is selected on the sheet. */
interface Chosen {
  readonly index: number;
  readonly sorted: Column;
  readonly by: Grouping;
  readonly days: number;
}

function barsOf(
  { name, days }: UsedBy,
  count: number,
  now: number,
  width: number,
  glyphs: Theme['glyphs'],
): readonly Line[] {
  const shown = Array.from({ length: count }, (_, at) => dayBefore(now, count - 1 - at));
  const most = Math.max(1, ...shown.map((day) => days.get(day) ?? 0));
  const room = Math.max(4, Math.min(width - NUMBER - 18, LONGEST_BAR));
  const head = line(span(` tokens a day: ${sanitise(name)}`, 'bold'));
  const bars = shown.map((day) => {
    const value = days.get(day) ?? 0;
    const cells = Math.round((value / most) * room);
    return line(
      span(` ${day} `, 'dim'),
      span(pad(grouped(value), NUMBER, 'right')),
      span(` ${glyphs.full.repeat(Math.max(cells, value > 0 ? 1 : 0))}`, 'accent'),
    );
  });
  return [head, ...bars];
}
