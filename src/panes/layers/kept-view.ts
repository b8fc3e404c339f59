/** What a screen leaves to the next one: how the panes were sorted, filtered and parted. */
import * as v from 'valibot';
import { paneNames, type Desk } from '../desk/desk.js';
import { sorts } from '../desk/order.js';
import { isPattern, parsePattern } from '../text/pattern.js';
import { columnSets, type ColumnSet } from '../views/account-columns.js';
import { filterOf, setFilter } from './filter-line.js';

const filter = v.fallback(v.string(), '');
const columnNames = Object.keys(columnSets) as [ColumnSet, ...ColumnSet[]];

/** What cannot be read, or is of another version, is as at first. */
const KeptViewSchema = v.object({
  sort: v.fallback(v.picklist(sorts), 'state'),
  direction: v.fallback(v.picklist(['forwards', 'backwards']), 'forwards'),
  columns: v.fallback(v.picklist(columnNames), 'fitting'),
  focus: v.fallback(v.picklist(paneNames), 'accounts'),
  zoomed: v.fallback(v.boolean(), false),
  filters: v.fallback(v.object({ accounts: filter, log: filter, refreshes: filter }), {
    ...{ accounts: '', log: '', refreshes: '' },
  }),
});

export type KeptView = v.InferOutput<typeof KeptViewSchema>;

/** What of a desk is kept. */
type KeptDesk = Pick<Desk, 'accounts' | 'log' | 'refreshes' | 'focus' | 'zoomed' | 'arrange' | 'focusOn'>;

export function viewOf(desk: KeptDesk): KeptView {
  const { accounts, focus, zoomed } = desk;
  const source = (pane: Desk['focus']): string => filterOf(desk, pane)?.source ?? '';
  return {
    ...{ sort: accounts.sort, direction: accounts.direction, columns: accounts.columns },
    ...{ focus, zoomed },
    filters: { accounts: source('accounts'), log: source('log'), refreshes: source('refreshes') },
  };
}

/** @param kept - as it was read, by whatever version it was written */
export function restoreView(desk: KeptDesk, kept: unknown): void {
  const parsed = v.safeParse(KeptViewSchema, kept);
  if (!parsed.success) return;
  const { sort, direction, columns, focus, zoomed, filters } = parsed.output;
  Object.assign(desk.accounts, { sort, direction, columns });
  // a pane alone is of use to whoever knows why: elsewhere a screen begins with its accounts
  if (zoomed) desk.focusOn(focus);
  desk.zoomed = zoomed;
  for (const pane of paneNames) {
    const pattern = parsePattern(filters[pane]);
    if (isPattern(pattern)) setFilter(desk, pane, pattern);
  }
  desk.arrange();
}
