import type { Account } from '../../store/accounts/account.js';
import { disable } from '../../store/accounts/patches.js';
import { NotSaved } from '../../store/accounts/stored-account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { unixSeconds, type Clock } from '../../store/ground/clock.js';
import { fingerprint, grantKey } from '../../store/ground/fingerprint.js';
import type { ExchangeStore } from '../../store/state/exchange-store.js';
import type { StateStore } from '../../store/state/state-store.js';
import { causes, isCause, type Cause, type RankedCause } from '../contract/causes.js';
import { disabledReason } from '../contract/disabled-reason.js';
import type { OAuthClients } from '../oauth/clients.js';
import type { GrantRefused } from '../oauth/errors.js';
import type { AccountChanges } from './account-changes.js';
import type { GrantEvidence } from './evidence.js';
import type { Flight } from './flight.js';
import { concernedBy, type Holders } from './holders.js';
import type { Journal } from './journal.js';

export interface VerdictParts {
  readonly store: AccountStore;
  readonly holders: Holders;
  readonly state: StateStore;
  readonly exchanges: ExchangeStore;
  readonly clients: OAuthClients;
  readonly evidence: GrantEvidence;
  readonly changes: AccountChanges;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** The death of a grant: the token that was sent, and everything that is told of it. */
interface Verdict {
  readonly sent: string;
  /** Unix seconds. */
  readonly at: number;
  readonly reason: string;
  readonly cause: Cause;
  readonly likeliest: RankedCause | null;
  /** When the answer came, monotonic ms. */
  readonly answeredAt: number;
  readonly tookMs: number;
  readonly error: GrantRefused;
}

/**
 * Disables dead grants. A verdict is about the token that was sent: it applies to the accounts that still hold that
 * token on disk, and to no other.
 */
export class Verdicts {
  constructor(private readonly parts: VerdictParts) {}

  /** Acts on the token endpoint's answer that the token sent is dead. */
  async fall(error: GrantRefused, flight: Flight): Promise<void> {
    const { store, journal, clock, changes } = this.parts;
    const answeredAt = clock.monotonic();
    const suspects = concernedBy(flight, this.parts);
    for (const { email } of suspects) {
      journal.refreshFailed(email, error.message, flight.wantedByRequest ? 'trying next account' : '');
    }
    if (suspects.length === 0) {
      this.parts.exchanges.letGo(flight.sent);
      return;
    }
    const seen = (await Promise.all(suspects.map(({ id }) => store.readNow(id)))).filter((account) => account !== null);
    await changes.together(() => {
      const verdict = this.verdict(error, flight, suspects, answeredAt);
      changes.tell(suspects.map(({ id }) => id));
      return this.condemn(seen, verdict);
    });
  }

  /**
   * Disables an account again, without a call, because another program cleared its flag while it still holds the
   * refused token; called when the access token has ended too.
   */
  async disableAgain(account: Account): Promise<void> {
    const { state, journal } = this.parts;
    const refused = state.refused(grantKey(account));
    if (refused === undefined) return;
    journal.disabling(account.email);
    await this.disable(account, refused.at, refused.reason);
    journal.event('disabled', account, {
      cause: isCause(refused.cause) ? refused.cause : 'revoked',
      text: 'disabled again: its refresh token is still the one that Google refused',
      detail: 'nobody was asked · press r and paste a new refresh token',
    });
  }

  /** Ranks the causes. */
  private verdict(
    error: GrantRefused,
    { sent, startedAt, doubt }: Flight,
    suspects: readonly Account[],
    answeredAt: number,
  ): Verdict {
    const { state, evidence, clock } = this.parts;
    const at = unixSeconds(clock);
    const reason = disabledReason(error.words, error.subtype);
    const likeliest = suspects[0] === undefined ? null : evidence.rank(suspects[0], error.words, error.subtype)[0];
    const cause = doubt === null ? (likeliest?.cause ?? error.cause) : 'in_doubt';
    // the time of the first refusal, even if somebody cleared the flag since
    const since = state.refused(fingerprint(sent))?.at ?? at;
    return { sent, at: since, reason, cause, likeliest, answeredAt, tookMs: answeredAt - startedAt, error };
  }

  private async condemn(seen: readonly Account[], verdict: Verdict): Promise<void> {
    const { exchanges, journal } = this.parts;
    const { sent, at, reason, cause } = verdict;
    const doomed = seen.filter(({ refreshToken }) => refreshToken === sent);
    for (const account of seen) {
      if (!doomed.includes(account)) this.drop(account);
      else if (account.disabled === null) journal.disabling(account.email);
    }
    const unsaved = await exchanges.condemn({ sent, refused: { at, cause, reason }, accounts: doomed });
    for (const account of doomed) this.tellCondemned(account, verdict, unsaved.get(account.id) ?? null);
  }

  /** @param fault - why it is not saved; null: it is */
  private tellCondemned(account: Account, verdict: Verdict, fault: string | null): void {
    const { store, journal, clock } = this.parts;
    const outMs = clock.monotonic() - verdict.answeredAt;
    // the file was edited or deleted during the write: the account is not disabled
    const holds = store.get(account.id)?.account?.refreshToken;
    if (holds !== verdict.sent) {
      if (holds !== undefined) this.drop(account);
      return;
    }
    if (account.disabled === null) journal.moment('out', outMs);
    const { likeliest } = verdict;
    const saved = account.disabled !== null ? 'it was disabled before' : savedText(fault);
    journal.event('disabled', account, {
      cause: verdict.cause,
      tookMs: verdict.tookMs,
      text: verdict.error.message,
      detail: `${likeliest === null ? '' : told(likeliest)} · ${saved} · out of pool in ${outMs.toFixed(outMs < 10 ? 1 : 0)} ms`,
    });
  }

  private drop({ email }: Account): void {
    this.parts.journal.note(email, `Verdict dropped (${email}): the account holds another refresh token by now`);
  }

  private async disable(account: Account, at: number, reason: string): Promise<void> {
    if (account.disabled !== null) return;
    try {
      await this.parts.store.patch(account.id, disable(account.refreshToken, at, reason));
    } catch (error) {
      if (!(error instanceof NotSaved)) throw error;
    }
  }
}

const savedText = (fault: string | null): string => (fault === null ? 'on disk' : `not saved: ${fault}`);

/** `likeliest: revoked (it was 43 d old and worked 59 min before)` */
const told = ({ cause, fit, because }: RankedCause): string =>
  `${fit === 'certain' ? 'cause' : 'likeliest'}: ${causes[cause].word}${because === '' ? '' : ` (${because})`}`;
