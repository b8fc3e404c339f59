import type { Account } from '../../store/accounts/account.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import type { Clock } from '../../store/ground/clock.js';
import { grantKey } from '../../store/ground/fingerprint.js';
import type { StateStore } from '../../store/state/state-store.js';
import type { Settings } from '../../store/settings/settings.js';
import type { OAuthClients } from '../oauth/clients.js';
import type { Refresher } from '../grants/refresh.js';
import { noAccountRules, type RulesByEmail } from '../../store/settings/account-rules.js';
import { type MutableMember, newMember, takeFacts } from './member.js';
import { protectionOf, type QuotaRules } from './quota-protection.js';
import { standingOf, type Circumstances } from './standing.js';

export interface MemberUpdateParts {
  readonly state: Pick<StateStore, 'hasRefused' | 'refused' | 'lastUsed'>;
  readonly refresher: Pick<Refresher, 'trouble'>;
  readonly clients: OAuthClients;
  readonly clock: Clock;
  /** Without these rules only the models that the files mark are protected. */
  readonly quotaProtection?: QuotaRules;
  /**
   * With the Gemini API, an account without a project uses its OAuth client's; Code Assist gives each account a
   * project.
   */
  readonly upstream?: Pick<Settings['upstream'], 'kind'>;
  /** Without these rules no account has any. */
  readonly rules?: Pick<RulesByEmail, 'of'>;
}

/** A Google OAuth client's id begins with the number of its project. */
const CLIENT_PROJECT = /^(\d+)-/;

/** One moment: ms since 1970, and monotonic. */
export interface Instant {
  readonly now: number;
  readonly monotonic: number;
}

/** A time that is still to come; Infinity: there is none. */
const after = (now: number, at: number | null): number => (at !== null && at > now ? at : Infinity);

const noRules: QuotaRules = { enabled: false, thresholdPercent: 0, models: [] };

/**
 * Brings a member up to date: the facts of its file, its standing, the models it protects, and until when all that
 * holds.
 */
export class MemberUpdate {
  constructor(private readonly parts: MemberUpdateParts) {}

  /**
   * The member of an account as it is now: the known one brought up to date, else a new one.
   *
   * @param at - now, by both clocks
   */
  of(stored: StoredAccount, known: MutableMember | undefined, at: Instant): MutableMember {
    const { now, monotonic } = at;
    const member = known ?? newMember(stored, this.parts.state.lastUsed(stored.id));
    takeFacts(member, stored.account, { clientProject: this.clientProject(stored.account), now, monotonic });
    member.rules = this.parts.rules?.of(member.email) ?? noAccountRules;
    member.isUnsaved = stored.unsaved.length > 0;
    member.standing = standingOf(stored, this.around(stored, member.accessDeadline - monotonic, monotonic), now);
    const released = this.protect(member, stored.account, now);
    member.changesAt = monotonic - now + Math.min(after(now, member.standing.until), after(now, released));
    return member;
  }

  private clientProject(account: Account | null): string | null {
    const { clients, upstream } = this.parts;
    // it counts only for an account without a project of its own
    if (account?.projectId !== null || upstream?.kind === 'cloudcode') return null;
    return CLIENT_PROJECT.exec(clients.get(clients.nameOf(account))?.id ?? '')?.[1] ?? null;
  }

  /** @returns when a reset may release a model, ms since 1970; null: none will by itself */
  private protect(member: MutableMember, account: Account | null, now: number): number | null {
    if (account === null) return null;
    const { models, until } = protectionOf(account, this.parts.quotaProtection ?? noRules, now);
    member.protectedModels = models;
    return until;
  }

  private around({ account }: StoredAccount, accessLeftMs: number, monotonic: number): Circumstances {
    const { clients, refresher, state } = this.parts;
    if (account === null) {
      return {
        clientConfigured: true,
        clientName: '',
        clientRefusal: null,
        trouble: null,
        pauseLeftMs: 0,
        accessLeftMs,
        refused: null,
      };
    }
    const clientName = clients.nameOf(account);
    const trouble = refresher.trouble(account);
    return {
      clientConfigured: clients.get(clientName) !== null,
      clientName,
      clientRefusal: clients.refusal(clientName),
      trouble,
      pauseLeftMs: trouble === null ? 0 : trouble.retryAt - monotonic,
      accessLeftMs,
      refused: state.hasRefused ? (state.refused(grantKey(account)) ?? null) : null,
    };
  }
}
