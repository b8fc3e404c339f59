import type { Account } from '../store/account.js';
import type { AccountStore, StoredAccount } from '../store/accounts.js';
import type { Clock } from '../store/clock.js';
import type { Logger } from '../store/log.js';

/** Why an account's file keeps it out of the pool, as the log says it; null: it does not. */
export function skipLine(account: Account, now: number): string | null {
  const { email } = account;
  if (account.disabled !== null) return `Skipping disabled account (${email}): ${account.disabled.reason}`;
  const off = account.proxyDisabled;
  if (off !== null) return `Skipping account (${email}): proxy_disabled: ${off.reason === '' ? 'by hand' : off.reason}`;
  const blocked = account.validationBlocked;
  if (blocked !== null && blocked.until * 1000 > now) {
    return `Skipping account (${email}): validation_blocked: ${blocked.reason}`;
  }
  return null;
}

const lineOf = ({ account, unreadable, file }: StoredAccount, now: number): string | null => {
  if (unreadable !== null) return `Unreadable account file (${file}): ${unreadable}`;
  return account === null ? null : skipLine(account, now);
};

/** Says in the log which accounts are left out and why: all of them when asked, else only what changed. */
export class Skips {
  private readonly told = new Map<string, string>();

  constructor(
    private readonly store: AccountStore,
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {}

  tellAll(): void {
    this.told.clear();
    this.tell(this.store.list());
  }

  tellChanged(ids: readonly string[]): void {
    this.tell(ids.map((id) => this.store.get(id)).filter((stored) => stored !== undefined));
  }

  private tell(accounts: readonly StoredAccount[]): void {
    const now = this.clock.now();
    for (const stored of accounts) {
      const line = lineOf(stored, now);
      if (line === null) this.told.delete(stored.id);
      else if (this.told.get(stored.id) !== line) this.log(stored, line);
    }
  }

  private log(stored: StoredAccount, line: string): void {
    this.told.set(stored.id, line);
    const account = stored.account?.email;
    if (stored.unreadable !== null) this.logger.warn({ account, file: stored.file }, line);
    else this.logger.info({ account }, line);
  }
}
