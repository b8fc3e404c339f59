/** Accounts that lie where several processes reach them, each call of which takes a moment: a database without one. */
import { accountOf, UnreadableAccount } from '../../src/store/accounts/account.js';
import type { Patch } from '../../src/store/accounts/patches.js';
import { applied } from '../../src/store/accounts/pending.js';
import type { CredentialSpool } from '../../src/store/database/accounts/credential-spool.js';
import type { StoredRow, RowContent } from '../../src/store/database/accounts/stored-row.js';
import type { StoredRows, RowVersion } from '../../src/store/database/accounts/stored-rows.js';
import type { RowNews } from '../../src/store/database/accounts/row-news.js';
import { DatabaseAway } from '../../src/store/database/database-errors.js';
import { isJsonObject, type JsonObject } from '../../src/store/ground/json.js';
import { sameJson } from '../../src/store/ground/merge.js';
import { read } from '../../src/store/words/saying.js';
import { pause } from './pause.js';

/** A spool that keeps nothing. */
export const noSpool: CredentialSpool = {
  holds: () => false,
  keep: () => Promise.resolve(),
  drop: () => Promise.resolve(),
};

interface Kept {
  readonly version: number;
  readonly removed: boolean;
  /** null: no document. */
  readonly json: JsonObject | null;
}

export class MemoryRows implements StoredRows {
  /** Whether they are reached, and whether who asked is told what came of it. */
  reach: 'works' | 'none' | 'answers are lost' = 'works';
  writes = 0;
  private readonly rowsById = new Map<string, Kept>();
  private readonly listeners = new Set<(id: string) => void>();

  constructor(private readonly latencyMs = 2) {}

  get news(): RowNews {
    return {
      onTold: (listener) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
      },
      onSecond: () => () => undefined,
      onWhole: () => () => undefined,
    };
  }

  /** What stands there; undefined: nothing does. */
  at(id: string): Kept | undefined {
    return this.rowsById.get(id);
  }

  put(id: string, json: JsonObject | null, more: Partial<Kept> = {}): void {
    this.rowsById.set(id, { version: (this.at(id)?.version ?? 0) + 1, removed: false, json, ...more });
    this.writes++;
    for (const tell of this.listeners) tell(id);
  }

  delete(id: string): void {
    this.rowsById.delete(id);
  }

  async read(ids: readonly string[] | null): Promise<readonly StoredRow[]> {
    await this.reached();
    return [...this.rowsById.keys()]
      .filter((id) => ids === null || ids.includes(id))
      .sort()
      .map((id) => this.row(id));
  }

  async versions(): Promise<readonly RowVersion[]> {
    await this.reached();
    return [...this.rowsById].map(([id, { version, removed }]) => ({ id, version, removed }));
  }

  async change(id: string, patches: readonly Patch[]): Promise<StoredRow | null> {
    await this.reached();
    const kept = this.at(id);
    if (kept === undefined) return null;
    const row = this.row(id);
    if (row.removed || row.content.kind === 'unreadable') return row;
    const json = applied(patches, row.content.json);
    if (!sameJson(json, row.content.json)) this.put(id, json);
    return this.answered(id);
  }

  async stand(id: string, json: JsonObject): Promise<StoredRow> {
    await this.reached();
    if (this.at(id)?.removed !== false) this.put(id, json);
    return this.answered(id);
  }

  async mark(id: string, as: 'removed' | 'present'): Promise<StoredRow | null> {
    await this.reached();
    const kept = this.at(id);
    if (kept === undefined) return null;
    if (kept.removed !== (as === 'removed')) this.put(id, kept.json, { removed: as === 'removed' });
    return this.answered(id);
  }

  async heal(id: string, older: number | null, json: JsonObject, version: number): Promise<StoredRow | null> {
    await this.reached();
    if ((this.at(id)?.version ?? null) === older) this.put(id, json, { version });
    return this.at(id) === undefined ? null : this.row(id);
  }

  private async reached(): Promise<void> {
    await pause(this.latencyMs);
    if (this.reach === 'none') throw new DatabaseAway(read('nobody answers'));
  }

  private answered(id: string): StoredRow {
    if (this.reach === 'answers are lost') throw new DatabaseAway(read('nobody answers'));
    return this.row(id);
  }

  private row(id: string): StoredRow {
    const { version, removed, json } = this.at(id) ?? { version: 0, removed: true, json: null };
    return { id, version, removed, content: contentOf(id, json) };
  }
}

function contentOf(id: string, json: JsonObject | null): RowContent {
  if (!isJsonObject(json)) return { kind: 'unreadable', reason: 'its document is not an object in braces' };
  try {
    return { kind: 'account', json, account: accountOf(json, id) };
  } catch (error) {
    if (error instanceof UnreadableAccount) return { kind: 'unreadable', reason: error.message };
    throw error;
  }
}
