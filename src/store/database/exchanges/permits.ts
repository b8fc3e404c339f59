import type { Account } from '../../accounts/account.js';
import type { Clock } from '../../ground/clock.js';
import { unixSeconds } from '../../ground/clock.js';
import { fingerprint } from '../../ground/fingerprint.js';
import type { Permit, Sending, SendingFor } from '../../state/exchange-store.js';
import type { DatabaseAccounts } from '../accounts/database-accounts.js';
import { succeed, SuccessorUnreadable, type Replacement, type Successors } from '../accounts/successors.js';
import { ignoreNotSaved, whyNotWritten } from '../accounts/why-not-written.js';
import type { Database } from '../database.js';
import type { Lease, Leases } from './leases.js';

/** A lease lasts 90 s and an exchange 60: what was taken longer ago than this is taken anew. */
const FRESH_MS = 20_000;
const QUIET_STEP_MS = 50;
/** An access token with less life than this is not worth adopting. */
const LEAST_LIFE_S = 10;

export interface PermitsParts {
  readonly database: Database;
  readonly accounts: DatabaseAccounts;
  readonly leases: Leases;
  readonly successors: Successors;
  /** What of this box waits for the database. */
  readonly spool: { readonly knows: (tokenFp: string) => boolean };
  readonly clock: Clock;
}

const granted: Permit = { kind: 'granted', doubt: null };

interface TakenLease {
  readonly lease: Lease;
  /** When it was taken, monotonic ms. */
  readonly at: number;
  /** Whether what other boxes have done was read after it was taken. */
  hasLooked: boolean;
}

function unreadable(error: unknown): Permit {
  if (error instanceof SuccessorUnreadable) return { kind: 'away', why: error.message };
  throw error;
}

/** Whether this box may send a refresh token now: it may while it has the lease, and nobody has been faster. */
export class Permits {
  /** Leases by the token's fingerprint. */
  private readonly taken = new Map<string, TakenLease>();

  /** Who held a token when its exchange was first wanted, by the token's fingerprint. */
  private readonly wanted = new Map<string, readonly Account[]>();

  constructor(private readonly parts: PermitsParts) {}

  intend(sent: string): () => void {
    const tokenFp = fingerprint(sent);
    const holders = this.parts.accounts.holding(sent);
    this.wanted.set(tokenFp, holders);
    return () => {
      if (this.wanted.get(tokenFp) === holders) this.wanted.delete(tokenFp);
    };
  }

  async permit(sent: string, sending: SendingFor): Promise<Permit> {
    const { successors } = this.parts;
    const known = successors.lastKnown(sent);
    if (known !== null) return this.replacedBy(sent, known);
    await this.quiet();
    try {
      return (await this.isHeldHere(sent)) ? await this.looked(sent, sending, null) : await this.take(sent, sending);
    } catch (error) {
      return this.without(sent, sending, whyNotWritten(error));
    }
  }

  /** The lease under which a token is being sent; null: it is sent without one. */
  leaseOf(sent: string): Lease | null {
    return this.taken.get(fingerprint(sent))?.lease ?? null;
  }

  /** The exchange has ended, and its lease with it. */
  ended(sent: string): void {
    this.taken.delete(fingerprint(sent));
  }

  /** Tells a database that is older than it was of the leases that are held here. @returns how many it had forgotten */
  async takeAgain(): Promise<number> {
    const { leases, database } = this.parts;
    let forgotten = 0;
    for (const { lease } of this.taken.values()) if (await leases.takeAgain(lease, database)) forgotten += 1;
    return forgotten;
  }

  /** @returns tells the database that the lease is over; null: there is none */
  close(sent: string, outcome: string): (() => Promise<void>) | null {
    const lease = this.leaseOf(sent);
    if (lease === null) return null;
    this.taken.delete(lease.tokenFp);
    return () => this.parts.leases.close(lease, outcome, this.parts.database);
  }

  private async quiet(): Promise<void> {
    const { database, clock } = this.parts;
    while (database.isQuiet) await clock.wait(QUIET_STEP_MS);
  }

