/**
 * A month in the life of a pool, on an injected clock: real store, real refresher and schedule, a simulated Google over
 * HTTP, and faults of every kind. Says at the end who should serve and who does.
 */
import pino from 'pino';
import { AccountChanges } from '../../src/proxy/grants/account-changes.js';
import { Brake } from '../../src/proxy/oauth/brake.js';
import { OAuthClients } from '../../src/proxy/oauth/clients.js';
import { GrantEvidence } from '../../src/proxy/grants/evidence.js';
import { Google } from '../../src/proxy/oauth/google.js';
import { beforeEnd, placeOf } from '../../src/proxy/background/places.js';
import { Journal } from '../../src/proxy/grants/journal.js';
import { Holders } from '../../src/proxy/grants/holders.js';
import { Refresher } from '../../src/proxy/grants/refresh.js';
import { Schedule } from '../../src/proxy/background/schedule.js';
import { Pool } from '../../src/proxy/pool/pool.js';
import { AccountFiles } from '../../src/store/files/account-files.js';
import { FileExchanges } from '../../src/store/files/file-exchanges.js';
import { EventLog } from '../../src/store/records/event-log.js';
import { defaultSettings } from '../../src/store/settings/schema.js';
import { StateFile } from '../../src/store/state/state-file.js';
import { setClock } from './clock.js';
import { withDirectory } from './directory.js';
import {
  adminPolicy,
  badGateway,
  clientSecretWrong,
  googleSettings,
  invalidGrant,
  tokenRateLimited,
  withGoogle,
  type GoogleAnswer,
} from './google.js';
import { fractions } from './random.js';

export interface MonthOptions {
  readonly days: number;
  readonly accounts: number;
  /** How many of them serve requests all the time. */
  readonly active: number;
  readonly seed: number;
}

export interface MonthResult {
  /** Accounts that Google honours and that are out, or the other way round, or out with the wrong cause. */
  readonly wrong: readonly string[];
  readonly dead: number;
  /** Good refreshes. */
  readonly refreshes: number;
  /** The fewest refreshes that the schedule's own rules need. */
  readonly least: number;
  /** The most exchanges in one minute, over the whole month. */
  readonly busiestMinute: number;
}

const MINUTE_MS = 60_000;
/** Long enough for another exchange to be let through. */
const BRAKE_MS = 250;
const DAY_MINUTES = 1_440;
const LIFE = 3_599;

/** What can happen to a grant, with the state and cause that follow. */
const fates: readonly (readonly [share: number, reply: GoogleAnswer, state: string, cause: string])[] = [
  [0.04, invalidGrant(), 'disabled', 'revoked'],
  [0.02, invalidGrant('reauth related error (invalid_rapt)', 'invalid_rapt'), 'disabled', 'reauth_required'],
  [0.02, invalidGrant('Account has been deleted'), 'disabled', 'account_deleted'],
  [0.02, adminPolicy(), 'refused', 'admin_policy'],
];

/** Trouble that passes: none of it may cost an account. */
const troubles: readonly GoogleAnswer[] = [badGateway(), tokenRateLimited(20), 'reset', clientSecretWrong()];

