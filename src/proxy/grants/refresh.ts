import type { Account } from '../../store/account.js';
import { NotSaved, type AccountStore } from '../../store/accounts.js';
import { unixSeconds, type Clock } from '../../store/clock.js';
import { fingerprint, grantKey } from '../../store/fingerprint.js';
import { disable, enable, refreshed, rotate, setClient, type TokenAnswer } from '../../store/patches.js';
import type { Settings } from '../../store/settings.js';
import type { StateStore } from '../../store/state.js';
import { backoffMs, refusalPauseMs } from './backoff.js';
import { causes, isCause, reasonOf, type RankedCause } from './causes.js';
import type { OAuthClients } from './clients.js';
import {
  ClientRefused,
  GrantRefused,
  NotAsked,
  RefreshRefused,
  TokenEndpointUnavailable,
  type RefreshError,
} from './errors.js';
import type { GrantEvidence } from './evidence.js';
import { Exchanges, type Flight, type Landed } from './exchanges.js';
import type { Exchanged, Google, OAuthClient } from './google.js';
import type { Journal } from './journal.js';

/** Who asks for a refresh. Only `test`, the operator's own question, is asked whatever was answered before. */
export type Why = 'request' | 'schedule' | 'test';

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

export interface RefresherParts {
  readonly store: AccountStore;
  readonly state: StateStore;
  readonly google: Google;
  readonly clients: OAuthClients;
  readonly evidence: GrantEvidence;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly oauth: Settings['oauth'];
  /** 0 to 1; spreads the pauses. */
  readonly random: () => number;
}

/** A refresh token may be replaced while its exchange is under way; more often than this somebody plays games. */
const MOST_REPLACEMENTS = 4;

/**
 * Refreshes accounts, and draws the conclusions: a new token goes to every account that held the one sent, a dead grant
 * is disabled on disk, anything else waits its time. No other place writes what a token endpoint said.
 */
export class Refresher {
  readonly exchanges: Exchanges;
  /** By fingerprint of the refresh token: a verdict or a pause is about these bytes, not about an account. */
  private readonly troubles = new Map<string, GrantTrouble>();
  private readonly listeners = new Set<(accountIds: readonly string[]) => void>();
  constructor(private readonly parts: RefresherParts) {
    this.exchanges = new Exchanges(parts.google, parts.clock, {
      landed: (landed) => this.landed(landed),
      failed: (sent, error, flight) => this.failed(sent, error, flight),
    });
  }

