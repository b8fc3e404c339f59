import type { AccountStore } from '../../store/accounts/account-store.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import { Deadlines } from '../rests/deadlines.js';
import type { MutableMember } from './member.js';
import { MemberUpdate, type MemberUpdateParts } from './member-update.js';
import { Members } from './members.js';

export interface MembershipParts extends MemberUpdateParts {
  readonly store: Pick<AccountStore, 'get' | 'list'>;
}

/** What the pool keeps ready of its members. */
export interface Kept {
  /** A member is there, or has changed. */
  readonly placed: (member: MutableMember) => void;
  readonly removed: (member: MutableMember) => void;
  /** All are placed anew. */
  readonly cleared: (members: Members) => void;
}

/** Keeps the members in step with the account files and the time. */
export class Membership {
  readonly members = new Members();
  /** When some standing changes by itself, on the monotonic clock. */
  private readonly expiries = new Deadlines<MutableMember>();
  private readonly memberUpdate: MemberUpdate;

  constructor(
    private readonly parts: MembershipParts,
    private readonly kept: Kept,
  ) {
    this.memberUpdate = new MemberUpdate(parts);
  }

  /** When a standing changes next by itself, monotonic ms; Infinity: none does. */
  get firstChange(): number {
    return this.expiries.first;
  }

  /** Whose standing has changed by itself. */
  due(monotonic: number): readonly string[] {
    const ids: string[] = [];
    for (let due = this.expiries.take(monotonic); due !== null; due = this.expiries.take(monotonic)) {
      if (due.item.changesAt === due.at) ids.push(due.item.id);
    }
    return ids;
  }

  /** Takes in what changed for a few accounts; the rest is not looked at. @returns these; null: all were taken in anew */
  update(ids: readonly string[]): readonly string[] | null {
    if (ids.length * 4 > this.members.size || this.members.isSparse) {
      this.rebuild();
      return null;
    }
    const now = this.parts.clock.now();
    for (const id of ids) this.updateOne(id, now);
    return ids;
  }

  /** Takes in every account of the store, in its order. */
  rebuild(): void {
    const now = this.parts.clock.now();
    this.expiries.clear();
    const all = this.parts.store.list().map((stored) => this.updated(stored, this.members.get(stored.id), now));
    this.members.replaceAll(all);
    this.kept.cleared(this.members);
    for (const member of all) {
      member.counted = null;
      this.kept.placed(member);
    }
  }

  private updateOne(id: string, now: number): void {
    const before = this.members.get(id);
    const formerProject = before?.quotaProject;
    const stored = this.parts.store.get(id);
    if (stored !== undefined) {
      const member = this.updated(stored, before, now);
      this.members.put(member, formerProject);
      this.kept.placed(member);
    } else if (before !== undefined) {
      this.members.remove(before);
      this.kept.removed(before);
    }
  }

  private updated(stored: StoredAccount, known: MutableMember | undefined, now: number): MutableMember {
    const member = this.memberUpdate.of(stored, known, now);
    if (member.changesAt < Infinity) this.expiries.add(member.changesAt, member);
    return member;
  }
}
