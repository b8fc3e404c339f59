/** Which form of a Korean particle follows a text: `계정[은/는]` is `계정은`, `주소[은/는]` is `주소는`. */

const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
/** Syllables that differ only in their last consonant, the first of which has none. */
const FINALS = 28;
/** The place of ㄹ among the last consonants. */
const RIEUL = 8;

/** How a text ends as it is said: in a vowel, in ㄹ, or in another consonant. */
type FinalSound = 'vowel' | 'rieul' | 'consonant';

/** Digits by their Korean names: 영, 일, 이, 삼, 사, 오, 육, 칠, 팔, 구. */
const digits = [
  'consonant',
  'rieul',
  'vowel',
  'consonant',
  'vowel',
  'vowel',
  'consonant',
  'rieul',
  'rieul',
  'vowel',
] as const satisfies readonly FinalSound[];

/**
 * How Latin words end as they are said in Korean; the first row that fits holds. A letter alone, or after a consonant, is
 * said by its name (엘, 엠, 엔, 알); a single vowel before a stop makes it a last consonant (랩톱, 슬랙, 봇).
 */
const latin: readonly (readonly [RegExp, FinalSound])[] = [
  [/le?$/, 'rieul'],
  [/(?:^|[^aeiou])r$/, 'rieul'],
  [/(?:[mn]|ng|[aeiou][mn]e)$/, 'consonant'],
  [/[^aeiou][aeiou](?:ck|[bkptc])$/, 'consonant'],
];

/** How a text ends as it is said; marks after the last letter are not said. */
function finalSound(text: string): FinalSound {
  const said = /[\p{L}\p{N}]+(?=[^\p{L}\p{N}]*$)/u.exec(text)?.[0] ?? '';
  const last = said.charCodeAt(said.length - 1);
  if (last >= FIRST_SYLLABLE && last <= LAST_SYLLABLE) {
    const final = (last - FIRST_SYLLABLE) % FINALS;
    return final === 0 ? 'vowel' : final === RIEUL ? 'rieul' : 'consonant';
  }
  if (/\d$/.test(said)) return digits[Number(said.slice(-1))] ?? 'vowel';
  const word = /[a-z]*$/.exec(said.toLowerCase())?.[0] ?? '';
  return latin.find(([ends]) => ends.test(word))?.[1] ?? 'vowel';
}

/** The form of a particle after a text; `으로` is said after a consonant other than ㄹ only: 팔로, 서울로, 값으로. */
export function particleAfter(text: string, [closed, open]: readonly [closed: string, open: string]): string {
  const ending = finalSound(text);
  return ending === 'vowel' || (ending === 'rieul' && closed.startsWith('으')) ? open : closed;
}
