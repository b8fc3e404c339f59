import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import type { Clock } from '../../store/ground/clock.js';
import { grantKey } from '../../store/ground/fingerprint.js';
import type { Settings } from '../../store/settings/settings.js';
import type { StateStore } from '../../store/state/state-store.js';
import type { Pool } from '../pool/pool.js';
import type { OAuthClients } from '../oauth/clients.js';
import { RefreshError } from '../oauth/errors.js';
import type { AccountChanges } from '../grants/account-changes.js';
import type { Refresher } from '../grants/refresh.js';
import { aheadSeconds } from '../oauth/token-answer.js';
import { byTurns } from '../reports/by-turns.js';
import { Agenda } from './agenda.js';
import { beforeEnd, dueOfDay, placeOf } from './places.js';
import { byItself } from '../../store/ground/faults.js';

export interface ScheduleParts {
  readonly store: Pick<AccountStore, 'list' | 'get'>;
  readonly state: Pick<StateStore, 'grant' | 'refused' | 'elsewhere'>;
  readonly refresher: Pick<Refresher, 'refresh' | 'trouble'>;
  readonly changes: Pick<AccountChanges, 'on'>;
  readonly pool: Pick<Pool, 'get'>;
  readonly clients: Pick<OAuthClients, 'of' | 'refusal'>;
  readonly clock: Clock;
  readonly oauth: Settings['oauth'];
}

/**
 * The first refresh waits so long: the caller that starts the schedule may have requests to serve, and those come
 * first.
 */
const FIRST_AFTER_MS = 1_000;

/** The schedule refreshes no account more often than this, whatever lives its tokens claim. */
const LEAST_GAP_MS = 60_000;

/** The life of Google's access tokens, for files that do not say it. */
const USUAL_LIFE_MS = 3_600_000;

const lifeMs = (expiresIn: number | null): number => (expiresIn === null ? USUAL_LIFE_MS : expiresIn * 1000);

/** How many background refreshes may be under way at a time. */
const AT_ONCE = 3;

/**
 * Refreshes in the background: accounts that served with the access token they hold are refreshed ahead of its expiry,
 * all others once a day, so that a dead grant is found before a request needs it. Each account has a place of its own
 * in time, the same after every start, so that they never come all at once; how fast overdue refreshes follow each
 * other is decided by the brake of the token endpoint.
 */
export class Schedule {
  private readonly agenda: Agenda;
  /** Accounts whose refresh is under way: they are planned again when it has ended. */
  private readonly underWay = new Set<string>();
  private stopped = false;
  /** Whether all accounts have been looked at since the start. */
  private isPlanned = false;
  private readonly unsubscribe: () => void;

  constructor(private readonly parts: ScheduleParts) {
    const { store, changes, clock } = parts;
    const beginsAt = clock.monotonic() + FIRST_AFTER_MS;
    this.agenda = new Agenda({
      clock,
      begin: (id) => byItself(`the refresh of ${this.parts.store.get(id)?.account?.email ?? id}`, this.refresh(id)),
      roomAt: () => (this.underWay.size < AT_ONCE ? beginsAt : Infinity),
    });
    this.unsubscribe = changes.on('schedule', (ids) => this.replan(ids));
    // none begins before all are planned: what is overdue comes in the order of its places
    byTurns(
      store.list(),
      ({ id }) => this.plan(id, Number.NEGATIVE_INFINITY),
      () => {
        this.isPlanned = true;
        this.agenda.arm();
      },
    );
  }

  stop(): void {
    this.stopped = true;
    this.agenda.stop();
    this.unsubscribe();
  }

  private replan(ids: readonly string[]): void {
    if (this.stopped) return;
    for (const id of ids) this.plan(id, this.parts.clock.monotonic());
    if (this.isPlanned) this.agenda.arm();
  }

  private plan(id: string, earliest: number): void {
    const stored = this.parts.store.get(id);
    const account = stored?.unreadable === null ? stored.account : null;
    const place = placeOf(id);
    const wanted = account === null ? null : this.wantedAt(account, place);
    if (account === null || wanted === null || this.underWay.has(id)) this.agenda.plan(id, Infinity);
    else this.agenda.plan(id, Math.max(this.looksAt(account, place, wanted), earliest));
  }

  /** When an account should be refreshed next, on the monotonic clock, perhaps in the past; null: not by the schedule. */
  private wantedAt(account: Account, place: number): number | null {
    const { clock, clients, pool, state, refresher } = this.parts;
    const client = clients.of(account);
    if (account.disabled !== null || client === null) return null;
    const key = grantKey(account);
    const deadline = pool.get(account.id)?.accessDeadline ?? 0;
    // a token that Google refused is not sent; when the access token that is still good ends, the account is disabled
    // again
    if (state.refused(key) !== undefined) return deadline;
    const trouble = refresher.trouble(account);
    if (trouble !== null) return trouble.retryAt;
    const refusal = clients.refusal(client.name);
    if (refusal !== null) return refusal.retryAt;
    if (this.hasServed(account)) return this.aheadOfExpiry(account, place);
    const grant = state.grant(key);
    const due = clock.monotonic() + dueOfDay(place, (grant?.lastOk ?? 0) * 1000, clock.now()) - clock.now();
    if (grant !== undefined || state.elsewhere === null) return due;
    // another box may have got its access token just now: what it knows of the grant comes a moment later
    return Math.max(due, deadline - lifeMs(account.expiresIn) + LEAST_GAP_MS);
  }

  /**
   * When to look at an account next: also ahead of its token's expiry, since it may have served by then, which is not
   * reported here.
   */
  private looksAt(account: Account, place: number, wanted: number): number {
    const ahead = this.aheadOfExpiry(account, place);
    return ahead > this.parts.clock.monotonic() ? Math.min(wanted, ahead) : wanted;
  }

  /** Whether the account answered a request with the access token that it holds now. */
  private hasServed({ id, expiresIn }: Account): boolean {
    const { pool, clock } = this.parts;
    const member = pool.get(id);
    if (member === undefined || member.lastUsed === null) return false;
    const ageMs = lifeMs(expiresIn) - (member.accessDeadline - clock.monotonic());
    return clock.now() - member.lastUsed <= ageMs;
  }

  /** When the account's access token is to be renewed if it serves, on the monotonic clock. */
  private aheadOfExpiry({ id, expiresIn }: Account, place: number): number {
    const deadline = this.parts.pool.get(id)?.accessDeadline ?? 0;
    const aheadMs = aheadSeconds(this.parts.oauth.refreshAheadSeconds, expiresIn) * 1000;
    return deadline + beforeEnd(place, lifeMs(expiresIn), aheadMs);
  }

  private async refresh(id: string): Promise<void> {
    this.underWay.add(id);
    try {
      if (this.isStillDue(id)) await this.parts.refresher.refresh(id, 'schedule');
    } catch (error) {
      // the refresher has reported the failure already; the pause that it set decides when to try again
      if (!(error instanceof RefreshError)) throw error;
    } finally {
      this.underWay.delete(id);
      if (!this.stopped) {
        this.plan(id, this.parts.clock.monotonic() + LEAST_GAP_MS);
        this.agenda.arm();
      }
    }
  }

  /**
   * Whether the refresh is still due: since it was planned, a request may have refreshed the account or served with it.
   */
  private isStillDue(id: string): boolean {
    const account = this.parts.store.get(id)?.account ?? null;
    const wanted = account === null ? null : this.wantedAt(account, placeOf(id));
    return wanted !== null && wanted <= this.parts.clock.monotonic();
  }
}
