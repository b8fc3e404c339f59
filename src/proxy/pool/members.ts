import type { FewAccounts, MutableMember } from './member.js';

/** All members of the pool: by id, by quota project, and each with a number that stands for its place in the order. */
export class Members {
  private byId = new Map<string, MutableMember>();
  /** A set only where several share it: most accounts have a project of their own. */
  private readonly byProject = new Map<string, MutableMember | Set<MutableMember>>();
  private nextNumber = 0;

  get size(): number {
    return this.byId.size;
  }

  /** Whether so many numbers belong to members that are gone that all numbers should be given again. */
  get isSparse(): boolean {
    return this.nextNumber > 2 * this.byId.size + 1_024;
  }

  get(id: string): MutableMember | undefined {
    return this.byId.get(id);
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  all(): ReadonlyMap<string, MutableMember> {
    return this.byId;
  }

  ofProject(project: string): readonly MutableMember[] {
    const sharing = this.byProject.get(project);
    return sharing === undefined ? [] : sharing instanceof Set ? [...sharing] : [sharing];
  }

  /** The members of a project, or the one member. */
  few(which: FewAccounts): readonly MutableMember[] {
    if ('project' in which) return this.ofProject(which.project);
    const only = this.byId.get(which.onlyId);
    return only === undefined ? [] : [only];
  }

  /** The members that a cool-down applies to. @param key - a quota project, or the id of a member */
  under(key: string): readonly MutableMember[] {
    const alone = this.byId.get(key);
    const sharing = this.ofProject(key);
    return alone === undefined || alone.quotaProject === key ? sharing : [...sharing, alone];
  }

  /** @param formerProject - the quota project that the member was listed under until now; undefined: none */
  put(member: MutableMember, formerProject: string | undefined): void {
    if (formerProject !== undefined && formerProject !== member.quotaProject) this.leave(member, formerProject);
    this.byId.set(member.id, member);
    if (member.number < 0) member.number = this.nextNumber++;
    const sharing = this.byProject.get(member.quotaProject);
    if (sharing === undefined) this.byProject.set(member.quotaProject, member);
    else if (sharing instanceof Set) sharing.add(member);
    else if (sharing !== member) this.byProject.set(member.quotaProject, new Set([sharing, member]));
  }

  remove(member: MutableMember): void {
    this.byId.delete(member.id);
    this.leave(member, member.quotaProject);
  }

  /** Replaces all members by these, in their order, in one step. */
  replaceAll(members: Iterable<MutableMember>): void {
    this.byId = new Map();
    this.byProject.clear();
    this.nextNumber = 0;
    for (const member of members) {
      member.number = -1;
      this.put(member, undefined);
    }
  }

  private leave(member: MutableMember, project: string): void {
    const sharing = this.byProject.get(project);
    if (sharing instanceof Set) sharing.delete(member);
    if (sharing === member || (sharing instanceof Set && sharing.size === 0)) this.byProject.delete(project);
  }
}
