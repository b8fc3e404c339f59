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
  /** What the items are called, in their order: `/` seeks among these. */
  protected abstract readonly names: readonly string[];

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
    const act = Object.hasOwn(this.byKey, name) ? this.byKey[name] : undefined;
    if (act === undefined) return super.key(key, desk);
    act(desk);
    return 'taken';
  }

  /** Goes so many items on. 0: only stays within the list. */
  override move(by: number): void {
    this.index = Math.max(0, Math.min(this.index + by, this.names.length - 1));
  }

  protected override searched(): readonly string[] {
    return this.names;
  }

  /** The choice is marked as it is. */
  protected override isFound(): boolean {
    return false;
  }

  protected override get here(): number {
    return this.index;
  }

  protected override show(place: number): void {
    this.index = place;
  }
}
