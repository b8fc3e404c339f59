import type { Patch } from '../../accounts/patches.js';
import { NotSaved, type StoredAccount } from '../../accounts/stored-account.js';
import { BoundedMap } from '../../ground/bounded-map.js';
import type { Clock } from '../../ground/clock.js';
import { byItself } from '../../ground/faults.js';
import type { StoredRow } from './stored-row.js';
import type { StoredRows } from './stored-rows.js';
import type { KeptRow } from './kept-row.js';
import { whyNotWritten } from './why-not-written.js';

const RETRY_MS = 1_000;
/** So many removed accounts can be brought back while the database is away. */
const MOST_REMEMBERED = 100;

interface Removed {
  readonly row: KeptRow;
  /** Changes that the database does not have. */
  readonly patches: readonly Patch[];
}

interface Unsaved extends Removed {
  readonly as: 'removed' | 'present';
  readonly why: string;
}

/** Accounts that are removed or brought back: in memory at once, and again and again until the database has it. */
export class Removals {
  private readonly remembered = new BoundedMap<string, Removed>(MOST_REMEMBERED);
  private readonly waiting = new Map<string, Unsaved>();
  private cancel = (): void => undefined;

  constructor(
    private readonly rows: StoredRows,
    private readonly clock: Clock,
  ) {}

  /** Whether the database still has an account that was removed here. */
  isPending(id: string): boolean {
    return this.waiting.get(id)?.as === 'removed';
  }

  /** What is lost if the program ends now. */
  get unsaved(): readonly StoredAccount[] {
    return [...this.waiting.values()].map(({ row, as, why }) => ({
      ...{ id: row.id, file: row.file, account: row.account, unreadable: row.unreadable, held: false, notSaved: why },
      unsaved: [as === 'removed' ? 'that it was removed' : 'that it was brought back'],
    }));
  }

  /** @throws {NotSaved} it is removed here, and tried again where the database is */
  async remove(row: KeptRow, patches: readonly Patch[]): Promise<void> {
    const removed = { row, patches };
    this.remembered.set(row.id, removed);
    const why = await this.mark({ ...removed, as: 'removed', why: '' });
    if (why !== null) throw new NotSaved(row.file, why);
  }

  /** @returns the account as it is; a text: why it is not brought back */
  async bringBack(id: string): Promise<StoredRow | string> {
    const known = this.remembered.get(id);
    const isPending = this.isPending(id);
    this.waiting.delete(id);
    if (known !== undefined && isPending) return this.asKnown(known);
    try {
      return (await this.rows.mark(id, 'present')) ?? 'the database has no such account';
    } catch (error) {
      const why = whyNotWritten(error);
      if (known === undefined) return why;
      this.wait({ ...known, as: 'present', why });
      return this.asKnown(known);
    }
  }

  /** Tries once more what is not saved. */
  async settled(): Promise<void> {
    for (const unsaved of [...this.waiting.values()]) {
      if ((await this.mark(unsaved)) === null) this.waiting.delete(unsaved.row.id);
    }
  }

  stop(): void {
    this.cancel();
  }

  /** @returns why it is not saved; null: it is */
  private async mark(wanted: Unsaved): Promise<string | null> {
    const { row, patches, as } = wanted;
    try {
      if (patches.length > 0) await this.rows.change(row.id, patches);
      await this.rows.mark(row.id, as);
      return null;
    } catch (error) {
      const why = whyNotWritten(error);
      this.wait({ ...wanted, why });
      return why;
    }
  }

  private wait(unsaved: Unsaved): void {
    this.waiting.set(unsaved.row.id, unsaved);
    this.cancel();
    this.cancel = this.clock.after(RETRY_MS, () => byItself('the saving of removals', this.settled()));
  }

  private asKnown({ row }: Removed): StoredRow {
    const { id, version, json, account, unreadable } = row;
    if (json === null || account === null)
      return {
        id,
        version,
        removed: false,
        content: { kind: 'unreadable', reason: unreadable ?? 'it was never read' },
      };
    return { id, version, removed: false, content: { kind: 'account', json, account } };
  }
}
