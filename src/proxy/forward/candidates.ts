import type { AccessTokens } from '../grants/access-tokens.js';
import { RefreshBudget } from '../oauth/refresh-budget.js';
import type { ResourceHome, Member, OnlyAccount } from '../pool/member.js';
import type { Pool } from '../pool/pool.js';
import type { Subject } from '../subject/subject.js';
import type { Origin } from '../transport/origins.js';
import { CodedError } from '../../store/ground/errors.js';
import { originsFor } from './ask-origins.js';
import type { RequestContext } from './request-context.js';

const NOBODY: ReadonlySet<string> = new Set();

/** An account to ask, with its access token or the promise of one. */
export interface Candidate {
  readonly member: Member;
  readonly token: string | Promise<string>;
}

/** What binds a request to some of the accounts. */
export interface Bound {
  /**
   * The accounts that can see the stored resources that it names, or the one that its client wants; null: any account
   * can serve it.
   */
  readonly few: ResourceHome | OnlyAccount | null;
  /** The project whose accounts are preferred; null: none. */
  readonly beside: string | null;
  /** Tells the conversation from others of the client; null: it does not matter. */
  readonly conversation: string | null;
  /** Called with the account that is asked, before a token is waited for; null: not needed. */
  readonly chosen: ((member: Member) => void) | null;
}

/** A request names two stored resources of different projects. */
export class StoredApart extends CodedError {
  readonly code = 'STORED_APART';

  constructor([one, other]: readonly [string, string]) {
    super(`${one} and ${other} are stored in different projects, and no account sees both`);
  }
}

/**
 * The accounts that one request may be tried on.
 *
 * @param few - the only accounts that may be asked; null: all
 * @throws {StoredApart} no account sees everything that the request names
 */
function candidatesFor(context: RequestContext, few: ResourceHome | OnlyAccount | null): Candidates {
  const { deps, protocol, request, subject, where } = context;
  const { pool, tokens } = deps;
  if (where.apart !== null) throw new StoredApart(where.apart);
  const isSticky = pool.isSticky && few === null;
  const conversation = isSticky ? protocol.conversationOf(context.front(), subject.model) : null;
  // told at once, so that what another request of the client makes meanwhile is stored in the same project
  const chosen = where.makes ? (member: Member) => protocol.makes(request, member) : null;
  return new Candidates(pool, tokens, subject, { few, beside: where.beside, conversation, chosen });
}

/** The accounts in the order in which one request asks them, each at most once. */
export class Candidates {
  private tried: Set<string> | null = null;
  /**
   * The first account asked. Kept apart, because most requests ask no other, and a set costs more than all the rest
   * here.
   */
  private first: Member | null = null;
  /** Accounts whose refresh was slow: their tokens are waited for once no other account is left. */
  private readonly late: Candidate[] = [];

  /** null: no token had to be refreshed so far. */
  private budget: RefreshBudget | null = null;

  constructor(
    private readonly pool: Pick<Pool, 'pick' | 'pickLiving' | 'pickOf' | 'hasOther'>,
    private readonly tokens: Pick<AccessTokens, 'forRequest' | 'isGood' | 'mayRefresh'>,
    private readonly subject: Subject,
    private readonly bound: Bound,
  ) {}

  /** The next account; null: there is none left. */
  next(): Candidate | null {
    const member = this.pick();
    if (member === null) return this.late.shift() ?? null;
    // accounts with a living token come first, so no account after this one has any
    if (this.isSpent && !this.tokens.isGood(member)) return this.late.shift() ?? null;
    this.bound.chosen?.(member);
    if (this.first === null) this.first = member;
    else this.tried?.add(member.id);
    if (this.tokens.isGood(member)) return { member, token: member.accessToken };
    this.budget ??= new RefreshBudget();
    return { member, token: this.tokens.forRequest(member, this.othersReady, this.budget) };
  }

  /** Whether no more exchanges may be asked for: then only an account with a living token can serve. */
  private get isSpent(): boolean {
    return this.budget !== null && !this.tokens.mayRefresh(this.budget);
  }

  /** Whether an account that was not asked yet could serve at once. */
  readonly othersReady = (): boolean =>
    this.bound.few === null
      ? this.pool.hasOther(this.subject, this.asked(), (member) => this.tokens.isGood(member))
      : this.pickOf(this.bound.few) !== null;

