import type { GeminiAnswerPart, GeminiEvent } from '../gemini/gemini.js';
import { candidatesOf, answerParts } from './events.js';
import { endingOf, finishReasonOf, isBlocked, isMalformed } from './finish.js';

/**
 * Whether an answer has begun to say something. Google sometimes answers 200 with nothing in it, or with a call that it
 * failed to write; as long as a client has seen nothing of such an answer, another one can be asked for.
 *
 * - `visible`: a client sees something of it, so it is given as it comes
 * - `empty`: it is over, and there is nothing to show, or a call came out malformed
 * - `whole`: it is over with nothing but thoughts that are not shown, or with a reason that says all
 * - `waiting`: none of these yet
 */
export type AnswerState = 'waiting' | 'visible' | 'whole' | 'empty';

export class Substance {
  private standing: AnswerState = 'waiting';
  private thought = false;
  private reason: string | undefined;

  /** @param thoughtsShown - thoughts are something that the client sees */
  constructor(private readonly thoughtsShown: boolean) {}

  /** What holds after `event`. */
  after(event: GeminiEvent): AnswerState {
    if (this.standing !== 'waiting') return this.standing;
    this.reason = finishReasonOf(event) ?? this.reason;
    const parts = candidatesOf(event).flatMap(answerParts);
    this.thought ||= parts.some(({ thought, text }) => thought === true && text !== undefined && text !== '');
    if (parts.some(says) || (this.thought && this.thoughtsShown)) this.standing = 'visible';
    else if (isBlocked(event) || endingOf(this.reason) !== 'done') this.standing = 'whole';
    return this.standing;
  }

  /** What holds once the answer is over. */
  ended(): AnswerState {
    if (this.standing === 'waiting') this.standing = this.thought && !isMalformed(this.reason) ? 'whole' : 'empty';
    return this.standing;
  }

  /** Why there is nothing. */
  get emptyBecause(): string {
    return this.reason ?? 'no finish reason';
  }
}

const says = ({ text, thought, functionCall, inlineData }: GeminiAnswerPart): boolean =>
  functionCall !== undefined || inlineData !== undefined || (thought !== true && text !== undefined && text !== '');
