/**
 * Why an account is out, as a closed list: each cause with its class, one sentence, and the next step.
 *
 * Sources: RFC 6749 §5.2; Google's "Using OAuth 2.0 to Access Google APIs" (refresh token expiration), "Setting up your
 * OAuth consent screen" (publishing status Testing), and "Set session length for Google Cloud services".
 */

import type { PlainWord } from '../../store/words/tongue.js';
import { answerCauses } from './answer-causes.js';

/**
 * What a refusal is about.
 * - `grant`: this refresh token is dead; only a new one helps.
 * - `refused`: somebody decided against this account or app; nothing is wrong with the token, trying later may help.
 * - `client`: the OAuth client, and with it all of its accounts.
 * - `temporary`: may pass by itself.
 * - `upstream`: the grant is fine; what it is for is refused.
 */
export type CauseClass = 'grant' | 'refused' | 'client' | 'temporary' | 'upstream';

interface CauseEntry {
  readonly class: CauseClass;
  /** What happened, as a clause. */
  readonly short: PlainWord;
  /** The cause in one to three words; only for causes of a dead grant. */
  readonly word?: PlainWord;
  readonly sentence: PlainWord;
  /** What the operator does now. */
  readonly next: PlainWord;
}

const READD = 'press r and paste a new refresh token';

