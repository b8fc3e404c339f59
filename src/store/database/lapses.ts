import type { Clock } from '../ground/clock.js';
import { oneAtATime } from '../ground/one-at-a-time.js';

/** What a database that had forgotten something was told again. */
export interface Lapse {
  /** When that was found, ms since 1970. */
  readonly at: number;
  /** How many rows this box wrote back, by their table. */
  readonly rows: ReadonlyMap<string, number>;
}

/** How long people are told of it, ms. */
const SHOWN_MS = 600_000;

/**
 * When the database was found to be older than it was: a backup was restored, or a replica promoted that lagged behind.
 * Every part of memory compares itself with it then, and writes back what it lacks.
 */
export class Lapses {
  private readonly parts: LapsePart[] = [];
  private at = 0;
  private lookNow = (): Promise<void> => Promise.resolve();
  private rows = new Map<string, number>();
  /** Looks go one after the other: an answer that came late would seem to go back. */
  private readonly inTurn = oneAtATime();
  /** The look that has not begun yet: whoever asks until then is told by it. */
  private nextLook: Promise<void> | null = null;

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** Whether some part has not compared itself yet. */
  get isOpen(): boolean {
    return this.parts.some(({ isDue }) => isDue);
  }

  /** What was written back lately; null: nothing had to be. */
  get last(): Lapse | null {
    const { at, rows, clock } = this;
    return rows.size > 0 && clock.now() - at < SHOWN_MS ? { at, rows } : null;
  }

  /** Has `look` find out whether the database is older than it was; it calls `found` then. */
  lookBy(look: () => Promise<void>): void {
    this.lookNow = look;
  }

  /** Looks whether it is. Asked after rows were read and before they are believed. @throws {DatabaseAway | StatementFailed} */
  look(): Promise<void> {
    this.nextLook ??= this.inTurn(() => {
      this.nextLook = null;
      return this.lookNow();
    });
    return this.nextLook;
  }

  /** The database is older than it was. */
  found(): void {
    for (const part of this.parts) part.isDue = true;
  }

  /** @param table - whose rows it keeps */
  part(table: string): LapsePart {
    const look = (): Promise<void> => this.look();
    const part = new LapsePart(look, (rows) => this.wroteBack(table, rows));
    this.parts.push(part);
    return part;
  }

  private wroteBack(table: string, rows: number): void {
    if (this.last === null) this.rows = new Map();
    this.at = this.clock.now();
    this.rows.set(table, (this.rows.get(table) ?? 0) + rows);
  }
}

/** What one part of memory has to do with the lapses of the database. */
export class LapsePart {
  /** The database may lack what this part knows. */
  isDue = false;

  constructor(
    /** As that of all. */
    readonly look: () => Promise<void>,
    private readonly tell: (rows: number) => void,
  ) {}

  /**
   * Reads what is to be compared. What was read before the database was found to be older may be of before it was put back:
   * it is read once more then.
   */
  async read<T>(rows: () => Promise<T>): Promise<T> {
    const wasDue = this.isDue;
    const found = await rows();
    if (!wasDue) await this.look();
    return this.isDue === wasDue ? found : rows();
  }

  /** It is compared. @param rows - how many had to be written back */
  mended(rows: number): void {
    this.isDue = false;
    if (rows > 0) this.tell(rows);
  }
}
