/** Letters of other keyboard layouts, with the Latin letter on the same key. */

/** The keys of a layout from the top row to the lowest, each with the Latin one beside it. */
const layouts: readonly (readonly [letters: string, latin: string])[] = [
  // Korean, two sets: single letters, which the input method has not joined
  ['ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ', 'qwertyuiopasdfghjklzxcvbnm'],
  ['ㅃㅉㄸㄲㅆㅒㅖ', 'QWERTOP'],
  ['йцукенгшщзхъфывапролджэячсмитьбю', "qwertyuiop[]asdfghjkl;'zxcvbnm,."],
  ['ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ', 'QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'],
  ['іїєІЇЄ', 's]\'S}"'],
  ['ςερτυθιοπασδφγηξκλζχψωβνμ', 'wertyuiopasdfghjklzxcvbnm'],
  ['ΕΡΤΥΘΙΟΠΑΣΔΦΓΗΞΚΛΖΧΨΩΒΝΜ', 'ERTYUIOPASDFGHJKLZXCVBNM'],
  ['קראטוןםפשדגכעיחלךזסבהנמצ', 'ertyuiopasdfghjklzxcbnm,'],
];

const latin = new Map(
  layouts.flatMap(([letters, keys]) => Array.from(letters, (letter, at) => [letter, keys[at] ?? ''])),
);

/** Full-width letters are in Unicode in the same order as ASCII. */
const FULL_WIDTH = /^[\uff01-\uff5e]$/;
const TO_ASCII = 0xfee0;

/** The key of a Latin keyboard that this letter lies on; the letter itself where that is not known. */
export function latinKey(name: string): string {
  if (FULL_WIDTH.test(name)) return String.fromCharCode(name.charCodeAt(0) - TO_ASCII);
  return latin.get(name) ?? name;
}
