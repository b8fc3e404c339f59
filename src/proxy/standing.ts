import type { Account } from '../store/account.js';
import type { StoredAccount } from '../store/accounts.js';
import type { Refused } from '../store/state.js';
import { causes, isCause, type Cause } from './grants/causes.js';
import type { ClientRefusal } from './grants/clients.js';
import { RefreshRefused, TokenEndpointUnavailable } from './grants/errors.js';
import type { GrantTrouble } from './grants/outcomes.js';
import type { AccountState } from './snapshot.js';

/** Everything that decides whether an account may serve, beside its file. */
export interface Circumstances {
  /** Its OAuth client is configured. */
  readonly clientConfigured: boolean;
  readonly clientName: string;
  readonly clientRefusal: ClientRefusal | null;
  readonly trouble: GrantTrouble | null;
  /** How long the trouble's pause still lasts, ms; zero or less: it is over. */
  readonly pauseLeftMs: number;
  /** Life left in its access token, ms; zero or less: it has ended. */
  readonly accessLeftMs: number;
  /** Google refused this very refresh token before. */
  readonly refused: Refused | null;
}

/** Where an account stands: derived from its file and circumstances each time, never stored. */
export interface Standing {
  readonly state: AccountState;
  /** May be picked for a request. */
  readonly serves: boolean;
  readonly cause: Cause | null;
  /** Why it is out or limited, in plain words; empty where all is well. */
  readonly reason: string;
  /** Since when it is out, ms since 1970. */
  readonly since: number | null;
  /** When this may change by the mere passing of time, ms since 1970. */
  readonly until: number | null;
  /** Serves on an access token that is its last, until then; ms since 1970. */
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

/** Where an account stands at `now` (ms since 1970). The order of the checks is the order in which the reasons are told. */
export function standingOf(stored: StoredAccount, around: Circumstances, now: number): Standing {
  const { account } = stored;
  if (stored.unreadable !== null || account === null) return unreadableStanding(stored, around, now);
  if (account.disabled !== null) return disabledStanding(account, around);
  const forbidden = forbiddenWords(account);
  if (forbidden !== null) return out('blocked', forbidden);
  if (account.proxyDisabled !== null) {
    const { reason, at } = account.proxyDisabled;
    return out('proxy_disabled', reason === '' ? 'by hand' : reason, { since: ms(at) });
  }
  const blocked = account.validationBlocked;
  if (blocked !== null && blocked.until * 1000 > now) {
    const reason = blocked.reason === '' ? 'Google asks a human to verify the account' : blocked.reason;
    return out('blocked', reason, { until: blocked.until * 1000 });
  }
  return grantStanding(around, now);
}

const LONGEST_WORDS = 200;

/** What the file says of an account that Google forbids the service (another program may store a whole answer); null: nothing. */
export function forbiddenWords({ quota }: Pick<Account, 'quota'>): string | null {
  if (quota?.isForbidden !== true) return null;
  const words = (quota.forbiddenReason ?? '').replace(/\s+/g, ' ').trim();
  return `forbidden: ${words === '' ? 'Google forbids this account the service' : words.slice(0, LONGEST_WORDS)}`;
}

function unreadableStanding({ account, unreadable }: StoredAccount, around: Circumstances, now: number): Standing {
  const reason = unreadable ?? 'unreadable';
  const alive = account?.disabled === null && account.proxyDisabled === null && around.accessLeftMs > 0;
  return { ...out('unreadable', reason, { until: alive ? now + around.accessLeftMs : null }), serves: alive };
}

function disabledStanding(account: Account, around: Circumstances): Standing {
  const known = around.refused?.cause ?? '';
  return out('disabled', account.disabled?.reason ?? '', {
    cause: isCause(known) ? known : 'revoked',
    since: ms(account.disabled?.at ?? null),
  });
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
  if (trouble?.error instanceof TokenEndpointUnavailable && !alive && around.pauseLeftMs > 0) {
    const reason = `${trouble.error.message}: ${causes[trouble.error.cause].short}`;
    return {
      ...out('cooling', reason, { cause: trouble.error.cause, since: trouble.since }),
      until: now + around.pauseLeftMs,
    };
  }
  return { ...ready(''), until: trouble !== null && alive ? expires : null };
}

const ready = (reason: string): Standing => ({ ...out('ready', reason), serves: true });
