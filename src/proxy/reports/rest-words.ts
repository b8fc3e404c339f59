import { spoken } from '../contract/durations.js';
import { type AnswerCause, answerCauses } from '../contract/answer-causes.js';
import { isWhole, type Rest, unsaidSeconds } from '../rests/rest.js';

/** Why an account rests, in plain words, one line, followed by Google's own words. */
export function restReason({ cause, seconds, step, words }: Rest): string {
  if (cause === 'quota_daily') return 'daily quota used up';
  if (cause !== 'quota') return refusalWords(cause, words);
  return seconds === unsaidSeconds(cause, step) ? 'rate limit' : `rate limit, asked to wait ${spoken(seconds)}`;
}

/** Why the upstream refuses an account, with its own words. */
export const refusalWords = (cause: AnswerCause, words: string): string =>
  words === '' ? answerCauses[cause].short : `${answerCauses[cause].short}: ${words}`;

/** What rests: a model, the account, or its project. */
export function restingWhat(rest: Rest): string {
  const who = rest.about === 'project' ? `project ${rest.who}` : 'the account';
  if (isWhole(rest)) return who;
  const what = rest.model === '' ? rest.group : rest.model;
  return rest.group === '' || rest.group === 'generate' || rest.model === '' ? what : `${what} ${rest.group}`;
}
