import { byItself } from '../../store/ground/faults.js';
import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { liftBlock } from '../../store/accounts/lift-block.js';
import { NotSaved } from '../../store/accounts/stored-account.js';
import type { Refresher } from '../grants/refresh.js';
import type { Pool } from '../pool/pool.js';

export interface LiftingParts {
  readonly store: Pick<AccountStore, 'get' | 'list' | 'patch'>;
  readonly pool: Pick<Pool, 'lift' | 'stateCounts'>;
  readonly refresher: Pick<Refresher, 'forget' | 'trouble'>;
}

export interface Lifted {
  /** Whether the account waited for anything. */
  readonly waited: boolean;
  /** Resolves once it is on disk, with null, or with why it is in memory only; the store tries again. Never rejects. */
  readonly saved: Promise<string | null>;
}

const NOTHING_TO_SAVE: Promise<null> = Promise.resolve(null);

/** Ends what accounts wait for. What somebody decided (disabled, off, no client) stays. */
export class Lifting {
  constructor(private readonly parts: LiftingParts) {}

  /**
   * Ends everything that an account waits for: its and its project's rests, Google's blocks, the pause after a refresh
   * that was refused or failed. It does so at once.
   */
  clear(accountId: string): Lifted {
    const { pool, store, refresher } = this.parts;
    const account = store.get(accountId)?.account ?? null;
    const rested = pool.lift(accountId);
    if (account === null) return { waited: rested, saved: NOTHING_TO_SAVE };
    const waited = refresher.trouble(account) !== null;
    if (waited) refresher.forget(account);
    const unblocked = this.unblock(account);
    return { waited: unblocked !== null || rested || waited, saved: unblocked ?? NOTHING_TO_SAVE };
  }

  /** Ends the blocks of every account, but no cool-downs. */
  unblockAll(): void {
    const { pool, store } = this.parts;
    for (const { id } of [...pool.stateCounts.limited]) pool.lift(id, 'blocked');
    for (const { id, account } of store.list()) {
      const lifted = account === null ? null : this.unblock(account);
      if (lifted !== null) byItself(`the lifting of what blocks ${id}`, lifted);
    }
  }

  /** null: it is not blocked. */
  private unblock({ id, validationBlocked, quota }: Account): Lifted['saved'] | null {
    if (validationBlocked === null && quota?.isForbidden !== true) return null;
    return this.parts.store.patch(id, liftBlock()).then(
      () => null,
      (error: unknown) => {
        if (!(error instanceof NotSaved)) throw error;
        return error.message;
      },
    );
  }
}
