/** A session under way. */
export interface Session {
  /** Tells the client that it may reconnect at once, and ends the session. */
  restart(): void;
  /** Ends at once. */
  destroy(): void;
}

/** The Live sessions under way, which end with the proxy. */
export class Sessions {
  private readonly underWay = new Set<Session>();

  get count(): number {
    return this.underWay.size;
  }

  begin(session: Session): void {
    this.underWay.add(session);
  }

  end(session: Session): void {
    this.underWay.delete(session);
  }

  restart(): void {
    for (const session of [...this.underWay]) session.restart();
  }

  destroy(): void {
    for (const session of [...this.underWay]) session.destroy();
  }
}
