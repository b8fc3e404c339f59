/**
 * The library that sends tokens and notices. It takes a tenth of a second to load, so verbs that send nothing do not
 * load it.
 */
import type { Got } from 'got';

let loaded: Promise<Got> | null = null;

/**
 * The library, read from the disk the first time only. A failure is not remembered: its files may be missing for a
 * moment, or there may be no free descriptor.
 *
 * @throws the system's error
 */
export function httpClient(): Promise<Got> {
  loaded ??= import('got').then(({ got }) => got);
  loaded.catch(() => (loaded = null));
  return loaded;
}
