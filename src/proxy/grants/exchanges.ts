import { fingerprint } from '../../store/fingerprint.js';
import type { Clock } from '../../store/clock.js';
import { ClientRefused, GrantRefused, RefreshRefused, TokenEndpointUnavailable, type RefreshError } from './errors.js';
import type { Exchanged, Google, OAuthClient } from './google.js';

/** What one exchange came to, told to all who waited for it. */
export interface Landed {
  /** The refresh token that was sent. */
  readonly sent: string;
  /** The client that was accepted. */
  readonly client: OAuthClient;
  readonly exchanged: Exchanged;
}

/** Acts on an outcome before anybody who waits hears of it: saves a rotated token, disables a dead grant. */
export interface OutcomeKeeper {
  landed(landed: Landed): Promise<void>;
  failed(sent: string, error: RefreshError, flight: Flight): Promise<void>;
}

export interface Flight {
  readonly sent: string;
  /** The clients that it is sent with, one after the other until one is accepted. */
  readonly clients: readonly OAuthClient[];
  /** ms of the monotonic clock. */
  readonly startedAt: number;
  /** A client request waits for it. */
  wantedByRequest: boolean;
  readonly outcome: Promise<Landed>;
}

/**
 * Exchanges of refresh tokens, one at a time for each token, whoever asks: all who ask meanwhile share the outcome.
 * An exchange runs to its end even when nobody waits any more, because its answer may hold a rotated token.
 */
export class Exchanges {
  private readonly flights = new Map<string, Flight>();

  constructor(
    private readonly google: Google,
    private readonly clock: Clock,
    private readonly keeper: OutcomeKeeper,
  ) {}

  underWay(refreshToken: string): Flight | undefined {
    // The screen asks for every account ten times a second, and nearly always there is nothing under way.
    return this.flights.size === 0 ? undefined : this.flights.get(fingerprint(refreshToken));
  }

  /**
   * The exchange of this token that is under way, else a new one.
   *
   * @param clients - asked in turn until one is accepted; more than one only where the issuer is a guess
   */
  start(refreshToken: string, clients: readonly OAuthClient[]): Flight {
    const key = fingerprint(refreshToken);
    const known = this.flights.get(key);
    if (known !== undefined) return known;
    const flight: Flight = {
      sent: refreshToken,
      clients,
      startedAt: this.clock.monotonic(),
      wantedByRequest: false,
      outcome: Promise.resolve()
        .then(() => this.run(flight))
        .finally(() => this.flights.delete(key)),
    };
    // nobody may be left waiting when it fails
    flight.outcome.catch(() => undefined);
    this.flights.set(key, flight);
    return flight;
  }

  /** @throws {TokenEndpointUnavailable} `timeout`: the waiting is over, the exchange goes on */
  async wait(flight: Flight, timeoutMs: number): Promise<Landed> {
    let cancel = (): void => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.clock.after(timeoutMs, () =>
        reject(new TokenEndpointUnavailable('network', 'timeout', `no answer in ${timeoutMs / 1000} s`)),
      );
    });
    try {
      return await Promise.race([flight.outcome, late]);
    } finally {
      cancel();
    }
  }

  /** Resolves when no exchange is under way. */
  async settled(): Promise<void> {
    while (this.flights.size > 0) {
      await Promise.allSettled([...this.flights.values()].map((flight) => flight.outcome));
    }
  }

  private async run(flight: Flight): Promise<Landed> {
    try {
      const landed = await this.ask(flight);
      await this.keeper.landed(landed);
      return landed;
    } catch (error) {
      if (isRefreshError(error)) await this.keeper.failed(flight.sent, error, flight);
      throw error;
    }
  }

  /** The first refusal counts, unless another client is accepted; trouble with one of them leaves the matter open. */
  private async ask({ sent, clients }: Flight): Promise<Landed> {
    let first: RefreshError | null = null;
    for (const client of clients) {
      try {
        return { sent, client, exchanged: await this.google.exchange(sent, client) };
      } catch (error) {
        if (!isRefreshError(error)) throw error;
        if (error instanceof TokenEndpointUnavailable) throw error;
        // a client that is itself refused says nothing about this token
        if (first === null || first instanceof ClientRefused) first = error;
      }
    }
    throw first ?? new TypeError('an exchange needs at least one client');
  }
}

const isRefreshError = (error: unknown): error is RefreshError =>
  error instanceof GrantRefused ||
  error instanceof RefreshRefused ||
  error instanceof ClientRefused ||
  error instanceof TokenEndpointUnavailable;
