import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { BoundedMap } from '../../store/ground/bounded-map.js';
import { grantKey } from '../../store/ground/fingerprint.js';
import type { AccountChanges } from './account-changes.js';

/** Tokens of accounts that are gone are kept for so many of them, in case they come back. */
const MOST = 100;

/**
 * Tokens that were replaced while nobody held them: an account may be gone while its answer comes, and be back after
 * that, removed and brought back, or its file replaced.
 */
export class UnclaimedTokens {
  /** What to do with an account that comes back with such a token; by the token's fingerprint. */
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
