import * as v from 'valibot';
import type { Database } from '../database.js';
import { renewKeyCheck } from '../pool-schema.js';
import type { Sealing } from '../sealing.js';
import { SEALED_CELLS } from '../tables.js';

/** What a change of the key has done. */
export interface Rekeyed {
  /** How many secrets the present key seals now, which an older one had sealed. */
  readonly resealed: number;
  /** Cells that no known key opens: `account a1`. They are left as they are. */
  readonly unreadable: readonly string[];
}

const Cell = v.object({ key: v.string(), sealed: v.instance(Buffer) });

const PAGE = 500;

/**
 * Seals every secret of the pool with the present key. It may be broken off and begun again at any time, and other boxes
 * may write meanwhile: a cell that was changed is left to who changed it.
 */
export async function rekey(database: Database, sealing: Sealing): Promise<Rekeyed> {
  // first, so that no box starts with the old key alone while its secrets become unreadable to it
  await renewKeyCheck(database, sealing);
  let resealed = 0;
  const unreadable: string[] = [];
  for (const cell of SEALED_CELLS) {
    for (let after = ''; ;) {
      const rows = await database.rows(Cell, pageOf(cell), [after, PAGE]);
      for (const { key, sealed } of rows) {
        if (sealing.isCurrent(sealed)) continue;
        const place = { table: cell.table, row: key, column: cell.column };
        const plain = sealing.open(place, sealed);
        if (plain === null) unreadable.push(`${cell.table} ${key}`);
        else resealed += await database.run(updateOf(cell), [key, sealed, sealing.seal(place, plain)]);
      }
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.key;
    }
  }
  return { resealed, unreadable };
}

type SealedCell = (typeof SEALED_CELLS)[number];

const pageOf = ({ table, key, column }: SealedCell): string =>
  `select ${key}::text as key, ${column} as sealed from {${table}}
  where ${key}::text > $1 and ${column} is not null order by ${key}::text limit $2`;

const updateOf = ({ table, key, column }: SealedCell): string =>
  `update {${table}} set ${column} = $3 where ${key}::text = $1 and ${column} = $2`;
