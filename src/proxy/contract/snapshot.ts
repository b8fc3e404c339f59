/**
 * What a screen knows of the supervisor: plain JSON, so that the same panes can run in this process or at the other end
 * of the control socket. No token, key or secret is ever in it.
 */
import type { Language } from '../../store/words/tongue.js';
import type { Cause } from './causes.js';
import type { RankedCause } from './causes.js';

/** An account's state in one word, as in `accounts --json`. The words that screens show are in `panes/text/text.ts`. */
export type AccountState =
  'ready' | 'cooling' | 'disabled' | 'proxy_disabled' | 'refused' | 'blocked' | 'no_client' | 'unreadable';

export { tokenName } from '../../store/ground/fingerprint.js';

/** How a token is named to people: never by its text. */
export interface TokenName {
  /** Characters. */
  readonly length: number;
  /** First 8 hex digits of its SHA-256. */
  readonly sha256: string;
}

export interface AccountRow {
  /** The file's name without `.json`; for an unreadable file too. */
  readonly id: string;
  /** The file's name inside `accounts/`. */
  readonly file: string;
  /** Empty where the file was unreadable from the start. */
  readonly email: string;
  readonly name: string;
  /** Its name in the settings, shown beside the e-mail; empty: none. */
  readonly label: string;
  readonly state: AccountState;
  /** Why it is out, as a code of `causes`; null where it serves or the reason is not known. */
  readonly cause: Cause | null;
  /** What may have ended its grant, the likeliest first; empty unless the account is disabled. */
  readonly causes: readonly RankedCause[];
  /**
   * Why it is out or limited, in plain words (the stored reason for `disabled` and `proxy_disabled`). Empty where
   * nothing is wrong.
   */
  readonly reason: string;
  /** Since when it is out, ms since 1970. */
  readonly since: number | null;
  /**
   * Whether it counts as serving: it can be asked now, or so soon that a request is held for it (also by the last good
   * copy of an unreadable file).
   */
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
  /** What is cooling: the quota project or the model. Empty where nothing is. */
  readonly coolingWhat: string;
  /** Lowest remaining quota of its models, 0 to 100. */
  readonly quotaPercent: number | null;
  /** Limits that several models share; empty where they are not known. */
  readonly quotaLimits: readonly QuotaLimit[];
  /**
   * Google has refused its grant already, and it serves only until its last access token ends, at this time; ms since
   * 1970.
   */
  readonly borrowedUntil: number | null;
  /** When the grant itself will end, ms since 1970, where Google said so. */
  readonly grantEndsAt: number | null;
  /** Why a change is not on disk yet; null: all are. */
  readonly notSaved: string | null;
  /** What would be lost of the account if the program ended now, in words that follow "lost is". */
  readonly unsaved: readonly string[];
  /** Whether a refresh is under way. */
  readonly refreshing: boolean;
  /**
   * Set while the account waits after failures, or for a human to verify it: when the next try is due, ms since 1970,
   * and what failed.
   */
  readonly retryAt: number | null;
  readonly trouble: string | null;
  /** Name of the OAuth client it refreshes with. */
  readonly client: string;
  /** Whether the file names the client; otherwise the default one is assumed. */
  readonly clientKnown: boolean;
  readonly projectId: string | null;
  readonly refreshToken: TokenName | null;
  readonly proxyDisabled: boolean;
  readonly protectedModels: readonly string[];
  readonly validationUrl: string | null;
  /** First seen or created, ms since 1970. */
  readonly createdAt: number | null;
}

/** One limit of a group of models. */
export interface QuotaLimit {
  /** Google's name for the group. */
  readonly group: string;
  /** `weekly`, `5h`. */
  readonly window: string;
  /** How much is left, 0 to 100. */
  readonly percentage: number;
  /** ms since 1970; null: not said. */
  readonly resetAt: number | null;
}

/** A problem of the whole program that is shown above the panes until it is mended. */
export interface Banner {
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'error';
  /** One line: what, why, and what to do now. */
  readonly text: string;
}

/** The latest death of a grant for which nothing has been done yet. */
export interface Alarm {
  /** ms since 1970. */
  readonly at: number;
  readonly accountId: string;
  readonly email: string;
  /** What happened, one line. */
  readonly text: string;
  /** How many grants died within the same minute, this one included. */
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

/** How many accounts these are. */
export const accountsIn = (counts: Counts): number =>
  Object.values<number>({ ...counts }).reduce((sum, count) => sum + count, 0);

/** With so many rows a screen begins where there are very many: more than any shows at once. */
export const FIRST_ROWS = 200;

export interface Traffic {
  readonly requests: number;
  readonly errors: number;
  readonly inFlight: number;
  /** How many of the requests in flight wait for an account. */
  readonly waiting: number;
  /** Requests that ended in each of the last seconds, oldest first, at most 60; without the current second. */
  readonly perSecond: readonly number[];
  readonly errorsPerSecond: readonly number[];
}

/** The progress of the tests that the operator asked for. */
export interface Testing {
  /** When the first of them was asked for, ms since 1970. */
  readonly since: number;
  readonly done: number;
  readonly of: number;
  /** How many of the finished tests Google, or the OAuth client's owner, refused. */
  readonly refused: number;
  /** How many of the finished tests got no answer, or one without meaning. */
  readonly unanswered: number;
}

/** The progress of an act on many accounts. */
export interface Acting {
  readonly what: 'off' | 'on' | 'clear' | 'remove' | 'bring_back';
  /** To how many it was done, and to how many it could not be. */
  readonly done: number;
  readonly failed: number;
  readonly of: number;
  /** When it began, ms since 1970. */
  readonly since: number;
}

/** A model that no account serves now. */
export interface UnservedModel {
  /** Empty: none was named. */
  readonly model: string;
  /** When the first account may serve it again, ms since 1970; null: not known. */
  readonly next: number | null;
}

/** A machine of the pool. Times in ms since 1970, by the database's clock. */
export interface BoxRow {
  readonly name: string;
  /** Where its proxy listens. */
  readonly address: string;
  readonly version: string;
  readonly startedAt: number;
  readonly seenAt: number;
  /** Not seen for ten seconds, without having said that it stops. */
  readonly isGone: boolean;
  /** How far its clock is ahead of the database's, ms; null: not known yet. */
  readonly skewMs: number | null;
  /** Tokens that it has sent and not told yet what came back. */
  readonly openLeases: number;
  /** Rotated tokens that it has and the database does not. */
  readonly spooled: number;
}

/** The machines that share the pool, as last seen. */
export interface PoolBoxes {
  /** Name of the one that tells this. */
  readonly own: string;
  /** By name. */
  readonly all: readonly BoxRow[];
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
  /** Models that were asked for within the last hour and that no account serves. */
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
    readonly language: 'auto' | Language;
    readonly flash: boolean;
    readonly bell: boolean;
    /** Wheel and clicks act. */
    readonly mouse: boolean;
  };
  /** A line for the alarm row, set by the program that started this supervisor (the demo names the token to paste). */
  readonly hint: string | null;
  readonly draining: boolean;
  /** When somebody last used a screen, ms since 1970; null: never. */
  readonly lastLooked: number | null;
  /** Tests that the operator asked for (`t`, `T`), while they run; null: none. */
  readonly testing: Testing | null;
  /** An act on many accounts that is under way; null: none. */
  readonly acting: Acting | null;
  /** The machines that share the pool; null: it is of this one alone. */
  readonly boxes: PoolBoxes | null;
}
