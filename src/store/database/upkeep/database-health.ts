import * as v from 'valibot';
import type { Clock } from '../../ground/clock.js';
import { ClockOffset } from '../presence/clock-offset.js';
import type { Database } from '../database.js';
import { Listening } from '../listening.js';

/** What is worth knowing of a database before boxes rely on it. */
export interface DatabaseHealth {
  /** As the server says it: `18.4`. */
  readonly version: string;
  /** How long a statement takes there and back, ms. */
  readonly roundTripMs: number;
  /** Whether notifications come through; else other boxes' changes are polled for. */
  readonly notifies: boolean;
  /** How far this machine's clock is ahead of the database's, ms. */
  readonly clockAheadMs: number;
  /** Whether a commit waits for the disk, here and at a standby. */
  readonly waitsForDisk: boolean;
  readonly hasSynchronousStandby: boolean;
}

const Now = v.object({ now: v.number() });
const About = v.object({ version: v.string(), fsync: v.string(), synchronous: v.string(), standbys: v.string() });

const SAMPLES = 5;

/** Looks at a database that is up. @throws {DatabaseAway} @throws {StatementFailed} */
export async function databaseHealth(database: Database, clock: Clock): Promise<DatabaseHealth> {
  const [about] = await database.rows(
    About,
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as synchronous, current_setting('synchronous_standby_names') as standbys`,
  );
  const offset = new ClockOffset(clock);
  let roundTripMs = Infinity;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const begun = clock.monotonic();
    await offset.measured(() => database.rows(Now, 'select clock_timestamp() as now'));
    roundTripMs = Math.min(roundTripMs, clock.monotonic() - begun);
  }
  const listening = new Listening(database, clock);
  await listening.start();
  listening.stop();
  return {
    version: (about?.version ?? '').split(' ')[0] ?? '',
    ...{ roundTripMs, clockAheadMs: offset.ms, notifies: listening.pollingOnly === false },
    waitsForDisk: about?.fsync === 'on' && about.synchronous !== 'off',
    hasSynchronousStandby: about?.standbys !== '' && about?.synchronous !== 'local',
  };
}
