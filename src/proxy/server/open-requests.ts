import { type InOpenList, OpenList } from '../transport/open-list.js';

/** Keeps the requests that are being served. */
export class OpenRequests<T extends InOpenList> {
  private readonly open = new OpenList<T>();
  private probes = 0;

  /** How many there are in all. */
  get count(): number {
    return this.open.size;
  }

  /** How many do not only ask about the proxy itself. */
  get inFlight(): number {
    return this.open.size - this.probes;
  }

  begin(request: T): void {
    this.open.add(request);
  }

  /** One of the requests that began only asks about the proxy itself. */
  isProbe(): void {
    this.probes += 1;
  }

  end(request: T, kind: 'traffic' | 'probe'): void {
    this.open.remove(request);
    if (kind === 'probe') this.probes -= 1;
  }

  forEach(act: (request: T) => void): void {
    this.open.forEach(act);
  }
}
