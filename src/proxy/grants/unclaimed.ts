import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { BoundedMap } from '../../store/ground/bounded-map.js';
import { grantKey } from '../../store/ground/fingerprint.js';
import type { AccountChanges } from './account-changes.js';

/** For so many replaced tokens whose account is gone, the new token is kept, in case the account comes back. */
const MOST = 100;

/**
 * New tokens for refresh tokens that were rotated while no account held them: an account may be gone when its answer
 * comes and be back later, because it was removed and brought back, or its file was replaced.
 */
export class UnclaimedTokens {
  /** What to do with an account that comes back with the replaced token, by that token's fingerprint. */
  private readonly gifts = new BoundedMap<string, (account: Account) => void>(MOST);

  constructor(
    private readonly store: Pick<AccountStore, 'get'>,
    changes: AccountChanges,
  ) {
    changes.on('grants', (ids) => this.give(ids));
  }

  /** @param key - fingerprint of the token that was replaced */
  keep(key: string, give: (account: Account) => void): void {
    this.gifts.set(key, give);
  }

  private give(ids: readonly string[]): void {
    if (this.gifts.size === 0) return;
    for (const id of ids) {
      const account = this.store.get(id)?.account ?? null;
      if (account !== null) this.gifts.get(grantKey(account))?.(account);
    }
  }
}
