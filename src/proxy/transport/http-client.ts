/** The library by which tokens and notices are sent. It takes a tenth of a second to load, so verbs that send nothing go without. */
import type { Got } from 'got';

let loaded: Promise<Got> | null = null;

/**
 * The library, from the disk the first time only. A failure is not kept: its files may be away for a moment, or there is no
 * free descriptor.
 *
 * @throws the system's error
 */
export function httpClient(): Promise<Got> {
  loaded ??= import('got').then(({ got }) => got);
  loaded.catch(() => (loaded = null));
  return loaded;
}
