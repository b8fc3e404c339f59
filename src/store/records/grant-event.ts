import * as v from 'valibot';

/** What happened to a grant, as `kind` says it on disk, in `regrant events --json` and in metrics. */
export const grantEventKinds = [
  'refreshed',
  'rotated',
  'disabled',
  'refused',
  'temporary',
  'client',
  'recovered',
  'served',
  'warning',
  'rested',
  'blocked',
  'lifted',
  /** From here on about no account: `accountId` and `email` are empty. */
  'settings',
  'key_limit',
  'restarted',
  'box',
] as const;
export type GrantEventKind = (typeof grantEventKinds)[number];

/** What happened to a grant, and when. */
export interface HappenedEvent {
  /** ms since 1970. */
  readonly at: number;
  readonly kind: GrantEventKind;
  readonly accountId: string;
  readonly email: string;
  /** A code of `proxy/contract/causes`, null where all went well. */
  readonly cause: string | null;
  /** How long Google took to answer. */
  readonly tookMs: number | null;
  /** When the next refresh or try is due, ms since 1970. */
  readonly nextAt: number | null;
  /** The rest of the first line, in plain words. */
  readonly text: string;
  /** A second line: evidence, what was done. Empty where there is nothing to add. */
  readonly detail: string;
  /** The box where it happened; absent where the pool is one machine's. */
  readonly box?: string;
}

export interface GrantEvent extends HappenedEvent {
  /** Number of the event. Events are numbered anew when old ones are dropped. */
  readonly seq: number;
}

export const HappenedEventSchema: v.GenericSchema<unknown, HappenedEvent> = v.object({
  at: v.number(),
  kind: v.picklist(grantEventKinds),
  accountId: v.string(),
  email: v.string(),
  cause: v.nullable(v.string()),
  tookMs: v.nullable(v.number()),
  nextAt: v.nullable(v.number()),
  text: v.string(),
  detail: v.string(),
  box: v.exactOptional(v.string()),
});
