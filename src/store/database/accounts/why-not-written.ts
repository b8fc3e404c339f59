import { NotSaved } from '../../accounts/stored-account.js';
import { DatabaseAway, StatementFailed } from '../database-errors.js';

/** Why the database does not have something, in words that follow "not saved". @throws what is no fault of it */
export function whyNotWritten(error: unknown): string {
  if (error instanceof DatabaseAway) return 'the database cannot be reached';
  if (error instanceof StatementFailed) return error.message;
  throw error;
}

/** Ignores that a change is not saved: its row says so, and tries again. @throws what else went wrong */
export function ignoreNotSaved(error: unknown): void {
  if (!(error instanceof NotSaved)) throw error;
}
