import type { AccountState } from '../contract/snapshot.js';
import { healthOf, isCooling, type PoolHealth } from '../rests/health.js';
import { restCauses } from '../answers/causes.js';
import type { Clock } from '../../store/ground/clock.js';
import { restEndOf, type Rest, touches } from '../rests/rest.js';
import type { Subject } from '../subject/subject.js';
import type { Member, Part } from './member.js';
import { isFull } from './rotation.js';
import type { Wait } from './shortage.js';
import type { StateCounts } from './state-counts.js';
import type { WhoRests } from '../rests/who-rests.js';

/** The reason that another program or quota protection writes when it takes an account out: no human did so. */
const NOT_BY_HAND = 'quota_protection';

/** How soon to ask again for an account that serves as many requests as it may. */
const FULL_MS = 1_000;

/** What a member counts as in the pool's health. */
export function partOf({ standing, protectedModels }: Member, rests: boolean): Part {
  const { state, reason, serves } = standing;
  if (state === 'proxy_disabled' && !reason.startsWith(NOT_BY_HAND)) return 'off';
  // An account that is cooling, with no access token left and no renewal possible, may be asked, but may not serve.
  if (!serves || state === 'cooling') return 'out';
  return rests || protectedModels.length > 0 ? 'limited' : 'serves';
}

/** What this process may do to the accounts. */
export interface Rights {
  /** Whether it may write the data directory; left out: it may. */
  readonly mayWrite?: () => boolean;
}

/** What a pool's health is computed from. */
export interface HealthParts {
  readonly counts: StateCounts;
  readonly who: WhoRests;
  readonly rotation: { isProtected(member: Pick<Member, 'protectedModels'>, model: string): boolean };
  /** What was asked for within the last hour. */
  readonly asked: readonly Subject[];
  /** `pool.waitSeconds` in ms. */
  readonly waitMs: number;
  /** The current time, monotonic ms. */
  readonly now: number;
}

/** How well a pool serves. */
export function poolHealth({ counts, who, rotation, asked, waitMs, now }: HealthParts): PoolHealth {
  const members = [...counts.limited].map((member) => ({
    isOffByHand: false,
    serves: true,
    rests: [...who.rests.of(member)],
    keeps: (model: string) => rotation.isProtected(member, model),
  }));
  const others = { serving: counts.of('serves'), out: counts.of('out') };
  return healthOf({ members, others, asked, waitMs, now, unsaved: counts.unsaved });
}

/** The state that people see: a member whose standing is ready is shown as cooling where everything asked for rests. */
export function stateOf(member: Member, who: WhoRests, asked: readonly Subject[]): AccountState {
  if (member.standing.state !== 'ready') return member.standing.state;
  if (who.isBlocked(member)) return 'blocked';
  return isCooling([...who.rests.of(member)], asked) ? 'cooling' : 'ready';
}

type Guard = HealthParts['rotation'];

/** Tells for each member when it will be able to serve a subject, as of now. */
export function waitsFor(subject: Subject, who: WhoRests, clock: Clock, guard: Guard): (member: Member) => Wait {
  const [now, monotonic] = [clock.now(), clock.monotonic()];
  return (member) => waitOf(member, { who, subject, guard, now, monotonic });
}

interface WaitParts {
  readonly who: WhoRests;
  readonly subject: Subject;
  readonly guard: Guard;
  /** Wall clock, ms since 1970; `monotonic`: monotonic ms. */
  readonly now: number;
  readonly monotonic: number;
}

function waitOf(member: Member, { who, subject, guard, now, monotonic }: WaitParts): Wait {
  const { standing } = member;
  if (standing.state === 'cooling') {
    return { kind: 'passing', inMs: Math.max(0, (standing.until ?? now) - now), isDaily: false };
  }
  if (!standing.serves) return { kind: 'out', state: standing.state, why: codeOf(member) };
  if (guard.isProtected(member, subject.model)) return { kind: 'out', state: 'quota_protected', why: '' };
  const rest = longestOf(who.rests.of(member), subject);
  if (rest === null || restEndOf(rest) <= monotonic) {
    return isFull(member) ? { kind: 'resting', inMs: FULL_MS, isDaily: false, isFull: true } : { kind: 'none' };
  }
  if (restCauses[rest.cause].kind === 'blocked') return { kind: 'out', state: 'blocked', why: rest.cause };
  return { kind: 'resting', inMs: restEndOf(rest) - monotonic, isDaily: rest.cause === 'quota_daily' };
}

function longestOf(rests: Iterable<Rest>, subject: Subject): Rest | null {
  let longest: Rest | null = null;
  for (const rest of rests) {
    if (touches(rest, subject) && (longest === null || restEndOf(rest) > restEndOf(longest))) longest = rest;
  }
  return longest;
}

/** The error code that a standing's reason begins with. */
function codeOf({ standing: { state, cause, reason } }: Member): string {
  if (state === 'no_client') return cause ?? '';
  return state === 'proxy_disabled' || state === 'unreadable' ? '' : (/^[\w.-]+/.exec(reason)?.[0] ?? '');
}
