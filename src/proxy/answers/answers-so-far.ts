import type { RestCause } from './causes.js';
import type { Verdict } from './judge.js';

/** Whom to leave alone. What of it rests, and for how long where nothing is said, are the cause's own. */
export interface RestOrder {
  /** The account that was answered so. */
  readonly account: string;
  /** `project`: with it every account of its quota project. */
  readonly of: 'account' | 'project';
  readonly cause: RestCause;
  /** null: nothing was said. */
  readonly seconds: number | null;
  /** It may be about the project after all: see {@link Verdict.maybeProject}. */
  readonly maybeProject: boolean;
  /** Google's own. */
  readonly words: string;
  readonly url: string | null;
}

/** What an answer brings about at once. */
export interface Heard {
  /** Who is asked next; `again`: this account, once its project is known anew. */
  readonly next: 'client' | 'another' | 'again';
  readonly orders: readonly RestOrder[];
  /** The path itself refuses access tokens. */
  readonly pathRefuses: boolean;
  /** It would serve the client better than any before it, should nothing good come. */
  readonly isBest: boolean;
}

/** What is known of the request's path and of who else there is. */
export interface Surroundings {
  /** The path has served somebody within the hour. */
  readonly pathServed: boolean;
  /** It has served this account before. */
  readonly pathServedBy: (account: string) => boolean;
  /** There is one account and no other. */
  readonly isOnly: boolean;
}

/** What stays when nobody served: the answers are all that was learned. */
export interface Ending {
  readonly orders: readonly RestOrder[];
  readonly pathRefuses: boolean;
  /** Accounts that were forbidden what others may be forbidden too: nobody rests, and the row says so. */
  readonly notes: readonly Pick<RestOrder, 'account' | 'words'>[];
}

/**
 * What the accounts have answered one request so far, and what follows from it.
 *
 * Some answers are about an account only if another is answered better: these wait here until the request is served, or
 * nobody is left.
 */
export class AnswersSoFar {
  private waiting: (RestOrder & { readonly proof: Verdict['proof'] })[] = [];
  /** Another answer than 401 has shown that access tokens are taken at this path. */
  private compared = false;
  private preconditions = 0;
  private readonly askedAnew = new Set<string>();
  private bestUsesTry = false;

  constructor(private readonly around: Surroundings) {}

  /** Takes in what an account was answered. A 401 is one that a fresh token got. */
  take(account: string, verdict: Verdict): Heard {
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

  /** The request was served as `account`: what the others were answered is about them. */
  served(account: string): readonly RestOrder[] {
    return this.waiting.filter((order) => order.account !== account);
  }

  /** Nobody served. @param othersCould - accounts were left that were not asked */
  ended(othersCould: boolean): Ending {
    const unauthorized = this.waiting.filter(({ proof }) => proof === 'not_the_path');
    const isTheirs = this.compared || (this.around.pathServed && !othersCould);
    return {
      orders: isTheirs ? unauthorized : [],
      pathRefuses: unauthorized.length > 0 && !isTheirs && !othersCould && !this.around.pathServed,
      notes: this.waiting.filter(({ cause }) => cause === 'scope' || cause === 'forbidden'),
    };
  }

  private takeUnauthorized(account: string, verdict: Verdict): Partial<Heard> {
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

/** Whom an answer orders to rest, were it proven; null: nobody. */
export function orderOf(
  account: string,
  { about, cause, seconds, maybeProject, words, url }: Verdict,
): RestOrder | null {
  if (cause === null || (about !== 'account' && about !== 'project')) return null;
  return { account, of: about, cause, seconds, maybeProject, words, url };
}
