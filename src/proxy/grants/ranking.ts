/** Which cause of a dead grant fits the evidence, and how well. */
import type { Fit, GrantCause, RankedCause } from '../contract/causes.js';

/** Everything known about a grant when `invalid_grant` came, as far as it indicates one cause or another. */
export interface Evidence {
  /** `error_description` of the answer. */
  readonly words: string;
  /** `error_subtype` of the answer, else empty. */
  readonly subtype: string;
  /** Google accepted this token at least once. */
  readonly everWorked: boolean;
  /** Seconds between the first time we saw the grant and its death, so it is at least this old; null: not known. */
  readonly age: number | null;
  /**
   * Seconds since its account was added here; the token is that old, or younger if somebody replaced it; null: not
   * known.
   */
  readonly accountAge: number | null;
  /** Seconds since Google last accepted the token; null: never, or not known. */
  readonly idle: number | null;
  /** Life in seconds that Google gave the grant (`refresh_token_expires_in`), where it said so. */
  readonly lifetime: number | null;
  /** Scopes of the last answer, separated by spaces; empty: not known. */
  readonly scopes: string;
  /** Other accounts of the same client whose grants died seven days old. */
  readonly othersDiedAtSeven: number;
  /** How many seconds before the death this user got further refresh tokens of this client here, the latest first. */
  readonly logins: readonly number[];
}

const DAY = 86_400;
const HOUR = 3_600;

/** Seconds that a grant lives if its app is in Testing. */
export const TESTING_LIFETIME = 7 * DAY;

/** Seconds after which Google ends a grant that nobody uses. */
export const IDLE_LIMIT = 182 * DAY;

/**
 * So many logins within a week make Google's limit of a hundred tokens likely, because only those made here are seen.
 */
const MANY_LOGINS = 20;

/** Seconds as people say them: `43 d`, `59 min`. */
const span = (seconds: number): string =>
  seconds >= 2 * DAY
    ? `${Math.round(seconds / DAY)} d`
    : seconds >= 2 * HOUR
      ? `${Math.round(seconds / HOUR)} h`
      : seconds >= 60
        ? `${Math.round(seconds / 60)} min`
        : 'a moment';

const close = (a: number, b: number, within: number): boolean => Math.abs(a - b) <= within;

/** The table has a row for each cause of a dead grant; a missing one does not compile. */
const judges: Readonly<Record<GrantCause, (evidence: Evidence) => readonly [Fit, string]>> = {
  reauth_required: ({ subtype }) =>
    /^(invalid_rapt|rapt_required)$/.test(subtype)
      ? ['certain', `error_subtype is ${subtype}`]
      : ['ruled_out', subtype === '' ? 'no error_subtype' : `error_subtype is ${subtype}`],
  account_deleted: ({ words, subtype }) =>
    /\b(account|user)\s(has been |was |is )?(deleted|suspended|disabled)\b/i.test(words) ||
    subtype === 'account_deleted'
      ? ['certain', 'Google says so']
      : ['ruled_out', 'Google does not say so'],
  testing_expired: judgeTesting,
  idle_expired: ({ idle }) => {
    if (idle === null) return ['possible', ''];
    return idle >= IDLE_LIMIT
      ? ['likely', `unused for ${span(idle)}`]
      : ['ruled_out', `it worked ${span(idle)} before`];
  },
  token_malformed: ({ everWorked, words }) => {
    if (everWorked) return ['ruled_out', 'it has worked'];
    return /^bad request$/i.test(words)
      ? ['likely', 'it never worked, and Google only says Bad Request']
      : ['possible', 'it never worked here'];
  },
  revoked: ({ everWorked, age, accountAge, idle }) => {
    if (!everWorked) return ['possible', ''];
    const old = age !== null && age >= DAY ? `it was ${span(age)} old` : accountAgeText(accountAge);
    const facts = [old, idle === null ? '' : `worked ${span(idle)} before`];
    return ['likely', facts.filter(Boolean).join(' and ')];
  },
  password_changed: ({ scopes }) => {
    if (scopes === '') return ['possible', 'only if it has a Gmail scope'];
    return /mail\.google\.com|auth\/gmail/.test(scopes)
      ? ['possible', 'it has a Gmail scope']
      : ['ruled_out', 'no Gmail scope'];
  },
  token_limit: ({ everWorked, logins }) => {
    const often = oftenText(logins);
    if (often !== null) return [logins.length >= MANY_LOGINS ? 'likely' : 'possible', often];
    return ['possible', everWorked ? 'if this client logs in often' : ''];
  },
};

