import { BoundedMap } from '../../store/ground/bounded-map.js';

interface Bond {
  readonly account: string;
  /** Until when the bond counts, monotonic ms. */
  readonly until: number;
}

/** The most conversations remembered; the one that has been silent longest is forgotten first. */
const MOST = 100_000;

/** Remembers which account last served a client's conversation, for a set time. */
export class Sticky {
  /** In the order of their last use. */
  private readonly bonds = new BoundedMap<string, Bond>(MOST);

  constructor(private readonly keepMs: number) {}

  /** The account that a conversation is bound to; null: none, or the time is over. @param now - monotonic ms */
  account(conversation: string, now: number): string | null {
    const bond = this.bonds.get(conversation);
    return bond !== undefined && bond.until > now ? bond.account : null;
  }

  bind(conversation: string, account: string, now: number): void {
    this.bonds.delete(conversation);
    this.bonds.set(conversation, { account, until: now + this.keepMs });
  }
}
