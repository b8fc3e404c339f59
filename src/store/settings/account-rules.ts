import type { Settings } from './settings.js';

/** What the settings say of one account. */
export interface AccountRules {
  /** Accounts of a higher priority serve before those of a lower one, whenever they can. */
  readonly priority: number;
  /** How many requests it serves at the same time; 0: no limit. */
  readonly maxInFlight: number;
  /** Shown beside its e-mail; empty: nothing is shown. */
  readonly label: string;
}

export const noAccountRules: AccountRules = { priority: 0, maxInFlight: 0, label: '' };

/** The rules of `accounts` in the settings, by e-mail in upper or lower case. */
export class RulesByEmail {
  private byEmail = new Map<string, AccountRules>();

  /** @param accounts - the present ones: the object is changed in place */
  constructor(private readonly accounts: Settings['accounts']) {
    this.settle();
  }

  of(email: string): AccountRules {
    return this.byEmail.size === 0 ? noAccountRules : (this.byEmail.get(email.toLowerCase()) ?? noAccountRules);
  }

  /** The settings may have changed: takes in the new rules. */
  settle(): void {
    this.byEmail = new Map(Object.entries(this.accounts).map(([email, rules]) => [email.toLowerCase(), rules]));
  }
}
