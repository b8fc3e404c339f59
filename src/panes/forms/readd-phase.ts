/** The phases of a re-add, and what each means for a paste. */

/**
 * - `editing`: letters go into the field.
 * - `checking`: Google is being asked; nothing can be typed.
 * - `other_account`, `identity_unknown`: a question waits for a key.
 * - `saved`: done.
 */
export type ReaddPhase = 'editing' | 'checking' | 'other_account' | 'identity_unknown' | 'saved';

/** Why a paste is not accepted in a phase. */
export const ignoring: Record<Exclude<ReaddPhase, 'editing'>, string> = {
  checking: 'a check is under way',
  other_account: 'a question waits for its answer',
  identity_unknown: 'a question waits for its answer',
  saved: 'this form is done, Esc closes it',
};
