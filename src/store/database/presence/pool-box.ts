import { saying } from '../../words/saying.js';
import * as v from 'valibot';
import type { Clock } from '../../ground/clock.js';
import { CannotRun, type Saying } from '../../ground/errors.js';
import { byItself } from '../../ground/faults.js';
import type { JsonObject } from '../../ground/json.js';
import { version } from '../../ground/version.js';
import type { Boots } from './boot-file.js';
import { unlessAway } from '../database-errors.js';
import { ClockOffset } from './clock-offset.js';
import type { Statements } from '../statements.js';

const PRESENT_MS = 2000;

export interface BoxParts {
  readonly statements: Statements;
  readonly clock: Clock;
  /** Unique among those that run. */
  readonly name: string;
  readonly boots: Boots;
  /** Where its proxy is to listen, until `servesOn` says where it does: `host:port`. */
  readonly address: string;
  /** What the other boxes are told of it. */
  readonly facts: () => JsonObject;
  /** Called when the database does not say of this box what it said before. */
  readonly lapsed: () => void;
}

const Now = v.object({ now: v.number() });
const Told = v.object({ now: v.number(), seen: v.number() });
const Seen = v.object({ boot: v.string(), seen: v.number() });
const DATABASE_NOW = `extract(epoch from clock_timestamp())::float8 * 1000 as now`;

const CLAIM = `insert into {box} as b (name, boot, pid, address, version, started_at, seen_at, skew_ms, facts)
  values ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp(), null, $6::jsonb)
  on conflict (name) do update set boot = excluded.boot, pid = excluded.pid, address = excluded.address,
    version = excluded.version, started_at = excluded.started_at, seen_at = excluded.seen_at, skew_ms = null,
    facts = excluded.facts
  where b.boot = any($7) or b.seen_at < clock_timestamp() - interval '10 s'
  returning ${DATABASE_NOW}, b.seen_at as seen`;

const PRESENT = `update {box} set seen_at = clock_timestamp(), skew_ms = $3, facts = $4::jsonb, address = $6
  where name = $1 and boot = $2 and seen_at >= to_timestamp($5::float8 / 1000)
  returning ${DATABASE_NOW}, seen_at as seen`;

/** The most that its column holds, 24 days: a clock without a battery is further off. */
const MOST_SKEW_MS = 2 ** 31 - 1;

/** The row of a box that is away for longer may be removed by another one. */
const KEPT_MS = 86_400_000;

/** This machine among those of the pool: a row that says every two seconds that it is there. */
export class PoolBox {
  /** Why other boxes do not see this one; null: they do. */
  trouble: string | null = null;
  private readonly offset: ClockOffset;
  private cancel = (): void => undefined;
  private isOver = false;
  /** When the database was told last, by its clock and by ours. */
  private told = { at: 0, monotonic: 0 };
  private address: string;

  private constructor(private readonly parts: BoxParts) {
    this.address = parts.address;
    this.offset = new ClockOffset(parts.clock);
  }

  /** Takes its name. @throws {CannotRun} a box of that name runs already */
  static async claim(parts: BoxParts): Promise<PoolBox> {
    const box = new PoolBox(parts);
    if (!(await box.take())) throw new CannotRun('BOX_TAKEN', await box.takenText());
    await parts.statements.run(`delete from {box} where seen_at < clock_timestamp() - interval '1 day'`);
    return box;
  }

  /** Looks at the database's clock only: nobody sees it. */
  static async visit(parts: Omit<BoxParts, 'lapsed'>): Promise<PoolBox> {
    const box = new PoolBox({ ...parts, lapsed: () => undefined });
    await box.offset.measured(() => parts.statements.rows(Now, `select ${DATABASE_NOW}`));
    return box;
  }

  get name(): string {
    return this.parts.name;
  }

  /** The id of this process. */
  get boot(): string {
    return this.parts.boots.own;
  }

  /** The ids of the processes before it on this data directory, the last one first. */
  get formerBoots(): readonly string[] {
    return this.parts.boots.former;
  }

  /** How far this machine's clock is ahead of the database's, ms. */
  get skewMs(): number {
    return this.offset.ms;
  }

  /** Says that it is there, until `stop` or `leave`. */
  start(): void {
    this.isOver = false;
    this.tellSoon();
  }

  /** Lets the others know where its proxy listens. */
  async servesOn(address: string): Promise<void> {
    if (address === this.address) return;
    this.address = address;
    await unlessAway(this.tell());
  }

  private tellSoon(): void {
    this.cancel = this.parts.clock.after(PRESENT_MS, () => {
      byItself(
        'telling the other boxes that this one is there',
        unlessAway(this.tell()).finally(() => (this.isOver ? undefined : this.tellSoon())),
      );
    });
  }

  /** Ends its presence, because a successor takes its name over. */
  leave(): void {
    this.isOver = true;
    this.cancel();
  }

  /** Lets the others know that it is gone. */
  async stop(): Promise<void> {
    this.leave();
    await unlessAway(
      this.parts.statements.run('delete from {box} where name = $1 and boot = $2', [this.name, this.boot]),
    );
  }

  /** Looks whether the database still knows when it was told of this box: a backup that was restored does not. */
  async look(): Promise<void> {
    const { statements, boots, clock, lapsed } = this.parts;
    const { told } = this;
    const [row] = await statements.rows(Seen, 'select boot, seen_at as seen from {box} where name = $1', [this.name]);
    if (this.isOver) return;
    // what it was told meanwhile may be of before the database was put back
    if (told !== this.told) return this.look();
    const isRemoved = this.trouble === null && clock.monotonic() - told.monotonic < KEPT_MS;
    const isOlder = row?.boot === this.boot ? row.seen < told.at : boots.former.includes(row?.boot ?? '');
    if (row === undefined ? isRemoved : isOlder) lapsed();
  }

  private async tell(): Promise<void> {
    const { statements, facts } = this.parts;
    const skew = Math.min(MOST_SKEW_MS, Math.max(-MOST_SKEW_MS, Math.round(this.skewMs)));
    const values = [this.name, this.boot, skew, JSON.stringify(facts()), this.told.at, this.address];
    const [row] = await this.offset.measured(() => statements.rows(Told, PRESENT, values));
    this.toldBy(row);
    if (row !== undefined || this.isOver) return void (this.trouble = null);
    // the row is older with a restored backup, or another one has the name since this one was cut off
    await this.look();
    this.trouble = (await this.take()) ? null : (await this.takenText()).english;
  }

  private async take(): Promise<boolean> {
    const { statements, boots, facts } = this.parts;
    const values = [
      this.name,
      this.boot,
      process.pid,
      this.address,
      version,
      JSON.stringify(facts()),
      [boots.own, ...boots.former],
    ];
    const [row] = await this.offset.measured(() => statements.rows(Told, CLAIM, values));
    this.toldBy(row);
    return row !== undefined;
  }

  private toldBy(row: v.InferOutput<typeof Told> | undefined): void {
    if (row !== undefined) this.told = { at: row.seen, monotonic: this.parts.clock.monotonic() };
  }

  private async takenText(): Promise<Saying> {
    const [row] = await this.parts.statements.rows(
      v.object({ address: v.nullable(v.string()) }),
      'select address from {box} where name = $1',
      [this.name],
    );
    const { name } = this;
    return row?.address == null
      ? saying('a box named {name} runs already; give this one a name of its own: database.box', { name })
      : saying(
          'a box named {name} runs already (its proxy is {address}); give this one a name of its own: database.box',
          {
            ...{ name, address: row.address },
          },
        );
  }
}
