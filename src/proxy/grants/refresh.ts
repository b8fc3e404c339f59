import type { Account } from '../../store/accounts/account.js';
import { grantKey } from '../../store/ground/fingerprint.js';
import type { SendingFor } from '../../store/state/exchange-store.js';
import { Listeners } from '../../store/ground/listeners.js';
import { isCause } from '../contract/causes.js';
import type { ExchangeAsker, Brake } from '../oauth/brake.js';
import { GrantRefused, NotAsked, RefreshRefused, TokenEndpointUnavailable } from '../oauth/errors.js';
import { asksAll, Exchanges } from './exchanges.js';
import type { Flight, ExchangeSuccess } from './flight.js';
import type { Google, OAuthClient } from '../oauth/google.js';
import { Outcomes, type GrantTrouble, type OutcomeParts } from './outcomes.js';
import { Verdicts } from './verdicts.js';
import { wait } from '../contract/durations.js';
import { english } from '../../store/words/saying.js';

/**
 * Why a refresh is asked for. Only a `test` or a `check` of the operator's is sent whatever was answered before; only
 * `last resort`, for a request that no other account can serve, is sent while the token endpoint asks for a pause. A
 * `check` is no faster than the schedule, and shares its rate.
 */
export type Why = 'request' | 'last resort' | 'schedule' | 'test' | 'check';

const askers: Readonly<Record<Why, ExchangeAsker>> = {
  request: 'request',
  'last resort': 'request',
  schedule: 'background',
  test: 'operator',
  check: 'background',
};

const isByHand = (why: Why): boolean => why === 'test' || why === 'check';

const asking = (why: Why): readonly [ExchangeAsker, SendingFor] => [askers[why], isByHand(why) ? 'test' : 'refresh'];

export interface RefresherParts extends OutcomeParts {
  readonly google: Google;
  readonly brake: Brake;
}

const unheard = (): void => undefined;

/**
 * How often a refresh is begun again because the refresh token was replaced while its exchange was under way; more
 * often than this is no coincidence.
 */
const MOST_REPLACEMENTS = 4;

/**
 * Refreshes accounts: decides whether a token may be sent at all, and lets all callers share one exchange and its
 * outcome.
 */
export class Refresher {
  readonly exchanges: Exchanges;
  private readonly outcomes: Outcomes;
  private readonly verdicts: Verdicts;
  private readonly begun = new Listeners<[accountId: string]>();

  constructor(private readonly parts: RefresherParts) {
    this.verdicts = new Verdicts(parts);
    this.outcomes = new Outcomes(parts, this.verdicts);
    this.exchanges = new Exchanges(parts.google, parts.clock, parts.brake, this.outcomes, parts.exchanges);
    parts.exchanges.onBack((what) => this.outcomes.endPauses(what));
    parts.clients.onChange((change) => {
      if (change === 'clients') this.outcomes.clientsChanged();
      parts.changes.tell(parts.store.list().map(({ id }) => id));
    });
  }

  /**
   * Calls `listener` when the refresh of an account begins; nothing has changed yet except that a screen may show it.
   */
  onBegin(listener: (accountId: string) => void): () => void {
    return this.begun.add(listener);
  }

  /** A pause or refusal of this account's refresh token that still counts; null: none. */
  trouble(account: Account): GrantTrouble | null {
    return this.outcomes.trouble(account);
  }

  /** A request finds nobody who could serve it: ends the pause of one account where the network is the trouble. */
  nobodyServes(): void {
    this.outcomes.nobodyServes();
  }

  isUnderWay(account: Account): boolean {
    return this.exchanges.underWay(account.refreshToken) !== undefined;
  }

  /** Forgets a pause or refusal, because the file changed or the operator asks: the token may be sent again at once. */
  forget(account: Account): void {
    if (this.outcomes.forget(account)) this.parts.changes.tell([account.id]);
  }

  /**
   * Gets the account a new access token, once for all callers at the same time.
   *
   * @returns the account with its new token, which is in memory and on its way to the disk; a rotated refresh token is
   * on disk
   * @param since - when the refresh was asked for, monotonic ms, where a test had to wait for its turn
   * @param failed - called with the number of exchanges that failed
   * @param gone - aborted when the caller is gone: what was not sent by then is sent only if another waits for it
   * @throws {GrantRefused} the endpoint answered `invalid_grant` to exactly the token the account holds; it is disabled
   * @throws {RefreshRefused | ClientRefused | TokenEndpointUnavailable} it failed, but the account is not disabled
   * @throws {NotAsked} nothing was sent
   */
  async refresh(
    accountId: string,
    why: Why,
    since = this.parts.clock.monotonic(),
    failed: (exchanges: number) => void = unheard,
    gone?: AbortSignal,
  ): Promise<Account> {
    for (let replaced = 0; ; replaced++) {
      const account = this.usable(accountId);
      if (!isByHand(why)) await this.refuseKnownDead(account);
      const candidates = this.candidates(account);
      const flight = this.launch(account, candidates, why, since);
      const { failures } = flight;
      try {
        const outcome = await flight.wait(this.parts.oauth.timeoutMs, gone);
        const isReplaced = 'holds' in outcome && outcome.holds !== flight.sent;
        const now = this.usable(accountId);
        // whoever replaced the token got an access token with it
        if (!isReplaced || now.accessToken !== account.accessToken || replaced >= MOST_REPLACEMENTS) return now;
      } catch (error) {
        failed(flight.failures - failures);
        const aboutOtherBytes =
          (error instanceof GrantRefused || error instanceof RefreshRefused) &&
          this.parts.store.get(accountId)?.account?.refreshToken !== flight.sent;
        const aboutOthers = aboutOtherBytes || this.isAboutOtherClients(flight, candidates);
        if (!aboutOthers || replaced >= MOST_REPLACEMENTS) throw error;
      }
    }
  }

