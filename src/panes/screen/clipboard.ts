import type { ScreenOutput } from '../terminal/output.js';
import { copySequence } from '../terminal/sequences.js';
import { inert } from '../text/inert.js';
import { type Copied } from '../text/text.js';
import type { ScreenOptions } from './screen-options.js';

/**
 * Copies a text without control characters, which could act where it is pasted: to a clipboard that confirms it, else
 * by OSC 52, which is never confirmed.
 */
export async function copyText(
  text: string,
  output: ScreenOutput,
  { clipboard, env }: Pick<ScreenOptions, 'clipboard' | 'env'>,
): Promise<Copied> {
  const harmless = text.split('\n').map(inert).join('\n');
  if ((await clipboard?.(harmless)) === true) return 'copied';
  output.raw(copySequence(harmless, env));
  return 'offered';
}
