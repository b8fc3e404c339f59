import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import type { Clock } from '../../store/ground/clock.js';
import { byItself } from '../../store/ground/faults.js';
import type { Logger } from '../../store/records/log.js';
import { byTurns } from './by-turns.js';
import { protectionOf, type QuotaRules } from '../pool/quota-protection.js';
import { keptOutByFile, type KeptOut } from '../pool/standing.js';

/** How a log line says what keeps an account out, other than that it is disabled. */
const words: Readonly<Record<Exclude<KeptOut['by'], 'disabled'>, string>> = {
  forbidden: 'quota_protection',
  proxy_disabled: 'proxy_disabled',
  validation_blocked: 'validation_blocked',
};

function lineOf({ email }: Account, { by, reason }: KeptOut): string {
  if (by === 'disabled') return `Skipping disabled account (${email}): ${reason}`;
  return `Skipping account (${email}): ${words[by]}: ${reason}`;
}

export interface LeftOutParts {
  readonly store: AccountStore;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly rules: QuotaRules;
  /** As of `Store`. */
  readonly whole: Promise<void>;
}

/** Tells the log which accounts are left out and why: all of them when asked, else only those that changed. */
export class LeftOut {
  /** Account id → what was last told of it, in order. */
  private readonly told = new Map<string, readonly string[]>();

  /** Whether all accounts are there: what those say that a start reads twice is told with all others. */
  private isWhole = false;

  constructor(private readonly parts: LeftOutParts) {
    byItself(
      'the second look at unreadable files',
      parts.whole.then(() => (this.isWhole = true)),
    );
  }

  /** By turns, so that requests get theirs: with thousands of accounts that is thousands of lines. */
  tellAll(): void {
    this.told.clear();
    byTurns(this.parts.store.list(), (stored) => this.tellOne(stored, this.parts.clock.now()));
  }

  /** @param ids - the accounts that changed; null: any may have */
  tellChanged(ids: readonly string[] | null): void {
    if (!this.isWhole) return;
    if (ids === null) this.tell(this.parts.store.list());
    else this.tell(ids.map((id) => this.parts.store.get(id)).filter((stored) => stored !== undefined));
  }

  private tell(accounts: readonly StoredAccount[]): void {
    const now = this.parts.clock.now();
    for (const stored of accounts) this.tellOne(stored, now);
  }

  private tellOne(stored: StoredAccount, now: number): void {
    const lines = this.linesOf(stored, now);
    const told = this.told.get(stored.id) ?? [];
    if (lines.length === 0) this.told.delete(stored.id);
    else this.told.set(stored.id, lines);
    for (const line of lines) if (!told.includes(line)) this.log(stored, line);
  }

  private linesOf({ account, unreadable, file }: StoredAccount, now: number): readonly string[] {
    if (unreadable !== null) return [`Unreadable account file (${file}): ${unreadable}`];
    if (account === null) return [];
    const whole = keptOutByFile(account, now);
    // Only some models are protected: that must not hide why the whole account is left out.
    const models = account.disabled === null ? protectionOf(account, this.parts.rules, now).models : [];
    const partly = `Skipping account (${account.email}): quota_protection: little is left for ${models.join(', ')}`;
    return [...(models.length === 0 ? [] : [partly]), ...(whole === null ? [] : [lineOf(account, whole)])];
  }

  private log(stored: StoredAccount, line: string): void {
    const account = stored.account?.email;
    if (stored.unreadable !== null) this.parts.logger.warn({ account, file: stored.file }, line);
    else this.parts.logger.info({ account }, line);
  }
}
