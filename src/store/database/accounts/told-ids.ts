import { byItself } from '../../ground/faults.js';
import { unlessAway } from '../database-errors.js';

/** So many rows are asked for at once. */
export const ROWS_AT_ONCE = 500;

/** Accounts that other boxes told of: what is told while a reading is under way is read together after it. */
export class ToldIds {
  private ids = new Set<string>();
  private reading: Promise<void> | null = null;

  /** @param gathered - waited for before each reading */
  constructor(
    private readonly read: (ids: readonly string[]) => Promise<void>,
    private readonly gathered = (): Promise<void> => Promise.resolve(),
  ) {}

  add(id: string): void {
    this.ids.add(id);
    if (this.reading !== null) return;
    this.reading = this.readAll().finally(() => (this.reading = null));
    byItself('the reading of accounts', this.reading);
  }

  private async readAll(): Promise<void> {
    while (this.ids.size > 0) {
      await this.gathered();
      const ids = [...this.ids].slice(0, ROWS_AT_ONCE);
      for (const id of ids) this.ids.delete(id);
      // what is not read now is found by the next look
      await unlessAway(this.read(ids));
    }
  }
}
