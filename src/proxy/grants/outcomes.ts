import type { Account } from '../../store/accounts/account.js';
import { NotSaved } from '../../store/accounts/stored-account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { unixSeconds, type Clock } from '../../store/ground/clock.js';
import { fingerprint, grantKey } from '../../store/ground/fingerprint.js';
import { disable, enable, refreshed, rotate, setClient, type TokenAnswer } from '../../store/accounts/patches.js';
import type { Settings } from '../../store/settings/settings.js';
import type { StateStore } from '../../store/records/state-store.js';
import { backoffMs, refusalPauseMs } from './backoff.js';
import { causes, isCause, storedReason, type Cause } from '../contract/causes.js';
import type { OAuthClients } from '../oauth/clients.js';
import {
  ClientRefused,
  GrantRefused,
  RefreshRefused,
  TokenEndpointUnavailable,
  type RefreshError,
} from '../oauth/errors.js';
import type { GrantEvidence } from './evidence.js';
import type { Flight, Landed, OutcomeKeeper } from './exchanges.js';
import type { Exchanged } from '../oauth/google.js';
import type { Journal } from './journal.js';
import type { RankedCause } from '../contract/causes.js';
import { aheadSeconds, tokenAnswer } from '../oauth/token-answer.js';

/** What is known of an account's grant beyond its file, as far as it keeps the account from being refreshed. */
export interface GrantTrouble {
  readonly error: RefreshError;
  /** Failures of this kind in a row. */
  readonly count: number;
  /** ms since 1970. */
  readonly since: number;
  /** Nothing is sent before, `Clock.monotonic` in ms. */
  readonly retryAt: number;
}

/** Tokens of accounts that are gone are kept for so many of them, in case they come back. */
const MOST_UNCLAIMED = 100;

export interface OutcomeParts {
  readonly store: AccountStore;
  readonly state: StateStore;
  readonly clients: OAuthClients;
  readonly evidence: GrantEvidence;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly oauth: Settings['oauth'];
  /** 0 to 1; spreads the pauses. */
  readonly random: () => number;
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

/**
 * Draws the conclusions from what a token endpoint said: a new token goes to every account that held the one sent, a dead
 * grant is disabled on disk, anything else waits its time. No other place writes what a token endpoint said.
 */
export class Outcomes implements OutcomeKeeper {
  /** By fingerprint of the refresh token: a verdict or a pause is about these bytes, not about an account. */
  private readonly troubles = new Map<string, GrantTrouble>();
  /** What to do with an account that comes back with a token that was replaced while nobody held it; by its fingerprint. */
  private readonly unclaimed = new Map<string, (account: Account) => void>();

  /** @param tell - called with the accounts for which something changed */
  constructor(
    private readonly parts: OutcomeParts,
    private readonly tell: (accountIds: readonly string[]) => void,
  ) {
    parts.store.onChange((ids) => this.giveUnclaimed(ids));
  }

  /** A pause or refusal of this account's refresh token that still counts; null: none. */
  trouble(account: Account): GrantTrouble | null {
    return this.troubles.get(grantKey(account)) ?? null;
  }

  /** Forgets what speaks against asking about this account's token. @returns whether there was anything */
  forget(account: Account): boolean {
    return this.troubles.delete(grantKey(account));
  }

  /** Other clients are configured: a token that was none of theirs may be one of theirs now. */
  clientsChanged(): void {
    for (const [key, { error }] of this.troubles) if (error.cause === 'other_client') this.troubles.delete(key);
  }

  /** A good answer: the token goes to all who held the one sent, a rotated one is on disk before this resolves. */
  async landed({ sent, client, guessed, exchanged }: Landed): Promise<void> {
    const { state, clients } = this.parts;
    const { body } = exchanged;
    const holders = this.holders(sent);
    const rotated = body.refresh_token !== null && body.refresh_token !== sent ? body.refresh_token : null;
    const answer = tokenAnswer(exchanged);
    clients.accept(client);
    this.troubles.delete(fingerprint(sent));
    state.forgive(fingerprint(sent));
    this.remember(sent, rotated ?? sent, exchanged);
    const issuer = guessed || client.name !== clients.defaultName ? client.name : null;
    const saved = holders.map((account) => this.save(account, sent, rotated, answer, issuer));
    if (rotated !== null && holders.length === 0) {
      this.keepUnclaimed(fingerprint(sent), (account) => {
        void this.save(account, sent, rotated, answer, issuer);
        this.tellRefreshed(account, true, exchanged, answer);
      });
    }
    if (rotated !== null) await Promise.all(saved);
    for (const account of holders) this.tellRefreshed(account, rotated !== null, exchanged, answer);
    this.tell(holders.map(({ id }) => id));
  }

