import type { Account } from '../../store/accounts/account.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import type { RefusedRecord } from '../../store/state/state-store.js';
import { causes, isCause, type Cause } from '../contract/causes.js';
import type { ClientRefusal } from '../oauth/clients.js';
import { RefreshRefused, TokenEndpointUnavailable } from '../oauth/errors.js';
import type { GrantTrouble } from '../grants/outcomes.js';
import type { AccountState } from '../contract/snapshot.js';

/** Everything besides its file that decides whether an account may serve. */
export interface Circumstances {
  /** Whether its OAuth client is configured. */
  readonly clientConfigured: boolean;
  readonly clientName: string;
  readonly clientRefusal: ClientRefusal | null;
  readonly trouble: GrantTrouble | null;
  /** How long the trouble's pause still lasts, ms; zero or less: it is over. */
  readonly pauseLeftMs: number;
  /** Life left in its access token, ms; zero or less: it has ended. */
  readonly accessLeftMs: number;
  /** Google's refusal of this very refresh token; null: it never refused it. */
  readonly refused: RefusedRecord | null;
}

/** Where an account stands: derived from its file and circumstances each time, never stored. */
export interface Standing {
  readonly state: AccountState;
  /** May be picked for a request. */
  readonly serves: boolean;
  readonly cause: Cause | null;
  /** Why it is out or limited, in plain words; empty where nothing is wrong. */
  readonly reason: string;
  /** Since when it is out, ms since 1970. */
  readonly since: number | null;
  /** When this may change by the mere passing of time, ms since 1970. */
  readonly until: number | null;
  /** It serves only with its last access token, until this time; ms since 1970. */
  readonly borrowedUntil: number | null;
}

const ms = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);

const out = (
  state: AccountState,
  reason: string,
  more: Partial<Pick<Standing, 'cause' | 'since' | 'until'>> = {},
): Standing => ({
  state,
  serves: false,
  cause: null,
  reason,
  since: null,
  until: null,
  borrowedUntil: null,
  ...more,
});

/** Why an account's file keeps it out, whatever its other circumstances are. */
export interface KeptOut {
  readonly by: 'disabled' | 'forbidden' | 'proxy_disabled' | 'validation_blocked';
  /** Plain words; the file's own where it has any. */
  readonly reason: string;
  /** ms since 1970. */
  readonly since: number | null;
  /** When it ends by itself, ms since 1970. */
  readonly until: number | null;
}

/**
 * Why an account's file keeps it out at `now` (ms since 1970); of several reasons the most important; null: it does
 * not.
 */
export function keptOutByFile(account: Account, now: number): KeptOut | null {
  const { disabled, proxyDisabled, validationBlocked } = account;
  if (disabled !== null) {
    return { by: 'disabled', reason: disabled.reason, since: ms(disabled.at), until: null };
  }
  const forbidden = forbiddenWords(account);
  if (forbidden !== null) return { by: 'forbidden', reason: forbidden, since: null, until: null };
  if (proxyDisabled !== null) {
    const { reason, at } = proxyDisabled;
    return { by: 'proxy_disabled', reason: reason === '' ? 'by hand' : reason, since: ms(at), until: null };
  }
  if (validationBlocked !== null && validationBlocked.until * 1000 > now) {
    const { reason, until } = validationBlocked;
    const words = reason === '' ? 'Google asks a human to verify the account' : reason;
    return { by: 'validation_blocked', reason: words, since: null, until: until * 1000 };
  }
  return null;
}

/** Whether the only thing in its file that keeps an account out is that Google forbids it the service. */
export const isOnlyForbidden = (account: Account, now: number): boolean =>
  keptOutByFile(account, now)?.by === 'forbidden' && keptOutByFile({ ...account, quota: null }, now) === null;

const stateOf: Readonly<Record<KeptOut['by'], AccountState>> = {
  disabled: 'disabled',
  forbidden: 'blocked',
  proxy_disabled: 'proxy_disabled',
  validation_blocked: 'blocked',
};

