/** When a grant will end by itself, as far as that can be known. */
import type { GrantCause } from '../contract/causes.js';
import { IDLE_LIMIT, isTestingLife, TESTING_LIFETIME } from './ranking.js';

/** What is known of a living grant. Times in unix seconds. */
export interface GrantLife {
  /** When Google says that it ends; null: it said nothing. */
  readonly endsAt: number | null;
  /** The life in seconds that Google gave the whole grant; null: it said nothing. */
  readonly lifetime: number | null;
  /** A time at which the grant existed already, so it is at least this old; null: not known. */
  readonly bornAt: number | null;
  /** When it was last in use; null: not known. */
  readonly workedAt: number | null;
  /** Other accounts of the same client whose grants died seven days old. */
  readonly othersDiedAtSeven: number;
}

export interface GrantEnd {
  /** Unix seconds. */
  readonly at: number;
  /** Why it will have ended; null: its owner set a time limit. */
  readonly cause: Extract<GrantCause, 'testing_expired' | 'idle_expired'> | null;
  /** How the end is known, as a clause. */
  readonly because: string;
}

const IDLE_IN_SIGHT = 30 * 86_400;

/**
 * The end of a grant of an app in Testing: other accounts of its client lost theirs at seven days, and nothing shows
 * that this one lives longer.
 */
function testingEnd({ lifetime, bornAt, othersDiedAtSeven }: GrantLife, now: number): GrantEnd | null {
  if (othersDiedAtSeven === 0 || lifetime !== null || bornAt === null) return null;
  const at = bornAt + TESTING_LIFETIME;
  // a grant that is older than that proves that its app is not in Testing
  if (at <= now) return null;
  const others = othersDiedAtSeven === 1 ? 'another grant' : `${othersDiedAtSeven} other grants`;
  return { at, cause: 'testing_expired', because: `${others} of its OAuth client died seven days old` };
}

function toldEnd({ endsAt, lifetime }: GrantLife): GrantEnd | null {
  if (endsAt === null) return null;
  const isTesting = lifetime !== null && isTestingLife(lifetime);
  return { at: endsAt, cause: isTesting ? 'testing_expired' : null, because: 'Google gave it a limited time' };
}

/**
 * The end of a grant that is not used, told only where it is near: a grant that is refreshed once a day never reaches
 * it.
 */
function idleEnd({ workedAt }: GrantLife, now: number): GrantEnd | null {
  if (workedAt === null || workedAt + IDLE_LIMIT - now > IDLE_IN_SIGHT) return null;
  return { at: workedAt + IDLE_LIMIT, cause: 'idle_expired', because: 'Google ends what nobody uses for six months' };
}

/** The earliest end that can be foreseen for a grant; null: none. */
export function firstEndOf(life: GrantLife, now: number): GrantEnd | null {
  const ends = [toldEnd(life), testingEnd(life, now), idleEnd(life, now)].filter((end) => end !== null);
  return ends.reduce<GrantEnd | null>((first, end) => (first === null || end.at < first.at ? end : first), null);
}