  /** An account may be gone while its answer comes, and be back after that: removed and brought back, or its file replaced. */
  private keepUnclaimed(key: string, give: (account: Account) => void): void {
    this.unclaimed.set(key, give);
    for (const oldest of this.unclaimed.keys()) {
      if (this.unclaimed.size <= MOST_UNCLAIMED) return;
      this.unclaimed.delete(oldest);
    }
  }

  private giveUnclaimed(ids: readonly string[]): void {
    if (this.unclaimed.size === 0) return;
    for (const id of ids) {
      const account = this.parts.store.get(id)?.account ?? null;
      if (account !== null) this.unclaimed.get(grantKey(account))?.(account);
    }
  }

  /**
   * Everything that a good answer changes in a file, in one write: a crash leaves all of it or nothing.
   *
   * @param issuer - the client that turned out to have issued the token; null: as the file says
   */
  private async save(
    { id, clientKey, disabled }: Account,
    sent: string,
    rotated: string | null,
    answer: TokenAnswer,
    issuer: string | null,
  ): Promise<void> {
    const patches = [
      issuer !== null && clientKey === null ? setClient(sent, issuer) : null,
      rotated === null ? refreshed(sent, answer) : rotate(sent, rotated, answer),
      disabled === null ? null : enable(rotated ?? sent),
    ].filter((patch) => patch !== null);
    await Promise.all(patches.map((patch) => this.parts.store.patch(id, patch).catch(ignoreNotSaved)));
  }

  private tellRefreshed(account: Account, rotated: boolean, exchanged: Exchanged, answer: TokenAnswer): void {
    const { journal, store } = this.parts;
    const notSaved = store.get(account.id)?.notSaved ?? null;
    journal.event(rotated ? 'rotated' : 'refreshed', account, {
      tookMs: exchanged.tookMs,
      nextAt: (answer.expiresAt - aheadSeconds(this.parts.oauth.refreshAheadSeconds, answer.expiresIn)) * 1000,
      text: rotated ? 'refreshed, and Google replaced the refresh token' : 'refreshed',
      detail: notSaved === null ? '' : `not saved: ${notSaved}; kept in memory, the write is tried again`,
    });
    if (account.disabled === null) return;
    journal.reEnabled(account.email, 'Google honours its stored refresh token again');
    journal.event('recovered', account, { text: 'recovered: Google honours its stored refresh token again' });
  }

  private remember(sent: string, holds: string, { body }: Exchanged): void {
    const { state, clock } = this.parts;
    const now = unixSeconds(clock);
    const before = state.grant(fingerprint(sent));
    const life = body.refresh_token_expires_in;
    state.setGrant(fingerprint(holds), {
      firstSeen: before?.firstSeen ?? now,
      lastOk: now,
      scopes: body.scope === '' ? before?.scopes : body.scope,
      // the figure counts down: the first one said how long the whole grant lives
      lifetime: before?.lifetime ?? life ?? undefined,
      // a grant's end is never put off: that takes a new one
      endsAt: life === null ? before?.endsAt : Math.min(now + life, before?.endsAt ?? Infinity),
      warnedHours: before?.warnedHours,
    });
    if (holds !== sent) state.dropGrant(fingerprint(sent));
  }

  /** No token: a dead grant is disabled, anything else sets a pause. */
  async failed(error: RefreshError, flight: Flight): Promise<void> {
    if (error instanceof GrantRefused) return this.grantRefused(error, flight);
    const { clients, clock, journal, random } = this.parts;
    const holders = this.concerned(flight);
    const tookMs = clock.monotonic() - flight.startedAt;
    const key = fingerprint(flight.sent);
    const now = clock.now();
    const before = this.troubles.get(key);
    // asked before its time by the operator: that is no reason to ask later by itself
    const step = before !== undefined && flight.startedAt < before.retryAt ? 0 : 1;
    const count = before?.error.code === error.code ? before.count + step : 1;
    if (error instanceof ClientRefused) {
      const asked = flight.clients.find(({ name }) => name === error.client);
      // a refused client keeps all of its accounts out, not only those that hold this token: it tells them by itself
      if (asked !== undefined) clients.refuse(error, asked);
    } else {
      const pause =
        error instanceof TokenEndpointUnavailable
          ? backoffMs(count, random(), error.retryAfterMs)
          : refusalPauseMs(count);
      const retryAt = clock.monotonic() + pause;
      if (holders.length > 0) this.troubles.set(key, { error, count, since: before?.since ?? now, retryAt });
    }
    const kind = error instanceof ClientRefused ? 'client' : error instanceof RefreshRefused ? 'refused' : 'temporary';
    for (const account of holders) {
      const retryAt = this.troubles.get(key)?.retryAt ?? clients.refusal(clients.nameOf(account))?.retryAt ?? null;
      journal.refreshFailed(account.email, error.message, flight.wantedByRequest ? 'trying next account' : '');
      journal.event(kind, account, {
        cause: error.cause,
        tookMs,
        nextAt: retryAt === null ? null : now + retryAt - clock.monotonic(),
        text: `${error.message}: the account file is not touched`,
        detail: causes[error.cause].next,
      });
    }
    this.tell(holders.map(({ id }) => id));
  }

