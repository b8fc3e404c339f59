import { fingerprint } from '../../store/ground/fingerprint.js';
import type { Clock } from '../../store/ground/clock.js';
import { within } from '../../store/ground/within.js';
import {
  ClientRefused,
  GrantRefused,
  RefreshRefused,
  TokenEndpointUnavailable,
  type RefreshError,
} from '../oauth/errors.js';
import type { Exchanged, Google, OAuthClient } from '../oauth/google.js';

/** What one exchange came to, told to all who waited for it. */
export interface Landed {
  /** The refresh token that was sent. */
  readonly sent: string;
  /** The client that was accepted. */
  readonly client: OAuthClient;
  /** Others might have issued it as well. */
  readonly guessed: boolean;
  readonly exchanged: Exchanged;
}

/** Acts on an outcome before anybody who waits hears of it: saves a rotated token, disables a dead grant. */
export interface OutcomeKeeper {
  landed(landed: Landed): Promise<void>;
  failed(error: RefreshError, flight: Flight): Promise<void>;
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

/** Whether an exchange asks all of these clients, so that its failure is the answer to whoever would ask them. */
export const asksAll = (flight: Flight, clients: readonly OAuthClient[]): boolean =>
  clients.every(({ id, secret }) => flight.clients.some((asked) => asked.id === id && asked.secret === secret));

/**
 * Exchanges of refresh tokens, one at a time for each token, whoever asks: all who ask meanwhile share the outcome, but
 * for the failure of other clients than theirs. An exchange runs to its end even when nobody waits any more, because its
 * answer may hold a rotated token.
 */
export class Exchanges {
  /** By fingerprint of the refresh token sent, and of the one that took its place until that is on disk. */
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
  wait(flight: Flight, timeoutMs: number): Promise<Landed> {
    return inTime(flight.outcome, timeoutMs, this.clock);
  }

  get isIdle(): boolean {
    return this.flights.size === 0;
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
      await this.save(flight, landed);
      return landed;
    } catch (error) {
      if (isRefreshError(error)) await this.keeper.failed(error, flight);
      throw error;
    }
  }

  /** A rotated token is on disk before it is sent: who would refresh with it meanwhile waits for the saving. */
  private async save(flight: Flight, landed: Landed): Promise<void> {
    const holds = landed.exchanged.body.refresh_token ?? flight.sent;
    const key = fingerprint(holds);
    const isAnother = !this.flights.has(key);
    if (isAnother) this.flights.set(key, flight);
    try {
      await this.keeper.landed(landed);
    } finally {
      if (isAnother) this.flights.delete(key);
    }
  }

  /**
   * The first refusal counts, the likeliest issuer's, unless another client is accepted: where that one said nothing
   * about the token, another's verdict is none. Trouble with one of them leaves the matter open.
   */
  private async ask({ sent, clients }: Flight): Promise<Landed> {
    let first: RefreshError | null = null;
    for (const client of clients) {
      try {
        return { sent, client, guessed: clients.length > 1, exchanged: await this.google.exchange(sent, client) };
      } catch (error) {
        if (!isRefreshError(error)) throw error;
        if (error instanceof TokenEndpointUnavailable) throw error;
        first ??= error;
      }
    }
    throw first ?? new TypeError('an exchange needs at least one client');
  }
}

/** The answer, if it comes in time. @throws {TokenEndpointUnavailable} `timeout`: only the waiting is over */
export const inTime = <T>(answer: Promise<T>, timeoutMs: number, clock: Clock): Promise<T> =>
  within(answer, timeoutMs, clock, () => {
    throw new TokenEndpointUnavailable('network', 'timeout', `no answer in ${timeoutMs / 1000} s`);
  });

const isRefreshError = (error: unknown): error is RefreshError =>
  error instanceof GrantRefused ||
  error instanceof RefreshRefused ||
  error instanceof ClientRefused ||
  error instanceof TokenEndpointUnavailable;
