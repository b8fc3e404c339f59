/** When a grant will end by itself, as far as anybody can know. */
import type { GrantCause } from '../contract/causes.js';
import { IDLE_LIMIT, isTestingLife, TESTING_LIFETIME } from './ranking.js';

/** What is known of a living grant. Times in unix seconds. */
export interface GrantLife {
  /** As Google said; null: it said nothing. */
  readonly endsAt: number | null;
  /** Life in seconds that Google gave the whole grant; null: it said nothing. */
  readonly lifetime: number | null;
  /** It is at least this old; null: nobody knows. */
  readonly bornAt: number | null;
  /** It was last in use; null: nobody knows. */
  readonly workedAt: number | null;
  /** Other accounts of the same client whose grants died seven days old. */
  readonly othersDiedAtSeven: number;
}

export interface GrantEnd {
  /** Unix seconds. */
  readonly at: number;
  /** What will have ended it; null: a limit that its owner set. */
  readonly cause: Extract<GrantCause, 'testing_expired' | 'idle_expired'> | null;
  /** How that is known, as a clause. */
  readonly because: string;
}

const IDLE_IN_SIGHT = 30 * 86_400;

/** Others of its client ended at seven days, and nothing says that this one will not. */
function testingEnd({ lifetime, bornAt, othersDiedAtSeven }: GrantLife, now: number): GrantEnd | null {
  if (othersDiedAtSeven === 0 || lifetime !== null || bornAt === null) return null;
  const at = bornAt + TESTING_LIFETIME;
  // one that is older is the proof of the contrary
  if (at <= now) return null;
  const others = othersDiedAtSeven === 1 ? 'another grant' : `${othersDiedAtSeven} other grants`;
  return { at, cause: 'testing_expired', because: `${others} of its OAuth client died seven days old` };
}

function toldEnd({ endsAt, lifetime }: GrantLife): GrantEnd | null {
  if (endsAt === null) return null;
  const isTesting = lifetime !== null && isTestingLife(lifetime);
  return { at: endsAt, cause: isTesting ? 'testing_expired' : null, because: 'Google gave it a limited time' };
}

/** Only where it is near: whatever is refreshed once a day never gets there. */
function idleEnd({ workedAt }: GrantLife, now: number): GrantEnd | null {
  if (workedAt === null || workedAt + IDLE_LIMIT - now > IDLE_IN_SIGHT) return null;
  return { at: workedAt + IDLE_LIMIT, cause: 'idle_expired', because: 'Google ends what nobody uses for six months' };
}

/** The first end that is in sight of a grant; null: none. */
export function firstEndOf(life: GrantLife, now: number): GrantEnd | null {
  const ends = [toldEnd(life), testingEnd(life, now), idleEnd(life, now)].filter((end) => end !== null);
  return ends.reduce<GrantEnd | null>((first, end) => (first === null || end.at < first.at ? end : first), null);
}
