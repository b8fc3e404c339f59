import type { Clock } from '../../store/ground/clock.js';
import { Listeners } from '../../store/ground/listeners.js';
import type { ExchangeAsker, Brake, ExchangeEnding, Turn } from '../oauth/brake.js';
import { NobodyWaits, RefreshError, TokenEndpointUnavailable } from '../oauth/errors.js';
import type { Sending } from '../../store/state/exchange-store.js';
import type { AfterReset, Exchanged, Google, OAuthClient } from '../oauth/google.js';
import { wait } from '../contract/durations.js';
import { english } from '../../store/words/saying.js';

/** The good answer of one exchange, as told to all who waited for it. */
export interface ExchangeSuccess {
  /** The refresh token that was sent. */
  readonly sent: string;
  /** The client that was accepted. */
  readonly client: OAuthClient;
  /** Whether it was a guess that this client issued the token: others had been tried, or would have been. */
  readonly guessed: boolean;
  readonly exchanged: Exchanged;
}

/** Nothing was sent, since another process had done it. */
export interface Elsewhere {
  /** The refresh token that is good now: the one that was to be sent, or what took its place. */
  readonly holds: string;
}

export type FlightOutcome = ExchangeSuccess | Elsewhere;

export interface FlightParts {
  readonly sent: string;
  /** Asked when its turn has come. Resolves if the token may be sent, as `permission`. @throws if it may not */
  readonly permission: () => Promise<Sending | null>;
  /** The clients that the token is sent with, one after the other until one is accepted. */
  readonly clients: readonly OAuthClient[];
  readonly asker: ExchangeAsker;
  readonly brake: Brake;
  readonly clock: Clock;
}

/** One refresh token on its way to the token endpoint, and all callers that wait for the outcome. */
export class Flight {
  readonly sent: string;
  readonly clients: readonly OAuthClient[];
  /** When the token was last sent; before that, when the exchange was asked for. Monotonic ms. */
  startedAt: number;
  /** How many exchanges of this token failed. */
  failures = 0;
  /** Whether the request is at the endpoint now; else it waits for its turn. */
  isSent = false;
  /** Whether a client's request waits for it. */
  wantedByRequest: boolean;
  /** Who sent the token before and never told what came back; null: nobody. */
  doubt: Sending | null = null;
  private turn: Turn | null = null;
  private readonly sendings = new Listeners();
  /** How many wait for the outcome. */
  private waiting = 0;
  /** All who waited left before it was sent: it is not sent any more, unless somebody comes. */
  private isAbandoned = false;

  /** @param outcome - settles with the outcome of the exchange */
  constructor(
    private readonly parts: FlightParts,
    readonly outcome: Promise<FlightOutcome>,
  ) {
    this.sent = parts.sent;
    this.clients = parts.clients;
    this.startedAt = parts.clock.monotonic();
    this.wantedByRequest = parts.asker === 'request';
  }

  /** A client's request waits for it by now: the exchange is sent without waiting for its turn. */
  hurry(): void {
    this.wantedByRequest = true;
    this.turn?.hurry();
  }

  /**
   * Sends the token with one client, when the brake allows it. If no client's request waits and the endpoint asks for a
   * pause, the token is sent again after the pause: being asked too fast is no failure.
   *
   * @throws {RefreshError} also where nobody waits for it any more, and nothing was sent
   * @throws {DoneElsewhere | HeldElsewhere} nothing was sent
   */
  async exchange(google: Pick<Google, 'exchange'>, client: OAuthClient, afterReset: AfterReset): Promise<Exchanged> {
    const { brake, asker, clock, permission } = this.parts;
    for (;;) {
      if (this.isAbandoned) throw new NobodyWaits();
      const turn = brake.turn(this.wantedByRequest ? 'request' : asker);
      this.turn = turn;
      await turn.ready;
      let ending: ExchangeEnding = { kind: 'answer' };
      try {
        this.doubt = (await permission()) ?? this.doubt;
        this.startedAt = clock.monotonic();
        this.isSent = true;
        this.sendings.tell();
        return await google.exchange(this.sent, client, afterReset);
      } catch (error) {
        if (this.isSent) this.failures++;
        ending = endingOf(error);
        if (ending.kind !== 'pause' || this.wantedByRequest) throw error;
      } finally {
        this.isSent = false;
        this.turn = null;
        turn.end(ending);
      }
    }
  }

  /**
   * The outcome. The time-out runs only while the request is at the endpoint, not while it waits for its turn.
   *
   * @param gone - aborted when the caller is gone: if no other waits, nothing is sent from then on
   * @throws {TokenEndpointUnavailable} `timeout`: only the waiting has ended, not the exchange
   */
  wait(timeoutMs: number, gone?: AbortSignal): Promise<FlightOutcome> {
    const { clock } = this.parts;
    const leave = this.join(gone);
    const joinedAt = clock.monotonic();
    let cancel = (): void => undefined;
    let ignore = (): void => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const look = (): void => {
        if (!this.isSent) return;
        const left = Math.max(this.startedAt, joinedAt) + timeoutMs - clock.monotonic();
        cancel();
        if (left > 0) cancel = clock.after(left, look);
        else reject(timedOut(timeoutMs));
      };
      ignore = this.sendings.add(look);
      look();
    });
    return Promise.race([this.outcome, late]).finally(() => {
      cancel();
      ignore();
      leave();
    });
  }

  /** Counts a caller in. @returns what counts him out again */
  private join(gone: AbortSignal | undefined): () => void {
    this.waiting++;
    this.isAbandoned = false;
    let isHere = true;
    const leave = (): void => {
      gone?.removeEventListener('abort', lose);
      if (isHere) this.waiting--;
      isHere = false;
    };
    const lose = (): void => {
      leave();
      if (this.waiting > 0) return;
      this.isAbandoned = true;
      this.turn?.leave(new NobodyWaits());
    };
    if (gone?.aborted === true) lose();
    else gone?.addEventListener('abort', lose);
    return leave;
  }
}

/** The error for a caller that stops waiting for the answer. */
export const timedOut = (ms: number): TokenEndpointUnavailable =>
  new TokenEndpointUnavailable('network', 'timeout', english('no answer in {span}', { span: wait(ms) }));

function endingOf(error: unknown): ExchangeEnding {
  if (!(error instanceof TokenEndpointUnavailable))
    return { kind: error instanceof RefreshError ? 'answer' : 'nothing' };
  if (error.asksForPause) return { kind: 'pause', askedMs: error.retryAfterMs };
  return { kind: error.status === null ? 'nothing' : 'answer' };
}