export const causes = {
  revoked: {
    class: 'grant',
    short: 'revoked by its owner or by a security event',
    word: 'revoked',
    sentence:
      'The owner took the access away (myaccount.google.com/permissions), or Google did after a security event.',
    next: READD,
  },
  password_changed: {
    class: 'grant',
    short: 'the password was changed',
    word: 'password changed',
    sentence: 'The password was changed, which ends every refresh token that has a Gmail scope.',
    next: READD,
  },
  testing_expired: {
    class: 'grant',
    short: 'the app is in Testing, where grants end after 7 days',
    word: 'Testing status',
    sentence:
      'The OAuth consent screen has the publishing status Testing: its grants to external users end after 7 days.',
    next: 'publish the app in the Google Cloud console (Audience), then r and a token made after that; otherwise it ends again in 7 days',
  },
  idle_expired: {
    class: 'grant',
    short: 'unused for six months',
    word: 'unused 6 months',
    sentence: 'The refresh token was not used for six months, after which Google ends it.',
    next: READD,
  },
  token_limit: {
    class: 'grant',
    short: 'over 100 live tokens of this client and user',
    word: '100 tokens',
    sentence:
      'A user can have 100 live refresh tokens for one OAuth client; each further login silently ends the oldest.',
    next: `${READD}; use one login per machine instead of a new one for each run`,
  },
  reauth_required: {
    class: 'grant',
    short: "the Workspace's session length is over",
    word: 'reauthentication',
    sentence:
      'The Workspace administrator limits how long a session with Google Cloud scopes lasts; a new login is due.',
    next: 'log in again and press r; ask the administrator to trust this app if it comes back too often',
  },
  account_deleted: {
    class: 'grant',
    short: 'the Google account was deleted or suspended',
    word: 'account deleted',
    sentence: 'Google says that the account itself was deleted or suspended.',
    next: 'restore the account with Google (of a Workspace: its administrator can), or remove it here with x',
  },
  token_malformed: {
    class: 'grant',
    short: 'not a whole refresh token',
    word: 'malformed',
    sentence: 'Google never accepted this text as a refresh token; it was probably cut when it was copied.',
    next: 'press r and paste the token again, whole',
  },
  admin_policy: {
    class: 'refused',
    short: "the Workspace administrator's policy blocks this app",
    sentence: 'The Workspace administrator does not allow this app or one of its scopes.',
    next: 'ask the administrator to allow the OAuth client (Security, API controls), then t',
  },
  advanced_protection: {
    class: 'refused',
    short: 'Advanced Protection or a policy blocks this app',
    sentence: 'A policy on the account, such as the Advanced Protection Program, does not allow this app.',
    next: 'use an account without that policy, or have the app allowed, then t',
  },
  access_denied: {
    class: 'refused',
    short: 'access is denied to this account',
    sentence:
      "Google refuses this account access tokens: it is restricted, no test user, or the app is another organisation's.",
    next: "read Google's words: lift the restriction (myaccount.google.com), or add the account to the test users, then t",
  },
  other_client: {
    class: 'refused',
    short: 'the token belongs to another OAuth client',
    sentence: 'This refresh token was issued to another OAuth client than the one it was sent with.',
    next: 'configure the client that issued it (oauth.clients) or press r and paste a token of this client',
  },
  client_invalid: {
    class: 'client',
    short: 'Google does not know the OAuth client, or its secret is wrong',
    sentence: 'Google does not accept the OAuth client id with this secret. No account is at fault.',
    next: 'press O and give the id and secret of the client as the Google Cloud console shows them',
  },
  client_deleted: {
    class: 'client',
    short: 'the OAuth client was deleted',
    sentence: 'The OAuth client was deleted in the Google Cloud console; for 30 days it can be restored there.',
    next: 'restore the client in the console, then t',
  },
  client_disabled: {
    class: 'client',
    short: 'the OAuth client was disabled',
    sentence: 'The OAuth client was disabled in the Google Cloud console, or by Google.',
    next: 'enable the client in the console, then t',
  },
  client_missing: {
    class: 'client',
    short: 'its OAuth client is not configured',
    sentence: 'No OAuth client is configured that this account could be refreshed with.',
    next: 'press O and give its id and secret, or set oauth.clients in settings.json and restart regrant',
  },
  network: {
    class: 'temporary',
    short: 'the network, a proxy or a firewall is in the way',
    sentence: "Google's token endpoint could not be reached, or something on the way answered in its place.",
    next: 'check the connection and network.proxy; regrant tries again by itself',
  },
  provider_trouble: {
    class: 'temporary',
    short: 'Google has trouble of its own',
    sentence: "Google's token endpoint answered, but not with an answer that means anything.",
    next: 'nothing: regrant tries again by itself',
  },
  rate_limited: {
    class: 'temporary',
    short: 'too many requests to the token endpoint',
    sentence: 'The token endpoint asks to be left alone for a while.',
    next: 'nothing: regrant tries again by itself',
  },
  in_doubt: {
    class: 'temporary',
    short: 'another box sent its refresh token, and nobody knows what came back',
    sentence:
      'Another box sent this refresh token and ended before it told what came back: a new one may have taken its place.',
    next: 'start that box again, and its answer is taken in; or press t to send the token all the same, or r to re-add',
  },
  database: {
    class: 'temporary',
    short: 'the database cannot be reached',
    sentence: 'Without the database nobody knows whether another box is sending this refresh token at this moment.',
    next: 'mend the database or the way to it; regrant goes on by itself',
  },
  unknown: {
    class: 'refused',
    short: 'a refusal that regrant does not know',
    sentence: 'Google refused in words that fit no known cause.',
    next: "read Google's words, then t to ask again",
  },
  ...answerCauses,
} as const satisfies Record<string, CauseEntry>;

export type Cause = keyof typeof causes;

export const isCause = (text: string): text is Cause => Object.hasOwn(causes, text);

/** Causes of a dead grant, in the order in which they are told where the evidence does not tell them apart. */
export type GrantCause = { [C in Cause]: (typeof causes)[C]['class'] extends 'grant' ? C : never }[Cause];

/** How well a cause fits. Only `certain` is based on Google's own words; the others cannot be told apart for sure. */
export type Fit = 'certain' | 'likely' | 'possible' | 'ruled_out';

export interface RankedCause {
  readonly cause: GrantCause;
  readonly fit: Fit;
  /** The evidence for or against it, in a few words; may be empty. */
  readonly because: string;
}
