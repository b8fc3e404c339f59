import * as v from 'valibot';
import type { Sending } from '../../state/exchange-store.js';
import type { Statements } from '../statements.js';

/**
 * $5: whether the operator insists; then neither a refusal counts nor how long ago the last sending was. A token that
 * never was a replacement may be sent again once its lease has run out; one that was, ten minutes later, since it may
 * have been replaced by the answer that nobody told.
 */
const TAKE = `insert into {exchange} as exchange (token_fp, account, box, boot, taken_at, until, open)
  select $1, $2, $3, $4, clock_timestamp(), clock_timestamp() + interval '90 s', true
  where $5 or not exists (select from {refused} where token_fp = $1)
  on conflict (token_fp) do update set account = excluded.account, box = excluded.box, boot = excluded.boot,
    taken_at = excluded.taken_at, until = excluded.until, open = true, outcome = null,
    doubt = case when exchange.open then jsonb_build_object('box', exchange.box, 'at', exchange.taken_at) end
  where ($5 or exchange.outcome is distinct from 'refused') and (not exchange.open or clock_timestamp() > exchange.until
    + case when $5 or not exists (select from {grant_record} where token_fp = $1 and doc -> 'rotated' = 'true'::jsonb)
      then interval '0' else interval '10 min' end)
  returning doubt, taken_at::text as at`;

const WHO = `select box, taken_at, open, extract(epoch from until - clock_timestamp())::float8 * 1000 as left,
  outcome is not distinct from 'refused' or exists (select from {refused} where token_fp = $1) as refused
  from {exchange} where token_fp = $1`;

const THIS_ONE = 'token_fp = $1 and boot = $2 and open and ($3::timestamptz is null or taken_at = $3)';

const IN_DOUBT_MS = 600_000;
const ANOTHER = 'another box';

const AtSchema = v.object({ at: v.string() });
const TakenSchema = v.object({
  ...AtSchema.entries,
  doubt: v.nullable(v.object({ box: v.nullable(v.string()), at: v.string() })),
});
const HolderSchema = v.object({
  box: v.nullable(v.string()),
  taken_at: v.number(),
  open: v.boolean(),
  left: v.number(),
  refused: v.boolean(),
});

/** One lease of a token, and no later one. */
export interface Lease {
  readonly tokenFp: string;
  /** The process that has it. */
  readonly boot: string;
  /** When it was taken, to the microsecond, as the database says it; null: whichever that process has, since it has ended. */
  takenAt: string | null;
}

/** A lease that is had. @prop doubt - who sent the token before and never told what came back; null: nobody */
export interface Taken {
  readonly lease: Lease;
  readonly doubt: Sending | null;
}

/** Why a lease cannot be had. */
export type Unavailable =
  | ({ readonly kind: 'held' } & Sending)
  | ({ readonly kind: 'doubt'; readonly leftMs: number } & Sending)
  | { readonly kind: 'refused' };

/**
 * Leases on refresh tokens: whoever has one may send the token for 90 seconds of the database's clock. Rows, not locks: a
 * lock vanishes with its connection just when an answer is under way.
 */
export class Leases {
  constructor(private readonly box: { readonly name: string; readonly boot: string }) {}

  /** @returns null: it cannot be had */
  async take(
    tokenFp: string,
    account: string | null,
    asks: 'insists' | 'asks',
    statements: Statements,
  ): Promise<Taken | null> {
    const values = [tokenFp, account, this.box.name, this.box.boot, asks === 'insists'];
    const [taken] = await statements.rows(TakenSchema, TAKE, values);
    if (taken === undefined) return null;
    const lease = { tokenFp, boot: this.box.boot, takenAt: taken.at };
    const doubt = taken.doubt === null ? null : { box: taken.doubt.box ?? ANOTHER, at: Date.parse(taken.doubt.at) };
    return { lease, doubt };
  }

  async whyNot(tokenFp: string, statements: Statements): Promise<Unavailable> {
    const [holder] = await statements.rows(HolderSchema, WHO, [tokenFp]);
    // no lease was ever taken: a refusal alone is in the way
    if (holder === undefined || (holder.refused && !holder.open)) return { kind: 'refused' };
    const sending = { box: holder.box ?? ANOTHER, at: holder.taken_at };
    // one that has ended since it was in the way can be had by asking again
    return !holder.open || holder.left > 0
      ? { kind: 'held', ...sending }
      : { kind: 'doubt', leftMs: Math.max(0, IN_DOUBT_MS + holder.left), ...sending };
  }

  /** Begins the 90 seconds anew. @returns whether it is still had */
  async renew({ tokenFp, boot, takenAt }: Lease, statements: Statements): Promise<boolean> {
    const text = `update {exchange} set until = clock_timestamp() + interval '90 s' where ${THIS_ONE}`;
    return (await statements.run(text, [tokenFp, boot, takenAt])) > 0;
  }

  /** Takes a lease again that the database has forgotten while its exchange is under way. @returns whether it had */
  async takeAgain(lease: Lease, statements: Statements): Promise<boolean> {
    const text = `insert into {exchange} as exchange (token_fp, box, boot, taken_at, until, open)
      values ($1, $4, $2, clock_timestamp(), clock_timestamp() + interval '90 s', true)
      on conflict (token_fp) do update set box = excluded.box, boot = excluded.boot, taken_at = excluded.taken_at,
        until = excluded.until, open = true, outcome = null
        where not exchange.open or (exchange.boot = $2 and exchange.taken_at <> $3::timestamptz)
      returning taken_at::text as at`;
    const [again] = await statements.rows(AtSchema, text, [lease.tokenFp, lease.boot, lease.takenAt, this.box.name]);
    if (again !== undefined) lease.takenAt = again.at;
    return again !== undefined;
  }

  async close({ tokenFp, boot, takenAt }: Lease, outcome: string, statements: Statements): Promise<void> {
    const text = `update {exchange} set open = false, outcome = $4 where ${THIS_ONE}`;
    await statements.run(text, [tokenFp, boot, takenAt, outcome]);
  }

  /** Closes what earlier processes of this box left open: nobody will tell any more what came back. */
  async closeLeft(stillRunning: readonly string[], statements: Statements): Promise<void> {
    await statements.run(
      `update {exchange} set open = false, outcome = 'unknown' where box = $1 and open and not boot = any($2)`,
      [this.box.name, [this.box.boot, ...stillRunning]],
    );
  }
}
