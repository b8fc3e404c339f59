/**
 * What a screen knows of the supervisor: plain JSON, so that the same panes can run in this process or at the other end
 * of the control socket. No token, key or secret is ever in it.
 */
import type { Cause } from './causes.js';
import type { RankedCause } from './causes.js';

/** One word an account, as in `accounts --json`. The screen's words for them are in `panes/text/text.ts`. */
export type AccountState =
  'ready' | 'cooling' | 'disabled' | 'proxy_disabled' | 'refused' | 'blocked' | 'no_client' | 'unreadable';

export { tokenName } from '../../store/ground/fingerprint.js';

/** How a token is named where people see it: never by its bytes. */
export interface TokenName {
  /** Characters. */
  readonly length: number;
  /** First 8 hex digits of its SHA-256. */
  readonly sha256: string;
}

export interface AccountRow {
  /** The file's stem; for an unreadable file too. */
  readonly id: string;
  /** File name inside `accounts/`. */
  readonly file: string;
  /** Empty where an unreadable file never told one. */
  readonly email: string;
  readonly name: string;
  readonly state: AccountState;
  /** Why it is out, as a code of the closed vocabulary; null where it serves or nobody knows. */
  readonly cause: Cause | null;
  /** What may have ended its grant, the likeliest first; empty unless the account is disabled. */
  readonly causes: readonly RankedCause[];
  /** Why it is out or limited, in plain words (the stored reason for `disabled` and `proxy_disabled`). Empty where all is well. */
  readonly reason: string;
  /** Since when it is out, ms since 1970. */
  readonly since: number | null;
  /** Counts as serving: it is asked now, or soon enough that a request waits for it (the last good copy of an unreadable file too). */
  readonly serves: boolean;
  /** When the access token ends, ms since 1970; null: none known. */
  readonly accessExpiresAt: number | null;
  readonly requests: number;
  readonly errors: number;
  readonly inFlight: number;
  /** ms since 1970. */
  readonly lastUsed: number | null;
  /** End of the longest cool-down, ms since 1970. */
  readonly coolingUntil: number | null;
  /** What cools: the quota project or the model. Empty where nothing does. */
  readonly coolingWhat: string;
  /** Lowest remaining quota of its models, 0 to 100. */
  readonly quotaPercent: number | null;
  /** Refused by Google already; serves only until this access token ends. ms since 1970. */
  readonly borrowedUntil: number | null;
  /** When the grant itself will end, ms since 1970, where Google said so. */
  readonly grantEndsAt: number | null;
  /** A change that is not on disk yet, with the reason. */
  readonly notSaved: string | null;
  /** What of it would be lost if the program ended now, in words that follow "lost is". */
  readonly unsaved: readonly string[];
  /** A refresh is under way. */
  readonly refreshing: boolean;
  /** Set while the account waits, after failures or for a human to verify it: when the next try is due, ms since 1970, and after what failure. */
  readonly retryAt: number | null;
  readonly trouble: string | null;
  /** Name of the OAuth client it refreshes with. */
  readonly client: string;
  /** The file names the client; otherwise the default one is assumed. */
  readonly clientKnown: boolean;
  readonly projectId: string | null;
  readonly refreshToken: TokenName | null;
  readonly proxyDisabled: boolean;
  readonly protectedModels: readonly string[];
  readonly validationUrl: string | null;
  /** First seen or created, ms since 1970. */
  readonly createdAt: number | null;
}

/** Out of the whole, what has to be said above the panes until it is mended. */
export interface Banner {
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'error';
  /** One line: what, why, what now. */
  readonly text: string;
}

/** The latest death of a grant that nobody has mended yet. */
export interface Alarm {
  /** ms since 1970. */
  readonly at: number;
  readonly accountId: string;
  readonly email: string;
  /** What happened, one line. */
  readonly text: string;
  /** How many accounts died within the same minute, this one included. */
  readonly count: number;
}

export type Health = 'ok' | 'degraded' | 'down';

export interface Counts {
  readonly ready: number;
  readonly cooling: number;
  readonly disabled: number;
  readonly proxy_disabled: number;
  readonly refused: number;
  readonly blocked: number;
  readonly no_client: number;
  readonly unreadable: number;
}

export interface Traffic {
  readonly requests: number;
  readonly errors: number;
  readonly inFlight: number;
  /** Of those in flight, how many wait for somebody to serve them. */
  readonly waiting: number;
  /** Requests ended in each of the last seconds, oldest first, at most 60; the running second is left out. */
  readonly perSecond: readonly number[];
  readonly errorsPerSecond: readonly number[];
}

/** How far the tests are that the operator asked for. */
export interface Testing {
  readonly done: number;
  readonly of: number;
  /** Of those done: Google, or the OAuth client's owner, said no. */
  readonly refused: number;
  /** Of those done: nobody could be asked, or the answer meant nothing. */
  readonly unanswered: number;
}

/** A model that nobody serves now. */
export interface UnservedModel {
  /** Empty: none was named. */
  readonly model: string;
  /** When the first may serve it again, ms since 1970; null: nobody knows. */
  readonly next: number | null;
}

export interface Snapshot {
  /** ms since 1970, the supervisor's clock. */
  readonly now: number;
  readonly version: string;
  readonly pid: number;
  /** `host:port` of the proxy. */
  readonly address: string;
  readonly keyRequired: boolean;
  /** ms since 1970. */
  readonly upSince: number;
  readonly health: Health;
  readonly counts: Counts;
  /** Models that were asked for within the hour and that nobody serves. */
  readonly noneServes: readonly UnservedModel[];
  /** Accounts whose newest credential or flag is in memory only. */
  readonly unsaved: number;
  readonly accounts: readonly AccountRow[];
  readonly traffic: Traffic;
  readonly alarm: Alarm | null;
  readonly banners: readonly Banner[];
  /** Names of the configured OAuth clients with their ids (public by OAuth's rules), the default one first. */
  readonly clients: readonly { readonly name: string; readonly id: string; readonly hasSecret: boolean }[];
  readonly dataDir: string;
  readonly ui: {
    readonly theme: 'auto' | 'dark' | 'light';
    readonly glyphs: 'auto' | 'unicode' | 'ascii';
    readonly flash: boolean;
    readonly bell: boolean;
  };
  /** A line for the alarm row from whoever started this supervisor (the demo names the token to paste). */
  readonly hint: string | null;
  readonly draining: boolean;
  /** When somebody last worked a screen, ms since 1970; null: never. */
  readonly lastLooked: number | null;
  /** Refreshes that the operator asked for (`t`, `T`), while they run. */
  readonly testing: Testing | null;
}