  private pick(): Member | null {
    const { few, beside, conversation } = this.bound;
    if (few !== null) return this.pickOf(few);
    const neighbour = beside === null ? null : this.pool.pickOf({ project: beside }, null, this.subject, this.asked());
    if (!this.isSpent) return neighbour ?? this.pool.pick(this.subject, this.asked(), conversation);
    // whichever has a living token, wherever what the request belongs to is
    if (neighbour !== null && this.tokens.isGood(neighbour)) return neighbour;
    return this.pool.pickLiving(this.subject, this.asked());
  }

  private pickOf(few: ResourceHome | OnlyAccount): Member | null {
    const wanted = 'project' in few ? few.account : null;
    return this.pool.pickOf(few, wanted, this.subject, this.asked());
  }

  private asked(): ReadonlySet<string> {
    if (this.tried === null && this.first === null) return NOBODY;
    return (this.tried ??= new Set(this.first === null ? [] : [this.first.id]));
  }

  /** Whether an account is left that could serve at once. */
  get hasNext(): boolean {
    const { few } = this.bound;
    if (this.late.length > 0) return true;
    const suits = this.isSpent ? (member: Member) => this.tokens.isGood(member) : () => true;
    if (few === null) return this.pool.hasOther(this.subject, this.asked(), suits);
    const one = this.pickOf(few);
    return one !== null && suits(one);
  }

  /** Skips accounts that need not be asked, because they would get the same answer. */
  skip(accountIds: Iterable<string>): void {
    const asked = new Set(this.asked());
    for (const id of accountIds) asked.add(id);
    this.tried = asked;
  }

  /** Lets accounts that were asked be asked once more: the reason for which they were left is over. */
  again(accountIds: Iterable<string>): void {
    const asked = new Set(this.asked());
    for (const id of accountIds) asked.delete(id);
    this.tried = asked;
  }

  /** An account's token is only slow: the account gets another turn after all others. */
  comesLate(member: Member, token: Promise<string>): void {
    this.late.push({ member, token });
  }
}

/** What was tried so far, as far as it decides whether another account is asked. */
interface TriedSoFar {
  readonly goOn: boolean;
  wait(candidates: Candidates, few: ResourceHome | OnlyAccount | null): Promise<boolean>;
}

/** Which account one request asks next, and at which base URLs. */
export class NextAccount {
  /** The base URLs, in the order in which they are asked. */
  readonly origins: readonly Origin[];
  /** null until the first account is chosen. */
  private candidates: Candidates | null = null;
  /** Where the stored resource that the request names is; null: it names none, and any account can serve it. */
  private home: ResourceHome | null;

  /** @param appraising - knows whose answer was empty; null: answers go to the client unchanged */
  constructor(
    private readonly context: RequestContext,
    private readonly tries: TriedSoFar,
    private readonly appraising: { onceMore(candidates: Candidates): Candidate | null } | null,
  ) {
    const { deps, protocol, request } = context;
    this.home = protocol.begunAt(request.target);
    this.origins = originsFor(deps.origins, this.home);
  }

  /** The only accounts that can serve the request; null: any can. */
  get few(): ResourceHome | OnlyAccount | null {
    return this.context.only ?? this.home;
  }

  /** Whether an account is left that could serve at once. */
  get isLeft(): boolean {
    return this.candidates?.hasNext === true;
  }

  /** Whether an account that was not asked yet has a token that is good now. */
  readonly othersReady = (): boolean => this.candidates?.othersReady() === true;

  /** Takes the next account; null: none is left, or no more may be asked. */
  take(): Candidate | null {
    if (!this.tries.goOn) return null;
    this.candidates ??= this.first();
    return this.candidates.next() ?? this.appraising?.onceMore(this.candidates) ?? null;
  }

  /** Waits until an account can be asked, where that is worth it. @returns whether one can be asked now */
  wait(): Promise<boolean> | false {
    return this.candidates === null || this.context.hasLeft() ? false : this.tries.wait(this.candidates, this.few);
  }

  /** An account's token is only slow: the account gets another turn after all others. */
  comesLate(member: Member, token: Promise<string>): void {
    this.candidates?.comesLate(member, token);
  }

  /** Leaves out the accounts of this one's project, which would get the same answer. */
  skipSharing(member: Member): void {
    this.candidates?.skip(this.context.deps.pool.sharing(member));
  }

  private first(): Candidates {
    this.home ??= this.context.where.home;
    return candidatesFor(this.context, this.few);
  }
}
