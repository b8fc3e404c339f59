/** Which form of a Korean particle follows a text: `계정[은/는]` is `계정은`, `주소[은/는]` is `주소는`. */

const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
/** Syllables that differ only in their last consonant, the first of which has none. */
const FINALS = 28;
/** Digits and Latin letters whose Korean names end in a consonant: 영, 일, 삼, 육, 칠, 팔; 엘, 엠, 엔, 알. */
const CLOSED = /[013678lmnr]/i;

/** Whether the last letter of a text, as it is said, ends in a consonant; marks after it are not said. */
export function endsClosed(text: string): boolean {
  const last = /[\p{L}\p{N}](?=[^\p{L}\p{N}]*$)/u.exec(text)?.[0] ?? '';
  const code = last.charCodeAt(0);
  if (code >= FIRST_SYLLABLE && code <= LAST_SYLLABLE) return (code - FIRST_SYLLABLE) % FINALS !== 0;
  return CLOSED.test(last);
}
