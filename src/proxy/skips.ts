import type { Account } from '../store/account.js';
import type { AccountStore, StoredAccount } from '../store/accounts.js';
import type { Clock } from '../store/clock.js';
import type { Logger } from '../store/log.js';
import { protectionOf, type QuotaRules } from './quota-protection.js';
import { forbiddenWords } from './standing.js';

/** Why an account's file keeps it out of the pool, as the log says it; null: it does not. */
export function skipLine(account: Account, now: number): string | null {
  const { email } = account;
  if (account.disabled !== null) return `Skipping disabled account (${email}): ${account.disabled.reason}`;
  const forbidden = forbiddenWords(account);
  if (forbidden !== null) return `Skipping account (${email}): quota_protection: ${forbidden}`;
  const off = account.proxyDisabled;
  if (off !== null) return `Skipping account (${email}): proxy_disabled: ${off.reason === '' ? 'by hand' : off.reason}`;
  const blocked = account.validationBlocked;
  if (blocked !== null && blocked.until * 1000 > now) {
    return `Skipping account (${email}): validation_blocked: ${blocked.reason}`;
  }
  return null;
}

/** Says in the log which accounts are left out and why: all of them when asked, else only what changed. */
export class Skips {
  /** Account → what was told of it last, in order. */
  private readonly told = new Map<string, readonly string[]>();

  constructor(
    private readonly store: AccountStore,
    private readonly logger: Logger,
    private readonly clock: Clock,
    private readonly rules: QuotaRules,
  ) {}

  tellAll(): void {
    this.told.clear();
    this.tell(this.store.list());
  }

  /** @param ids - null: it may be any */
  tellChanged(ids: readonly string[] | null): void {
    if (ids === null) this.tell(this.store.list());
    else this.tell(ids.map((id) => this.store.get(id)).filter((stored) => stored !== undefined));
  }

  private tell(accounts: readonly StoredAccount[]): void {
    const now = this.clock.now();
    for (const stored of accounts) {
      const lines = this.linesOf(stored, now);
      const told = this.told.get(stored.id) ?? [];
      if (lines.length === 0) this.told.delete(stored.id);
      else this.told.set(stored.id, lines);
      for (const line of lines) if (!told.includes(line)) this.log(stored, line);
    }
  }

  private linesOf({ account, unreadable, file }: StoredAccount, now: number): readonly string[] {
    if (unreadable !== null) return [`Unreadable account file (${file}): ${unreadable}`];
    if (account === null) return [];
    const whole = skipLine(account, now);
    // Only some models are left alone: that keeps nobody from hearing why the whole account is.
    const models = account.disabled === null ? protectionOf(account, this.rules, now).models : [];
    const partly = `Skipping account (${account.email}): quota_protection: little is left for ${models.join(', ')}`;
    return [...(models.length === 0 ? [] : [partly]), ...(whole === null ? [] : [whole])];
  }

  private log(stored: StoredAccount, line: string): void {
    const account = stored.account?.email;
    if (stored.unreadable !== null) this.logger.warn({ account, file: stored.file }, line);
    else this.logger.info({ account }, line);
  }
}