/** `3 logins in the last hour by this client`; null: there were none lately. */
function oftenText(logins: readonly number[]): string | null {
  const within = (seconds: number): number => logins.filter((before) => before <= seconds).length;
  const spans = [
    ['hour', within(HOUR)],
    ['day', within(DAY)],
    ['week', within(7 * DAY)],
  ] as const;
  // the shortest period that covers all of them, or at least most
  const told =
    spans.find(([, count]) => count > 0 && count * 2 >= within(7 * DAY)) ?? spans.find(([, count]) => count > 0);
  return told === undefined
    ? null
    : `${told[1]} login${told[1] === 1 ? '' : 's'} in the last ${told[0]} by this client`;
}

/** The age of the account as evidence; empty for a young one, whose age only says when regrant was set up. */
const accountAgeText = (age: number | null): string =>
  age !== null && age >= DAY ? `its account is ${span(age)} old` : '';

function judgeTesting({ age, accountAge, lifetime, othersDiedAtSeven }: Evidence): readonly [Fit, string] {
  if (lifetime !== null && !isTestingLife(lifetime)) {
    return ['ruled_out', `Google gave the grant ${span(lifetime)}`];
  }
  if (age !== null && age > TESTING_LIFETIME + DAY) return ['ruled_out', 'older than 7 d'];
  const others =
    othersDiedAtSeven === 0 ? '' : `; so did ${othersDiedAtSeven} other${othersDiedAtSeven === 1 ? '' : 's'}`;
  if (age !== null && close(age, TESTING_LIFETIME, DAY / 4)) return ['likely', `it died ${span(age)} old${others}`];
  if (lifetime !== null && age !== null && age < TESTING_LIFETIME - DAY / 4)
    return ['ruled_out', `only ${span(age)} old`];
  if (lifetime !== null) return ['likely', 'Google gave the grant 7 days'];
  if (accountAge !== null && diedAtSeven(accountAge))
    return ['likely', `its account is ${span(accountAge)} old${others}`];
  const isOlder = accountAge !== null && accountAge > TESTING_LIFETIME + DAY;
  return ['possible', isOlder ? `if its token is newer than the account (${span(accountAge)})` : ''];
}

const order: readonly Fit[] = ['certain', 'likely', 'possible', 'ruled_out'];

/**
 * Every cause of a dead grant, the likeliest first, with the evidence for and against it. Google's answer alone rarely
 * tells them apart, so they are ranked by evidence; the first is never one that is ruled out.
 */
export function rankCauses(evidence: Evidence): readonly [RankedCause, ...RankedCause[]] {
  const ranked = Object.entries(judges).map(([cause, judge]) => {
    const [fit, because] = judge(evidence);
    return { cause: cause as GrantCause, fit, because };
  });
  const rank = ({ cause, fit }: RankedCause): number =>
    2 * order.indexOf(fit) - (cause === 'token_limit' && evidence.logins.length > 0 ? 1 : 0);
  ranked.sort((a, b) => rank(a) - rank(b));
  const [first = { cause: 'revoked', fit: 'possible', because: '' }, ...others] = ranked;
  return [first, ...others];
}

/** Whether this life in seconds is the one that Google gives a grant of an app in Testing. */
export const isTestingLife = (seconds: number): boolean => close(seconds, TESTING_LIFETIME, DAY / 2);

/** Whether this age at death, in seconds, is that of a grant of an app in Testing. */
export const diedAtSeven = (age: number): boolean => close(age, TESTING_LIFETIME, DAY / 4);
