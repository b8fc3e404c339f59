import type { JsonObject } from '../../store/ground/json.js';
import type { Cause } from './causes.js';

/** The steps of a re-add (DESIGN §5.9), in order. */
export const regrantSteps = ['exchange', 'identity', 'scopes', 'saved', 'reloaded', 'upstream', 'served'] as const;
export type RegrantStep = (typeof regrantSteps)[number];

/** News from a re-add under way. `text` is ready to show: a time, an e-mail, what is missing, why it failed. */
export interface Progress {
  readonly step: RegrantStep;
  readonly status: 'running' | 'done' | 'failed' | 'warning';
  readonly text: string;
}

export interface RegrantRequest {
  /** The selected row; null adds whoever the token belongs to. */
  readonly accountId: string | null;
  /** As pasted; white space is taken out by the callee too. */
  readonly refreshToken: string;
  /** OAuth client to ask with first; null lets the issuer decide, else the default one. */
  readonly client: string | null;
  /** Save without asking when the token belongs to another e-mail than the selected row's (the command line does). */
  readonly otherAccount: 'ask' | 'accept';
}

/**
 * How a re-add ended.
 * - `saved`: on disk and in the pool. `keptOut` says what still keeps it from serving, else null.
 * - `refused`: Google or the OAuth client refused; nothing was written.
 * - `unavailable`: nobody could be asked (network, time-out, Google's trouble); nothing was written.
 * - `other_account`: the token is someone else's; `resume` with `accept` saves it for them.
 * - `identity_unknown`: the token is good, but userinfo did not answer; `resume` with `retry` asks again without a second exchange.
 * - `not_saved`: verified and serving from memory, but not on disk yet; the write is tried again.
 */
export type RegrantResult =
  | {
      readonly outcome: 'saved' | 'not_saved';
      readonly accountId: string;
      readonly email: string;
      readonly created: boolean;
      readonly keptOut: string | null;
      readonly text: string;
    }
  | { readonly outcome: 'refused' | 'unavailable'; readonly cause: string; readonly text: string }
  | {
      readonly outcome: 'other_account' | 'identity_unknown';
      readonly pending: string;
      readonly email: string | null;
      readonly text: string;
    };

/** A refresh token of another program, to be taken in with what comes along. */
export interface ImportRequest {
  readonly refreshToken: string;
  /** Name of the OAuth client to ask with; null lets whoever may have issued it decide. */
  readonly client: string | null;
  /** The client that issued it, where that comes along: once Google took it, it gets a name in the settings. */
  readonly ownClient: { readonly id: string; readonly secret: string } | null;
  /** The quota project that comes along; for an account that has none. */
  readonly projectId: string | null;
  /** The account file it comes from: what that says beyond its credential goes into a new account. */
  readonly file: JsonObject | null;
}

/** How the taking in of one token ended; `unchanged`: an account here serves with this very token already. */
export interface ImportVerdict {
  readonly outcome: 'added' | 're-added' | 'unchanged' | 'refused' | 'unavailable' | 'not_saved';
  readonly email: string | null;
  readonly text: string;
}

/** An OAuth client of the operator's, as he gives it. */
export interface ClientRequest {
  /** Its name in the settings; null: the default one. */
  readonly client: string | null;
  readonly id: string;
  /** Empty where it has none, and for a client whose stored secret is to stay. */
  readonly secret: string;
}

export interface LoginRequest {
  /** The selected row, whom the login has to belong to; null: whoever logs in. */
  readonly accountId: string | null;
  /** Whom to suggest to the browser where no row is selected. */
  readonly email: string | null;
  /** OAuth client to log in with; null: the account's own, else the default one. */
  readonly client: string | null;
  readonly otherAccount: RegrantRequest['otherAccount'];
}

/** A login that waits for its answer: a link to open in any browser. */
export interface LoginOffer {
  readonly login: string;
  readonly url: string;
  /** Loopback port of the supervisor's machine where the browser's answer is listened for. */
  readonly port: number;
  readonly client: string;
  /** Who is suggested to the browser. */
  readonly email: string | null;
  /** `user@host` of the supervisor, for an `ssh -L` line where nothing better is known. */
  readonly machine: string;
}

/** Why an answer to the link came to nothing: `login_open` leaves the link open for another one, `login_over` does not. */
export type LoginTrouble =
  { readonly outcome: 'login_open'; readonly text: string } | { readonly outcome: 'login_over'; readonly text: string };

export interface TestResult {
  readonly accountId: string;
  readonly email: string;
  readonly ok: boolean;
  readonly cause: Cause | null;
  /** What became of it and what now, without the e-mail. */
  readonly text: string;
}

/** A short answer for the line at the foot of the screen. */
export interface Said {
  readonly ok: boolean;
  readonly text: string;
}

/** Every operation by name, with what it takes and gives. */
export interface Operations {
  /** The step `served` ends when the account has served a request: its progress may come long after the result. */
  regrant(request: RegrantRequest, progress: (news: Progress) => void): Promise<RegrantResult>;
  resume(
    pending: string,
    decision: 'accept' | 'retry' | 'drop',
    progress: (news: Progress) => void,
  ): Promise<RegrantResult | Said>;
  /** Takes a token of another program in, verified like a re-add; for whoever it belongs to. */
  takeIn(request: ImportRequest): Promise<ImportVerdict>;
  /** Asks Google whether it knows the client, keeps it in settings.json and uses it from then on; else says what is wrong. */
  setUpClient(request: ClientRequest): Promise<Said>;
  /** Makes a link for a login with Google; says why there can be none. */
  startLogin(request: LoginRequest): Promise<LoginOffer | Said>;
  /**
   * Resolves when an answer to the link has come and was worked through like a re-add, or the login is over. While it is
   * open the link may be opened again, and this be called again.
   */
  awaitLogin(login: string, progress: (news: Progress) => void): Promise<RegrantResult | LoginTrouble>;
  /** Judges a pasted address or code; where it is good, `awaitLogin` goes on with it. */
  pasteLogin(login: string, text: string): Promise<Said>;
  cancelLogin(login: string): Promise<Said>;
  /** Forces one refresh of each, four at a time; on a disabled account it tries the stored token once (DESIGN §5.11). */
  testNow(accountIds: readonly string[]): Promise<readonly TestResult[]>;
  /** Leaves out those tests that wait for their turn; those under way end. */
  stopTests(): Promise<Said>;
  setProxyDisabled(accountIds: readonly string[], disabled: boolean): Promise<Said>;
  remove(accountIds: readonly string[]): Promise<Said>;
  /** Undoes the last removal or re-add. */
  undo(): Promise<Said>;
  reload(): Promise<Said>;
  /** Somebody is at a screen now: what is disabled from here on is new to him who looks next. */
  looked(): Promise<void>;
  /** Writes lines that a screen shows into a file of their own (0600) in the data directory, and says where. */
  saveView(lines: readonly string[]): Promise<Said>;
  /** Drains and stops the whole program. */
  stop(): Promise<void>;
}
