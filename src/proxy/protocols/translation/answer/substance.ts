import type { GeminiAnswerPart, GeminiEvent } from '../gemini/gemini.js';
import { candidatesOf, answerParts } from './events.js';
import { endingOf, finishReasonOf, isBlocked, isMalformed } from './finish.js';

/**
 * How far an answer has come. Google sometimes answers 200 with no content, or with a call that it wrote wrongly; as
 * long as the client has seen nothing of such an answer, another one can be asked for.
 *
 * - `visible`: it has something that the client sees, so it is passed on as it comes
 * - `empty`: it has ended with nothing to show, or with a malformed call
 * - `whole`: it has ended with only thoughts that are not shown, or with a reason that explains itself
 * - `waiting`: none of these yet
 */
export type AnswerState = 'waiting' | 'visible' | 'whole' | 'empty';

export class Substance {
  private standing: AnswerState = 'waiting';
  private thought = false;
  private reason: string | undefined;

  /** @param thoughtsShown - whether the client sees thoughts */
  constructor(private readonly thoughtsShown: boolean) {}

  /** The state after `event`. */
  after(event: GeminiEvent): AnswerState {
    if (this.standing !== 'waiting') return this.standing;
    this.reason = finishReasonOf(event) ?? this.reason;
    const parts = candidatesOf(event).flatMap(answerParts);
    this.thought ||= parts.some(({ thought, text }) => thought === true && text !== undefined && text !== '');
    // what was said beside a malformed call is no answer either, as long as the client has seen nothing of it
    if (isMalformed(this.reason)) return this.standing;
    if (parts.some(says) || (this.thought && this.thoughtsShown)) this.standing = 'visible';
    else if (isBlocked(event) || endingOf(this.reason) !== 'done') this.standing = 'whole';
    return this.standing;
  }

  /** The state once the answer has ended. */
  ended(): AnswerState {
    if (this.standing === 'waiting') this.standing = this.thought && !isMalformed(this.reason) ? 'whole' : 'empty';
    return this.standing;
  }

  /** Why it is empty. */
  get emptyBecause(): string {
    return this.reason ?? 'no finish reason';
  }
}

const says = ({ text, thought, functionCall, inlineData }: GeminiAnswerPart): boolean =>
  functionCall !== undefined || inlineData !== undefined || (thought !== true && text !== undefined && text !== '');
