/** Which of all that happens is worth waking somebody for, each once. Decides only; `notify` delivers. */
import type { GrantEvent, GrantEventKind } from '../../store/records/events.js';
import { spoken } from '../contract/durations.js';
import type { Health } from '../contract/snapshot.js';

export type NoticeEvent = 'account_disabled' | 'account_recovered' | 'none_serves' | 'client_refused';

/** What happened, as it is told. Nothing secret is in it; e-mails are. */
export interface Notice {
  readonly event: NoticeEvent;
  /** ms since 1970. */
  readonly at: number;
  /** E-mail of the account it is about. */
  readonly account: string | null;
  /** Name of the OAuth client it is about. */
  readonly client: string | null;
  /** A code of the closed vocabulary of causes. */
  readonly cause: string | null;
  /** One line: what and why. */
  readonly text: string;
}

/** How the whole stands. */
export interface PoolStanding {
  readonly now: number;
  readonly health: Health;
  /** Models that were asked for and that nobody serves; `next` in ms since 1970. */
  readonly noneServes: readonly { readonly model: string; readonly next: number | null }[];
  readonly accounts: number;
  /** Names of the OAuth clients that are refused now, with the server's error code. */
  readonly refusedClients: readonly { readonly name: string; readonly code: string; readonly cause: string }[];
}

/** What nobody serves for less than this may pass by itself, and wakes nobody. */
export const NOBODY_AFTER_MS = 10_000;

function nobodyText(noneServes: PoolStanding['noneServes'], accounts: number, now: number): string {
  const [first] = noneServes;
  const whom = `none of ${accounts} accounts serves`;
  if (first === undefined) return `${whom}: requests get 503`;
  const more = noneServes.length > 1 ? ` and ${noneServes.length - 1} more` : '';
  const next = first.next === null ? 'nobody knows when one will' : `next in ${spoken((first.next - now) / 1000)}`;
  return `${whom}${first.model === '' ? '' : ` ${first.model}`}${more}: ${next}`;
}

/** Events of an account that is not disabled: whatever brought it back, its next death is news. */
const isAlive: Partial<Record<GrantEventKind, boolean>> = { recovered: true, refreshed: true, rotated: true };

/**
 * Remembers what was told: a death once until the recovery, a refused client once until it is accepted again, and that
 * nobody serves once until somebody does.
 */
export class Notices {
  private readonly disabled: Set<string>;
  private readonly refused = new Set<string>();
  /** Since when nobody serves something, ms since 1970; null: somebody does. */
  private nobodySince: number | null = null;
  private nobodyIsTold = false;

  /** @param disabled - ids of the accounts that were disabled before the start: known, and no news */
  constructor(disabled: Iterable<string>) {
    this.disabled = new Set(disabled);
  }

  /** The notice that an event is worth; null: none. */
  of({ kind, accountId, email, cause, text, detail, at }: GrantEvent): Notice | null {
    const about = { at, account: email, client: null, cause };
    if (kind === 'disabled' && !this.disabled.has(accountId)) {
      this.disabled.add(accountId);
      return {
        event: 'account_disabled',
        ...about,
        text: `${email} is out: ${text}${detail === '' ? '' : ` (${detail})`}`,
      };
    }
    if (isAlive[kind] === true && this.disabled.delete(accountId)) {
      const how = kind === 'recovered' ? text : 'Google honours its refresh token';
      return { event: 'account_recovered', ...about, text: `${email} is back: ${how}` };
    }
    return null;
  }

  /** Something is not worth a notice yet, and may be soon. */
  get isUndecided(): boolean {
    return this.nobodySince !== null && !this.nobodyIsTold;
  }

  /** The notices that a look at the whole is worth. */
  look({ now, health, noneServes, accounts, refusedClients }: PoolStanding): readonly Notice[] {
    const notices: Notice[] = [];
    for (const { name, code, cause } of refusedClients) {
      if (this.refused.has(name)) continue;
      this.refused.add(name);
      const text = `Google refuses the OAuth client "${name}" (${code}): all of its accounts pause`;
      notices.push({ event: 'client_refused', at: now, account: null, client: name, cause, text });
    }
    const names = new Set(refusedClients.map(({ name }) => name));
    for (const name of this.refused) if (!names.has(name)) this.refused.delete(name);
    const nobody = (health === 'down' || noneServes.length > 0) && accounts > 0;
    this.nobodySince = nobody ? (this.nobodySince ?? now) : null;
    if (this.nobodySince === null) this.nobodyIsTold = false;
    else if (!this.nobodyIsTold && now - this.nobodySince >= NOBODY_AFTER_MS) {
      this.nobodyIsTold = true;
      const text = nobodyText(noneServes, accounts, now);
      notices.push({ event: 'none_serves', at: now, account: null, client: null, cause: null, text });
    }
    return notices;
  }
}
