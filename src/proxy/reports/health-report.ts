import type { HealthReport } from '../contract/supervisor.js';
import type { Pool } from '../pool/pool.js';

/** How well the pool serves now. */
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