  /**
   * Whether an exchange has ended that was not sent with all of these clients: its failure is no answer for a caller
   * who would use them.
   */
  private isAboutOtherClients(flight: Flight, clients: readonly OAuthClient[]): boolean {
    return !asksAll(flight, clients) && this.exchanges.underWay(flight.sent) !== flight;
  }

  /**
   * Exchanges a token that perhaps no account holds, or what is known to have taken its place; accounts that do hold it
   * share the outcome.
   *
   * @param gone - as for `refresh`
   * @throws {RefreshError}
   */
  async probe(refreshToken: string, clients: readonly OAuthClient[], gone?: AbortSignal): Promise<ExchangeSuccess> {
    let token = refreshToken;
    for (;;) {
      const flight = this.exchanges.start(token, clients, 'operator', 'probe');
      try {
        const outcome = await flight.wait(this.parts.oauth.timeoutMs, gone);
        if (!('holds' in outcome)) return outcome;
        token = outcome.holds;
      } catch (error) {
        if (!this.isAboutOtherClients(flight, clients)) throw error;
      }
    }
  }

  /** Takes in a token that another grant type gave (a login): it is good, and so is its client. */
  learn(landed: ExchangeSuccess): Promise<void> {
    return this.outcomes.landed(landed);
  }

  /**
   * Does not let a token that Google refused be sent again, whoever cleared the flag; the account is disabled again
   * instead.
   */
  private async refuseKnownDead(account: Account): Promise<void> {
    const refused = this.parts.state.refused(grantKey(account));
    if (refused === undefined) return;
    if (account.disabled === null) await this.verdicts.disableAgain(account);
    const cause = isCause(refused.cause) ? refused.cause : 'revoked';
    throw new GrantRefused(english('refused before, not sent again'), '', cause);
  }

  /** The account, if its refresh token may be sent at all. */
  private usable(accountId: string): Account {
    const stored = this.parts.store.get(accountId);
    if (stored?.account === undefined || stored.account === null) {
      throw new NotAsked('unknown', 'account_gone', english('the account file is gone'));
    }
    if (stored.unreadable !== null) {
      throw new NotAsked(
        'unknown',
        'file_unreadable',
        english('{file} cannot be read, so a rotated token could not be saved', { file: stored.file }),
      );
    }
    return stored.account;
  }

  /** The exchange under way, else a new one unless something speaks against it. */
  private launch(account: Account, candidates: readonly OAuthClient[], why: Why, since: number): Flight {
    const { clients, clock } = this.parts;
    const flying = this.exchanges.underWay(account.refreshToken);
    if (why === 'request' && flying?.isSent !== true) this.refuseInPause();
    if (flying !== undefined) return this.exchanges.start(account.refreshToken, candidates, ...asking(why));
    const name = clients.nameOf(account);
    const refusal = clients.refusal(name);
    if (isByHand(why)) {
      // one refusal of a client answers all tests that were asked for before it came
      if (refusal !== null && candidates.every((one) => clients.isRefusedSince(one.name, since))) throw refusal.error;
    } else {
      const trouble = this.trouble(account);
      if (trouble !== null && clock.monotonic() < trouble.retryAt) throw trouble.error;
      if (refusal !== null && !clients.mayAsk(name)) throw refusal.error;
    }
    const flight = this.exchanges.start(account.refreshToken, candidates, ...asking(why));
    this.begun.tell(account.id);
    return flight;
  }

  /** Throws during a pause of the token endpoint, for a request that another account can serve. */
  private refuseInPause(): void {
    const { pauseLeftMs } = this.exchanges;
    if (pauseLeftMs === 0) return;
    const words = english('the token endpoint asked for a pause of {left} more', { left: wait(pauseLeftMs) });
    throw new TokenEndpointUnavailable('rate_limited', 'paused', words, pauseLeftMs);
  }

  /**
   * The clients to send the account's token with. More than one only where it is not known which issued the token: the
   * file names none, and the token never worked here.
   */
  private candidates(account: Account): readonly OAuthClient[] {
    const { clients } = this.parts;
    const client = clients.of(account);
    if (client === null) {
      const words = english('OAuth client "{name}" is not configured', { name: clients.nameOf(account) });
      throw new NotAsked('client_missing', 'no_client', words);
    }
    const worked = this.parts.state.grant(grantKey(account))?.lastOk !== undefined;
    if (account.clientKey !== null || worked) return [client];
    return [client, ...clients.configured().filter(({ name }) => name !== client.name)];
  }
}
