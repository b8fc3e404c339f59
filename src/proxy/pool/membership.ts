import type { AccountStore } from '../../store/accounts/account-store.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import { Deadlines } from '../rests/deadlines.js';
import type { MutableMember } from './member.js';
import { MemberUpdate, type Instant, type MemberUpdateParts } from './member-update.js';
import { Members } from './members.js';

export interface MembershipParts extends MemberUpdateParts {
  readonly store: Pick<AccountStore, 'get' | 'list'>;
}

/** Called so that the pool's prepared answers follow its members. */
export interface MembershipListener {
  /** A member is new, or has changed. */
  readonly placed: (member: MutableMember) => void;
  readonly removed: (member: MutableMember) => void;
  /** All members were replaced. */
  readonly cleared: (members: Members) => void;
}

/** Keeps the members up to date with the account files and the time. */
export class Membership {
  readonly members = new Members();
  /** When each member's standing changes by the mere passing of time, on the monotonic clock. */
  private readonly expiries = new Deadlines<MutableMember>();
  private readonly memberUpdate: MemberUpdate;

  constructor(
    private readonly parts: MembershipParts,
    private readonly kept: MembershipListener,
  ) {
    this.memberUpdate = new MemberUpdate(parts);
  }

  /** When the next standing changes by the passing of time, monotonic ms; Infinity: none does. */
  get firstChange(): number {
    return this.expiries.first;
  }

  /** The ids of the members whose standing has changed by the passing of time. */
  due(monotonic: number): readonly string[] {
    const ids: string[] = [];
    for (let due = this.expiries.take(monotonic); due !== null; due = this.expiries.take(monotonic)) {
      if (due.item.changesAt === due.at) ids.push(due.item.id);
    }
    return ids;
  }

  /**
   * Takes in the changes of a few accounts; the rest is not looked at. @returns their ids; null: all accounts were
   * taken in again
   */
  update(ids: readonly string[]): readonly string[] | null {
    if (ids.length * 4 > this.members.size || this.members.isSparse) {
      this.rebuild();
      return null;
    }
    const at = this.instant();
    for (const id of ids) this.updateOne(id, at);
    return ids;
  }

  /** Takes in all accounts of the store, in its order. */
  rebuild(): void {
    const at = this.instant();
    this.expiries.clear();
    const all = this.parts.store.list().map((stored) => this.updated(stored, this.members.get(stored.id), at));
    this.members.replaceAll(all);
    this.kept.cleared(this.members);
    for (const member of all) {
      member.counted = null;
      this.kept.placed(member);
    }
  }

  private instant(): Instant {
    const { clock } = this.parts;
    return { now: clock.now(), monotonic: clock.monotonic() };
  }

  private updateOne(id: string, at: Instant): void {
    const before = this.members.get(id);
    const formerProject = before?.quotaProject;
    const stored = this.parts.store.get(id);
    if (stored !== undefined) {
      const member = this.updated(stored, before, at);
      this.members.put(member, formerProject);
      this.kept.placed(member);
    } else if (before !== undefined) {
      this.members.remove(before);
      this.kept.removed(before);
    }
  }

  private updated(stored: StoredAccount, known: MutableMember | undefined, at: Instant): MutableMember {
    const member = this.memberUpdate.of(stored, known, at);
    if (member.changesAt < Infinity) this.expiries.add(member.changesAt, member);
    return member;
  }
}
