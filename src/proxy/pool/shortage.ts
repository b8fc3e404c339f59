import type { Refusal } from '../hold/own-refusal.js';
import type { Home, Member } from './member.js';

/** What was asked for in vain. */
export interface Wanted {
  /** The accounts that come into question. */
  readonly asked: readonly Member[];
  /** It is stored there, so that only accounts that can see it come into question; null: all do. */
  readonly home: Pick<Home, 'name'> | null;
  readonly waitOf: (member: Member) => Wait;
}

/** When a member will be able to serve what was asked for. */
export type Wait =
  /** It could now; it may have been asked already. */
  | { readonly kind: 'none' }
  /** It rests, or waits for the token endpoint, this long; `state` is the word for it. */
  | { readonly kind: 'resting' | 'passing'; readonly inMs: number; readonly isDaily: boolean }
  /** Only somebody's doing brings it back, or nobody knows when. */
  | { readonly kind: 'out'; readonly state: string; readonly why: string };

/** How soon one may be asked again that could be asked now and gave nothing. */
const AGAIN_MS = 1_000;

/** Says why none of those asked can serve. */
export function shortageOf({ asked, home, waitOf }: Wanted): Refusal {
  const what = home === null || home.name.startsWith('upload/') ? '' : ` ${home.name}`;
  const say = (why: string): string => `no account can serve${what}: ${why}`;
  if (asked.length === 0) {
    const none = home === null ? 'there is none yet; add one with `regrant add`' : 'none of its quota project is left';
    return { kind: 'out', text: say(none) };
  }
  const waits = asked.map(waitOf);
  const text = say(reasons(waits).join(', '));
  const first = soonest(waits);
  if (first === null) return { kind: 'out', text };
  return first.kind === 'resting'
    ? { kind: 'resting', text, readyInMs: first.inMs, isDaily: first.isDaily }
    : { kind: 'passing', text, readyInMs: first.inMs };
}

/** The wait that ends first; what passes by itself makes the whole a matter of the token endpoint. */
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
    else if (wait.kind !== 'none') count('cooling', '');
  }
  const known = [...groups].map(([state, { count: number, codes }]) => {
    const why = codes.size === 0 ? '' : ` (${[...codes].join(', ')})`;
    return `${number} ${state}${why}`;
  });
  return unserved === 0 ? known : [...known, `${unserved} had no access token for this request`];
}
