import { openPool } from '../../store/database/open-pool.js';
import type { Clock } from '../../store/ground/clock.js';
import type { DatabaseSettings } from '../../store/settings/database-section.js';
import { sumLines } from '../../store/shared/usage/usage-rows.js';
import type { UsageSums } from '../../store/usage/usage-sums.js';
import { withDatabase } from '../pool/database-given.js';

/**
 * Adds up what all boxes of the pool have written of these days, both included.
 *
 * @throws {CannotRun} the database cannot be used within the time
 */
export const sumOfAllBoxes = (
  settings: DatabaseSettings,
  clock: Clock,
  [since, until]: readonly [since: string, until: string],
  sums: UsageSums,
): Promise<void> =>
  withDatabase(settings, clock, openPool, ({ database }) =>
    sumLines(database, { since, until, except: new Set() }, '', sums),
  );
