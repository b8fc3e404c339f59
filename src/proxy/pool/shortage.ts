import type { Refusal } from '../hold/own-refusal.js';
import type { ResourceHome, Member, OnlyAccount } from './member.js';

/** A request that no account can serve. */
export interface Wanted {
  /** The accounts that are considered. */
  readonly asked: readonly Member[];
  /** Only accounts that can see the stored resource, or the one that was asked for, are considered; null: all are. */
  readonly few: Pick<ResourceHome, 'name'> | OnlyAccount | null;
  readonly waitOf: (member: Member) => Wait;
}

/** How long a member cannot serve what was asked for, and why. */
export type Wait =
  /** It could serve now; perhaps it was tried already. */
  | { readonly kind: 'none' }
  /** It rests, or waits for the token endpoint, this long. */
  | {
      readonly kind: 'resting' | 'passing';
      readonly inMs: number;
      readonly isDaily: boolean;
      /** It serves as many requests as it may. */
      readonly isFull?: boolean;
    }
  /** Only an action of somebody brings it back, or it is not known when it will be back. */
  | { readonly kind: 'out'; readonly state: string; readonly why: string };

/** How soon the client may ask again where an account could be asked now but gave no answer. */
const AGAIN_MS = 1_000;

/** Says why none of the accounts considered can serve. */
export function shortageOf({ asked, few, waitOf }: Wanted): Refusal {
  if (asked.length === 0) return { kind: 'out', text: worded(few, nobodyBecause(few)) };
  const waits = asked.map(waitOf);
  const text = worded(few, reasons(waits).join(', '));
  const first = soonest(waits);
  if (first === null) return { kind: 'out', text };
  return first.kind === 'resting'
    ? { kind: 'resting', text, readyInMs: first.inMs, isDaily: first.isDaily }
    : { kind: 'passing', text, readyInMs: first.inMs };
}

const isOnly = (few: Wanted['few']): few is OnlyAccount => few !== null && 'onlyId' in few;

/** The text of a refusal. If one account was asked for, its state is told, but not whose it is. */
function worded(few: Wanted['few'], why: string): string {
  if (isOnly(few)) return `the account of x-regrant-account cannot serve: ${why.replace(/^1 /, '')}`;
  const what = few === null || few.name.startsWith('upload/') ? '' : ` ${few.name}`;
  return `no account can serve${what}: ${why}`;
}

function nobodyBecause(few: Wanted['few']): string {
  if (isOnly(few)) return 'it was removed';
  return few === null ? 'there is none yet; add one with `regrant add`' : 'none of its quota project is left';
}

/**
 * The wait that ends first. If any account waits for something that passes by itself, the result counts as `passing`.
 */
function soonest(waits: readonly Wait[]): Exclude<Wait, { kind: 'none' | 'out' }> | null {
  let [first, passes]: [Exclude<Wait, { kind: 'none' | 'out' }> | null, boolean] = [null, false];
  for (const wait of waits) {
    if (wait.kind === 'out') continue;
    const timed = wait.kind === 'none' ? ({ kind: 'passing', inMs: AGAIN_MS, isDaily: false } as const) : wait;
    passes ||= timed.kind === 'passing';
    if (first === null || timed.inMs < first.inMs) first = timed;
  }
  return first === null || !passes ? first : { ...first, kind: 'passing' };
}

/** `2 disabled (invalid_grant)`, `1 refused (policy_enforced)` … */
function reasons(waits: readonly Wait[]): string[] {
  const groups = new Map<string, { count: number; codes: Set<string> }>();
  const count = (state: string, code: string): void => {
    const group = groups.get(state) ?? { count: 0, codes: new Set<string>() };
    group.count++;
    if (code !== '') group.codes.add(code);
    groups.set(state, group);
  };
  const unserved = waits.filter(({ kind }) => kind === 'none').length;
  for (const wait of waits) {
    if (wait.kind === 'out') count(wait.state, wait.why);
    else if (wait.kind !== 'none') count(wait.isFull === true ? 'at its limit of requests' : 'cooling', '');
  }
  const known = [...groups].map(([state, { count: number, codes }]) => {
    const why = codes.size === 0 ? '' : ` (${[...codes].join(', ')})`;
    return `${number} ${state}${why}`;
  });
  return unserved === 0 ? known : [...known, `${unserved} had no access token for this request`];
}
