import type { Health } from '../contract/snapshot.js';
import type { Subject } from '../subject/subject.js';
import { restEndOf, partKey, type Rest, touches } from './rest.js';

/** An account as far as the pool's health depends on it. */
export interface HealthMember {
  /** Whether the account is out because somebody took it out by hand. */
  readonly isOffByHand: boolean;
  /** Whether it may be asked, unless it rests. */
  readonly serves: boolean;
  /** The rests of the account and of its project. */
  readonly rests: readonly Rest[];
  /** Whether it protects its quota of a model. */
  readonly keeps: (model: string) => boolean;
}

/** A pool at one moment. */
export interface HealthView {
  /** Accounts that must be looked at one by one: they rest, protect quota, or have another reason. */
  readonly members: Iterable<HealthMember>;
  /**
   * How many other accounts there are: those that serve everything, and those that are out though nobody took them out.
   */
  readonly others: { readonly serving: number; readonly out: number };
  /** What was asked for within the last hour; empty: everything that rests counts as asked for. */
  readonly asked: readonly Subject[];
  /** A rest that ends within this time, ms, counts as over: a request is held until then. */
  readonly waitMs: number;
  /** Monotonic ms. */
  readonly now: number;
  /** Accounts whose newest credential or flag is in memory only. */
  readonly unsaved: number;
}

/** A model that was asked for and that no account serves. */
export interface NoneServes {
  readonly model: string;
  /** When the first account may serve it, monotonic ms; null: not known. */
  readonly next: number | null;
}

export interface PoolHealth {
  readonly status: Health;
  readonly noneServes: readonly NoneServes[];
}

/**
 * How well a pool serves. `down`: no account can serve · `ok`: every account that is not off by hand can, every model
 * that was asked for is served by one, and nothing is unsaved · `degraded`: anything else.
 */
export function healthOf(view: HealthView): PoolHealth {
  const members = [...view.members];
  const { serving, out } = view.others;
  const asked = view.asked.length > 0 ? view.asked : restingSubjects(members);
  const open = new Map(asked.map((subject) => [subject, { serves: serving > 0, next: Infinity }]));
  let [canServe, cannot] = [serving, out];
  for (const member of members) {
    if (canServeAny(member, asked, view, open)) canServe++;
    else if (!member.isOffByHand) cannot++;
  }
  const noneServes = noneOf(open);
  if (canServe === 0) return { status: 'down', noneServes };
  return { status: cannot === 0 && noneServes.length === 0 && view.unsaved === 0 ? 'ok' : 'degraded', noneServes };
}

type Open = Map<Subject, { serves: boolean; next: number }>;

/**
 * Whether a member can serve anything of what is asked for; notes in `open` what it serves, and when it will serve the
 * rest.
 */
function canServeAny(
  member: HealthMember,
  asked: readonly Subject[],
  { now, waitMs }: HealthView,
  open: Open,
): boolean {
  if (!member.serves) return false;
  let any = asked.length === 0;
  for (const subject of asked) {
    const until = restsUntil(member, subject);
    const of = open.get(subject);
    if (until === null || of === undefined) continue;
    if (until <= now + waitMs) any = of.serves = true;
    else of.next = Math.min(of.next, until);
  }
  return any;
}

/**
 * Until when a member cannot serve a subject, monotonic ms; 0: it can; null: it protects its quota, for an unknown
 * time.
 */
function restsUntil({ rests, keeps }: HealthMember, subject: Subject): number | null {
  if (subject.model !== '' && keeps(subject.model)) return null;
  return rests.reduce((until, rest) => (touches(rest, subject) ? Math.max(until, restEndOf(rest)) : until), 0);
}

/**
 * Whether an account is shown as cooling: everything that was asked for rests. An account that rests for some models
 * only is shown as ready.
 */
export function isCooling(rests: readonly Rest[], asked: readonly Subject[]): boolean {
  if (rests.length === 0) return false;
  const subjects = asked.length > 0 ? asked : restingSubjects([{ rests }]);
  return subjects.every((subject) => rests.some((rest) => touches(rest, subject)));
}

/** Everything that rests, used as if it had been asked for. */
function restingSubjects(members: readonly Pick<HealthMember, 'rests'>[]): readonly Subject[] {
  const subjects = new Map<string, Subject>();
  for (const { rests } of members) {
    for (const { model, group } of rests) {
      const subject: Subject = { model, group: group === '' ? 'generate' : group };
      subjects.set(partKey(model, subject.group), subject);
    }
  }
  return [...subjects.values()];
}

/** The subjects that no account serves: each model once, with the earliest time at which it may be served. */
function noneOf(open: Open): readonly NoneServes[] {
  const byModel = new Map<string, number>();
  for (const [{ model }, { serves, next }] of open) {
    if (!serves) byModel.set(model, Math.min(byModel.get(model) ?? Infinity, next));
  }
  return [...byModel].map(([model, next]) => ({ model, next: next === Infinity ? null : next }));
}
