import type { Credential } from '../../store/accounts/patches.js';
import type { ExchangeSuccess } from '../grants/flight.js';
import type { ImportRequest, Progress, ReaddRequest, ReaddStep } from '../contract/operations.js';
import type { Identity, OAuthClient } from '../oauth/google.js';
import { tokenAnswer } from '../oauth/token-answer.js';

/** What comes along with a token that is imported from another program. */
export type ImportedExtras = Pick<ImportRequest, 'ownClient' | 'projectId' | 'file'>;

export const noLuggage: ImportedExtras = { ownClient: null, projectId: null, file: null };

/** A token that Google accepted, and what is known of it so far. */
export interface VerifiedToken {
  readonly request: ReaddRequest;
  readonly luggage: ImportedExtras;
  readonly landed: ExchangeSuccess;
  /** Whose token it is; null: Google has not said yet. */
  readonly identity: Identity | null;
}

/** A credential in its account, as far as it is saved. */
export interface Saved {
  /** Id of the account. */
  readonly id: string;
  /** Why the credential is not where the accounts are kept; null: it is. */
  readonly notSaved: string | null;
  /** It is nowhere but in memory. */
  readonly isInMemoryOnly: boolean;
}

/** What is saved of it. */
export const credentialOf = ({ landed }: VerifiedToken, identity: Identity, client: OAuthClient): Credential => ({
  email: identity.email,
  name: identity.name,
  refreshToken: landed.exchanged.body.refresh_token ?? landed.sent,
  answer: tokenAnswer(landed.exchanged),
  clientKey: client.name,
});

export type Report = (step: ReaddStep, status: Progress['status'], text?: string) => void;

export const reporter =
  (progress: (news: Progress) => void): Report =>
  (step, status, text = '') =>
    progress({ step, status, text });
