import type { Account } from '../../store/accounts/account.js';
import type { Clock } from '../../store/ground/clock.js';
import type { AccessRecord } from '../../store/records/log.js';
import type { Journal } from '../grants/journal.js';
import type { Report } from './verified-token.js';

/** An account that has come back and not served yet. */
interface Awaited {
  readonly account: Account;
  /** When it came back, ms since 1970. */
  readonly since: number;
  readonly report: Report;
}

/** Watches for the first request that an account serves after it has come back, and reports it: it is the proof. */
export class FirstRequests {
  /** The accounts that came back, by e-mail in lower case. */
  private readonly awaited = new Map<string, Awaited>();

  constructor(
    private readonly journal: Pick<Journal, 'event'>,
    private readonly clock: Clock,
  ) {}

  isAwaited(email: string): boolean {
    return this.awaited.has(email.toLowerCase());
  }

  /** @param since - when it came back, ms since 1970 */
  await(account: Account, report: Report, since = this.clock.now()): void {
    this.awaited.set(account.email.toLowerCase(), { account, since, report });
  }

  /** When each of them came back, by account id. */
  all(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.awaited.values()].map(({ account, since }) => [account.id, since]));
  }

  /** A request ended: if it went well and its account has just come back, an event says so. */
  served(record: AccessRecord): void {
    if (this.awaited.size === 0 || record.account === null || record.status >= 400 || record.status === 0) return;
    const key = record.account.toLowerCase();
    const awaited = this.awaited.get(key);
    if (awaited === undefined) return;
    this.awaited.delete(key);
    const after = (this.clock.now() - awaited.since) / 1000;
    awaited.report('served', 'done', `${record.status} ${record.model ?? record.path}`);
    this.journal.event('served', awaited.account, {
      text: `first request since its recovery: ${record.status} ${record.model ?? record.path} (request ${record.id})`,
      detail: `${after.toFixed(1)} s after it was saved`,
    });
  }
}
