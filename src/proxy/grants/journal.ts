import type { Account } from '../../store/accounts/account.js';
import type { Clock } from '../../store/ground/clock.js';
import { Listeners } from '../../store/ground/listeners.js';
import type { Events } from '../../store/records/events.js';
import type { GrantEventKind } from '../../store/records/grant-event.js';
import type { Logger } from '../../store/records/log.js';
import type { Cause } from '../contract/causes.js';

interface EventParts {
  readonly cause?: Cause | null;
  readonly tookMs?: number | null;
  readonly nextAt?: number | null;
  readonly text: string;
  readonly detail?: string;
}

/**
 * `out`: from Google's verdict until the account is out of the pool and that is on disk · `back`: from a verified token
 * until it is on disk and the account is in the pool.
 */
export type GrantMoment = 'out' | 'back';

/** Tells what happened to grants, as a log line and as a refresh event, in the same words everywhere. */
export class Journal {
  private readonly moments = new Listeners<[moment: GrantMoment, ms: number]>();

  constructor(
    private readonly logger: Logger,
    private readonly events: Pick<Events, 'add'>,
    private readonly clock: Clock,
  ) {}

  event(kind: GrantEventKind, account: Pick<Account, 'id' | 'email'>, parts: EventParts): void {
    this.events.add({
      at: this.clock.now(),
      kind,
      accountId: account.id,
      email: account.email,
      cause: parts.cause ?? null,
      tookMs: parts.tookMs === undefined || parts.tookMs === null ? null : Math.round(parts.tookMs),
      nextAt: parts.nextAt ?? null,
      text: parts.text,
      detail: parts.detail ?? '',
    });
  }

  /** Calls `listener` when an account has left the pool or come back, with how long that took. */
  onMoment(listener: (moment: GrantMoment, ms: number) => void): void {
    this.moments.add(listener);
  }

  moment(moment: GrantMoment, ms: number): void {
    this.moments.tell(moment, ms);
  }

  refreshFailed(email: string, cause: string, next: 'trying next account' | ''): void {
    this.logger.error({ account: email }, `Token refresh failed (${email}): ${cause}${next === '' ? '' : `, ${next}`}`);
  }

  disabling(email: string): void {
    this.logger.error(
      { account: email },
      `Disabling account due to invalid_grant (${email}): refresh_token likely revoked/expired`,
    );
  }

  reEnabled(email: string, why: string): void {
    this.logger.info({ account: email }, `Account re-enabled (${email}): ${why}`);
  }

  note(email: string, text: string): void {
    this.logger.info({ account: email }, text);
  }

  warn(email: string, text: string): void {
    this.logger.warn({ account: email }, text);
  }
}
