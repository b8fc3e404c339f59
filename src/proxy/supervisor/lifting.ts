import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { liftBlock } from '../../store/accounts/lift-block.js';
import type { Refresher } from '../grants/refresh.js';
import type { Pool } from '../pool/pool.js';

export interface LiftingParts {
  readonly store: Pick<AccountStore, 'get' | 'list' | 'patch'>;
  readonly pool: Pick<Pool, 'lift'>;
  readonly refresher: Pick<Refresher, 'forget' | 'trouble'>;
}

/** Ends what accounts wait for. What somebody decided (disabled, off, no client) stays. */
export class Lifting {
  constructor(private readonly parts: LiftingParts) {}

  /**
   * Ends everything that an account waits for: its and its project's rests, Google's blocks, the pause after a refresh
   * that was refused or failed.
   *
   * @returns whether it waited for anything
   */
  clear(accountId: string): boolean {
    const { pool, store, refresher } = this.parts;
    const account = store.get(accountId)?.account ?? null;
    const rested = pool.lift(accountId);
    if (account === null) return rested;
    const waited = refresher.trouble(account) !== null;
    if (waited) refresher.forget(account);
    return this.unblock(account) || rested || waited;
  }

  /** Ends the blocks of every account, but no cool-downs. */
  unblockAll(): void {
    const { pool, store } = this.parts;
    for (const { id, account } of store.list()) {
      pool.lift(id, 'blocked');
      if (account !== null) this.unblock(account);
    }
  }

  private unblock({ id, validationBlocked, quota }: Account): boolean {
    if (validationBlocked === null && quota?.isForbidden !== true) return false;
    // If the write fails, the store keeps the change in memory and tries again.
    this.parts.store.patch(id, liftBlock()).catch(() => undefined);
    return true;
  }
}
