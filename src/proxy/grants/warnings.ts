import type { AccountStore } from '../../store/accounts.js';
import type { Clock } from '../../store/clock.js';
import { grantKey } from '../../store/fingerprint.js';
import type { StateStore } from '../../store/state.js';
import { causes } from './causes.js';
import type { Journal } from './journal.js';

/** Before the end of a grant it is warned of this many hours ahead, once each. */
const WARN_HOURS: readonly number[] = [2, 48];
const LOOK_EVERY_MS = 600_000;

export interface WarningParts {
  readonly store: AccountStore;
  readonly state: StateStore;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** The warning that is due for a grant with `leftSeconds` to live, after the one that was given last; null: none. */
export function warningDue(leftSeconds: number, lastHours: number | null): number | null {
  if (leftSeconds <= 0) return null;
  const hours = WARN_HOURS.find((hours) => leftSeconds <= hours * 3_600);
  return hours === undefined || (lastHours !== null && lastHours <= hours) ? null : hours;
}

/** Warns of grants that will end, for which Google said when: 48 and 2 hours ahead, once each, over restarts too. */
export class GrantWarnings {
  private cancel: () => void = () => undefined;

  constructor(private readonly parts: WarningParts) {
    this.look();
  }

  stop(): void {
    this.cancel();
  }

  private look(): void {
    const { store, state, clock } = this.parts;
    const now = clock.now() / 1000;
    for (const { account } of store.list()) {
      if (account?.disabled !== null) continue;
      const key = grantKey(account);
      const grant = state.grant(key);
      if (grant?.endsAt === undefined) continue;
      const due = warningDue(grant.endsAt - now, grant.warnedHours ?? null);
      if (due === null) continue;
      state.setGrant(key, { ...grant, warnedHours: due });
      this.warn(account, grant.endsAt - now);
    }
    this.cancel = clock.after(LOOK_EVERY_MS, () => this.look());
  }

  private warn(account: { readonly id: string; readonly email: string }, leftSeconds: number): void {
    const hours = Math.round(leftSeconds / 3_600);
    const left = hours >= 2 ? `${hours} h` : `${Math.round(leftSeconds / 60)} min`;
    const text = `its grant ends in ${left}: Google gave it a limited time`;
    this.parts.journal.event('warning', account, {
      cause: 'testing_expired',
      text,
      detail: causes.testing_expired.next,
    });
    this.parts.journal.warn(account.email, `Grant ends soon (${account.email}): in ${left}`);
  }
}
