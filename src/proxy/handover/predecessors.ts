import type { EndedRequest, PredecessorNews, RestElsewhere } from '../contract/succession/handover.js';

export interface PredecessorParts {
  /** Takes in a request that ended there, as if it had ended here. */
  readonly ended: (request: EndedRequest) => void;
  /** Takes in lines of its log. */
  readonly lines: (lines: string) => void;
  /** Counts requests that are served there with an account, or not any more. */
  readonly accountServes: (accountId: string, change: number) => void;
  /** Likewise with a client key. */
  readonly keyServes: (key: string, change: number) => void;
  /** A request waits there for an access token of this account. */
  readonly wanted: (accountId: string) => void;
  /** An account began to rest there. */
  readonly rests: (rest: RestElsewhere) => void;
  /** An account came back there and has not served since. @param since - ms since 1970 */
  readonly awaits: (accountId: string, since: number) => void;
  readonly changed: () => void;
}

type Served = Pick<PredecessorNews, 'inFlight' | 'accounts' | 'keys'>;
const NOTHING: Served = { inFlight: 0, accounts: {}, keys: {} };

/** The processes that handed over to this one, directly or not, and still serve what they had begun. */
export class Predecessors {
  private readonly serving = new Map<number, Served>();

  constructor(private readonly parts: PredecessorParts) {}

  /** How many requests they serve. */
  get inFlight(): number {
    let sum = 0;
    for (const { inFlight } of this.serving.values()) sum += inFlight;
    return sum;
  }

  heard(news: PredecessorNews): void {
    const { ended, lines, wanted, rests, awaits, changed } = this.parts;
    this.serves(news.pid, news);
    if (news.lines !== '') lines(news.lines);
    for (const [id, since] of Object.entries(news.awaited)) awaits(id, since);
    for (const rest of news.rests) rests(rest);
    for (const request of news.ended) ended(request);
    for (const id of news.wanted) wanted(id);
    changed();
  }

  /** It has ended, or cannot tell any more. */
  gone(pid: number): void {
    if (!this.serving.has(pid)) return;
    this.serves(pid, NOTHING);
    this.serving.delete(pid);
    this.parts.changed();
  }

  private serves(pid: number, now: Served): void {
    const before = this.serving.get(pid) ?? NOTHING;
    this.serving.set(pid, now);
    tellChanges(before.accounts, now.accounts, this.parts.accountServes);
    tellChanges(before.keys, now.keys, this.parts.keyServes);
  }
}

type Counts = Readonly<Record<string, number>>;

function tellChanges(before: Counts, now: Counts, tell: (name: string, change: number) => void): void {
  const [was, is] = [new Map(Object.entries(before)), new Map(Object.entries(now))];
  for (const name of new Set([...was.keys(), ...is.keys()])) {
    const change = (is.get(name) ?? 0) - (was.get(name) ?? 0);
    if (change !== 0) tell(name, change);
  }
}
