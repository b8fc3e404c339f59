import type { ExchangeSuccess } from '../grants/flight.js';
import type { ImportRequest, Progress, ReaddRequest, ReaddStep } from '../contract/operations.js';
import type { Identity } from '../oauth/google.js';

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

export type Report = (step: ReaddStep, status: Progress['status'], text?: string) => void;

export const reporter =
  (progress: (news: Progress) => void): Report =>
  (step, status, text = '') =>
    progress({ step, status, text });
