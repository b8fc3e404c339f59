import { BoundedMap } from '../../store/ground/bounded-map.js';

interface Bond {
  readonly account: string;
  /** Monotonic ms. */
  readonly until: number;
}

/** Conversations remembered at most; the one that was silent longest is forgotten first. */
const MOST = 100_000;

/** Which account a client's conversation was last served by, for as long as that is to count. */
export class Sticky {
  /** In the order of their last use. */
  private readonly bonds = new BoundedMap<string, Bond>(MOST);

  constructor(private readonly keepMs: number) {}

  /** The account of a conversation; null: none that still counts. @param now - monotonic ms */
  account(conversation: string, now: number): string | null {
    const bond = this.bonds.get(conversation);
    return bond !== undefined && bond.until > now ? bond.account : null;
  }

  bind(conversation: string, account: string, now: number): void {
    this.bonds.delete(conversation);
    this.bonds.set(conversation, { account, until: now + this.keepMs });
  }
}
