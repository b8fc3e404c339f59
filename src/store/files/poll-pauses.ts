/** How often the account files are looked at, by how long a whole pass over them takes. */
import type { PassOrder } from './folder-scan.js';

/** How often they are looked at where events are proven: a net below them. */
const RARE_MS = 5_000;
/** That look may take one part in so many of a core: with ten thousand files it is rarer. */
const RARE_SHARE = 250;
/** To list the folder for it may take one part in so many: with thousands of files it is listed for one look in some. */
const LISTED_SHARE = 400;
const RAREST_MS = 30_000;
/**
 * How often they are looked at where events do not reach us (network and user-space file systems, links, a queue that
 * overflowed): changes are noticed this late.
 */
const DENSE_MS = 500;
/** Such a look may take one part in so many of a core; with tens of thousands of files it pauses longer. */
const DENSE_SHARE = 50;
/** From one pass to the end of the next at most, as long as a pass takes less: an edit counts within a second. */
const LONGEST_ROUND_MS = 850;
const SHORTEST_PAUSE_MS = 50;

const between = (least: number, ms: number, most: number): number => Math.min(Math.max(least, ms), most);

/**
 * From one look at the files to the next where events are proven, and from one listing of the folder to the next, ms.
 *
 * @param tookMs - how long the last whole pass took
 */
export const rarePauses = (tookMs: number): { readonly look: number; readonly list: number } => ({
  look: between(RARE_MS, tookMs * RARE_SHARE, RAREST_MS),
  list: between(RARE_MS, tookMs * LISTED_SHARE, RAREST_MS),
});

/**
 * What the pass at a moment has to look at where events are proven.
 *
 * @param last - when the files were last looked at, and the folder last listed, on the same clock as `at`
 */
export function rareExtent(
  at: number,
  last: { readonly look: number; readonly list: number },
  pauses: ReturnType<typeof rarePauses>,
): PassOrder['extent'] {
  if (at - last.list >= pauses.list) return 'whole';
  return at - last.look >= pauses.look ? 'stamps' : 'glance';
}

/** From the end of one pass to the next where they are not, ms. @param tookMs - how long the last one took */
export function densePauseMs(tookMs: number): number {
  const longest = Math.max(SHORTEST_PAUSE_MS, LONGEST_ROUND_MS - tookMs);
  return between(DENSE_MS, tookMs * DENSE_SHARE, longest);
}