export async function month({ days, accounts, active, seed }: MonthOptions): Promise<MonthResult> {
  const random = fractions(seed);
  const clock = setClock(Date.UTC(2026, 10, 1));
  return withGoogle(
    async (google) =>
      withDirectory(async (dir) => {
        const ids = Array.from({ length: accounts }, (_, index) => `a${String(index).padStart(4, '0')}`);
        const tokenOf = (id: string): string => `1//0token-of-account-${id}`;
        for (const id of ids) {
          google.grant(tokenOf(id), { email: `${id}@example.com`, expiresIn: LIFE });
          await dir.put({ id, email: `${id}@example.com`, refreshToken: tokenOf(id), now: clock.now() });
        }
        const oauth = { ...defaultSettings.oauth, ...googleSettings(google).oauth };
        const store = await AccountFiles.open(dir.at('accounts'), clock);
        const state = StateFile.open(dir.at('.'), clock);
        const events = EventLog.open(dir.at('.'));
        const journal = new Journal(pino({ level: 'silent' }), events, clock);
        let answers = 0;
        let refreshes = 0;
        events.onEvent(({ kind }) => {
          answers++;
          if (kind === 'refreshed') refreshes++;
        });
        const clients = new OAuthClients(oauth, clock, { prove: () => Promise.resolve(), save: () => undefined });
        const endpoints = new Google(oauth, clock, () => null);
        const brake = new Brake(clock, oauth.exchangesPerSecond);
        const holders = new Holders(store);
        const changes = new AccountChanges(store);
        const evidence = new GrantEvidence(store, state, clients, clock, changes);
        const parts = {
          store,
          holders,
          state,
          exchanges: new FileExchanges(store, state),
          google: endpoints,
          clients,
          evidence,
          changes,
          brake,
          journal,
          clock,
          oauth,
          random,
        };
        const refresher = new Refresher(parts);
        const pool = new Pool({ ...parts, refresher });
        const schedule = new Schedule({ ...parts, refresher, pool });
        let ahead = 0;
        const settle = async (): Promise<void> => {
          // what has just fallen due is sent a few turns later
          await new Promise(setImmediate);
          while (!refresher.exchanges.isIdle) {
            const landed = refresher.exchanges.settled().then(() => true);
            const waits = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 5));
            if (await Promise.race([landed, waits])) break;
            // what the brake holds back needs time to pass
            clock.advance(BRAKE_MS);
            ahead += BRAKE_MS;
          }
          await store.flush();
        };

        const expected = new Map<string, string>();
        let busiestMinute = 0;
        let least = 0;
        const minutesOf = (id: string): number =>
          (LIFE * 1_000 + beforeEnd(placeOf(id), LIFE * 1_000, oauth.refreshAheadSeconds * 1_000)) / MINUTE_MS;
        for (let minute = 0; minute < days * DAY_MINUTES; minute++) {
          for (const id of ids.slice(0, active)) {
            const member = pool.get(id);
            if (member?.standing.serves === true) member.lastUsed = clock.now();
          }
          // the last two days are quiet, so that the daily look finds what happened before
          if (minute < (days - 2) * DAY_MINUTES) fault(minute);
          const alive = ids.filter((id) => !expected.has(id)).length;
          const serving = ids.slice(0, active).filter((id) => !expected.has(id));
          for (const id of serving) least += 1 / minutesOf(id);
          least += (alive - serving.length) / DAY_MINUTES;
          const before = answers;
          clock.advance(Math.max(0, MINUTE_MS - ahead));
          ahead = Math.max(0, ahead - MINUTE_MS);
          await settle();
          // accounts that waited for one of these to end are due in the same minute
          for (let seen = before; seen !== answers;) {
            seen = answers;
            clock.advance(0);
            await settle();
          }
          busiestMinute = Math.max(busiestMinute, answers - before);
        }
        schedule.stop();
        await settle();
        await state.flush();

        /** Now and then a grant dies for good, or the token endpoint has a bad minute. */
        function fault(minute: number): void {
          for (const [share, reply, becomes, cause] of fates) {
            if (random() >= (share * accounts) / ((days - 2) * DAY_MINUTES)) continue;
            const id = ids[Math.floor(random() * ids.length)] ?? '';
            if (expected.has(id)) continue;
            expected.set(id, `${becomes} ${cause}`);
            google.script(tokenOf(id), reply, Infinity);
          }
          const trouble = troubles[Math.floor(random() * troubles.length)];
          if (minute % 97 === 0 && trouble !== undefined) google.script('*', trouble, 1);
        }

        const wrong = ids
          .map((id) => {
            const standing = pool.get(id)?.standing;
            const is = standing?.serves === true ? 'serves' : `${standing?.state ?? 'gone'} ${standing?.cause ?? ''}`;
            const should = expected.get(id) ?? 'serves';
            return is === should ? null : `${id}: is ${is}, should be ${should}`;
          })
          .filter((line) => line !== null);
        return { wrong, dead: expected.size, refreshes, least: Math.round(least), busiestMinute };
      }),
    { clock, keepCalls: 100 },
  );
}
