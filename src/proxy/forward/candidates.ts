import type { AccessTokens } from '../grants/access-tokens.js';
import { RefreshBudget } from '../oauth/refresh-budget.js';
import type { Home, Member } from '../pool/member.js';
import type { Pool } from '../pool/pool.js';
import type { Subject } from '../subject/subject.js';

const NOBODY: ReadonlySet<string> = new Set();

/** An account to ask, and its access token or the promise of one. */
export interface Candidate {
  readonly member: Member;
  readonly token: string | Promise<string>;
}

/** The accounts in the order in which one request asks them, each at most once. */
export class Candidates {
  private tried: Set<string> | null = null;
  /** The first one asked: most requests ask no other, and a set costs more than all the rest here. */
  private first: Member | null = null;
  /** Accounts whose refresh was slow: their tokens are worth waiting for once nobody else is left. */
  private readonly late: Candidate[] = [];

  /** null: no token had to be refreshed so far. */
  private budget: RefreshBudget | null = null;

  constructor(
    private readonly pool: Pick<Pool, 'pick' | 'pickOf' | 'hasOther'>,
    private readonly tokens: Pick<AccessTokens, 'forRequest' | 'isGood' | 'mayRefresh'>,
    private readonly subject: Subject,
    private readonly conversation: string | null = null,
    /** Where what the request names is stored; null: anybody can serve it. */
    private readonly home: Home | null = null,
  ) {}

  /** The next one; null: there is nobody left. */
  next(): Candidate | null {
    const member =
      this.home === null ? this.pool.pick(this.subject, this.asked(), this.conversation) : this.pickAtHome(this.home);
    if (member === null) return this.late.shift() ?? null;
    // those with a living token go first: nobody behind this one has any
    if (this.budget !== null && !this.tokens.isGood(member) && !this.tokens.mayRefresh(this.budget)) return null;
    if (this.first === null) this.first = member;
    else this.tried?.add(member.id);
    if (this.tokens.isGood(member)) return { member, token: member.accessToken };
    this.budget ??= new RefreshBudget();
    return { member, token: this.tokens.forRequest(member, this.othersReady, this.budget) };
  }

  /** Another account than those asked could serve at once. */
  readonly othersReady = (): boolean =>
    this.home === null
      ? this.pool.hasOther(this.subject, this.asked(), (member) => this.tokens.isGood(member))
      : this.pickAtHome(this.home) !== null;

  private pickAtHome({ project, account }: Home): Member | null {
    return this.pool.pickOf(project, account, this.subject, this.asked());
  }

  private asked(): ReadonlySet<string> {
    if (this.tried === null && this.first === null) return NOBODY;
    return (this.tried ??= new Set(this.first === null ? [] : [this.first.id]));
  }

  /** Whether there is anybody left who could serve at once. */
  get hasNext(): boolean {
    const { home } = this;
    if (this.late.length > 0) return true;
    return home === null ? this.pool.hasOther(this.subject, this.asked(), () => true) : this.pickAtHome(home) !== null;
  }

  /** Others that need not be asked: they would be answered alike. */
  skip(accountIds: Iterable<string>): void {
    const asked = new Set(this.asked());
    for (const id of accountIds) asked.add(id);
    this.tried = asked;
  }

  /** Accounts that were asked may be asked once more: what they were left for is over. */
  again(accountIds: Iterable<string>): void {
    const asked = new Set(this.asked());
    for (const id of accountIds) asked.delete(id);
    this.tried = asked;
  }

  /** The account's token is only slow: it gets another turn after all others. */
  comesLate(member: Member, token: Promise<string>): void {
    this.late.push({ member, token });
  }
}
