/** `:usage`: who used what: bars by day for the selected line, and the sums below, sorted. */
import { dayBefore, type UsageName, type UsageSum } from '../../proxy/contract/operations.js';
import type { Desk } from '../desk/desk.js';
import { blank, line, span, type Line, type Span } from '../text/lines.js';
import { pad, sanitise, wordsOf } from '../text/text.js';
import { grouped } from '../../store/words/counted.js';
import type { Theme } from '../text/theme.js';
import { type Acts, ChoiceSheet } from './choice-sheet.js';
import { windowOf } from './window.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { phrase } from '../text/phrase.js';
import { told } from '../../store/words/told.js';

const groups = ['account', 'key', 'model', 'protocol'] as const satisfies readonly PlainWord[];
const heads = { account: 'ACCOUNT', key: 'KEY', model: 'MODEL', protocol: 'PROTOCOL' } as const;
type Grouping = (typeof groups)[number];
const spans = [7, 30, 90, 365] as const;
const columns = [
  'requests',
  'failed',
  'held',
  'in',
  'cached',
  'out',
  'thoughts',
  'unread',
] as const satisfies readonly PlainWord[];
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

/** What each name used. @param sums - by day and that name */
export function usedBy(sums: readonly UsageSum[], by: Grouping): readonly UsedBy[] {
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
  return [...names.values()];
}

/** By a column, the most first. */
export const inOrder = (used: readonly UsedBy[], sorted: Column): readonly UsedBy[] =>
  [...used].sort((a, b) => b.sums[sorted] - a.sums[sorted] || (a.name < b.name ? -1 : 1));

export class UsageSheet extends ChoiceSheet {
  readonly place = 'panes';
  readonly foot = phrase('j k choose · b by · s sort · d days · / find · Esc back');
  /** null: it is not known yet. */
  private used: readonly UsedBy[] | null = null;
  private trouble = '';
  private by: Grouping = 'account';
  private sorted: Column = 'in';
  private days: (typeof spans)[number] = 7;
  private asked = '';

  /** @param by - what the sums are first grouped by */
  constructor(by: Grouping = 'account') {
    super();
    this.by = by;
  }

  override title(): readonly Span[] {
    return [span(phrase('usage of {n} days by {what}', { n: this.days, what: phrase(this.by) }), 'key')];
  }

  override note(): readonly Span[] {
    return [span(this.hidden() || phrase('sorted by {what}', { what: phrase(this.sorted) }), 'dim')];
  }

  override lines(desk: Desk, width: number, theme: Theme): readonly Line[] {
    this.look(desk);
    const { used, index, sorted, by, days } = this;
    if (used === null) return [line(span(` ${sanitise(told(this.trouble)) || phrase('adding up')}`, 'dim'))];
    if (used.length === 0) return [line(span(` ${phrase('nothing was used in this time')}`, 'dim'))];
    return usageLines(used, { index, sorted, by, days }, { width, room: this.space, now: desk.now, theme });
  }

  protected get names(): readonly string[] {
    return this.used?.map(({ name }) => name) ?? [];
  }

  protected readonly byKey: Acts = {
    b: () => {
      this.by = after(groups, this.by);
      this.index = 0;
    },
    s: () => {
      this.sorted = after(columns, this.sorted);
      this.used = this.used === null ? null : inOrder(this.used, this.sorted);
    },
    d: () => (this.days = after(spans, this.days)),
  };

  private look(desk: Desk): void {
    const since = dayBefore(desk.now, this.days - 1);
    const wanted = `${this.by} ${since}`;
    if (wanted === this.asked) return;
    this.asked = wanted;
    this.used = null;
    this.trouble = '';
    const by: readonly UsageName[] = ['day', this.by];
    desk.supervisor.operations.usage(since, dayBefore(desk.now, 0), by).then(
      (sums) => {
        if (this.asked === wanted) this.used = inOrder(usedBy(sums, this.by), this.sorted);
        this.move(0);
        desk.changed();
      },
      (error: unknown) => {
        if (this.asked === wanted) this.trouble = wordsOf(error);
        desk.changed();
      },
    );
  }
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
  const head = [
    span(`   ${pad(phrase(heads[by]), NAME)}`, 'dim'),
    ...shown.map((title) => span(pad(phrase(title), NUMBER, 'right'), title === sorted ? 'key' : 'dim')),
  ];
  const rows = windowOf(used, index, room - bars.length - 2).map((each) => {
    const { name, sums } = each;
    const isChosen = each === chosen;
    return line(
      span(
        ` ${isChosen ? glyphs.selected : ' '} ${pad(sanitise(name), NAME, 'left', glyphs.cut)}`,
        isChosen ? 'bold' : 'plain',
      ),
      span(shown.map((column) => pad(grouped(sums[column]), NUMBER, 'right')).join('')),
    );
  });
  return [...bars, blank, line(...head), ...rows];
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
  const head = line(span(` ${phrase('tokens a day: {name}', { name: sanitise(name) })}`, 'bold'));
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
