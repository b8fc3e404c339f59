/** A text of a catalogue in parts: letters, placeholders, and particles that depend on what is before them. */
import { particleAfter } from './particles.js';

/** Letters, the name of a placeholder, or a particle in its forms after a consonant and after a vowel. */
export type TextPart =
  | { readonly letters: string }
  | { readonly name: string }
  | { readonly particle: readonly [closed: string, open: string] };

/** The parts of `{email}[을/를] 추가했습니다`. */
export const textParts = (text: string): readonly TextPart[] =>
  text
    .split(/(\{\w+\}|\[[\uac00-\ud7a3]+\/[\uac00-\ud7a3]*\])/)
    .filter((part) => part !== '')
    .map(partOf);

function partOf(text: string): TextPart {
  if (/^\{\w+\}$/.test(text)) return { name: text.slice(1, -1) };
  const [, closed, open] = /^\[([\uac00-\ud7a3]+)\/([\uac00-\ud7a3]*)\]$/.exec(text) ?? [];
  return closed === undefined ? { letters: text } : { particle: [closed, open ?? ''] };
}

/**
 * The text with the values in their places.
 *
 * @param fit - makes letters fit for where they are shown, as the values are already
 */
export function joinedParts(
  parts: readonly TextPart[],
  values: ReadonlyMap<string, string | number>,
  fit = (letters: string): string => letters,
): string {
  let out = '';
  for (const part of parts) {
    // words of others bring a full stop of their own
    if ('letters' in part) out += fit(out.endsWith('.') ? part.letters.replace(/^\.(?!\.)/, '') : part.letters);
    else if ('name' in part) out += String(values.get(part.name) ?? '');
    else out += fit(particleAfter(out, part.particle));
  }
  return out;
}
