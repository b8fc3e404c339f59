/** Where the operator stands in the list of accounts: selection, marks, sort, filter. */
import type { AccountRow } from '../../proxy/contract/snapshot.js';
import { AccountOrder, sorts, type Direction, type Sort } from './order.js';
import { windowTop } from '../views/accounts.js';
import { columnSets, type ColumnSet } from '../views/account-columns.js';
import type { Pattern } from '../text/pattern.js';

export class AccountList {
  private readonly order: AccountOrder;
  private listed: readonly AccountRow[] = [];
  private at = 0;
  private selectedId: string | null = null;
  private firstShown = 0;
  sort: Sort = 'state';
  pattern: Pattern | null = null;
  readonly marked = new Set<string>();
  /** How many rows the pane shows. */
  page = 10;
  direction: Direction = 'forwards';

  /** @param monotonic - a clock in ms by which it is measured how long a filter may take at a time */
  constructor(monotonic: () => number) {
    this.order = new AccountOrder(monotonic);
  }

  /** Whether there are accounts that the filter has not looked at yet: the next frame shows more. */
  get busy(): boolean {
    return this.order.busy;
  }

  /** Takes in the present accounts; the selection stays on its account, or where that account was. */
  arrange(accounts: readonly AccountRow[], hold: 'frozen' | 'free', now: number): void {
    const frozen = hold === 'frozen';
    this.listed = this.order.arrange(
      accounts,
      { sort: this.sort, direction: this.direction, filter: this.pattern, frozen },
      now,
    );
    const stays = this.listed[this.at]?.id === this.selectedId;
    const found = stays ? this.at : this.listed.findIndex(({ id }) => id === this.selectedId);
    this.moveTo(found >= 0 ? found : this.at);
    if (this.marked.size > 0) {
      const ids = new Set(accounts.map(({ id }) => id));
      for (const id of this.marked) if (!ids.has(id)) this.marked.delete(id);
    }
  }

  private moveTo(index: number): void {
    this.at = Math.max(0, Math.min(index, this.listed.length - 1));
    this.selectedId = this.listed[this.at]?.id ?? null;
  }

  /** Accounts that are out, by no hand, and that the filter hides. */
  hiddenOut(accounts: readonly AccountRow[]): readonly AccountRow[] {
    if (this.pattern === null) return [];
    const listed = new Set(this.listed);
    return accounts.filter((row) => !row.serves && row.state !== 'proxy_disabled' && !listed.has(row));
  }

  get rows(): readonly AccountRow[] {
    return this.listed;
  }
  get index(): number {
    return this.at;
  }
  get selected(): AccountRow | null {
    return this.listed[this.at] ?? null;
  }

  /** Selects the account on this row of the window that was drawn last, from 0. */
  selectShown(row: number): void {
    if (row >= 0 && row < this.page && this.firstShown + row < this.listed.length) this.moveTo(this.firstShown + row);
  }

  move(by: number): void {
    this.moveTo(this.at + by);
  }
  toStart(): void {
    this.moveTo(0);
  }
  toEnd(): void {
    this.moveTo(this.listed.length - 1);
  }

  /** Selects an account that is listed; false where the filter hides it. */
  select(id: string): boolean {
    const index = this.listed.findIndex((row) => row.id === id);
    if (index >= 0) this.moveTo(index);
    return index >= 0;
  }

  columns: ColumnSet = 'fitting';

  nextColumns(): void {
    const names = Object.keys(columnSets) as ColumnSet[];
    this.columns = names[(names.indexOf(this.columns) + 1) % names.length] ?? 'fitting';
  }

  nextSort(): void {
    this.sort = sorts[(sorts.indexOf(this.sort) + 1) % sorts.length] ?? 'state';
  }

  /** Marks all accounts shown; if all are marked already, unmarks them. */
  markShown(): void {
    const isAll = this.listed.every(({ id }) => this.marked.has(id));
    for (const { id } of this.listed) {
      if (isAll) this.marked.delete(id);
      else this.marked.add(id);
    }
  }

  toggleMark(): void {
    const id = this.selected?.id;
    if (id !== undefined && !this.marked.delete(id)) this.marked.add(id);
  }

  /** What `e`, `t` and `x` act on: the marked accounts, else the selected one. */
  targets(accounts: readonly AccountRow[]): AccountRow[] {
    if (this.marked.size > 0) return accounts.filter(({ id }) => this.marked.has(id));
    return this.selected === null ? [] : [this.selected];
  }

  /** Index of the first row to draw where `height` rows fit. */
  top(height: number): number {
    this.page = height;
    this.firstShown = windowTop(this.firstShown, this.at, this.listed.length, height);
    return this.firstShown;
  }
}
