import type { Clock } from '../../store/ground/clock.js';
import { within } from '../../store/ground/within.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { RefreshError } from '../oauth/errors.js';
import { RefreshBudget } from '../oauth/refresh-budget.js';
import type { Refresher } from './refresh.js';

/** What `AccessTokens` needs to know of the account that a request was given. */
export interface TokenHolder {
  readonly id: string;
  readonly accessToken: string;
  /** When the access token ends: `Clock.monotonic`, ms. */
  readonly accessDeadline: number;
}

/** The account has no access token for this request. `reason` is a short label for logs and metrics. */
export class NoAccessToken extends Error {
  readonly code = 'NO_ACCESS_TOKEN';

  constructor(
    readonly reason: string,
    /**
     * Set if the refresh is only slow: its token may still come, and is worth waiting for where no other account can
     * serve.
     */
    readonly late: Promise<string> | null = null,
  ) {
    super(reason);
  }
}

/** The upstream refuses a token that was made a moment ago: another refresh would not help. */
export class FreshTokenRefused extends NoAccessToken {
  constructor() {
    super('refused with a fresh token');
  }
}

/** How long a request waits for a refresh while another account could serve at once. */
export const HEDGE_MS = 500;

/**
 * If the upstream refuses a token this soon after it was made, the token is not at fault: another refresh would not
 * help.
 */
const FLOOR_MS = 10_000;

/** Gives access tokens to requests, refreshed where needed; never waits out a pause, nor longer than necessary. */
export class AccessTokens {
  /** Account id → when a refresh was last forced for it, monotonic ms. */
  private readonly forced = new Map<string, number>();
  /** Account id → the access token that the upstream refused last: it counts as expired, whatever its deadline says. */
  private readonly rejected = new Map<string, string>();

  constructor(
    private readonly refresher: Refresher,
    private readonly store: AccountStore,
    private readonly clock: Clock,
  ) {}

  /**
   * A token that is good now: at once where the held one is, else after one refresh that all callers share.
   *
   * @param othersReady - whether another account could serve at once, so that a slow refresh is not waited for
   * @param budget - what the refreshes of this request may cost in all
   * @throws {NoAccessToken} through the promise
   */
  forRequest(
    holder: TokenHolder,
    othersReady: () => boolean,
    budget: RefreshBudget = new RefreshBudget(),
  ): string | Promise<string> {
    if (this.isGood(holder)) return holder.accessToken;
    const leftMs = budget.begin(this.clock.monotonic());
    return this.inTime(this.refreshed(holder.id, othersReady, budget), othersReady, leftMs);
  }

  /** A request finds nobody who could serve it: whoever waits for the network is tried soon. */
  nobodyServes(): void {
    this.refresher.nobodyServes();
  }

  /** Whether one more refresh may be done for this request. */
  mayRefresh(budget: RefreshBudget): boolean {
    return !budget.isSpent(this.clock.monotonic());
  }

  /** Whether the held access token is good now: it has not expired, and the upstream has not refused it. */
  isGood({ id, accessToken, accessDeadline }: TokenHolder): boolean {
    if (accessToken === '' || this.rejected.get(id) === accessToken) return false;
    return accessDeadline - this.clock.monotonic() > LEAST_LIFE_MS;
  }

  /**
   * A token to try again with after the upstream answered 401 to `rejected`: the account's newer token if it has one by
   * now, else one from a forced refresh.
   *
   * @param othersReady - whether another account could serve at once, so that a slow refresh is not waited for
   * @throws {FreshTokenRefused} `rejected` was made by a forced refresh a moment ago
   * @throws {NoAccessToken}
   */
  async afterUnauthorized(holder: TokenHolder, rejected: string, othersReady: () => boolean): Promise<string> {
    const held = this.store.get(holder.id)?.account?.accessToken ?? '';
    if (held !== '' && held !== rejected) return held;
    const last = this.forced.get(holder.id);
    const now = this.clock.monotonic();
    if (last !== undefined && now - last < FLOOR_MS) throw new FreshTokenRefused();
    this.rejected.set(holder.id, rejected);
    const budget = new RefreshBudget();
    const leftMs = budget.begin(now);
    const forced = this.refreshed(holder.id, othersReady, budget).then((token) => {
      this.forced.set(holder.id, this.clock.monotonic());
      this.rejected.delete(holder.id);
      return token;
    });
    return this.inTime(forced, othersReady, leftMs);
  }

  private inTime(token: Promise<string>, othersReady: () => boolean, leftMs: number): Promise<string> {
    const waitMs = othersReady() ? Math.min(HEDGE_MS, leftMs) : leftMs;
    return within(token, waitMs, this.clock, () => {
      throw new NoAccessToken('refresh is slow', waitMs === HEDGE_MS ? token : null);
    });
  }

  private async refreshed(id: string, othersReady: () => boolean, budget: RefreshBudget): Promise<string> {
    try {
      const account = await this.refresher.refresh(
        id,
        othersReady() ? 'request' : 'last resort',
        undefined,
        (exchanges) => budget.failed(exchanges),
      );
      return account.accessToken;
    } catch (error) {
      if (error instanceof RefreshError) throw new NoAccessToken(`refresh failed: ${error.serverCode}`);
      throw error;
    }
  }
}

/** An access token with less life left than this counts as expired, because the request has to travel first. */
export const LEAST_LIFE_MS = 5000;
