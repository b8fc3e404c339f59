import type { AccountStore } from '../../store/accounts/account-store.js';
import { knownBy } from '../../store/accounts/stored-account.js';
import type { InstanceLock } from '../../store/disk/lock.js';
import type { Log } from '../../store/records/log.js';
import type { Sharing } from '../../store/shared/sharing.js';
import { causes } from '../contract/causes.js';
import { changedRows } from '../contract/changed-rows.js';
import type { OAuthClients } from '../oauth/clients.js';
import type { Google } from '../oauth/google.js';
import type { AccountRow, Alarm, Banner } from '../contract/snapshot.js';
import { wait } from '../contract/durations.js';
import { sharingBanners } from './sharing.js';

export interface BannerParts {
  readonly store: AccountStore;
  /** How many accounts are not saved. */
  readonly unsaved: number;
  readonly clients: OAuthClients;
  /** Why the pool was not reloaded until somebody asks for it; null: it was. */
  readonly reloadHeld: string | null;
  readonly log: Log;
  readonly lock: Pick<InstanceLock, 'cannotLock' | 'lost'>;
  readonly google: Google;
  /** What a restart waits for; null: none is under way. */
  readonly restarting: string | null;
  /** Why the present settings.json is not in effect; null: it is. */
  readonly settingsTrouble: string | null;
  /** Why the client keys that are saved now are not in effect, as a sentence; null: they are. */
  readonly keysTrouble: string | null;
  readonly rows: readonly AccountRow[];
  /** undefined: the accounts are of this machine alone. */
  readonly sharing: Sharing | undefined;
}

/** Problems that concern more than one account, each shown until it is mended. */
export function bannersOf(parts: BannerParts): readonly Banner[] {
  const { store, clients, reloadHeld, log, lock, google, rows, settingsTrouble } = parts;
  const banners: Banner[] = [...lockBanners(lock), ...restartBanners(parts)];
  if (parts.sharing !== undefined) banners.push(...sharingBanners(parts.sharing));
  if (settingsTrouble !== null) banners.push(settingsWrong(settingsTrouble));
  if (parts.keysTrouble !== null) banners.push({ code: 'keys_wrong', severity: 'error', text: parts.keysTrouble });
  if (clients.configured().length === 0) {
    banners.push({
      code: 'no_client',
      severity: 'error',
      text: `no OAuth client is configured: press O and give its id and secret`,
    });
  }
  for (const { error } of clients.refused()) {
    banners.push({
      code: 'client_refused',
      severity: 'error',
      text: `Google refuses the OAuth client "${error.client}" (${error.serverCode}): ${causes[error.cause].next}`,
    });
  }
  const together = deathsTogether(rows);
  if (together !== null) banners.push({ code: 'many_deaths', severity: 'error', text: together });
  const clock = clockFault(google.clockAheadMs);
  if (clock !== null) banners.push({ code: 'clock', severity: 'warning', text: clock });
  if (reloadHeld !== null) banners.push({ code: 'reload_held', severity: 'error', text: reloadHeld });
  const unsaved = parts.unsaved === 0 ? [] : store.list().filter((stored) => stored.unsaved.length > 0);
  if (unsaved[0]?.notSaved !== undefined && unsaved[0].notSaved !== null) {
    banners.push({
      code: 'not_saved',
      severity: 'error',
      text: `${unsaved.length} account${unsaved.length === 1 ? '' : 's'} not saved (${knownBy(unsaved[0])}: ${unsaved[0].notSaved}); the writes are tried again`,
    });
  }
  if (log.trouble !== null) {
    banners.push({ code: 'log', severity: 'warning', text: `the log file cannot be written: ${log.trouble}` });
  }
  return banners;
}

function lockBanners({ lost, cannotLock }: BannerParts['lock']): readonly Banner[] {
  if (lost !== null) {
    return [
      { code: 'lock_lost', severity: 'error', text: `${lost.message} and refreshes nothing: end one of the two` },
    ];
  }
  if (cannotLock === null) return [];
  const text = `${cannotLock}: no second machine may run on this data directory`;
  return [{ code: 'no_lock', severity: 'warning', text }];
}

const restartBanners = ({ restarting }: BannerParts): readonly Banner[] =>
  restarting === null ? [] : [{ code: 'restarting', severity: 'info', text: restarting }];

const settingsWrong = (trouble: string): Banner => ({
  code: 'settings_wrong',
  severity: 'error',
  text: `the settings stay as they were: ${trouble}`,
});

/** What is found among the dead of a list of rows, looked for when one of them has changed: each second many screens ask. */
function onceForDead<T>(find: (rows: readonly AccountRow[]) => T): (rows: readonly AccountRow[]) => T {
  let latest: { readonly rows: readonly AccountRow[]; readonly found: T } | null = null;
  return (rows) => {
    const changes = latest === null ? null : changedRows(latest.rows, rows);
    const isSame = changes?.every(({ before, after }) => before.state !== 'disabled' && after.state !== 'disabled');
    latest = { rows, found: latest === null || isSame !== true ? find(rows) : latest.found };
    return latest.found;
  };
}

/** Grants that die within this time are told as one, and are likely to have the same cause. */
const TOGETHER_MS = 60_000;
const MANY = 5;

/** The grant that died last (null: every grant lives), and all that died together with it. */
const latestDeaths = onceForDead((rows): { readonly latest: AccountRow | null; readonly together: AccountRow[] } => {
  const dead = rows.filter(({ state }) => state === 'disabled');
  const latest = dead.reduce<AccountRow | null>(
    (last, row) => (last === null || (row.since ?? 0) >= (last.since ?? 0) ? row : last),
    null,
  );
  const at = latest?.since ?? 0;
  return { latest, together: dead.filter(({ since }) => at - (since ?? 0) <= TOGETHER_MS) };
});

/** What the latest deaths have in common, where there are many at once; null: there are not many. */
function deathsTogether(rows: readonly AccountRow[]): string | null {
  const { latest, together } = latestDeaths(rows);
  // where it is not known when the last one died it is known of none
  if (together.length < MANY || latest?.since === null) return null;
  const [first] = together;
  const cause = together.every((row) => row.cause === first?.cause) ? first?.cause : null;
  const client = together.every((row) => row.client === first?.client) ? first?.client : null;
  const shared = [
    cause === null || cause === undefined ? '' : `likeliest for all: ${causes[cause].short}`,
    client === null || client === undefined ? '' : `all of OAuth client "${client}"`,
  ].filter(Boolean);
  const why = shared.length === 0 ? 'nothing that they share is known' : shared.join('; ');
  return `${together.length} accounts died within a minute: ${why}; T asks Google about all once more`;
}

const MOST_SKEW_MS = 60_000;

/** The warning where this machine's clock differs from Google's; null: it does not, or that is not known. */
export function clockFault(aheadMs: number | null): string | null {
  if (aheadMs === null || Math.abs(aheadMs) <= MOST_SKEW_MS) return null;
  return `this machine's clock is ${wait(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} Google's: times shown here are off by as much; set it (NTP)`;
}

/** The latest death of a grant for which nothing has been done yet; null: every grant lives. */
export function alarmOf(rows: readonly AccountRow[]): Alarm | null {
  const { latest, together } = latestDeaths(rows);
  if (latest === null) return null;
  return {
    at: latest.since ?? 0,
    accountId: latest.id,
    email: latest.email,
    text: 'invalid_grant, Google says the refresh token is dead',
    count: together.length,
  };
}
