/**
 * The Korean catalogue with a mark on every letter: Latin letters of it come out as Georgian ones, which are as wide and
 * are used by nobody else. So a Latin letter on a screen in Korean is none of the catalogue, and `unmarked` gives the
 * picture that an operator sees.
 */
import { korean, koreanSentences } from '../../src/store/words/korean/korean.js';

const SMALL = 0x10d0;
const LARGE = 0x10a0;

const shifted = (letter: string): string => {
  const isSmall = letter >= 'a';
  return String.fromCharCode(letter.charCodeAt(0) - (isSmall ? 97 : 65) + (isSmall ? SMALL : LARGE));
};

const marked = (texts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts).map(([english, text]) => [
      english,
      text.replace(/\{\w+\}|[A-Za-z]/g, (part) => (part.startsWith('{') ? part : shifted(part))),
    ]),
  );

/** From here on this process speaks marked Korean; to be called before a language is spoken. */
export function markKorean(): void {
  Object.assign(korean, marked(korean));
  Object.assign(koreanSentences, marked(koreanSentences));
}

/** What an operator sees. */
export const unmarked = (picture: string): string =>
  picture.replace(/[\u10a0-\u10b9\u10d0-\u10e9]/g, (letter) => {
    const code = letter.charCodeAt(0);
    return String.fromCharCode(code >= SMALL ? code - SMALL + 97 : code - LARGE + 65);
  });
