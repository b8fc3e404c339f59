import * as v from 'valibot';
import type { Trash, Trashed } from '../../accounts/trash.js';
import { BoundedMap } from '../../ground/bounded-map.js';
import type { Clock } from '../../ground/clock.js';
import { parseExactly, printExactly } from '../../ground/exact-json.js';
import { byItself } from '../../ground/faults.js';
import type { JsonObject } from '../../ground/json.js';
import { oneAtATime } from '../../ground/one-at-a-time.js';
import type { Database } from '../database.js';
import { unlessAway } from '../database-errors.js';
import type { LapsePart } from '../lapses.js';
import type { Listening } from '../listening.js';
import type { Sealing } from '../sealing.js';
import { type ReplacedRow, ReplacedTable } from './replaced-table.js';
import { ToldIds } from '../accounts/told-ids.js';
import { removedName, replacedName } from './trashed-in-pool.js';
import { whyNotWritten } from '../accounts/why-not-written.js';

const RemovedRow = v.object({ id: v.string(), at: v.number() });

const LOOK_EVERY_MS = 3_600_000;
/** Nobody waits for a replaced credential; the account that has another now is told of at the same moment, and comes first. */
const READ_AFTER_MS = 50;
const OLD = "< clock_timestamp() - interval '30 days'";
/** So many are remembered as deleted. */
const MOST_DELETED = 10_000;

export interface DatabaseTrashParts {
  readonly database: Database;
  readonly sealing: Sealing;
  readonly listening: Pick<Listening, 'onTold' | 'onSecond' | 'onWhole' | 'lapses'>;
  readonly clock: Clock;
  /** This box's name. */
  readonly box: string;
}

/** A replaced credential, as memory has it. */
interface Replaced extends Trashed {
  /** null: the database does not have it. */
  readonly row: number | null;
  /** The account's JSON; null: it does not open. */
  readonly text: string | null;
}

/** Who it is, in every box: numbers of rows are given anew by a database that was put back to an older state. */
const keyOf = ({ id, at }: Pick<Replaced, 'id' | 'at'>): string => `${id} ${at}`;

const replacedOf = ({ row, id, at }: ReplacedRow, text: string | null): Replaced => ({
  ...{ kind: 'replaced', id, row, at, text },
  file: replacedName(row, id, at),
});

/**
 * The trash of all boxes: removed accounts are rows with a time, replaced credentials lie sealed in `replaced`. Memory has
 * what these say, so that a re-add can be undone while the database is away.
 */
export class DatabaseTrash implements Trash {
  private all: readonly Replaced[] = [];
  /** Those that were deleted: a database that was away, or was put back to an older state, has them still. */
  private readonly deleted = new BoundedMap<string, true>(MOST_DELETED);
  private readonly table: ReplacedTable;
  private readonly lapse: LapsePart;
  private readonly inTurn = oneAtATime();
  private reading: Promise<void> | null = null;
  private readonly told = new ToldIds(
    (rows) => this.readTold(rows),
    () => this.parts.clock.wait(READ_AFTER_MS),
  );
  /** Whether something was deleted that the database may have. */
  private owesDeletion = false;
  private cancel = (): void => undefined;

  private constructor(private readonly parts: DatabaseTrashParts) {
    this.table = new ReplacedTable(parts);
    this.lapse = parts.listening.lapses.part('replaced');
  }

  /** @throws {DatabaseAway | StatementFailed} */
  static async open(parts: DatabaseTrashParts): Promise<DatabaseTrash> {
    const trash = new DatabaseTrash(parts);
    const { listening } = parts;
    await trash.readReplaced();
    listening.onTold((what, row) => (what === 'replaced' ? trash.told.add(row) : undefined));
    listening.onSecond(() => (trash.isBehind ? trash.readReplaced() : Promise.resolve()));
    listening.onWhole(() => trash.readReplaced());
    return trash;
  }

  placeForRemoved(id: string): string {
    return `removed-${id}`;
  }

  /** In memory at once; in the database now, or when it is back. */
  async keepReplaced(id: string, json: JsonObject): Promise<Trashed> {
    try {
      return await this.keepSaved(id, json);
    } catch (error) {
      whyNotWritten(error);
      const at = Math.floor(this.parts.clock.now());
      const file = `${at}-replaced-unsaved-${id}`;
      const replaced: Replaced = { kind: 'replaced', id, at, file, row: null, text: printExactly(json) };
      this.all = [...this.all, replaced];
      return replaced;
    }
  }

  /** The same, once the database has it. @throws {DatabaseAway | StatementFailed} */
  async keepSaved(id: string, json: JsonObject): Promise<Trashed> {
    const text = printExactly(json);
    const replaced = replacedOf(await this.table.add(id, text), text);
    this.all = [...this.all.filter((one) => keyOf(one) !== keyOf(replaced)), replaced];
    return replaced;
  }

  get isAwaiting(): boolean {
    return this.all.length > 0;
  }

  get awaited(): readonly string[] {
    return [...new Set(this.all.map(({ id }) => id))];
  }

  replacedAt(id: string): number | null {
    return this.all.filter((one) => one.id === id).at(-1)?.at ?? null;
  }

