/** How many requests are being served. */
export class OpenRequests {
  private open = 0;
  /** How many of those open ask only the proxy itself. */
  private probes = 0;

  /** Whatever they ask. */
  get count(): number {
    return this.open;
  }

  /** Without those who look at the proxy itself. */
  get inFlight(): number {
    return this.open - this.probes;
  }

  begin(): void {
    this.open += 1;
  }

  /** One of those that began only looks at the proxy itself. */
  isProbe(): void {
    this.probes += 1;
  }

  end(kind: 'traffic' | 'probe'): void {
    this.open -= 1;
    if (kind === 'probe') this.probes -= 1;
  }
}
