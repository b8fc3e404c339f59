import type { Health } from '../contract/snapshot.js';

/** What is told to somebody outside. */
export type NoticeEvent =
  | 'account_disabled'
  | 'account_recovered'
  | 'none_serves'
  | 'client_refused'
  | 'grant_ending'
  | 'blocked'
  | 'cooling_long'
  | 'pool_low'
  | 'not_saved'
  | 'key_limit'
  | 'key_ending'
  | 'settings_wrong'
  | 'box_gone'
  | 'database_cut'
  | 'test';

/** A notice as it is delivered. Nothing secret is in it; e-mails are. */
export interface Notice {
  readonly event: NoticeEvent;
  /** ms since 1970. */
  readonly at: number;
  /** E-mail of the account that the notice is about; null: it is about none. */
  readonly account: string | null;
  /** Name of the OAuth client that the notice is about; null: it is about none. */
  readonly client: string | null;
  /** A code of `proxy/contract/causes`; null: there is none. */
  readonly cause: string | null;
  /** One line: what and why. */
  readonly text: string;
}

/** Something that is not as it should be; one notice is sent for as long as it lasts. */
export interface Condition extends Omit<Notice, 'at'> {
  /** Identifies the condition; a new one of the same kind has another key. */
  readonly key: string;
}

/** The state of the whole pool. */
export interface PoolStanding {
  readonly now: number;
  readonly health: Health;
  /** Models that were asked for and that no account serves; `next` in ms since 1970. */
  readonly noneServes: readonly { readonly model: string; readonly next: number | null }[];
  readonly accounts: number;
  /** Names of the OAuth clients that are refused now, with the server's error code. */
  readonly refusedClients: readonly { readonly name: string; readonly code: string; readonly cause: string }[];
  /** The other conditions that are worth a notice now. */
  readonly conditions: readonly Condition[];
}

/** Which notices were sent, over restarts. */
export interface ToldNotices {
  isTold(key: string): boolean;
  /** @param at - ms since 1970 */
  note(key: string, at: number): void;
  /** @returns whether it had been told */
  forget(key: string): boolean;
  /** Every key that is noted. */
  keys(): readonly string[];
}
