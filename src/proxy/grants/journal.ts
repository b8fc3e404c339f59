import type { Account } from '../../store/account.js';
import type { Clock } from '../../store/clock.js';
import type { EventLog, GrantEventKind } from '../../store/events.js';
import type { Logger } from '../../store/log.js';
import type { Cause } from './causes.js';

interface EventParts {
  readonly cause?: Cause | null;
  readonly tookMs?: number | null;
  readonly nextAt?: number | null;
  readonly text: string;
  readonly detail?: string;
}

/** Tells what happened to grants: the log line and the refresh event, in the same words everywhere. */
export class Journal {
  constructor(
    private readonly logger: Logger,
    private readonly events: EventLog,
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
