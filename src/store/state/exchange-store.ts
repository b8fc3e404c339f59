import type { Account } from '../accounts/account.js';
import type { TokenReply } from '../accounts/landing.js';
import type { GrantRecord, RefusedRecord } from './state-store.js';

/**
 * What a refresh token is sent for.
 * - `refresh`: an access token is wanted, whoever got it
 * - `test`: the operator insists, also on a token that was refused or whose last answer nobody knows
 * - `probe`: the answer itself is wanted, as for a token that was pasted
 */
export type SendingFor = 'refresh' | 'test' | 'probe';

/** Whether a refresh token may be sent now. */
export type Permit =
  | { readonly kind: 'granted'; readonly doubt: Sending | null }
  /** Another process got an access token with it, which is in memory by now. */
  | { readonly kind: 'adopted' }
  /** This token took its place, and the accounts hold it by now. */
  | { readonly kind: 'replaced'; readonly by: string }
  /** Another process has sent it, and its answer is not there yet. */
  | ({ readonly kind: 'held' } & Sending)
  /** Another process sent it and never told what came back. @prop leftMs - until it may be sent all the same */
  | ({ readonly kind: 'doubt'; readonly leftMs: number } & Sending)
  /** It was refused before. */
  | { readonly kind: 'refused' }
  /** Nobody can be asked whether another process is sending it; `why` in words that follow "because". */
  | { readonly kind: 'away'; readonly why: string };

/** Who sent a token. */
export interface Sending {
  readonly box: string;
  /** ms since 1970. */
  readonly at: number;
}

/** A good answer of the token endpoint, with everything that is kept of it. */
export interface Landing extends TokenReply {
  /** The accounts in memory that hold the token sent. */
  readonly holders: readonly Account[];
  /** What is known of the grant by now. */
  readonly grant: GrantRecord;
}

/** The verdict of the token endpoint that the token sent is dead. */
export interface Condemnation {
  readonly sent: string;
  readonly refused: RefusedRecord;
  /** The accounts that are disabled if they still hold the token sent. */
  readonly accounts: readonly Account[];
}

/** Why an account's change is not saved, by the account's id; only those that are not. */
export type Unsaved = ReadonlyMap<string, string>;

/**
 * Who may send which refresh token, and what is kept of the answers. Whatever an answer changes (account, grant,
 * refusal) is in memory as soon as the call returns, and saved when its promise resolves.
 */
export interface ExchangeStore {
  /**
   * An exchange of this token is wanted from now on: what another process lands from here until it is permitted is
   * adopted, also where memory hears of that first. @returns to be called when it is over
   */
  intend(sent: string): () => void;

  /** Asked directly before each sending; whoever was granted one ends it by `land`, `condemn` or `letGo`. */
  permit(sent: string, sending: SendingFor): Promise<Permit>;

  /** Resolves when it is worth asking again for a token that is `held`, at the latest after a moment. */
  freed(sent: string): Promise<void>;

  /** The token is good: it, or the one that took its place, goes to every account that holds the one sent. */
  land(landing: Landing): Promise<void>;

  /** The token is dead. A verdict about a token that no account holds any more changes none. */
  condemn(verdict: Condemnation): Promise<Unsaved>;

  /** What came back says nothing about the token. */
  letGo(sent: string): void;

  /** Calls `listener` when what was `away` can be asked again, or what came back is known of tokens in doubt. */
  onBack(listener: (what: 'database' | 'in_doubt') => void): () => void;

  /** Resolves when everything that was handed in is saved, or cannot be. */
  settled(): Promise<void>;
}
