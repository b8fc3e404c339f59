import type { RequestBody } from '../http/body.js';
import { Exchange, isStaleConnection, UpstreamFailed } from '../transport/exchange.js';
import type { Origin } from '../transport/origins.js';
import type { Silences } from '../transport/idle-timeouts.js';
import type { Asker, Upstream } from '../upstreams/upstream.js';
import type { ClientRequest } from '../protocols/client-request.js';
import type { Clock } from '../../store/ground/clock.js';

/** What comes of asking. */
export type Answer = Exchange | NoAnswer;

/** No base URL answered. */
export interface NoAnswer {
  readonly failure: UpstreamFailed;
  /** The one that was asked last. */
  readonly host: string;
}

export interface AskDeps {
  readonly upstream: Upstream;
  /** Tried in this order. */
  readonly origins: readonly Origin[];
  readonly clock: Clock;
  readonly silences: Silences;
}

/** A kept-alive connection that the upstream had given up breaks at once, not after a minute's work. */
const STALE_WITHIN_MS = 1_000;

/** Answers that another base URL may well give otherwise: it is out of order, or does not know the path. */
export const isForAnother = (status: number): boolean => status === 404 || status === 408 || status >= 500;

/** Sends a client's request as one account. */
export class Asking {
  /** The exchange under way, or the last one. */
  exchange: Exchange | null = null;
  /** Whose answer the last one was. */
  origin: Origin | null = null;
  private sentAt = 0;
  /** What the first base URL answered already. */
  private known: Answer | null = null;

  constructor(
    private readonly deps: AskDeps,
    private readonly request: ClientRequest,
    private readonly body: RequestBody,
  ) {}

  /** Asks the first base URL, once. `ask` goes on from what came of it, where that does not do. */
  askFirst(asker: Asker, done: (answer: Answer) => void): void {
    const origin = this.deps.origins[0];
    if (origin === undefined) throw new Error('no base URL');
    this.origin = origin;
    this.askOnce(origin, asker, done);
  }

  /** Keeps what came of `askFirst`, for the next `ask` to begin with. */
  keep(first: Answer): void {
    this.known = first;
  }

  /**
   * Asks one base URL after the other until one answers as if it knew what was asked, for as long as the body can be sent.
   * Where none does, the latest answer counts.
   */
  async ask(asker: Asker): Promise<Answer> {
    let kept: Exchange | null = null;
    let last: NoAnswer | null = null;
    for (const origin of this.deps.origins) {
      if ((kept !== null || last !== null) && !this.body.replayable) break;
      const answer = await this.askOrigin(origin, asker);
      if (answer instanceof Exchange) {
        kept?.abort();
        kept = answer;
        this.origin = origin;
        if (!isForAnother(answer.status)) break;
      } else {
        last = answer;
        if (answer.failure.givenUp) break;
      }
    }
    if (kept !== null && last?.failure.givenUp !== true) return (this.exchange = kept);
    kept?.abort();
    if (last === null) throw new Error('no base URL');
    return last;
  }

  /** Asks one base URL, and once more where only a stale connection was met. */
  private async askOrigin(origin: Origin, asker: Asker): Promise<Answer> {
    const answer = this.known ?? (await this.askLater(origin, asker));
    this.known = null;
    if (answer instanceof Exchange || !isStaleConnection(answer.failure) || !this.mayGoOn(answer)) return answer;
    return this.deps.clock.monotonic() - this.sentAt < STALE_WITHIN_MS ? this.askLater(origin, asker) : answer;
  }

  private askLater(origin: Origin, asker: Asker): Promise<Answer> {
    return new Promise((resolve) => this.askOnce(origin, asker, resolve));
  }

  private askOnce(origin: Origin, asker: Asker, done: (answer: Answer) => void): void {
    const exchange = new Exchange();
    this.exchange = exchange;
    this.sentAt = this.deps.clock.monotonic();
    const outgoing = this.deps.upstream.outgoing(this.request, asker, origin.prefix);
    exchange.send(origin.dispatcher, outgoing, this.body, this.deps.silences, (failure) =>
      done(failure === null ? exchange : { failure, host: origin.host }),
    );
  }

  private mayGoOn({ failure }: NoAnswer): boolean {
    return !failure.givenUp && this.body.replayable;
  }
}
