/** Counts the requests that are being served. */
export class OpenRequests {
  private open = 0;
  /** How many of the open requests only ask about the proxy itself. */
  private probes = 0;

  /** All requests. */
  get count(): number {
    return this.open;
  }

  /** The requests that do not only ask about the proxy itself. */
  get inFlight(): number {
    return this.open - this.probes;
  }

  begin(): void {
    this.open += 1;
  }

  /** One of the requests that began only asks about the proxy itself. */
  isProbe(): void {
    this.probes += 1;
  }

  end(kind: 'traffic' | 'probe'): void {
    this.open -= 1;
    if (kind === 'probe') this.probes -= 1;
  }
}
