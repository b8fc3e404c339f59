import type { Counts, Health } from '../contract/snapshot.js';
import type { Pool } from '../pool/pool.js';

/** How well the pool serves, as in `/healthz` and `status --json`. */
export interface HealthReport {
  readonly status: Health;
  readonly version: string;
  readonly accounts: Counts;
  /** Accounts whose newest credential or flag is in memory only. */
  readonly unsaved: number;
  /** Another process has the data directory: nothing is written or refreshed here. */
  readonly lock?: 'lost';
  /**
   * Models that were asked for within the last hour and that no account serves; `next`: when the first may again, unix
   * seconds.
   */
  readonly noneServes: readonly { readonly model: string; readonly next: number | null }[];
}

export function healthReport(
  pool: Pick<Pool, 'health' | 'counts' | 'unsaved' | 'mayWrite'>,
  version: string,
): HealthReport {
  const { status, noneServes } = pool.health();
  const inSeconds = noneServes.map(({ model, next }) => ({
    model,
    next: next === null ? null : Math.ceil(next / 1000),
  }));
  const lock = pool.mayWrite ? {} : { lock: 'lost' as const };
  return { status, version, accounts: pool.counts(), unsaved: pool.unsaved, noneServes: inSeconds, ...lock };
}
