import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import type { Clock } from '../../store/ground/clock.js';
import { grantKey } from '../../store/ground/fingerprint.js';
import type { StateStore } from '../../store/state/state-store.js';
import { byTurns } from '../reports/by-turns.js';
import { causes } from '../contract/causes.js';
import type { GrantEvidence } from '../grants/evidence.js';
import type { Journal } from '../grants/journal.js';
import type { GrantEnd } from '../grants/lifetime.js';

/** The hours before the end of a grant at which a warning is given, once each. */
const WARN_HOURS: readonly number[] = [2, 48];
const LONGEST_HOURS = Math.max(...WARN_HOURS);
const LOOK_EVERY_MS = 600_000;

/** What to do so that a grant does not end. */
const nextSteps: Readonly<Record<NonNullable<GrantEnd['cause']>, string>> = {
  testing_expired: causes.testing_expired.next,
  idle_expired: 'press t: one refresh is use enough',
};

export interface WarningParts {
  readonly store: AccountStore;
  readonly state: StateStore;
  readonly evidence: GrantEvidence;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** The warning that is due for a grant with `leftSeconds` to live, after the one that was given last; null: none. */
export function warningDue(leftSeconds: number, lastHours: number | null): number | null {
  if (leftSeconds <= 0) return null;
  const hours = WARN_HOURS.find((hours) => leftSeconds <= hours * 3_600);
  return hours === undefined || (lastHours !== null && lastHours <= hours) ? null : hours;
}

/** Warns of grants that will end: 48 and 2 hours ahead, once each, over restarts too. */
export class GrantWarnings {
  private cancel: () => void = () => undefined;
  private isStopped = false;

  constructor(private readonly parts: WarningParts) {
    this.look();
  }

  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  private look(): void {
    const { store, clock } = this.parts;
    this.cancel = clock.after(LOOK_EVERY_MS, () => this.look());
    byTurns(store.list(), ({ account }) => {
      if (account?.disabled === null && !this.isStopped) this.lookAt(account);
    });
  }

  private lookAt(account: Account): void {
    const { state, evidence, clock } = this.parts;
    const now = clock.now() / 1000;
    const key = grantKey(account);
    const grant = state.grant(key) ?? { firstSeen: account.createdAt ?? Math.floor(now) };
    const end = evidence.endOf(account);
    if (end === null || end.at - now > LONGEST_HOURS * 3_600) {
      // the grant was used meanwhile, so its end is further away: when it is near again, it is told again
      if (grant.warnedHours !== undefined) state.setGrant(key, { ...grant, warnedHours: undefined });
      return;
    }
    const due = warningDue(end.at - now, grant.warnedHours ?? null);
    if (due === null) return;
    state.setGrant(key, { ...grant, warnedHours: due });
    this.warn(account, end, end.at - now);
  }

  private warn(account: Account, { cause, because }: GrantEnd, leftSeconds: number): void {
    const hours = Math.round(leftSeconds / 3_600);
    const left = hours >= 2 ? `${hours} h` : `${Math.round(leftSeconds / 60)} min`;
    const text = `its grant ends in ${left}: ${because}`;
    const detail = cause === null ? 'a new login makes a new grant: press o or r' : nextSteps[cause];
    this.parts.journal.event('warning', account, { cause, text, detail });
    this.parts.journal.warn(account.email, `Grant ends soon (${account.email}): in ${left}`);
  }
}
