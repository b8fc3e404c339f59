import { fingerprint } from '../../store/ground/fingerprint.js';
import type { Clock } from '../../store/ground/clock.js';
import { within } from '../../store/ground/within.js';
import {
  ClientRefused,
  GrantRefused,
  NotAsked,
  RefreshRefused,
  TokenEndpointUnavailable,
  type RefreshError,
} from '../oauth/errors.js';
import type { ExchangeAsker, Brake } from '../oauth/brake.js';
import type { Google, OAuthClient } from '../oauth/google.js';
import { Flight, timedOut, type Landed } from './flight.js';

/** Acts on an outcome before anybody who waits hears of it: saves a rotated token, disables a dead grant. */
export interface OutcomeKeeper {
  /** Whether this refresh token took another one's place, as far as it is known. */
  hasRotated(refreshToken: string): boolean;
  landed(landed: Landed): Promise<void>;
  failed(error: RefreshError, flight: Flight): Promise<void>;
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
    private readonly brake: Brake,
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
  start(refreshToken: string, clients: readonly OAuthClient[], asker: ExchangeAsker): Flight {
    const key = fingerprint(refreshToken);
    const known = this.flights.get(key);
    if (known !== undefined) {
      if (asker === 'request') known.hurry();
      return known;
    }
    const { brake, clock } = this;
    const outcome: Promise<Landed> = Promise.resolve()
      .then(() => this.run(flight))
      .finally(() => this.flights.delete(key));
    // nobody may be left waiting when it fails
    outcome.catch(() => undefined);
    const flight: Flight = new Flight({ sent: refreshToken, clients, asker, brake, clock }, outcome);
    this.flights.set(key, flight);
    return flight;
  }

  /** How long the token endpoint is to be left alone, ms; 0: it is not. */
  get pauseLeftMs(): number {
    return this.brake.pauseLeftMs;
  }

  /** Nothing more is sent; what is at the endpoint already goes on. */
  close(): void {
    this.brake.close(new NotAsked('unknown', 'stopped', 'regrant stops'));
  }

  /** Nothing is sent from here on, for this reason, until `resume`. */
  hold(why: NotAsked): void {
    this.brake.close(why);
  }

  resume(): void {
    this.brake.reopenAfterClose();
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
  private async ask(flight: Flight): Promise<Landed> {
    const { sent, clients } = flight;
    const afterReset = this.keeper.hasRotated(sent) ? 'give up' : 'once more';
    let first: RefreshError | null = null;
    for (const client of clients) {
      try {
        return {
          sent,
          client,
          guessed: clients.length > 1,
          exchanged: await flight.exchange(this.google, client, afterReset),
        };
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
    throw timedOut(timeoutMs);
  });

const isRefreshError = (error: unknown): error is RefreshError =>
  error instanceof GrantRefused ||
  error instanceof RefreshRefused ||
  error instanceof ClientRefused ||
  error instanceof TokenEndpointUnavailable;
