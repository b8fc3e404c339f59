import type { Clock } from '../../store/ground/clock.js';
import type { CoolDown } from './cool-downs.js';
import type { Member } from './member.js';

/** What the upstream has forbidden an account. */
export interface Denial {
  readonly reason: string;
  /** ms since 1970. */
  readonly since: number;
  /** The account, or its quota project, that was left alone for it; null: neither was. */
  readonly cooled: string | null;
}

/** What is to be left alone, and for how long. */
export interface Rest extends CoolDown {
  readonly key: string;
}

/** An account that lacks what every request needs is asked again after this. */
const FORBIDDEN_MS = 60_000;

/** What the upstream has forbidden which account, for as long as it has not served since. */
export class Denials {
  private readonly byAccount = new Map<string, Denial>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  of({ id }: Member): Denial | null {
    return this.byAccount.get(id) ?? null;
  }

  /** Takes in a 403 that is for no human. @returns what to leave alone for it; null: nothing */
  forbid({ id, quotaProject }: Member, { kind, reason }: Forbidden): Rest | null {
    const now = this.clock.now();
    const before = this.byAccount.get(id);
    const key = kind === 'project' ? quotaProject : kind === 'other' ? null : id;
    this.byAccount.set(id, { reason, since: before?.since ?? now, cooled: key ?? before?.cooled ?? null });
    return key === null ? null : { key, model: null, untilMs: now + FORBIDDEN_MS, reason };
  }

  /** Whatever it was forbidden is allowed again. @returns what that was; null: nothing */
  permit({ id }: Member): Denial | null {
    if (this.byAccount.size === 0) return null;
    const forbidden = this.byAccount.get(id) ?? null;
    if (forbidden !== null) this.byAccount.delete(id);
    return forbidden;
  }

  /** Forgets accounts that are no more. */
  keepOnly(accounts: { has(id: string): boolean }): void {
    for (const id of this.byAccount.keys()) if (!accounts.has(id)) this.byAccount.delete(id);
  }
}

/** What a 403 says about the account, as far as it is about the account. */
export interface Forbidden {
  /**
   * `validation`: a human has to verify the account · `suspended`: Google has closed the service to it · `account`: it lacks
   * something that every request needs, so no request will fare better · `project`: its quota project does, and with it all
   * accounts of that · `other`: it may be about this request alone.
   */
  readonly kind: 'validation' | 'suspended' | 'account' | 'project' | 'other';
  /** In plain words, one line. */
  readonly reason: string;
  /** Where a human verifies. */
  readonly url: string | null;
}
