import { read, reason, saying } from '../../store/words/saying.js';
import { took } from '../../proxy/contract/durations.js';
import { databaseHealth, type DatabaseHealth } from '../../store/database/upkeep/database-health.js';
import { openPool } from '../../store/database/open-pool.js';
import type { Clock } from '../../store/ground/clock.js';
import { RegrantError } from '../../store/ground/errors.js';
import type { DatabaseSettings } from '../../store/settings/database-section.js';
import type { Finding } from '../finding.js';
import { withDatabase } from '../pool/database-given.js';

export interface DatabaseFinding extends Finding {
  /** Why nothing else could be looked at. */
  readonly fault?: Error;
}

/** Clocks that are further apart make times wrong that people compare. */
const CLOCK_OFF_MS = 5000;

/** Reach, round trip, notifications, clock and safety of the database. */
export async function databaseFindings(settings: DatabaseSettings, clock: Clock): Promise<readonly DatabaseFinding[]> {
  try {
    return await withDatabase(settings, clock, openPool, async ({ database }) =>
      findingsOf(await databaseHealth(database, clock), database.hostName ?? '', settings.schema),
    );
  } catch (error) {
    if (!(error instanceof RegrantError)) throw error;
    return [{ mark: 'bad', what: saying('database ¦ finding'), text: reason(error), fault: error }];
  }
}

function findingsOf(health: DatabaseHealth, host: string, schema: string): readonly DatabaseFinding[] {
  const offMs = Math.round(health.clockAheadMs);
  const off = read(took(Math.max(1, Math.abs(offMs))));
  const isOff = Math.abs(offMs) > CLOCK_OFF_MS;
  return [
    {
      mark: 'ok',
      what: saying('database ¦ finding'),
      text: saying('{host}, PostgreSQL {version}; the pool in the schema {schema} opens with this key', {
        ...{ host, version: health.version, schema },
      }),
    },
    { mark: 'ok', what: saying('round trip'), text: read(took(health.roundTripMs)) },
    health.notifies
      ? { mark: 'ok', what: 'NOTIFY', text: saying('comes through') }
      : {
          mark: 'warn',
          what: 'NOTIFY',
          text: saying(
            "does not come through (a pooler in transaction mode?): other boxes' changes are seen after a second; connect to PostgreSQL itself, or pool by session",
          ),
        },
    isOff
      ? {
          mark: 'warn',
          what: saying('clock'),
          text:
            offMs > 0
              ? saying('{span} ahead of the database; set it by NTP here and there', { span: off })
              : saying('{span} behind the database; set it by NTP here and there', { span: off }),
        }
      : { mark: 'ok', what: saying('clock'), text: saying('within {span} of the database', { span: off }) },
    ...safetyOf(health),
  ];
}

/** Whether what was answered survives. */
function safetyOf(health: DatabaseHealth): readonly DatabaseFinding[] {
  return [
    health.waitsForDisk
      ? { mark: 'ok', what: saying('durability'), text: saying('a commit is on the disk') }
      : {
          mark: 'bad',
          what: saying('durability'),
          text: saying(
            'a commit is not on the disk when it is answered: set fsync and synchronous_commit to on, or a rotated token can be lost',
          ),
        },
    health.hasSynchronousStandby
      ? { mark: 'ok', what: saying('standby'), text: saying('a synchronous one is named') }
      : {
          mark: 'warn',
          what: saying('standby'),
          text: saying(
            'none is synchronous: a failover may lose the last writes, which boxes then write back as far as they know them; name one in synchronous_standby_names',
          ),
        },
  ];
}
