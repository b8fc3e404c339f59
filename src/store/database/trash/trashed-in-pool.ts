import * as v from 'valibot';
import type { TrashedSeen } from '../../accounts/trash.js';
import type { Statements } from '../statements.js';

const Removed = v.object({ id: v.string(), email: v.nullable(v.string()), at: v.number() });
const Replaced = v.object({ id: v.number(), account: v.string(), email: v.nullable(v.string()), at: v.number() });

/** The name of a removed account in the trash. @param at - ms since 1970 */
export const removedName = (id: string, at: number): string => `${Math.floor(at)}-removed-${id}`;

/** The name of a replaced credential in the trash. @param row - its row's id @param id - its account's */
export const replacedName = (row: number, id: string, at: number): string => `${Math.floor(at)}-replaced-${row}-${id}`;

/** What lies in the trash of all boxes, the oldest first, for who only looks. @throws {DatabaseAway | StatementFailed} */
export async function trashedInPool(statements: Pick<Statements, 'rows'>): Promise<readonly TrashedSeen[]> {
  const removed = await statements.rows(
    Removed,
    'select id, email, removed_at as at from {account} where removed_at is not null',
  );
  const replaced = await statements.rows(
    Replaced,
    'select r.id, r.account, a.email, r.at from {replaced} r left join {account} a on a.id = r.account',
  );
  return [
    ...removed.map(({ id, email, at }) => seen('removed', removedName(id, at), { id, email, at })),
    ...replaced.map(({ id: row, account: id, email, at }) =>
      seen('replaced', replacedName(row, id, at), { id, email, at }),
    ),
  ].sort((one, other) => one.at - other.at);
}

const seen = (kind: TrashedSeen['kind'], name: string, of: Pick<TrashedSeen, 'id' | 'email' | 'at'>): TrashedSeen => ({
  ...of,
  kind,
  name,
  file: name,
});
