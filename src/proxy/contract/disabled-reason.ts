/** What an account file says of the end of its grant: written by `disabledReason`, read by `readDisabledReason`. */

const NO_WORDS = 'Google gave no further words';

/** `invalid_grant: words [subtype]`, as in `disabled_reason`. */
export const disabledReason = (words: string, subtype: string): string =>
  `invalid_grant: ${words === '' ? NO_WORDS : words}${subtype === '' ? '' : ` [${subtype}]`}`;

/** What a stored reason says of Google's answer; another program's may say anything. */
export function readDisabledReason(reason: string): { readonly words: string; readonly subtype: string } {
  const [, words = '', subtype = ''] = /^invalid_grant: (.*?)(?: \[(\w+)\])?$/s.exec(reason) ?? [];
  return { words: words === NO_WORDS ? '' : words, subtype };
}
