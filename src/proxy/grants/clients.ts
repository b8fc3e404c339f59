import type { Account } from '../../store/account.js';
import type { Clock } from '../../store/clock.js';
import type { Settings } from '../../store/settings.js';
import type { ClientRefused } from './errors.js';
import type { OAuthClient } from './google.js';

/** An OAuth client that the token endpoint refused: all of its accounts pause, and one of them probes now and then. */
export interface ClientRefusal {
  readonly error: ClientRefused;
  /** ms since 1970. */
  readonly at: number;
  /** When the next probe may be sent, `Clock.monotonic` in ms. */
  readonly retryAt: number;
  readonly count: number;
}

const FIRST_PROBE_MS = 60_000;
const LONGEST_PROBE_MS = 3_600_000;

const pauseMs = (count: number): number => Math.min(FIRST_PROBE_MS * 2 ** Math.min(count - 1, 30), LONGEST_PROBE_MS);

/** The operator's OAuth clients, and which of them Google refuses at present. */
export class OAuthClients {
  private readonly refusals = new Map<string, ClientRefusal>();

  constructor(
    private readonly oauth: Settings['oauth'],
    private readonly clock: Clock,
  ) {}

  /** Those with an id, the default one first. */
  configured(): readonly OAuthClient[] {
    const names = Object.keys(this.oauth.clients).filter((name) => name !== this.oauth.defaultClient);
    return [this.oauth.defaultClient, ...names].map((name) => this.get(name)).filter((client) => client !== null);
  }

  get defaultName(): string {
    return this.oauth.defaultClient;
  }

  get(name: string): OAuthClient | null {
    const client = this.oauth.clients[name];
    return client === undefined || client.id === '' ? null : { name, id: client.id, secret: client.secret };
  }

  /** The client that an account refreshes with; null where its key, or the default, names none that is configured. */
  of(account: Account): OAuthClient | null {
    return this.get(this.nameOf(account));
  }

  nameOf(account: Account): string {
    return account.clientKey ?? this.oauth.defaultClient;
  }

  refusal(name: string): ClientRefusal | null {
    return this.refusals.get(name) ?? null;
  }

  /**
   * Whether this caller may ask a refused client again; the next probe's time moves on at once, so that only one account
   * sends it. True for a client that is not refused.
   */
  mayAsk(name: string): boolean {
    const refusal = this.refusals.get(name);
    if (refusal === undefined) return true;
    const now = this.clock.monotonic();
    if (now < refusal.retryAt) return false;
    this.refusals.set(name, { ...refusal, retryAt: now + pauseMs(refusal.count) });
    return true;
  }

  refuse(error: ClientRefused): void {
    const before = this.refusals.get(error.client);
    const count = (before?.count ?? 0) + 1;
    this.refusals.set(error.client, {
      error,
      at: before?.at ?? this.clock.now(),
      retryAt: this.clock.monotonic() + pauseMs(count),
      count,
    });
  }

  /** Google took the client; true where it had refused it before. */
  accept(name: string): boolean {
    return this.refusals.delete(name);
  }

  /** Every client that is refused now. */
  refused(): readonly ClientRefusal[] {
    return [...this.refusals.values()];
  }
}
