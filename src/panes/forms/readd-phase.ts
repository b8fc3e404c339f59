/** The phases of a re-add, and what each means for a paste. */
import type { PlainWord } from '../../store/words/tongue.js';

/**
 * - `editing`: letters go into the field.
 * - `checking`: Google is being asked; nothing can be typed.
 * - `other_account`, `identity_unknown`: a question waits for a key.
 * - `saved`: done.
 */
export type ReaddPhase = 'editing' | 'checking' | 'other_account' | 'identity_unknown' | 'saved';

/** Why a paste is not accepted in a phase. */
export const ignoring = {
  checking: 'a check is under way',
  other_account: 'a question waits for its answer',
  identity_unknown: 'a question waits for its answer',
  saved: 'this form is done, Esc closes it',
} as const satisfies Record<Exclude<ReaddPhase, 'editing'>, PlainWord>;
