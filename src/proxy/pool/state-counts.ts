import type { MutableMember } from './member.js';
import type { AccountState, Counts, Health } from '../contract/snapshot.js';

/** How many accounts are in which state, kept up as each changes. */
export class StateCounts {
  /** How many may serve. */
  private serving = 0;
  private counted: Record<AccountState, number> = none();

  /** Counts nobody any more. @param members - who is to be counted anew */
  clear(members: Iterable<MutableMember>): void {
    this.serving = 0;
    this.counted = none();
    for (const member of members) {
      member.shown = null;
      member.counted = false;
    }
  }

  /** Counts a member as what it is now, instead of what it was counted as before. */
  count(member: MutableMember, state: AccountState): void {
    this.uncount(member);
    member.shown = state;
    member.counted = member.standing.serves;
    this.counted[state]++;
    if (member.counted) this.serving++;
  }

  uncount(member: MutableMember): void {
    if (member.shown !== null) this.counted[member.shown]--;
    if (member.counted) this.serving--;
    member.shown = null;
    member.counted = false;
  }

  counts(): Counts {
    return { ...this.counted };
  }

  /**
   * `ok`: every account that is not off by hand is ready or cooling; `degraded`: at least one serves; `down`: none.
   *
   * @param members - all that there are
   */
  health(members: number): Health {
    const { ready, cooling, proxy_disabled: off } = this.counted;
    const wanted = members - off;
    if (wanted > 0 && ready + cooling === wanted) return 'ok';
    return this.serving > 0 ? 'degraded' : 'down';
  }
}

const none = (): Record<AccountState, number> => ({
  ready: 0,
  cooling: 0,
  disabled: 0,
  proxy_disabled: 0,
  refused: 0,
  blocked: 0,
  no_client: 0,
  unreadable: 0,
});
