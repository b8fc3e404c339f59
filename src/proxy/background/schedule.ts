import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import type { Clock } from '../../store/ground/clock.js';
import { grantKey } from '../../store/ground/fingerprint.js';
import type { Settings } from '../../store/settings/settings.js';
import type { StateStore } from '../../store/records/state-store.js';
import { Deadlines } from '../rests/deadlines.js';
import type { Pool } from '../pool/pool.js';
import type { OAuthClients } from '../oauth/clients.js';
import { RefreshError } from '../oauth/errors.js';
import type { Refresher } from '../grants/refresh.js';
import { aheadSeconds } from '../oauth/token-answer.js';

export interface ScheduleParts {
  readonly store: Pick<AccountStore, 'list' | 'get' | 'onChange'>;
  readonly state: Pick<StateStore, 'grant' | 'refused'>;
  readonly refresher: Pick<Refresher, 'refresh' | 'trouble' | 'onTrouble'>;
  readonly pool: Pick<Pool, 'get'>;
  readonly clients: Pick<OAuthClients, 'of' | 'refusal'>;
  readonly clock: Clock;
  readonly oauth: Settings['oauth'];
  /** 0 to 1. */
  readonly random: () => number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** After a start, what is due at once is spread over this long for each account, up to ten minutes in all. */
const SPREAD_EACH_MS = 250;
const LONGEST_SPREAD_MS = 600_000;
const LOOK_AT_LEAST_EVERY_MS = 60_000;
/** Refreshes of the background under way at a time. */
const AT_ONCE = 4;

/**
 * Refreshes in the background: accounts that served within the last hour ahead of their token's expiry, all others once
 * a day, so that a dead grant is found before a request needs it. Never all at once.
 *
 * One timer, for what is due first; an account's older entries are skipped when they come up.
 */
export class Schedule {
  /** Accounts by when they are due, on the monotonic clock: a wall clock that is set sets off nothing. */
  private readonly deadlines = new Deadlines<string>();
  /** Account → the time its one valid entry is due at. */
  private readonly dueAt = new Map<string, number>();
  private cancel: () => void = () => undefined;
  /** Accounts whose refresh is under way: they are planned anew when it has ended. */
  private readonly underWay = new Set<string>();
  private stopped = false;
  private readonly unsubscribe: (() => void)[];

  constructor(private readonly parts: ScheduleParts) {
    const { store, refresher, clock } = parts;
    const spread = Math.min(store.list().length * SPREAD_EACH_MS, LONGEST_SPREAD_MS);
    for (const { id } of store.list()) this.plan(id, clock.monotonic() + parts.random() * spread);
    this.unsubscribe = [store.onChange((ids) => this.replan(ids)), refresher.onTrouble((ids) => this.replan(ids))];
    this.arm();
  }

  stop(): void {
    this.stopped = true;
    this.cancel();
    for (const unsubscribe of this.unsubscribe) unsubscribe();
  }

  private replan(ids: readonly string[]): void {
    if (this.stopped) return;
    for (const id of ids) this.plan(id, this.parts.clock.monotonic());
    this.arm();
  }

  private plan(id: string, earliest: number): void {
    const stored = this.parts.store.get(id);
    const account = stored?.unreadable === null ? stored.account : null;
    const wanted = account === null ? null : this.wantedAt(account);
    if (account === null || wanted === null || this.underWay.has(id)) {
      this.dueAt.delete(id);
      return;
    }
    // whole ms, or a timer could fire a rounding error too early, again and again
    const at = Math.ceil(Math.max(this.looksAt(account, wanted), earliest));
    if (this.dueAt.get(id) === at) return;
    this.dueAt.set(id, at);
    this.deadlines.add(at, id);
  }

  /** When an account should be refreshed next, on the monotonic clock, perhaps in the past; null: not by the schedule. */
  private wantedAt(account: Account): number | null {
    const { clock, clients, pool, state, refresher } = this.parts;
    const client = clients.of(account);
    if (account.disabled !== null || client === null) return null;
    const key = grantKey(account);
    const deadline = pool.get(account.id)?.accessDeadline ?? 0;
    // borrowed time: nothing is sent, but at its end the account is disabled again
    if (state.refused(key) !== undefined) return deadline;
    const trouble = refresher.trouble(account);
    if (trouble !== null) return trouble.retryAt;
    const refusal = clients.refusal(client.name);
    if (refusal !== null) return refusal.retryAt;
    const served = pool.get(account.id)?.lastUsed ?? null;
    if (served !== null && clock.now() - served < HOUR_MS) {
      return this.aheadOfExpiry(account);
    }
    const lastOk = state.grant(key)?.lastOk ?? 0;
    const untilDaily = Math.min(lastOk * 1000 + DAY_MS - clock.now(), DAY_MS);
    return clock.monotonic() + untilDaily;
  }

  /** When to look at it next: ahead of its token's expiry too, since it may have served by then and nobody says so here. */
  private looksAt(account: Account, wanted: number): number {
    const ahead = this.aheadOfExpiry(account);
    return ahead > this.parts.clock.monotonic() ? Math.min(wanted, ahead) : wanted;
  }

  /** When its access token is to be renewed where it serves, on the monotonic clock. */
  private aheadOfExpiry({ id, expiresIn }: Account): number {
    const deadline = this.parts.pool.get(id)?.accessDeadline ?? 0;
    return deadline - aheadSeconds(this.parts.oauth.refreshAheadSeconds, expiresIn) * 1000;
  }

  private arm(): void {
    this.cancel();
    if (this.deadlines.size === 0 || this.stopped || this.underWay.size >= AT_ONCE) return;
    const delay = Math.max(0, this.deadlines.first - this.parts.clock.monotonic());
    // timers stand still while the machine sleeps
    this.cancel = this.parts.clock.after(Math.min(delay, LOOK_AT_LEAST_EVERY_MS), () => this.work());
  }

  private work(): void {
    const now = this.parts.clock.monotonic();
    while (this.underWay.size < AT_ONCE) {
      const due = this.deadlines.take(now);
      if (due === null) break;
      if (this.dueAt.get(due.item) === due.at) void this.refresh(due.item);
    }
    this.arm();
  }

  private async refresh(id: string): Promise<void> {
    this.dueAt.delete(id);
    this.underWay.add(id);
    try {
      if (this.isStillDue(id)) await this.parts.refresher.refresh(id, 'schedule');
    } catch (error) {
      // told by the refresher already; the pause it set decides when to come back
      if (!(error instanceof RefreshError)) throw error;
    } finally {
      this.underWay.delete(id);
      if (!this.stopped) {
        this.plan(id, this.parts.clock.monotonic() + 1_000);
        this.arm();
      }
    }
  }

  /** A request may have refreshed it, or served with it, since the entry was made. */
  private isStillDue(id: string): boolean {
    const account = this.parts.store.get(id)?.account ?? null;
    const wanted = account === null ? null : this.wantedAt(account);
    return wanted !== null && wanted <= this.parts.clock.monotonic();
  }
}