  read(trashed: Trashed): Promise<JsonObject | null> {
    const text = this.known(trashed)?.text ?? null;
    return Promise.resolve(text === null ? null : parseExactly(text));
  }

  proven(id: string): Promise<void> {
    return this.drop(this.all.filter((one) => one.id === id));
  }

  async discard(trashed: Trashed): Promise<void> {
    const known = this.known(trashed);
    if (known !== null) await this.drop([known]);
  }

  async list(): Promise<readonly Trashed[]> {
    await this.readReplaced();
    const removed = await this.parts.database.rows(
      RemovedRow,
      'select id, removed_at as at from {account} where removed_at is not null',
    );
    const accounts = removed.map(({ id, at }): Trashed => {
      return { kind: 'removed', id, at, file: removedName(id, at) };
    });
    return [...accounts, ...this.all].sort((one, other) => one.at - other.at);
  }

  keepClear(): void {
    this.cancel = this.parts.clock.after(LOOK_EVERY_MS, () => {
      this.keepClear();
      byItself('the clearing of the trash', unlessAway(this.clearOld()));
    });
  }

  stop(): void {
    this.cancel();
  }

  /** By the database's clock, as everything in it. */
  private async clearOld(): Promise<void> {
    const { database } = this.parts;
    await database.run(`delete from {replaced} where at ${OLD}`);
    await database.run(`delete from {account} where removed_at ${OLD}`);
    await database.run(`delete from {exchange} where not open and taken_at ${OLD}`);
    await database.run(`delete from {successor} where at ${OLD}`);
    await this.readReplaced();
  }

  /** Whether the database is to be told something of it. */
  private get isBehind(): boolean {
    return this.owesDeletion || this.lapse.isDue || this.all.some(({ row }) => row === null);
  }

  /** Takes in rows that were added; where one is gone by now, everything is read. */
  private async readTold(numbers: readonly string[]): Promise<void> {
    const isThere = await this.inTurn(async () => {
      const rows = await this.table.some(numbers);
      const known = new Set(this.all.map(keyOf));
      const news = rows.filter((row) => !known.has(keyOf(row)));
      if (rows.length < numbers.length || news.some((row) => this.deleted.has(keyOf(row)))) return false;
      this.all = [...this.all, ...news.map((row) => replacedOf(row, row.text))].sort((one, other) => one.at - other.at);
      return true;
    });
    if (!isThere) await this.readReplaced();
  }

  /** Whoever asks before it has begun is told by it. */
  private readReplaced(): Promise<void> {
    this.reading ??= this.inTurn(() => {
      this.reading = null;
      return this.compare();
    });
    return this.reading;
  }

  /** Makes memory and the database the same: what was kept here alone is added there, what was deleted here is there too. */
  private async compare(): Promise<void> {
    const { table, lapse, deleted } = this;
    const begun = new Set(this.all.map(keyOf));
    const rows = await lapse.read(() => table.all());
    const isOlder = lapse.isDue;
    const back = rows.filter((row) => deleted.has(keyOf(row)));
    if (back.length > 0) await table.drop(back.map(({ row }) => row));
    this.owesDeletion = false;
    const there = new Map(rows.map((row) => [keyOf(row), row]));
    const missing = this.all.filter((one) => !there.has(keyOf(one)) && (one.row === null || isOlder));
    for (const { id, at, text } of missing)
      if (text !== null) there.set(keyOf({ id, at }), await table.addAgain(id, text, at));
    await this.believe(there, begun);
    if (isOlder) lapse.mended(back.length + missing.length);
  }

  /** @param begun - what memory had before the database was asked */
  private async believe(there: ReadonlyMap<string, ReplacedRow>, begun: ReadonlySet<string>): Promise<void> {
    const { deleted } = this;
    const news = [...there].flatMap(([key, { row }]) => (begun.has(key) ? [] : [row]));
    const texts = await this.table.texts(news);
    const known = new Map(this.all.map((one) => [keyOf(one), one]));
    for (const key of begun) if (!there.has(key) && known.get(key)?.row !== null) deleted.set(key, true);
    const saved = [...there].map(([key, row]): Replaced => {
      const one = known.get(key);
      return one === undefined ? replacedOf(row, texts.get(row.row) ?? null) : { ...one, row: row.row };
    });
    const here = [...known].flatMap(([key, one]) => (there.has(key) ? [] : [one]));
    this.all = [...saved, ...here].filter((one) => !deleted.has(keyOf(one))).sort((one, other) => one.at - other.at);
  }

  /** What the database cannot be told now it is told later. */
  private async drop(gone: readonly Replaced[]): Promise<void> {
    for (const one of gone) this.deleted.set(keyOf(one), true);
    this.all = this.all.filter((one) => !this.deleted.has(keyOf(one)));
    const rows = gone.flatMap(({ row }) => (row === null ? [] : [row]));
    try {
      if (rows.length > 0) await this.table.drop(rows);
    } catch (error) {
      whyNotWritten(error);
      this.owesDeletion = true;
    }
  }

  private known({ kind, file }: Trashed): Replaced | null {
    return kind === 'replaced' ? (this.all.find((one) => one.file === file) ?? null) : null;
  }
}
