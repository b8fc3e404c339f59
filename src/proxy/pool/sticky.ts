import { BoundedMap } from '../../store/ground/bounded-map.js';

interface Bond {
  readonly account: string;
  /** When it was used last, monotonic ms. */
  readonly at: number;
}

/** The most conversations remembered; the one that has been silent longest is forgotten first. */
const MOST = 100_000;

/** Remembers which account last served a client's conversation, and when. */
export class Sticky {
  /** In the order of their last use. */
  private readonly bonds = new BoundedMap<string, Bond>(MOST);

  /** The account of a conversation; null: none has served it since then. @param since - monotonic ms */
  account(conversation: string, since: number): string | null {
    const bond = this.bonds.get(conversation);
    return bond !== undefined && bond.at > since ? bond.account : null;
  }

  /** @param now - monotonic ms */
  bind(conversation: string, account: string, now: number): void {
    this.bonds.delete(conversation);
    this.bonds.set(conversation, { account, at: now });
  }
}
