import type { AccountState, Counts } from '../contract/snapshot.js';
import type { MutableMember, Part } from './member.js';

/** How many accounts are in which state, kept up to date as each changes. */
export class StateCounts {
  /** The accounts whose state depends on which rests there are and what is asked for. */
  readonly limited = new Set<MutableMember>();
  /** Accounts whose newest credential or flag is in memory only. */
  unsaved = 0;
  private states: Record<AccountState, number> = none();
  private parts: Record<Part, number> = { serves: 0, limited: 0, out: 0, off: 0 };

  /** Forgets all members. */
  clear(): void {
    this.states = none();
    this.parts = { serves: 0, limited: 0, out: 0, off: 0 };
    this.limited.clear();
    this.unsaved = 0;
  }

  /** Counts a member as what it is now, in place of what it was counted as before. */
  count(member: MutableMember, part: Part): void {
    this.uncount(member);
    const { state } = member.standing;
    member.counted = { state, part, unsaved: member.isUnsaved ? 1 : 0 };
    this.states[state]++;
    this.parts[part]++;
    this.unsaved += member.counted.unsaved;
    if (part === 'limited') this.limited.add(member);
  }

  uncount(member: MutableMember): void {
    const { counted } = member;
    if (counted === null) return;
    this.states[counted.state]--;
    this.parts[counted.part]--;
    this.unsaved -= counted.unsaved;
    this.limited.delete(member);
    member.counted = null;
  }

  of(part: Part): number {
    return this.parts[part];
  }

  /** @param stateNow - the state that people see of a member in `limited` */
  counts(stateNow: (member: MutableMember) => AccountState): Counts {
    const counts = { ...this.states };
    for (const member of this.limited) {
      counts[member.standing.state]--;
      counts[stateNow(member)]++;
    }
    return counts;
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
