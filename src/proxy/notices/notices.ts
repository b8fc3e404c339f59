/** Decides which of all events are worth waking somebody for, each once; `notifier` delivers them. */
import type { GrantEvent, GrantEventKind } from '../../store/records/grant-event.js';
import { spoken } from '../contract/durations.js';
import type { Condition, Notice, PoolStanding, ToldNotices } from './notice.js';

/** How long no account may serve something before a notice is sent: a shorter gap may end by itself. */
export const NOBODY_AFTER_MS = 10_000;

/**
 * How long a condition that was told before a restart counts as told, though nothing shows it yet (a refused client
 * shows only at its next refresh).
 */
const INHERITED_MS = 600_000;

/** A rest that is longer than this is told. */
const LONG_REST_MS = 3_600_000;

function nobodyText(noneServes: PoolStanding['noneServes'], accounts: number, now: number): string {
  const [first] = noneServes;
  const whom = `none of ${accounts} accounts serves`;
  if (first === undefined) return `${whom}: requests get 503`;
  const more = noneServes.length > 1 ? ` and ${noneServes.length - 1} more` : '';
  const next = first.next === null ? 'nobody knows when one will' : `next in ${spoken((first.next - now) / 1000)}`;
  return `${whom}${first.model === '' ? '' : ` ${first.model}`}${more}: ${next}`;
}

/**
 * Kinds of events that only an account with a living grant has: after one, whatever brought it back, its next death is
 * news.
 */
const isAlive: Partial<Record<GrantEventKind, boolean>> = { recovered: true, refreshed: true, rotated: true };

const deathOf = (accountId: string): string => `account_disabled/${accountId}`;
const isDeath = (key: string): boolean => key.startsWith('account_disabled/');

/** Keys of conditions that are told once, even if they end and come back: a period or a time is part of the key. */
const isOnce = (key: string): boolean => /^(?:key_limit|key_ending|cooling_long)\//.test(key);

/** Whether the time in a key is past: what it is for cannot come again. */
const isOver = (key: string, now: number): boolean =>
  key.startsWith('cooling_long/') && Number(key.slice(key.lastIndexOf('/') + 1)) < now;

/** An account that is disabled. */
export interface DeadAccount {
  readonly id: string;
  readonly email: string;
  /** The reason in its file. */
  readonly reason: string;
}

/**
 * Decides what is told: that a grant died once until the account recovers, a condition once while it lasts, and again
 * only if it had ended in between.
 */
export class Notices {
  /** Conditions that were told before the start, and that this process has not seen yet. */
  private readonly inherited: Set<string>;
  private startedAt: number | null = null;
  /** Since when no account serves something that was asked for, ms since 1970; null: everything is served. */
  private nobodySince: number | null = null;

  constructor(private readonly told: ToldNotices) {
    this.inherited = new Set(told.keys().filter((key) => !isDeath(key) && !isOnce(key)));
  }

  /**
   * The notices for what happened while regrant did not run.
   *
   * @param dead - the accounts that are disabled now
   * @param alive - ids of the others
   * @param isFirst - no notice was ever sent from here: the operator knows which grants are dead
   */
  catchUp(dead: readonly DeadAccount[], alive: ReadonlyMap<string, string>, isFirst: boolean, now: number): Notice[] {
    const notices: Notice[] = [];
    for (const { id, email, reason } of dead) {
      if (this.told.isTold(deathOf(id))) continue;
      this.told.note(deathOf(id), now);
      const about = { at: now, account: email, client: null, cause: null };
      if (!isFirst) notices.push({ event: 'account_disabled', ...about, text: `${email} is out: ${reason}` });
    }
    const deadNow = new Set(dead.map(({ id }) => deathOf(id)));
    for (const key of this.told.keys().filter((key) => isDeath(key) && !deadNow.has(key))) {
      this.told.forget(key);
      const email = alive.get(key.slice(deathOf('').length));
      if (email === undefined) continue;
      const about = { at: now, account: email, client: null, cause: null };
      notices.push({ event: 'account_recovered', ...about, text: `${email} is back` });
    }
    return notices;
  }

  /** The notice that an event deserves; null: none. */
  of({ kind, accountId, email, cause, text, detail, at, nextAt }: GrantEvent): Notice | null {
    const about = { at, account: email, client: null, cause };
    const more = detail === '' ? '' : ` (${detail})`;
    if (kind === 'disabled') {
      if (!this.isNew(deathOf(accountId), at)) return null;
      return { event: 'account_disabled', ...about, text: `${email} is out: ${text}${more}` };
    }
    if (isAlive[kind] === true && this.told.forget(deathOf(accountId))) {
      const how = kind === 'recovered' ? text : 'Google honours its refresh token';
      return { event: 'account_recovered', ...about, text: `${email} is back: ${how}` };
    }
    // `GrantWarnings` tells it once, over restarts too
    if (kind === 'warning') return { event: 'grant_ending', ...about, text: `${email}: ${text}${more}` };
    if (kind === 'rested' && nextAt !== null && nextAt - at > LONG_REST_MS) {
      if (!this.isNew(`cooling_long/${accountId}/${nextAt}`, at)) return null;
      return { event: 'cooling_long', ...about, text: `${email} rests: ${text}` };
    }
    return null;
  }

  /** Whether a notice is only waiting for its time: `NOBODY_AFTER_MS` is not over yet. */
  get isUndecided(): boolean {
    return this.nobodySince !== null && !this.told.isTold('none_serves');
  }

  /** The notice for a condition that has no duration. @returns null: it was told */
  once({ key, ...about }: Condition, at: number): Notice | null {
    return this.isNew(key, at) ? { ...about, at } : null;
  }

  /** The notices that the state of everything deserves. */
  look(standing: PoolStanding): readonly Notice[] {
    const { now } = standing;
    this.startedAt ??= now;
    const going = this.conditionsOf(standing);
    const keys = new Set(going.map(({ key }) => key));
    for (const key of keys) this.inherited.delete(key);
    const isOld = now - this.startedAt >= INHERITED_MS;
    for (const key of this.told.keys()) {
      if (isOver(key, now)) this.told.forget(key);
      if (keys.has(key) || isDeath(key) || isOnce(key)) continue;
      if (isOld || !this.inherited.has(key)) this.told.forget(key);
    }
    return going
      .filter(({ key }) => this.isNew(key, now))
      .map(({ key: _key, ...about }): Notice => ({ ...about, at: now }));
  }

  private conditionsOf({ now, health, noneServes, accounts, refusedClients, conditions }: PoolStanding): Condition[] {
    const none = { account: null, client: null, cause: null };
    const refused = refusedClients.map(({ name, code, cause }): Condition => {
      const text = `Google refuses the OAuth client "${name}" (${code}): all of its accounts pause`;
      return { key: `client_refused/${name}`, event: 'client_refused', account: null, client: name, cause, text };
    });
    const nobody = (health === 'down' || noneServes.length > 0) && accounts > 0;
    this.nobodySince = nobody ? (this.nobodySince ?? now) : null;
    const isLong = this.nobodySince !== null && now - this.nobodySince >= NOBODY_AFTER_MS;
    const isTold = nobody && this.told.isTold('none_serves');
    const text = nobodyText(noneServes, accounts, now);
    const nobodyServes: Condition = { key: 'none_serves', event: 'none_serves', ...none, text };
    return [...refused, ...(isLong || isTold ? [nobodyServes] : []), ...conditions];
  }

  private isNew(key: string, at: number): boolean {
    if (this.told.isTold(key)) return false;
    this.told.note(key, at);
    return true;
  }
}