  /** Calls `listener` with the accounts whose trouble began or ended, and those whose refresh began. */
  onTrouble(listener: (accountIds: readonly string[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A pause or refusal of this account's refresh token that still counts; null: none. */
  trouble(account: Account): GrantTrouble | null {
    return this.troubles.get(grantKey(account)) ?? null;
  }

  isUnderWay(account: Account): boolean {
    return this.exchanges.underWay(account.refreshToken) !== undefined;
  }

  /** The file changed or the operator asks: what was refused may be asked again at once. */
  forget(account: Account): void {
    if (this.troubles.delete(grantKey(account))) this.tell([account.id]);
  }

  /** The OAuth clients are others now: every account is looked at anew. */
  clientsChanged(): void {
    this.tell(this.parts.store.list().map(({ id }) => id));
  }

  /**
   * Gets the account a new access token, once for all who ask at the same time.
   *
   * @returns the account with its new token, which is in memory and on its way to the disk; a rotated one is on disk
   * @throws {GrantRefused} the endpoint answered `invalid_grant` to exactly the token the account holds; it is disabled
   * @throws {RefreshRefused | ClientRefused | TokenEndpointUnavailable} not now
   * @throws {NotAsked} nothing was sent
   */
  async refresh(accountId: string, why: Why): Promise<Account> {
    for (let replaced = 0; ; replaced++) {
      const account = this.usable(accountId);
      if (why !== 'test') await this.refuseKnownDead(account);
      const flight = this.launch(account, why);
      if (why === 'request') flight.wantedByRequest = true;
      try {
        await this.exchanges.wait(flight, this.parts.oauth.timeoutMs);
        return this.usable(accountId);
      } catch (error) {
        const aboutOtherBytes =
          (error instanceof GrantRefused || error instanceof RefreshRefused) &&
          this.parts.store.get(accountId)?.account?.refreshToken !== flight.sent;
        if (!aboutOtherBytes || replaced >= MOST_REPLACEMENTS) throw error;
      }
    }
  }

  /**
   * Exchanges a token that no account may hold yet; accounts that do hold it get their share of the outcome.
   *
   * @throws {RefreshError}
   */
  async probe(refreshToken: string, clients: readonly OAuthClient[]): Promise<Landed> {
    return this.exchanges.wait(this.exchanges.start(refreshToken, clients), this.parts.oauth.timeoutMs);
  }

  /** Takes note of a token that came with another grant (a login): it is good, and so is its client. */
  learn(landed: Landed): Promise<void> {
    return this.landed(landed);
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

  /** A token that Google refused is not sent again, whoever cleared the flag; the account is disabled anew instead. */
  private async refuseKnownDead(account: Account): Promise<void> {
    const refused = this.parts.state.refused(grantKey(account));
    if (refused === undefined) return;
    if (account.disabled === null) await this.disableAgain(account);
    throw new GrantRefused(
      'refused before, not sent again',
      '',
      400,
      isCause(refused.cause) ? refused.cause : 'revoked',
    );
  }

  /** The account, if its refresh token may be sent at all. */
  private usable(accountId: string): Account {
    const stored = this.parts.store.get(accountId);
    if (stored?.account === undefined || stored.account === null) {
      throw new NotAsked('unknown', 'account_gone', 'the account file is gone');
    }
    if (stored.unreadable !== null) {
      throw new NotAsked(
        'unknown',
        'file_unreadable',
        `${stored.file} cannot be read, so a rotated token could not be saved`,
      );
    }
    return stored.account;
  }

  /** The exchange under way, else a new one unless something speaks against it. */
  private launch(account: Account, why: Why): Flight {
    const { clients, clock } = this.parts;
    const flying = this.exchanges.underWay(account.refreshToken);
    if (flying !== undefined) return flying;
    const client = clients.of(account);
    if (client === null) {
      throw new NotAsked('client_missing', 'no_client', `OAuth client ${clients.nameOf(account)} is not configured`);
    }
    if (why !== 'test') {
      const trouble = this.trouble(account);
      if (trouble !== null && clock.monotonic() < trouble.retryAt) throw trouble.error;
      const refusal = clients.refusal(client.name);
      if (refusal !== null && !clients.mayAsk(client.name)) throw refusal.error;
    }
    const flight = this.exchanges.start(account.refreshToken, this.candidates(account, client));
    this.tell([account.id]);
    return flight;
  }

  /** More than one only where nobody knows which client issued the token: no key in the file, and it never worked here. */
  private candidates(account: Account, client: OAuthClient): readonly OAuthClient[] {
    const worked = this.parts.state.grant(grantKey(account))?.lastOk !== undefined;
    if (account.clientKey !== null || worked) return [client];
    return [client, ...this.parts.clients.configured().filter(({ name }) => name !== client.name)];
  }

  private holders(refreshToken: string): Account[] {
    return this.parts.store
      .list()
      .map(({ account }) => account)
      .filter((account) => account?.refreshToken === refreshToken)
      .filter((account) => account !== null);
  }

  private async landed({ sent, client, exchanged }: Landed): Promise<void> {
    const { store, state, clients, clock } = this.parts;
    const { body } = exchanged;
    const holders = this.holders(sent);
    const rotated = body.refresh_token !== null && body.refresh_token !== sent ? body.refresh_token : null;
    const answer = tokenAnswer(exchanged, clock);
    clients.accept(client.name);
    this.troubles.delete(fingerprint(sent));
    state.forgive(fingerprint(sent));
    this.remember(sent, rotated ?? sent, exchanged);
    for (const account of holders) {
      const guessed = account.clientKey === null && client.name !== clients.defaultName;
      if (guessed) void store.patch(account.id, setClient(sent, client.name)).catch(ignoreNotSaved);
      if (rotated === null) void store.patch(account.id, refreshed(sent, answer)).catch(ignoreNotSaved);
    }
    if (rotated !== null) {
      await Promise.all(
        holders.map((account) => store.patch(account.id, rotate(sent, rotated, answer)).catch(ignoreNotSaved)),
      );
    }
    for (const account of holders) this.tellRefreshed(account, rotated !== null, exchanged, answer);
    this.tell(holders.map(({ id }) => id));
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
    void store.patch(account.id, enable()).catch(ignoreNotSaved);
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
  }

  private async failed(sent: string, error: RefreshError, flight: Flight): Promise<void> {
    if (error instanceof GrantRefused) return this.grantRefused(sent, error, flight);
    const { clients, clock, journal, random } = this.parts;
    const tookMs = clock.monotonic() - flight.startedAt;
    const key = fingerprint(sent);
    const now = clock.now();
    const before = this.troubles.get(key);
    const count = before?.error.code === error.code ? before.count + 1 : 1;
    if (error instanceof ClientRefused) {
      clients.refuse(error);
    } else {
      const pause =
        error instanceof TokenEndpointUnavailable
          ? backoffMs(count, random(), error.retryAfterMs)
          : refusalPauseMs(count);
      this.troubles.set(key, { error, count, since: before?.since ?? now, retryAt: clock.monotonic() + pause });
    }
    const holders = this.holders(sent);
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
    // a refused client keeps all of its accounts out, not only those that hold this token
    this.tell(
      error instanceof ClientRefused ? this.parts.store.list().map(({ id }) => id) : holders.map(({ id }) => id),
    );
  }

  /** A verdict about the bytes sent: it falls on the accounts that still hold them on disk, and on no other. */
  private async grantRefused(sent: string, error: GrantRefused, flight: Flight): Promise<void> {
    const { store, state, journal, clock } = this.parts;
    const answeredAt = clock.monotonic();
    const at = unixSeconds(clock);
    const reason = reasonOf(error.words, error.subtype);
    const suspects = this.holders(sent);
    for (const { email } of suspects) {
      journal.refreshFailed(email, error.message, flight.wantedByRequest ? 'trying next account' : '');
    }
    const seen = suspects.map(({ id }) => store.readNow(id));
    const likeliest =
      suspects[0] === undefined ? null : this.parts.evidence.rank(suspects[0], error.words, error.subtype)[0];
    const cause = likeliest?.cause ?? error.cause;
    state.refuse(fingerprint(sent), { at, cause, reason });
    for (const account of seen) {
      if (account === null) continue;
      if (account.refreshToken !== sent) {
        journal.note(
          account.email,
          `Verdict dropped (${account.email}): the account holds another refresh token by now`,
        );
        continue;
      }
      if (account.disabled === null) journal.disabling(account.email);
      const saved = await this.disable(account, at, reason);
      const outMs = clock.monotonic() - answeredAt;
      if (account.disabled === null) journal.moment('out', outMs);
      journal.event('disabled', account, {
        cause,
        tookMs: answeredAt - flight.startedAt,
        text: error.message,
        detail: `${likeliest === null ? '' : told(likeliest)} · ${saved} · out of pool in ${outMs.toFixed(outMs < 10 ? 1 : 0)} ms`,
      });
    }
    this.tell(suspects.map(({ id }) => id));
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

  private tell(ids: readonly string[]): void {
    for (const listener of this.listeners) listener(ids);
  }
}

/** `likeliest: revoked by its owner or by a security event (it was 43 d old and worked 59 min before)` */
const told = ({ cause, fit, because }: RankedCause): string =>
  `${fit === 'certain' ? 'cause' : 'likeliest'}: ${causes[cause].short}${because === '' ? '' : ` (${because})`}`;

/** The store shows what is not saved, and tries again by itself. */
function ignoreNotSaved(error: unknown): void {
  if (!(error instanceof NotSaved)) throw error;
}

/** How long before its end a token is refreshed: what the settings say, but never more than half of its life. */
export const aheadSeconds = (wanted: number, life: number | null): number => Math.min(wanted, (life ?? Infinity) / 2);

/** A good answer as it goes into an account file. */
export const tokenAnswer = ({ body }: Exchanged, clock: Clock): TokenAnswer => ({
  accessToken: body.access_token,
  expiresIn: Math.round(body.expires_in),
  expiresAt: unixSeconds(clock) + Math.round(body.expires_in),
  tokenType: body.token_type,
  idToken: body.id_token,
});
