import type { Account } from '../../store/accounts/account.js';
import { disable } from '../../store/accounts/patches.js';
import { NotSaved } from '../../store/accounts/stored-account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { unixSeconds, type Clock } from '../../store/ground/clock.js';
import { fingerprint, grantKey } from '../../store/ground/fingerprint.js';
import type { StateStore } from '../../store/records/state-store.js';
import { causes, isCause, type Cause, type RankedCause } from '../contract/causes.js';
import { disabledReason } from '../contract/disabled-reason.js';
import type { OAuthClients } from '../oauth/clients.js';
import type { GrantRefused } from '../oauth/errors.js';
import type { AccountChanges } from './account-changes.js';
import type { GrantEvidence } from './evidence.js';
import type { Flight } from './flight.js';
import { concernedBy } from './holders.js';
import type { Journal } from './journal.js';

export interface VerdictParts {
  readonly store: AccountStore;
  readonly state: StateStore;
  readonly clients: OAuthClients;
  readonly evidence: GrantEvidence;
  readonly changes: AccountChanges;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** A dead grant: the token that was sent, and all that is told of its end. */
interface Verdict {
  readonly sent: string;
  /** Unix seconds. */
  readonly at: number;
  readonly reason: string;
  readonly cause: Cause;
  readonly likeliest: RankedCause | null;
  /** ms of the monotonic clock. */
  readonly answeredAt: number;
  readonly tookMs: number;
  readonly error: GrantRefused;
}

/** Disables dead grants. A verdict is about the bytes sent: it falls on the accounts that still hold them on disk, and on no other. */
export class Verdicts {
  constructor(private readonly parts: VerdictParts) {}

  /** The token endpoint said that what was sent is dead. */
  async fall(error: GrantRefused, flight: Flight): Promise<void> {
    const { store, journal, clock, changes } = this.parts;
    const answeredAt = clock.monotonic();
    const suspects = concernedBy(flight, this.parts);
    for (const { email } of suspects) {
      journal.refreshFailed(email, error.message, flight.wantedByRequest ? 'trying next account' : '');
    }
    const seen = suspects.map(({ id }) => store.readNow(id)).filter((account) => account !== null);
    await changes.together(() => {
      const verdict = this.verdict(error, flight, suspects, answeredAt);
      changes.tell(suspects.map(({ id }) => id));
      return Promise.all(seen.map((account) => this.condemn(account, verdict)));
    });
  }

  /** Disables again, without a call, an account whose refused token somebody put back to work (its time is over). */
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

  /** Ranks the causes, and remembers the token as refused where anybody holds it. */
  private verdict(
    error: GrantRefused,
    { sent, startedAt }: Flight,
    suspects: readonly Account[],
    answeredAt: number,
  ): Verdict {
    const { state, evidence, clock } = this.parts;
    const at = unixSeconds(clock);
    const reason = disabledReason(error.words, error.subtype);
    const likeliest = suspects[0] === undefined ? null : evidence.rank(suspects[0], error.words, error.subtype)[0];
    const cause = likeliest?.cause ?? error.cause;
    if (suspects.length > 0) state.refuse(fingerprint(sent), { at, cause, reason });
    // the same verdict as the first one, whoever cleared the flag since
    const since = state.refused(fingerprint(sent))?.at ?? at;
    return { sent, at: since, reason, cause, likeliest, answeredAt, tookMs: answeredAt - startedAt, error };
  }

  private async condemn(account: Account, verdict: Verdict): Promise<void> {
    const { store, journal, clock } = this.parts;
    const { sent, at, reason, likeliest } = verdict;
    if (account.refreshToken !== sent) {
      this.drop(account);
      return;
    }
    if (account.disabled === null) journal.disabling(account.email);
    const saved = await this.disable(account, at, reason);
    const outMs = clock.monotonic() - verdict.answeredAt;
    // edited while it was written, or deleted: nobody died
    const holds = store.get(account.id)?.account?.refreshToken;
    if (holds !== sent) {
      if (holds !== undefined) this.drop(account);
      return;
    }
    if (account.disabled === null) journal.moment('out', outMs);
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

  private async disable(account: Account, at: number, reason: string): Promise<string> {
    if (account.disabled !== null) return 'it was disabled before';
    try {
      await this.parts.store.patch(account.id, disable(account.refreshToken, at, reason));
      return 'on disk';
    } catch (error) {
      if (error instanceof NotSaved) return `not saved: ${error.reason}`;
      throw error;
    }
  }
}

/** `likeliest: revoked (it was 43 d old and worked 59 min before)` */
const told = ({ cause, fit, because }: RankedCause): string =>
  `${fit === 'certain' ? 'cause' : 'likeliest'}: ${causes[cause].word}${because === '' ? '' : ` (${because})`}`;