  /** A verdict about the bytes sent: it falls on the accounts that still hold them on disk, and on no other. */
  private async grantRefused(error: GrantRefused, flight: Flight): Promise<void> {
    const { sent } = flight;
    const { store, state, journal, clock } = this.parts;
    const answeredAt = clock.monotonic();
    const at = unixSeconds(clock);
    const reason = storedReason(error.words, error.subtype);
    const suspects = this.concerned(flight);
    for (const { email } of suspects) {
      journal.refreshFailed(email, error.message, flight.wantedByRequest ? 'trying next account' : '');
    }
    const seen = suspects.map(({ id }) => store.readNow(id));
    const likeliest =
      suspects[0] === undefined ? null : this.parts.evidence.rank(suspects[0], error.words, error.subtype)[0];
    const cause = likeliest?.cause ?? error.cause;
    if (suspects.length > 0) state.refuse(fingerprint(sent), { at, cause, reason });
    // the same verdict as the first one, whoever cleared the flag since
    const since = state.refused(fingerprint(sent))?.at ?? at;
    const verdict = {
      sent,
      at: since,
      reason,
      cause,
      likeliest,
      answeredAt,
      tookMs: answeredAt - flight.startedAt,
      error,
    };
    await Promise.all(seen.filter((account) => account !== null).map((account) => this.condemn(account, verdict)));
    this.tell(suspects.map(({ id }) => id));
  }

  private async condemn(account: Account, verdict: Verdict): Promise<void> {
    const { store, journal, clock } = this.parts;
    const { sent, at, reason, likeliest } = verdict;
    if (account.refreshToken !== sent) {
      this.dropVerdict(account);
      return;
    }
    if (account.disabled === null) journal.disabling(account.email);
    const saved = await this.disable(account, at, reason);
    const outMs = clock.monotonic() - verdict.answeredAt;
    // edited while it was written, or deleted: nobody died
    const holds = store.get(account.id)?.account?.refreshToken;
    if (holds !== sent) {
      if (holds !== undefined) this.dropVerdict(account);
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

  private dropVerdict({ email }: Account): void {
    this.parts.journal.note(email, `Verdict dropped (${email}): the account holds another refresh token by now`);
  }

  /** Disables again, without a call, an account whose refused token somebody put back to work (its time is over). */
  async disableAgain(account: Account): Promise<void> {
    const refused = this.parts.state.refused(grantKey(account));
    if (refused === undefined) return;
    this.parts.journal.disabling(account.email);
    await this.disable(account, refused.at, refused.reason);
    this.parts.journal.event('disabled', account, {
      cause: isCause(refused.cause) ? refused.cause : 'revoked',
      text: 'disabled again: its refresh token is still the one that Google refused',
      detail: 'nobody was asked · press r and paste a new refresh token',
    });
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

  /** Whom a failure is about: those that hold the token sent, and would have sent it with one of these clients. */
  private concerned({ sent, clients }: Flight): Account[] {
    return this.holders(sent).filter((account) => {
      const id = this.parts.clients.of(account)?.id;
      return clients.some((client) => client.id === id);
    });
  }

  private holders(refreshToken: string): Account[] {
    return this.parts.store
      .list()
      .map(({ account }) => account)
      .filter((account) => account?.refreshToken === refreshToken)
      .filter((account) => account !== null);
  }
}

/** `likeliest: revoked (it was 43 d old and worked 59 min before)` */
const told = ({ cause, fit, because }: RankedCause): string =>
  `${fit === 'certain' ? 'cause' : 'likeliest'}: ${causes[cause].word}${because === '' ? '' : ` (${because})`}`;

/** The store shows what is not saved, and tries again by itself. */
function ignoreNotSaved(error: unknown): void {
  if (!(error instanceof NotSaved)) throw error;
}
