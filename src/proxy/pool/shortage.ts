import { BoundedMap } from '../../store/ground/bounded-map.js';
import type { Refusal } from '../hold/own-refusal.js';
import { partKey } from '../rests/rest.js';
import type { Subject } from '../subject/subject.js';
import type { ResourceHome, Member, OnlyAccount } from './member.js';

/** A request that no account can serve. */
export interface Wanted {
  /** The accounts that are considered. */
  readonly asked: Iterable<Member>;
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

/** What a look at the accounts has found. */
export interface Shortage {
  readonly refusal: Refusal;
  /** Whether it stays true, but for the time that is left, until an account or a rest changes. */
  readonly isLasting: boolean;
}

/** Says why none of the accounts considered can serve. */
export function shortageOf({ asked, few, waitOf }: Wanted): Shortage {
  const found = new Found();
  for (const member of asked) found.add(waitOf(member));
  const { first, isLasting } = found;
  const text = worded(few, found.isEmpty ? nobodyBecause(few) : found.reasons().join(', '));
  if (first === null) return { refusal: { kind: 'out', text }, isLasting };
  const { kind, inMs: readyInMs, isDaily } = first;
  const refusal: Refusal =
    kind === 'resting' ? { kind, text, readyInMs, isDaily } : { kind: 'passing', text, readyInMs };
  return { refusal, isLasting };
}

/** Many models may be out at once; beyond this many the oldest is looked at anew. */
const MOST_KNOWN = 100;

/** What was found about whole pools: at twenty thousand accounts each look takes a millisecond. */
export class KnownShortages {
  private readonly known = new BoundedMap<string, { readonly refusal: Refusal; readonly at: number }>(MOST_KNOWN);

  /** An account or a rest has changed. */
  clear(): void {
    if (this.known.size > 0) this.known.clear();
  }

  /** @param now - monotonic ms */
  of({ model, group }: Subject, now: number, look: () => Shortage): Refusal {
    const key = partKey(model, group);
    const known = this.known.get(key);
    if (known !== undefined) return later(known.refusal, now - known.at);
    const { refusal, isLasting } = look();
    if (isLasting) this.known.set(key, { refusal, at: now });
    return refusal;
  }
}

const later = (refusal: Refusal, byMs: number): Refusal =>
  refusal.kind === 'out' ? refusal : { ...refusal, readyInMs: Math.max(0, refusal.readyInMs - byMs) };

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

type Timed = Exclude<Wait, { kind: 'none' | 'out' }>;
const SOON: Timed = { kind: 'passing', inMs: AGAIN_MS, isDaily: false };

/** Sums up the waits of accounts. */
class Found {
  isEmpty = true;
  isLasting = true;
  private soonest: Timed | null = null;
  private passes = false;
  private unserved = 0;
  /** State → how many, and the codes for it. */
  private readonly groups = new Map<string, { count: number; codes: Set<string> }>();

  add(wait: Wait): void {
    this.isEmpty = false;
    if (wait.kind === 'out') {
      this.count(wait.state, wait.why);
      return;
    }
    const timed = wait.kind === 'none' ? SOON : wait;
    const isFull = timed.isFull === true;
    if (wait.kind === 'none') this.unserved += 1;
    else this.count(isFull ? 'at its limit of requests' : 'cooling', '');
    if (wait.kind === 'none' || isFull) this.isLasting = false;
    this.passes ||= timed.kind === 'passing';
    if (this.soonest === null || timed.inMs < this.soonest.inMs) this.soonest = timed;
  }

  /**
   * The wait that ends first. If any account waits for something that passes by itself, the result counts as `passing`.
   */
  get first(): Timed | null {
    return this.soonest === null || !this.passes ? this.soonest : { ...this.soonest, kind: 'passing' };
  }

  /** `2 disabled (invalid_grant)`, `1 refused (policy_enforced)` … */
  reasons(): string[] {
    const known = [...this.groups].map(([state, { count, codes }]) => {
      const why = codes.size === 0 ? '' : ` (${[...codes].join(', ')})`;
      return `${count} ${state}${why}`;
    });
    return this.unserved === 0 ? known : [...known, `${this.unserved} had no access token for this request`];
  }

  private count(state: string, code: string): void {
    let group = this.groups.get(state);
    if (group === undefined) this.groups.set(state, (group = { count: 0, codes: new Set<string>() }));
    group.count++;
    if (code !== '') group.codes.add(code);
  }
}
