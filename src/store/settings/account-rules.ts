import type { Settings } from './settings.js';

/** What the settings say of one account. */
export interface AccountRules {
  /** Accounts of a higher one serve before those of a lower one, whenever they can. */
  readonly priority: number;
  /** Requests that it serves at the same time; 0: as many as come. */
  readonly maxInFlight: number;
  /** Shown beside its e-mail; empty: nothing is. */
  readonly label: string;
}

export const noAccountRules: AccountRules = { priority: 0, maxInFlight: 0, label: '' };

/** The rules of `accounts` in the settings, by e-mails whose letters' case says nothing. */
export class RulesByEmail {
  private byEmail = new Map<string, AccountRules>();

  /** @param accounts - as they hold now: changed in place */
  constructor(private readonly accounts: Settings['accounts']) {
    this.settle();
  }

  of(email: string): AccountRules {
    return this.byEmail.size === 0 ? noAccountRules : (this.byEmail.get(email.toLowerCase()) ?? noAccountRules);
  }

  /** The settings may be others now. */
  settle(): void {
    this.byEmail = new Map(Object.entries(this.accounts).map(([email, rules]) => [email.toLowerCase(), rules]));
  }
}