  private async isHeldHere(sent: string): Promise<boolean> {
    const { database, leases, clock } = this.parts;
    const tokenFp = fingerprint(sent);
    const known = this.taken.get(tokenFp);
    if (known === undefined) return false;
    const at = clock.monotonic();
    if (at - known.at < FRESH_MS) return true;
    const { lease } = known;
    const isOurs = await leases.renew(lease, database);
    if (isOurs) this.taken.set(tokenFp, { ...known, at });
    else this.taken.delete(tokenFp);
    return isOurs;
  }

  private async take(sent: string, sending: SendingFor): Promise<Permit> {
    const { database, accounts, leases, clock } = this.parts;
    const tokenFp = fingerprint(sent);
    const startedAt = clock.monotonic();
    const [holder] = accounts.holding(sent);
    const taken = await leases.take(tokenFp, holder?.id ?? null, sending === 'refresh' ? 'asks' : 'insists', database);
    if (taken === null) return leases.whyNot(tokenFp, database);
    const { lease, doubt } = taken;
    this.taken.set(tokenFp, { lease, at: startedAt, hasLooked: false });
    return this.looked(sent, sending, doubt);
  }

  /** Under the lease, looks once what others have done: where that failed, the lease alone lets nobody send. */
  private async looked(sent: string, sending: SendingFor, doubt: Sending | null): Promise<Permit> {
    const known = this.taken.get(fingerprint(sent));
    if (known?.hasLooked === true) return granted;
    const other = await this.faster(sent, sending).catch(unreadable);
    if (known !== undefined && other === null && this.parts.clock.monotonic() - known.at < FRESH_MS) {
      known.hasLooked = true;
      return { kind: 'granted', doubt };
    }
    await this.close(sent, other?.kind ?? 'late')?.();
    return other ?? { kind: 'away', why: 'the database is slow' };
  }

  /** What another box has done with the token before the lease was taken; null: nothing. */
  private async faster(sent: string, sending: SendingFor): Promise<Permit | null> {
    const { database, accounts, successors } = this.parts;
    const last = await successors.last(sent, database);
    if (last !== null) return this.replacedBy(sent, last);
    const before = accounts.holding(sent);
    if (sending === 'probe' || before.length === 0) return null;
    await accounts.readAll(before.map(({ id }) => id));
    const [holder] = accounts.holding(sent);
    if (holder === undefined)
      return { kind: 'replaced', by: accounts.get(before[0]?.id ?? '')?.account?.refreshToken ?? sent };
    if (accounts.get(holder.id)?.unreadable !== null) return { kind: 'replaced', by: sent };
    const was = [...(this.wanted.get(fingerprint(sent)) ?? []), ...before].find(({ id }) => id === holder.id);
    if (this.isNewer(holder, was)) return { kind: 'adopted' };
    return sending === 'refresh' && holder.disabled !== null && was?.disabled === null ? { kind: 'refused' } : null;
  }

  private isNewer({ accessToken, expiresAt }: Account, was: Account | undefined): boolean {
    return accessToken !== was?.accessToken && expiresAt - unixSeconds(this.parts.clock) > LEAST_LIFE_S;
  }

  /** Every account that still holds the token holds its successor from now on. */
  private async replacedBy(sent: string, last: Replacement): Promise<Permit> {
    const { accounts } = this.parts;
    const holders = accounts.holding(sent);
    await Promise.all(holders.map(({ id }) => accounts.patch(id, succeed(sent, last)).catch(ignoreNotSaved)));
    return { kind: 'replaced', by: last.rotated };
  }

  /**
   * Without the database nobody knows what others are sending. A token that nobody in the pool can have, since it is new
   * here, may be sent all the same.
   */
  private without(sent: string, sending: SendingFor, why: string): Permit {
    const { accounts, spool } = this.parts;
    const isNew = accounts.holding(sent).length === 0 && !spool.knows(fingerprint(sent));
    return sending === 'probe' && isNew ? granted : { kind: 'away', why };
  }
}
