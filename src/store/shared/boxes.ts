import * as v from 'valibot';
import type { Statements } from '../database/statements.js';
import { isJsonObject, type JsonObject } from '../ground/json.js';

/** A machine of the pool, as the database knows it. Times in ms since 1970, by the database's clock. */
export interface BoxSeen {
  readonly name: string;
  readonly address: string;
  readonly version: string;
  readonly startedAt: number;
  readonly seenAt: number;
  /** Not seen for ten seconds. */
  readonly isGone: boolean;
  /** How far its clock is ahead of the database's, ms; null: not known yet. */
  readonly skewMs: number | null;
  /** Tokens that it has sent and not told yet what came back. */
  readonly openLeases: number;
  /** What it tells of itself. */
  readonly facts: JsonObject;
}

const Row = v.object({
  name: v.string(),
  address: v.nullable(v.string()),
  version: v.nullable(v.string()),
  started: v.number(),
  seen: v.number(),
  gone: v.boolean(),
  skew: v.nullable(v.number()),
  leases: v.number(),
  facts: v.unknown(),
});

const BOXES = `select name, address, version, started_at as started, seen_at as seen,
  seen_at < clock_timestamp() - interval '10 s' as gone, skew_ms as skew, facts,
  (select count(*) from {exchange} where box = b.name and open) as leases
  from {box} as b order by name`;

/** Every box that has not said that it stops, by name. @throws {DatabaseAway} @throws {StatementFailed} */
export async function readBoxes(statements: Pick<Statements, 'rows'>): Promise<readonly BoxSeen[]> {
  return (await statements.rows(Row, BOXES)).map((row) => ({
    name: row.name,
    address: row.address ?? '',
    version: row.version ?? '',
    startedAt: row.started,
    seenAt: row.seen,
    isGone: row.gone,
    skewMs: row.skew,
    openLeases: row.leases,
    facts: isJsonObject(row.facts) ? row.facts : {},
  }));
}
