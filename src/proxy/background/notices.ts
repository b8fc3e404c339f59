/** Decides which of all events are worth waking somebody for, each once; `notify` delivers them. */
import type { GrantEvent, GrantEventKind } from '../../store/records/events.js';
import { spoken } from '../contract/durations.js';
import type { Health } from '../contract/snapshot.js';

export type NoticeEvent = 'account_disabled' | 'account_recovered' | 'none_serves' | 'client_refused' | 'not_saved';

/** A notice as it is delivered. Nothing secret is in it; e-mails are. */
export interface Notice {
  readonly event: NoticeEvent;
  /** ms since 1970. */
  readonly at: number;
  /** E-mail of the account that the notice is about; null: it is about none. */
  readonly account: string | null;
  /** Name of the OAuth client that the notice is about; null: it is about none. */
  readonly client: string | null;
  /** A code of `proxy/contract/causes`; null: there is none. */
  readonly cause: string | null;
  /** One line: what and why. */
  readonly text: string;
}

/** The state of the whole pool. */
export interface PoolStanding {
  readonly now: number;
  readonly health: Health;
  /** Models that were asked for and that no account serves; `next` in ms since 1970. */
  readonly noneServes: readonly { readonly model: string; readonly next: number | null }[];
  readonly accounts: number;
  /** Accounts whose newest credential or flag is in memory only. */
  readonly unsaved: number;
  /** Names of the OAuth clients that are refused now, with the server's error code. */
  readonly refusedClients: readonly { readonly name: string; readonly code: string; readonly cause: string }[];
}

/** How long no account may serve something before a notice is sent: a shorter gap may end by itself. */
export const NOBODY_AFTER_MS = 10_000;

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

/**
 * Remembers which notices were sent: that a grant died is told once until the account recovers, a refused client once
 * until it is accepted again, and that no account serves something once until one does.
 */
export class Notices {
  private readonly disabled: Set<string>;
  private readonly refused = new Set<string>();
  /** Since when no account serves something that was asked for, ms since 1970; null: everything is served. */
  private nobodySince: number | null = null;
  private nobodyIsTold = false;
  /** That something is not saved was told, and still holds. */
  private lossIsTold = false;

  /** @param disabled - ids of the accounts that were disabled before the start: their deaths are not news */
  constructor(disabled: Iterable<string>) {
    this.disabled = new Set(disabled);
  }

  /** The notice that an event deserves; null: none. */
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

  /** Whether a notice is only waiting for its time: `NOBODY_AFTER_MS` is not over yet. */
  get isUndecided(): boolean {
    return this.nobodySince !== null && !this.nobodyIsTold;
  }

  /** The notices that the state of the pool deserves. */
  look({ now, health, noneServes, accounts, refusedClients, unsaved }: PoolStanding): readonly Notice[] {
    const notices: Notice[] = [];
    for (const { name, code, cause } of refusedClients) {
      if (this.refused.has(name)) continue;
      this.refused.add(name);
      const text = `Google refuses the OAuth client "${name}" (${code}): all of its accounts pause`;
      notices.push({ event: 'client_refused', at: now, account: null, client: name, cause, text });
    }
    const loss = this.lossNotice(unsaved, now);
    if (loss !== null) notices.push(loss);
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

  private lossNotice(unsaved: number, now: number): Notice | null {
    const isNews = unsaved > 0 && !this.lossIsTold;
    this.lossIsTold = unsaved > 0;
    if (!isNews) return null;
    const whose =
      unsaved === 1 ? "one account's newest credential or flag is" : `what is new of ${unsaved} accounts is`;
    const text = `${whose} in memory only, and lost if regrant ends: see \`regrant doctor\``;
    return { event: 'not_saved', at: now, account: null, client: null, cause: null, text };
  }
}
