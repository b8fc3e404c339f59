import type { RestCause } from './causes.js';
import type { Verdict } from './judge.js';

/**
 * What an answer demands: which account rests, and why. How much of it rests, and for how long where the answer does
 * not say, follows from the cause.
 */
export interface RestOrder {
  /** Id of the account that got the answer. */
  readonly account: string;
  /** `project`: every account of its quota project rests with it. */
  readonly of: 'account' | 'project';
  readonly cause: RestCause;
  /** How long it rests, as the answer says; null: it does not say. */
  readonly seconds: number | null;
  /** It may turn out to be about the project: see {@link Verdict.maybeProject}. */
  readonly maybeProject: boolean;
  /** Google's own words. */
  readonly words: string;
  readonly url: string | null;
}

/** What follows from an answer at once. */
export interface AnswerConsequence {
  /**
   * Who gets the next word: the client gets the answer, another account is asked, or (`again`) this account is asked
   * once more after its project was looked up again.
   */
  readonly next: 'client' | 'another' | 'again';
  readonly orders: readonly RestOrder[];
  /** Whether the path itself refuses access tokens. */
  readonly pathRefuses: boolean;
  /** Whether this answer would serve the client better than any before it, if no good one comes. */
  readonly isBest: boolean;
}

/** What is known of the request's path and of other accounts. */
export interface Surroundings {
  /** Whether the path has served any account within the last hour. */
  readonly pathServed: boolean;
  /** Whether the path has served this account before. */
  readonly pathServedBy: (account: string) => boolean;
  /** Whether there is only this one account. */
  readonly isOnly: boolean;
}

/** What follows when no account served the request: there is nothing but the bad answers to go by. */
export interface Ending {
  readonly orders: readonly RestOrder[];
  readonly pathRefuses: boolean;
  /**
   * Accounts that were forbidden something that may be forbidden to others too: they do not rest, but their rows say
   * so.
   */
  readonly notes: readonly Pick<RestOrder, 'account' | 'words'>[];
}

/**
 * What the accounts have answered to one request so far, and what follows from it.
 *
 * Some answers are about an account only if another account gets a better one: these wait here until the request is
 * served, or no account is left.
 */
export class AnswersSoFar {
  private waiting: (RestOrder & { readonly proof: Verdict['proof'] })[] = [];
  /** Whether an answer other than 401 has shown that this path accepts access tokens. */
  private compared = false;
  private preconditions = 0;
  private readonly askedAnew = new Set<string>();
  private bestUsesTry = false;

  constructor(private readonly around: Surroundings) {}

  /** Takes in an account's answer. A 401 is taken in only if a fresh token got it. */
  take(account: string, verdict: Verdict): AnswerConsequence {
    if (verdict.status !== 401 && verdict.status < 499) this.compared = true;
    const isBest = verdict.usesTry || !this.bestUsesTry;
    this.bestUsesTry ||= verdict.usesTry;
    const heard = { next: 'another', orders: [], pathRefuses: false, isBest } as const;
    if (verdict.next === 'client') return { ...heard, next: 'client' };
    if (verdict.proof === 'not_the_path') return { ...heard, ...this.takeUnauthorized(account, verdict) };
    if (verdict.next === 'project_anew' && !this.askedAnew.has(account)) {
      this.askedAnew.add(account);
      return { ...heard, next: 'again' };
    }
    const order = orderOf(account, verdict);
    if (order === null) return heard;
    if (this.isProven(account, verdict)) return { ...heard, orders: [order] };
    this.wait(order, verdict);
    if (verdict.next === 'one_other' && ++this.preconditions > 1) return { ...heard, next: 'client' };
    return heard;
  }

  /** The request was served as `account`: the bad answers that wait are about the accounts that got them. */
  served(account: string): readonly RestOrder[] {
    return this.waiting.filter((order) => order.account !== account);
  }

  /** No account served the request. @param othersCould - whether accounts were left that were not asked */
  ended(othersCould: boolean): Ending {
    const unauthorized = this.waiting.filter(({ proof }) => proof === 'not_the_path');
    const isTheirs = this.compared || (this.around.pathServed && !othersCould);
    return {
      orders: isTheirs ? unauthorized : [],
      pathRefuses: unauthorized.length > 0 && !isTheirs && !othersCould && !this.around.pathServed,
      notes: this.waiting.filter(({ cause }) => cause === 'scope' || cause === 'forbidden'),
    };
  }

  private takeUnauthorized(account: string, verdict: Verdict): Partial<AnswerConsequence> {
    const another = this.waiting.some((order) => order.proof === 'not_the_path' && order.account !== account);
    const order = orderOf(account, verdict);
    if (!another) {
      if (order !== null) this.wait(order, verdict);
      return {};
    }
    this.waiting = this.waiting.filter(({ proof }) => proof !== 'not_the_path');
    return { next: 'client', pathRefuses: !this.around.pathServed };
  }

  private isProven(account: string, { proof }: Verdict): boolean {
    if (proof === 'none') return true;
    return proof === 'path_serves' && (this.around.isOnly || this.around.pathServedBy(account));
  }

  private wait(order: RestOrder, { proof }: Verdict): void {
    this.waiting = [...this.waiting.filter(({ account }) => account !== order.account), { ...order, proof }];
  }
}

/** The rest that an answer demands, once it is proven; null: none. */
export function orderOf(
  account: string,
  { about, cause, seconds, maybeProject, words, url }: Verdict,
): RestOrder | null {
  if (cause === null || (about !== 'account' && about !== 'project')) return null;
  return { account, of: about, cause, seconds, maybeProject, words, url };
}
