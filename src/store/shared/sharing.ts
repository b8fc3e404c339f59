import type { Database } from '../database/database.js';
import type { Listening } from '../database/listening.js';
import type { PoolBox } from '../database/presence/pool-box.js';
import { Listeners } from '../ground/listeners.js';
import type { ExchangeStore } from '../state/exchange-store.js';
import { english } from '../words/saying.js';
import { readBoxes, type BoxSeen } from './boxes.js';

/** Exchanges of a pool that several machines share. */
export interface SharedExchanges extends ExchangeStore {
  /** Rotated tokens that the database does not have yet. */
  readonly spooled: number;
  /** Why a rotated token is in memory alone; null: none is. */
  readonly notSpooled: string | null;
  /** A box that was gone is there again, or another one found out what came back: its tokens are in doubt no more. */
  boxTold(): void;
}

export interface SharingParts {
  readonly database: Database;
  readonly listening: Listening;
  /** null: a command, which is no box of its own. */
  readonly box: PoolBox | null;
  readonly exchanges: Pick<SharedExchanges, 'spooled' | 'notSpooled' | 'boxTold'>;
}

/** A pool that several machines share, as one of them sees it. */
export class Sharing {
  /** Every box, as last seen. */
  boxes: readonly BoxSeen[] = [];
  private readonly changes = new Listeners();
  private told = '';

  constructor(
    /** The name of this one. */
    readonly name: string,
    private readonly parts: SharingParts,
  ) {
    const { database, listening } = parts;
    listening.onSecond(() => this.look());
    database.onUp(() => this.changes.tell());
    database.onDown(() => this.changes.tell());
  }

  /** Why the database cannot be used now; null: it can. */
  get cutOff(): string | null {
    return this.parts.database.trouble;
  }

  /** Notifications do not come through. */
  get isPollingOnly(): boolean {
    return this.parts.listening.pollingOnly === true;
  }

  /** Rotated tokens that the database does not have yet. */
  get spooled(): number {
    return this.parts.exchanges.spooled;
  }

  /** Why a rotated token is in memory alone; null: none is. */
  get notSpooled(): string | null {
    return this.parts.exchanges.notSpooled;
  }

  /** What a database that was put back to an older state was told again, lately; null: nothing. */
  get lapse(): string | null {
    const { last } = this.parts.listening.lapses;
    if (last === null) return null;
    const rows = [...last.rows].map(([table, count]) => `${table} ${count}`).join(', ');
    return english(
      'the database was put back to an older state: this box wrote back what it lacked ({rows}); start every other box too, each knows what it made',
      { rows },
    );
  }

  /** How far this machine's clock is ahead of the database's, ms. */
  get skewMs(): number {
    return this.parts.box?.skewMs ?? 0;
  }

  /** Why the others do not see this one under its name; null: they do. */
  get nameTrouble(): string | null {
    return this.parts.box?.trouble ?? null;
  }

  /** Calls `listener` when anything of this may have changed. */
  onChange(listener: () => void): () => void {
    return this.changes.add(listener);
  }

  async look(): Promise<void> {
    const boxes = await readBoxes(this.parts.database);
    const owe = owing(boxes);
    if ([...owing(this.boxes)].some((name) => !owe.has(name))) this.parts.exchanges.boxTold();
    const told = JSON.stringify([boxes.map(({ seenAt: _seen, ...rest }) => rest), this.isPollingOnly, this.lapse]);
    this.boxes = boxes;
    if (told !== this.told) this.changes.tell();
    this.told = told;
  }
}

/** The boxes that are gone and have not told what came back for a token. */
const owing = (boxes: readonly BoxSeen[]): ReadonlySet<string> =>
  new Set(boxes.flatMap(({ name, isGone, openLeases }) => (isGone && openLeases > 0 ? [name] : [])));
