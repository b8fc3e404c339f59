import { english } from '../../store/words/saying.js';
import type { Sharing } from '../../store/shared/sharing.js';
import { wait } from '../contract/durations.js';
import type { Banner, PoolBoxes } from '../contract/snapshot.js';
import type { Metrics } from './metrics.js';

/** Clocks that are further apart make times wrong that people compare. */
const CLOCK_OFF_MS = 5_000;

/** The machines of the pool, for screens; null: it is of this one alone. */
export function poolBoxes(sharing: Sharing | undefined): PoolBoxes | null {
  if (sharing === undefined) return null;
  const all = sharing.boxes.map(({ facts, ...box }) => ({
    ...box,
    spooled: typeof facts.spooled === 'number' ? facts.spooled : 0,
  }));
  return { own: sharing.name, all };
}

/** Problems of a pool on several machines, each shown until it is mended. */
export function sharingBanners(sharing: Sharing): readonly Banner[] {
  const { cutOff, notSpooled, nameTrouble, skewMs, isPollingOnly, lapse } = sharing;
  const banners: Banner[] = [];
  if (cutOff !== null)
    banners.push({
      code: 'database_cut',
      severity: 'error',
      text: `the database is cut off (${cutOff}): accounts serve on while their access tokens last, none is renewed; mend it or the way to it`,
    });
  if (notSpooled !== null)
    banners.push({
      code: 'not_spooled',
      severity: 'error',
      text: `a rotated token is in memory alone (${notSpooled}): make room for state/spool before this box ends`,
    });
  if (lapse !== null) banners.push({ code: 'database_older', severity: 'warning', text: lapse });
  if (nameTrouble !== null) banners.push({ code: 'box_name', severity: 'error', text: nameTrouble });
  for (const { name, isGone, openLeases } of sharing.boxes) {
    if (!isGone || openLeases === 0) continue;
    const text = `box ${name} is gone and never told what came back for ${openLeases} of its tokens: start it, then nothing is in doubt`;
    banners.push({ code: 'box_gone', severity: 'warning', text });
  }
  if (Math.abs(skewMs) > CLOCK_OFF_MS) {
    const span = wait(Math.abs(skewMs));
    const text =
      skewMs > 0
        ? english("this machine's clock is {span} ahead of the database's: set it by NTP", { span })
        : english("this machine's clock is {span} behind the database's: set it by NTP", { span });
    banners.push({ code: 'box_clock', severity: 'warning', text });
  }
  if (isPollingOnly && cutOff === null)
    banners.push({
      code: 'polling_only',
      severity: 'warning',
      text: "the database's notifications do not come through (a pooler in transaction mode?): other boxes' changes are seen after a second",
    });
  return banners;
}

/** Tells `changed` and Prometheus of a pool on several machines; nothing where it is of this one alone. */
export function followSharing(sharing: Sharing | undefined, metrics: Metrics, changed: () => void): void {
  if (sharing === undefined) return;
  sharing.onChange(changed);
  metrics.share(sharing);
}
