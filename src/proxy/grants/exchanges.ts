import { fingerprint } from '../../store/ground/fingerprint.js';
import type { Clock } from '../../store/ground/clock.js';
import { within } from '../../store/ground/within.js';
import type { ExchangeStore, SendingFor } from '../../store/state/exchange-store.js';
import {
  ClientRefused,
  GrantRefused,
  NotAsked,
  RefreshRefused,
  TokenEndpointUnavailable,
  type RefreshError,
} from '../oauth/errors.js';
import type { ExchangeAsker, Brake } from '../oauth/brake.js';
import type { AfterReset, Exchanged, Google, OAuthClient } from '../oauth/google.js';
import { Flight, timedOut, type ExchangeSuccess, type FlightOutcome } from './flight.js';
import { DoneElsewhere, HeldElsewhere, permission } from '../oauth/permission.js';
import { english } from '../../store/words/saying.js';

/** Acts on an outcome before any caller that waits hears of it: saves a rotated token, disables a dead grant. */
export interface OutcomeKeeper {
  /** Whether this refresh token is known to have replaced another one. */
  hasRotated(refreshToken: string): boolean;
  landed(landed: ExchangeSuccess): Promise<void>;
  failed(error: RefreshError, flight: Flight): Promise<void>;
}

/**
 * Whether an exchange is sent with all of these clients, so that its failure also answers a caller who would use them.
 */
export const asksAll = (flight: Flight, clients: readonly OAuthClient[]): boolean =>
  clients.every(({ id, secret }) => flight.clients.some((asked) => asked.id === id && asked.secret === secret));

/** So long an exchange waits for another process that sends the same token. */
const LONGEST_HELD_MS = 20_000;

/**
 * Exchanges of refresh tokens, one at a time for each token: all callers that ask meanwhile share the outcome, unless
 * it is a failure and they would have used other clients. An exchange runs to its end even when no caller waits any
 * more, because its answer may hold a rotated token.
 */
export class Exchanges {
  /**
   * By the fingerprint of the refresh token that was sent; for a rotated one, also by the new token's until that is on
   * disk.
   */
  private readonly flights = new Map<string, Flight>();

  constructor(
    private readonly google: Google,
    private readonly clock: Clock,
    private readonly brake: Brake,
    private readonly keeper: OutcomeKeeper,
    private readonly store: Pick<ExchangeStore, 'intend' | 'permit' | 'freed' | 'letGo'>,
  ) {}

  underWay(refreshToken: string): Flight | undefined {
    // The screen asks for every account ten times a second, and nearly always no exchange is under way.
    return this.flights.size === 0 ? undefined : this.flights.get(fingerprint(refreshToken));
  }

  /**
   * The exchange of this token that is under way, else a new one.
   *
   * @param clients - tried one after the other until one is accepted; more than one only where it is not known which
   * issued the token
   */
  start(refreshToken: string, clients: readonly OAuthClient[], asker: ExchangeAsker, sending: SendingFor): Flight {
    const key = fingerprint(refreshToken);
    const known = this.flights.get(key);
    if (known !== undefined) {
      if (asker === 'request') known.hurry();
      return known;
    }
    const { brake, clock } = this;
    // the brake may have it wait for its turn, and another process may be faster
    const forget = this.store.intend(refreshToken);
    const outcome: Promise<FlightOutcome> = Promise.resolve()
      .then(() => this.run(flight))
      .finally(() => {
        this.flights.delete(key);
        forget();
      });
    // a failure that nobody waits for must not count as an unhandled rejection
    outcome.catch(() => undefined);
    const mayBeSent = (): ReturnType<typeof permission> => permission(this.store, refreshToken, sending);
    const parts = { sent: refreshToken, clients, asker, brake, clock, permission: mayBeSent };
    const flight: Flight = new Flight(parts, outcome);
    this.flights.set(key, flight);
    return flight;
  }

  /** How long nothing may be sent to the token endpoint, ms; 0: no pause. */
  get pauseLeftMs(): number {
    return this.brake.pauseLeftMs;
  }

  /** Sends nothing more; exchanges that were sent already go on. */
  close(): void {
    this.brake.close(new NotAsked('unknown', 'stopped', english('regrant stops')));
  }

  /** Sends nothing more, for this reason, until `resume`. */
  hold(why: NotAsked): void {
    this.brake.close(why);
  }

  resume(): void {
    this.brake.reopenAfterClose();
  }

  get isIdle(): boolean {
    return this.flights.size === 0;
  }

  /** How many are under way. */
  get count(): number {
    return new Set(this.flights.values()).size;
  }

  /** Resolves when no exchange is under way. */
  async settled(): Promise<void> {
    while (this.flights.size > 0) {
      await Promise.allSettled([...this.flights.values()].map((flight) => flight.outcome));
    }
  }

  private async run(flight: Flight): Promise<FlightOutcome> {
    try {
      const landed = await this.ask(flight);
      await this.save(flight, landed);
      return landed;
    } catch (error) {
      if (error instanceof DoneElsewhere) return { holds: error.holds };
      if (!(error instanceof GrantRefused)) this.store.letGo(flight.sent);
      if (isRefreshError(error)) await this.keeper.failed(error, flight);
      throw error;
    }
  }

  /**
   * Saves the answer. A rotated token is on disk before it is sent: a refresh with it meanwhile waits for the saving.
   */
  private async save(flight: Flight, landed: ExchangeSuccess): Promise<void> {
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
   * Sends the token with one client after the other. If none is accepted, the first refusal counts, since the first
   * client is the likeliest issuer: a client that did not issue the token gives no verdict about it. If an endpoint is
   * unavailable the question stays open, and no other client is tried.
   */
  private async ask(flight: Flight): Promise<ExchangeSuccess> {
    const { sent, clients } = flight;
    const afterReset = this.keeper.hasRotated(sent) ? 'give up' : 'once more';
    let first: RefreshError | null = null;
    for (const client of clients) {
      try {
        return {
          sent,
          client,
          guessed: clients.length > 1,
          exchanged: await this.send(flight, client, afterReset),
        };
      } catch (error) {
        if (!isRefreshError(error)) throw error;
        if (error instanceof TokenEndpointUnavailable) throw error;
        first ??= error;
      }
    }
    throw first ?? new TypeError('an exchange needs at least one client');
  }

  /** Sends the token with one client, once no other process is sending it. */
  private async send(flight: Flight, client: OAuthClient, afterReset: AfterReset): Promise<Exchanged> {
    const since = this.clock.monotonic();
    for (;;) {
      try {
        return await flight.exchange(this.google, client, afterReset);
      } catch (error) {
        if (!(error instanceof HeldElsewhere)) throw error;
        const waitedMs = this.clock.monotonic() - since;
        if (waitedMs >= LONGEST_HELD_MS) throw new NotAsked('unknown', 'held_elsewhere', error.message);
        await this.store.freed(flight.sent);
      }
    }
  }
}

/**
 * The answer, if it comes in time. @throws {TokenEndpointUnavailable} `timeout`: only the waiting has ended, not the
 * exchange
 */
export const inTime = <T>(answer: Promise<T>, timeoutMs: number, clock: Clock): Promise<T> =>
  within(answer, timeoutMs, clock, () => {
    throw timedOut(timeoutMs);
  });

const isRefreshError = (error: unknown): error is RefreshError =>
  error instanceof GrantRefused ||
  error instanceof RefreshRefused ||
  error instanceof ClientRefused ||
  error instanceof TokenEndpointUnavailable;