const causeOfFile: Readonly<Record<Exclude<KeptOut['by'], 'disabled'>, Cause | null>> = {
  forbidden: 'forbidden',
  proxy_disabled: null,
  validation_blocked: 'validation',
};

/**
 * Where an account stands at `now` (ms since 1970). Of several reasons the first that is checked is the one that is
 * told.
 */
export function standingOf(stored: StoredAccount, around: Circumstances, now: number): Standing {
  const { account } = stored;
  if (stored.unreadable !== null || account === null) return unreadableStanding(stored, around, now);
  const kept = keptOutByFile(account, now);
  if (kept === null) return grantStanding(around, now);
  const { by, reason, since, until } = kept;
  return out(stateOf[by], reason, { since, until, cause: by === 'disabled' ? causeOf(around) : causeOfFile[by] });
}

const LONGEST_WORDS = 200;

/**
 * The file's words for an account that Google forbids the service (another program may store a whole answer); null: it
 * does not.
 */
function forbiddenWords({ quota }: Pick<Account, 'quota'>): string | null {
  if (quota?.isForbidden !== true) return null;
  const words = (quota.forbiddenReason ?? '').replace(/\s+/g, ' ').trim();
  return `forbidden: ${words === '' ? 'Google forbids this account the service' : words.slice(0, LONGEST_WORDS)}`;
}

/**
 * The standing of an account whose file is unreadable: it serves by the last good copy while that copy's access token
 * lives, unless the copy kept it out already.
 */
function unreadableStanding({ account, unreadable }: StoredAccount, around: Circumstances, now: number): Standing {
  const reason = unreadable ?? 'unreadable';
  if (account === null || around.accessLeftMs <= 0) return out('unreadable', reason);
  const kept = keptOutByFile(account, now);
  const ends = now + around.accessLeftMs;
  return { ...out('unreadable', reason, { until: kept === null ? ends : kept.until }), serves: kept === null };
}

function causeOf({ refused }: Circumstances): Cause {
  const known = refused?.cause ?? '';
  return isCause(known) ? known : 'revoked';
}

function grantStanding(around: Circumstances, now: number): Standing {
  const { trouble, clientRefusal } = around;
  const alive = around.accessLeftMs > 0;
  const expires = now + around.accessLeftMs;
  if (!around.clientConfigured) {
    return out('no_client', `OAuth client "${around.clientName}" is not configured`, { cause: 'client_missing' });
  }
  if (clientRefusal !== null) {
    const { error, at } = clientRefusal;
    return out('no_client', `${error.message}: OAuth client "${around.clientName}"`, { cause: error.cause, since: at });
  }
  if (trouble?.error instanceof RefreshRefused) {
    return out('refused', trouble.error.message, { cause: trouble.error.cause, since: trouble.since });
  }
  if (around.refused !== null) {
    const borrowed = 'borrowed time: Google has refused its refresh token';
    return { ...ready(borrowed), until: expires, borrowedUntil: expires };
  }
  if (trouble?.error instanceof TokenEndpointUnavailable) return passing(trouble.error, around, now);
  return trouble !== null && alive ? { ...READY, until: expires } : READY;
}

/** The standing after a refresh failed for a reason that passes, and none has succeeded since. */
function passing(error: TokenEndpointUnavailable, around: Circumstances, now: number): Standing {
  const { pauseLeftMs, accessLeftMs, trouble } = around;
  const { cause } = error;
  if (accessLeftMs > 0) return { ...ready(''), cause, until: now + accessLeftMs };
  const reason = error.isOfBoxes ? error.words : `${error.message}: ${causes[cause].short}`;
  const until = pauseLeftMs > 0 ? now + pauseLeftMs : null;
  return { ...out('cooling', reason, { cause, since: trouble?.since ?? null, until }), serves: pauseLeftMs <= 0 };
}

const ready = (reason: string): Standing => ({ ...out('ready', reason), serves: true });
/** Most accounts stand so: they share it. */
const READY = Object.freeze(ready(''));
