/** Clauses one after the other: sentences end in a full stop, labels go on after a semicolon. */

/** How a sentence ends; what stands in parentheses or quotes after it belongs to it. */
const SENTENCE = new RegExp('(?:니다|니까|십시오|[?.!])["\']?(?: ?\\([^()]*\\))?$');

export const koreanClauses = (first: string, second: string): string => {
  const joint = /[?.!]$/.test(first) ? ' ' : SENTENCE.test(first) || SENTENCE.test(second) ? '. ' : '; ';
  return `${first}${joint}${second}`;
};
