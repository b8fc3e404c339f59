import type { Member } from './member.js';
import type { Home } from './member.js';

/** Why nobody can serve. */
export interface Shortage {
  /** All that could serve are cooling; the first is free after this many ms. */
  readonly retryAfterMs: number | null;
  readonly text: string;
}

/** What was asked for in vain. */
export interface Wanted {
  /** The accounts that come into question. */
  readonly asked: readonly Member[];
  /** It is stored there, so that only accounts that can see it come into question; null: all do. */
  readonly home: Pick<Home, 'name'> | null;
  /** Until when a member cools for it, ms since 1970; 0: it does not. */
  readonly coolsUntil: (member: Member) => number;
  /** It is of a model that a member keeps its quota of. */
  readonly isGuarded: (member: Member) => boolean;
}

/** Says why none of those asked can serve at `now` (ms since 1970). */
export function shortageOf({ asked, home, coolsUntil, isGuarded }: Wanted, now: number): Shortage {
  const what = home === null || home.name.startsWith('upload/') ? '' : ` ${home.name}`;
  const say = (why: string): string => `no account can serve${what}: ${why}`;
  if (asked.length === 0) {
    const none = home === null ? 'there is none yet; add one with `regrant add`' : 'none of its quota project is left';
    return { retryAfterMs: null, text: say(none) };
  }
  const serving = asked.filter(({ standing }) => standing.serves);
  const guarded = serving.filter(isGuarded).length;
  const ends = serving.filter((member) => !isGuarded(member)).map(coolsUntil);
  const cooling = ends.filter((until) => until > now);
  const everyOneCools = cooling.length > 0 && cooling.length === ends.length;
  const why = reasons(asked, cooling.length, guarded);
  if (why.length === 0) why.push(`${serving.length} had no access token for this request`);
  return {
    retryAfterMs: everyOneCools ? cooling.reduce((first, until) => Math.min(first, until)) - now : null,
    text: say(why.join(', ')),
  };
}

/** `2 disabled (invalid_grant)`, `1 refused (policy_enforced)` … */
function reasons(members: Iterable<Member>, cooling: number, guarded: number): string[] {
  const groups = new Map<string, { count: number; codes: Set<string> }>();
  for (const { standing } of members) {
    if (standing.serves) continue;
    const group = groups.get(standing.state) ?? { count: 0, codes: new Set() };
    group.count++;
    const code = standing.state === 'proxy_disabled' ? '' : /^[\w.-]+/.exec(standing.reason)?.[0];
    if (code !== undefined && code !== '')
      group.codes.add(standing.state === 'no_client' ? (standing.cause ?? '') : code);
    groups.set(standing.state, group);
  }
  if (cooling > 0) groups.set('cooling', { count: cooling + (groups.get('cooling')?.count ?? 0), codes: new Set() });
  if (guarded > 0) groups.set('quota_protected', { count: guarded, codes: new Set() });
  return [...groups].map(([state, { count, codes }]) => {
    const why = codes.size === 0 || state === 'unreadable' ? '' : ` (${[...codes].join(', ')})`;
    return `${count} ${state}${why}`;
  });
}
