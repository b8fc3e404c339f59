import type { Desk } from '../desk/desk.js';
import { Sheet } from '../layers/sheet.js';
import type { Key } from '../terminal/keys.js';
import type { Theme } from '../text/theme.js';

export type Acts = Readonly<Record<string, (desk: Desk) => void>>;

/** A sheet with a list, one item of which is chosen by `j` and `k`. It shows as much of the list as fits around that one. */
export abstract class ChoiceSheet extends Sheet {
  protected index = 0;
  /** How many lines fit; no bound where all of it is wanted as text. */
  protected space = Infinity;
  /** What further keys do. */
  protected abstract readonly byKey: Acts;
  /** How many items there are. */
  protected abstract readonly count: number;

  override rows(desk: Desk, width: number, height: number, theme: Theme): string[] {
    this.space = height - 2;
    return super.rows(desk, width, height, theme);
  }

  override raw(desk: Desk): string {
    this.space = Infinity;
    return super.raw(desk);
  }

  override key(key: Key, desk: Desk): 'taken' | 'pass' {
    const { name } = key;
    if (name === 'j' || name === 'down') this.choose(1);
    else if (name === 'k' || name === 'up') this.choose(-1);
    else if (Object.hasOwn(this.byKey, name)) this.byKey[name]?.(desk);
    else return super.key(key, desk);
    return 'taken';
  }

  /** Goes so many items on. 0: only stays within the list. */
  protected choose(by: number): void {
    this.index = Math.max(0, Math.min(this.index + by, this.count - 1));
  }
}
