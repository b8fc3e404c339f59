import { landingPatches } from '../../accounts/landing.js';
import { disable, type Patch } from '../../accounts/patches.js';
import { printExactly } from '../../ground/exact-json.js';
import { fingerprint } from '../../ground/fingerprint.js';
import type { Condemnation, Landing } from '../../state/exchange-store.js';
import type { StoredRow } from '../accounts/stored-row.js';
import type { TakenAlong } from '../accounts/kept-row.js';
import type { AccountTable } from '../accounts/account-table.js';
import { succeed, type Replacement, type Successors } from '../accounts/successors.js';
import type { Database } from '../database.js';
import type { Statements } from '../statements.js';
import type { Lease, Leases } from './leases.js';

export interface OutcomeRowsParts {
  readonly database: Database;
  readonly table: AccountTable;
  readonly successors: Successors;
  readonly leases: Leases;
}

/** A good answer without the accounts that held the token: what is spooled says no more. */
export type GoodAnswer = Omit<Landing, 'holders'>;

/** The changes that an account in memory has waiting, which include those of the outcome. */
export type TakenPatches = ReadonlyMap<string, Pick<TakenAlong, 'patches' | 'known'>>;

const nothingTaken: TakenPatches = new Map();

export const replacementOf = ({ sent, rotated, answer, issuer }: GoodAnswer): Replacement | null =>
  rotated === null ? null : { sent, rotated, answer, issuer };

/**
 * What answers of the token endpoint change, each in one transaction. They hit the accounts that hold the very token that
 * was sent, and no other. What is known of tokens is told to the other boxes by whoever keeps it in memory.
 */
export class OutcomeRows {
  constructor(private readonly parts: OutcomeRowsParts) {}

  /** @param lease - under which it was sent, which ends by it; null: without one @returns the rows that it hit, as they are now */
  land(delivery: GoodAnswer, lease: Lease | null, taken = nothingTaken): Promise<readonly StoredRow[]> {
    const { database, table, successors, leases } = this.parts;
    const { sent, grant } = delivery;
    const tokenFp = fingerprint(sent);
    const rotation = replacementOf(delivery);
    return database.transaction(async (statements) => {
      const rows: StoredRow[] = [];
      for (const row of await table.holding(tokenFp, statements)) {
        const own = taken.get(row.id);
        rows.push(await table.put(row, own?.patches ?? patchesFor(row, delivery), statements, own?.known));
      }
      if (rotation !== null) await successors.save(rotation, statements);
      await statements.run('delete from {refused} where token_fp = $1', [tokenFp]);
      // the row that others may have locked comes first, so that nobody waits for the one that only this box knows
      if (rotation !== null) await statements.run('delete from {grant_record} where token_fp = $1', [tokenFp]);
      await keepGrant(fingerprint(rotation?.rotated ?? sent), grant, statements);
      if (lease !== null) await leases.close(lease, 'landed', statements);
      return rows;
    });
  }

  /** @param lease - as `land` @returns the rows that it hit, as they are now: with another token where one has taken this one's place */
  condemn(
    { sent, refused, accounts }: Condemnation,
    lease: Lease | null,
    taken = nothingTaken,
  ): Promise<readonly StoredRow[]> {
    const { database, table, successors, leases } = this.parts;
    const tokenFp = fingerprint(sent);
    return database.transaction(async (statements) => {
      const last = await successors.last(sent, statements);
      const rows: StoredRow[] = [];
      for (const row of await table.holding(tokenFp, statements)) {
        const isMeant = accounts.some(({ id }) => id === row.id) && !row.removed;
        const own = taken.get(row.id);
        const verdict = own?.patches ?? [disable(sent, refused.at, refused.reason)];
        const patches = last === null ? (isMeant ? verdict : []) : [succeed(sent, last)];
        rows.push(await table.put(row, patches, statements, own?.known));
      }
      if (last === null)
        await statements.run(
          'insert into {refused} (token_fp, at, cause, reason) values ($1, $2, $3, $4) on conflict do nothing',
          [tokenFp, refused.at, refused.cause, refused.reason],
        );
      if (lease !== null) await leases.close(lease, last === null ? 'refused' : 'replaced', statements);
      return rows;
    });
  }
}

const patchesFor = ({ content }: StoredRow, delivery: GoodAnswer): readonly Patch[] =>
  content.kind === 'account' ? landingPatches(content.account, delivery) : [];

async function keepGrant(tokenFp: string, grant: Landing['grant'], statements: Statements): Promise<void> {
  await statements.run(
    'insert into {grant_record} (token_fp, doc) values ($1, $2::jsonb) on conflict (token_fp) do update set doc = excluded.doc',
    [tokenFp, printExactly({ ...grant })],
  );
}
