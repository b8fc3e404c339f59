import type { Account } from '../../store/accounts/account.js';
import { landingPatches, type TokenReply } from '../../store/accounts/landing.js';
import { NotSaved } from '../../store/accounts/stored-account.js';
import { unixSeconds } from '../../store/ground/clock.js';
import { fingerprint, grantKey } from '../../store/ground/fingerprint.js';
import type { Settings } from '../../store/settings/settings.js';
import type { GrantRecord } from '../../store/state/state-store.js';
import { causes } from '../contract/causes.js';
import {
  ClientRefused,
  GrantRefused,
  RefreshRefused,
  TokenEndpointUnavailable,
  type RefreshError,
} from '../oauth/errors.js';
import type { Exchanged } from '../oauth/google.js';
import { aheadSeconds, tokenAnswer } from '../oauth/token-answer.js';
import { backoffMs, refusalPauseMs } from '../oauth/backoff.js';
import type { OutcomeKeeper } from './exchanges.js';
import type { Flight, ExchangeSuccess } from './flight.js';
import { concernedBy } from './holders.js';
import { UnclaimedTokens } from './unclaimed.js';
import type { VerdictParts, Verdicts } from './verdicts.js';
import { byItself } from '../../store/ground/faults.js';

/** What is known of an account's grant beyond its file, as far as it keeps the account from being refreshed. */
export interface GrantTrouble {
  readonly error: RefreshError;
  /** Failures of this kind in a row. */
  readonly count: number;
  /** ms since 1970. */
  readonly since: number;
  /** Nothing is sent before this time, `Clock.monotonic` in ms. */
  readonly retryAt: number;
  /** The access token that its account had then. */
  readonly beside: string;
}

export interface OutcomeParts extends VerdictParts {
  readonly oauth: Settings['oauth'];
  /** A random number from 0 to 1; spreads the pauses. */
  readonly random: () => number;
}

/** After an outage, accounts are asked again spread over this time, not all at the same moment. */
const SPREAD_MS = 1_000;
/** While requests come, an endpoint that could not be reached is tried again at least this often. */
const NETWORK_RETRY_MS = 3_000;
/** While requests find nobody who could serve them, one of those whom the network keeps is tried this often. */
const NETWORK_TRIAL_MS = 1_000;

/** What a good answer changes for all accounts that held the token sent. */
interface Renewal extends TokenReply {
  readonly exchanged: Exchanged;
}

/**
 * Draws the conclusions from the answers of a token endpoint: a new token goes to every account that held the one sent,
 * a dead grant is handed to `Verdicts`, and any other failure sets a pause. Nothing else writes what a token endpoint
 * said.
 */
export class Outcomes implements OutcomeKeeper {
  /** By fingerprint of the refresh token, because a pause is about this token, not about an account. */
  private readonly troubles = new Map<string, GrantTrouble>();
  private readonly unclaimed: UnclaimedTokens;
  /** When the latest trial of the network was, or is to be, monotonic ms. */
  private trialAt = -Infinity;

  constructor(
    private readonly parts: OutcomeParts,
    private readonly verdicts: Verdicts,
  ) {
    this.unclaimed = new UnclaimedTokens(parts.store, parts.changes);
  }

  /** A pause or refusal of this account's refresh token that still counts; null: none. */
  trouble(account: Account): GrantTrouble | null {
    const trouble = this.troubles.size === 0 ? undefined : this.troubles.get(grantKey(account));
    if (trouble === undefined) return null;
    const { error, beside } = trouble;
    const isOver = error instanceof TokenEndpointUnavailable && account.accessToken !== beside;
    // another box or program got an access token with it meanwhile
    if (!isOver || account.expiresAt <= unixSeconds(this.parts.clock)) return trouble;
    this.troubles.delete(grantKey(account));
    return null;
  }

  /** Forgets the pause or refusal that keeps this account's token from being sent. @returns whether there was one */
  forget(account: Account): boolean {
    return this.troubles.delete(grantKey(account));
  }

  hasRotated(refreshToken: string): boolean {
    return this.parts.state.grant(fingerprint(refreshToken))?.rotated === true;
  }

  /** Other clients are configured: a token that was refused with the former ones may be accepted with these. */
  clientsChanged(): void {
    for (const [key, { error }] of this.troubles) if (error instanceof RefreshRefused) this.troubles.delete(key);
  }

  /**
   * Acts on a good answer: the token goes to all accounts that held the one sent; a rotated one is on disk before this
   * resolves.
   */
  async landed(landed: ExchangeSuccess): Promise<void> {
    const { changes, exchanges } = this.parts;
    const holders = this.parts.holders.of(landed.sent);
    const renewal = this.renewal(landed);
    const saved = changes.together(() => {
      this.accept(landed);
      changes.tell(holders.map(({ id }) => id));
      return exchanges.land({ ...renewal, holders, grant: this.grantBy(renewal) });
    });
    if (renewal.rotated !== null && holders.length === 0) {
      this.unclaimed.keep(fingerprint(landed.sent), (account) => {
        byItself(`the saving of ${account.email}`, this.save(account, renewal));
        this.tellRefreshed(account, renewal);
      });
    }
    if (renewal.rotated === null) byItself('the saving of an access token', saved);
    else await saved;
    for (const account of holders) this.tellRefreshed(account, renewal);
  }

  /** Acts on a failure: a dead grant is disabled, anything else sets a pause. */
  async failed(error: RefreshError, flight: Flight): Promise<void> {
    if (error instanceof GrantRefused) return this.verdicts.fall(error, flight);
    const { changes } = this.parts;
    const holders = concernedBy(flight, this.parts);
    changes.together(() => {
      if (error instanceof ClientRefused) this.refuseClient(error, flight);
      else if (holders.length > 0) this.pause(error, flight, holders[0]?.accessToken ?? '');
      changes.tell(holders.map(({ id }) => id));
    });
    this.tellFailed(error, flight, holders);
  }

  private renewal({ sent, client, guessed, exchanged }: ExchangeSuccess): Renewal {
    const { refresh_token: given } = exchanged.body;
    return {
      sent,
      rotated: given !== null && given !== sent ? given : null,
      answer: tokenAnswer(exchanged),
      issuer: guessed || client.name !== this.parts.clients.defaultName ? client.name : null,
      exchanged,
    };
  }

  /** Clears every refusal and pause of the token and its client. */
  private accept({ sent, client }: ExchangeSuccess): void {
    const wasRefused = this.parts.clients.refusal(client.name) !== null;
    this.parts.clients.accept(client);
    if (wasRefused) this.clientMended(client.name);
    this.troubles.delete(fingerprint(sent));
    this.endPauses('network');
  }

  /** Forgets refusals of tokens that came while this client was refused: they may have been about the client. */
  private clientMended(name: string): void {
    const { store, clients, changes } = this.parts;
    const back = store.list().flatMap(({ id, account }) => {
      if (account === null || clients.nameOf(account) !== name) return [];
      if (!(this.trouble(account)?.error instanceof RefreshRefused)) return [];
      this.troubles.delete(grantKey(account));
      return [id];
    });
    changes.tell(back);
  }

  /** What stood in the way is gone: accounts that wait because of it are asked within a second. */
  endPauses(cause: 'network' | 'database' | 'in_doubt'): void {
    const { clock, random, store, changes } = this.parts;
    const keys = [...this.troubles].filter(([, { error }]) => error.cause === cause).map(([key]) => key);
    if (keys.length === 0) return;
    for (const key of keys) {
      const trouble = this.troubles.get(key);
      const soon = clock.monotonic() + SPREAD_MS * random();
      if (trouble !== undefined && trouble.retryAt > soon) this.troubles.set(key, { ...trouble, retryAt: soon });
    }
    const waiting = new Set(keys);
    changes.tell(
      store.list().flatMap(({ id, account }) => (account !== null && waiting.has(grantKey(account)) ? [id] : [])),
    );
  }

  /**
   * A request finds nobody who could serve it: of those whom the network keeps, the first in turn is tried within a
   * second, since its success brings back all others.
   */
  nobodyServes(): void {
    const { clock, store, changes } = this.parts;
    const now = clock.monotonic();
    if (this.trialAt > now) return;
    const waiting = [...this.troubles].filter(([, { error, retryAt }]) => error.cause === 'network' && retryAt > now);
    if (waiting.length === 0) return;
    const [key, trouble] = waiting.reduce((first, other) => (other[1].retryAt < first[1].retryAt ? other : first));
    this.trialAt = Math.max(now, this.trialAt + NETWORK_TRIAL_MS);
    if (trouble.retryAt <= this.trialAt) return;
    this.troubles.set(key, { ...trouble, retryAt: this.trialAt });
    changes.tell(
      store.list().flatMap(({ id, account }) => (account !== null && grantKey(account) === key ? [id] : [])),
    );
  }

  private async save(account: Account, renewal: Renewal): Promise<void> {
    const patches = landingPatches(account, renewal);
    await Promise.all(patches.map((patch) => this.parts.store.patch(account.id, patch).catch(ignoreNotSaved)));
  }

  private tellRefreshed(account: Account, { rotated, answer, exchanged }: Renewal): void {
    const { journal, store } = this.parts;
    const notSaved = store.get(account.id)?.notSaved ?? null;
    journal.event(rotated === null ? 'refreshed' : 'rotated', account, {
      tookMs: exchanged.tookMs,
      nextAt: (answer.expiresAt - aheadSeconds(this.parts.oauth.refreshAheadSeconds, answer.expiresIn)) * 1000,
      text: rotated === null ? 'refreshed' : 'refreshed, and Google replaced the refresh token',
      detail: notSaved === null ? '' : `not saved: ${notSaved}; kept in memory, the write is tried again`,
    });
    if (account.disabled === null) return;
    journal.reEnabled(account.email, 'Google honours its stored refresh token again');
    journal.event('recovered', account, { text: 'recovered: Google honours its stored refresh token again' });
  }

  /** What is known of the grant after a good answer. */
  private grantBy({ sent, rotated, exchanged: { body } }: Renewal): GrantRecord {
    const { state, clock } = this.parts;
    const now = unixSeconds(clock);
    const before = state.grant(fingerprint(sent));
    const life = body.refresh_token_expires_in;
    return {
      firstSeen: before?.firstSeen ?? now,
      lastOk: now,
      scopes: body.scope === '' ? before?.scopes : body.scope,
      // Google's figure is the time left: only the first one is the life of the whole grant
      lifetime: before?.lifetime ?? life ?? undefined,
      // the end of a grant never moves later: only a new grant has a later one
      endsAt: life === null ? before?.endsAt : Math.min(now + life, before?.endsAt ?? Infinity),
      warnedHours: before?.warnedHours,
      rotated: before?.rotated === true || rotated !== null ? true : undefined,
    };
  }

  /**
   * Marks a client as refused. That keeps all of its accounts out, not only those that hold this token; `OAuthClients`
   * tells them.
   */
  private refuseClient(error: ClientRefused, { clients: asked }: Flight): void {
    const client = asked.find(({ name }) => name === error.client);
    if (client !== undefined) this.parts.clients.refuse(error, client);
  }

  private pause(error: RefreshError, { sent, startedAt, wantedByRequest }: Flight, beside: string): void {
    const { clock, random } = this.parts;
    const before = this.troubles.get(fingerprint(sent));
    // the operator asked before the pause was over: that must not make the next pause longer
    const step = before !== undefined && startedAt < before.retryAt ? 0 : 1;
    const count = before?.error.code === error.code ? before.count + step : 1;
    const pauseMs =
      error instanceof TokenEndpointUnavailable
        ? backoffMs(count, random(), error.retryAfterMs)
        : refusalPauseMs(count);
    const longest = wantedByRequest && error.cause === 'network' ? NETWORK_RETRY_MS : Infinity;
    const now = clock.monotonic();
    if (error.cause === 'network') this.trialAt = Math.max(this.trialAt, now);
    const retryAt = now + Math.min(pauseMs, longest);
    this.troubles.set(fingerprint(sent), { error, count, since: before?.since ?? clock.now(), retryAt, beside });
  }

  private tellFailed(error: RefreshError, flight: Flight, holders: readonly Account[]): void {
    const { clients, clock, journal } = this.parts;
    const kind = error instanceof ClientRefused ? 'client' : error instanceof RefreshRefused ? 'refused' : 'temporary';
    const tookMs = clock.monotonic() - flight.startedAt;
    for (const account of holders) {
      const pauseUntil = this.troubles.get(fingerprint(flight.sent))?.retryAt;
      const retryAt = pauseUntil ?? clients.refusal(clients.nameOf(account))?.retryAt ?? null;
      journal.refreshFailed(account.email, error.message, flight.wantedByRequest ? 'trying next account' : '');
      journal.event(kind, account, {
        cause: error.cause,
        tookMs,
        nextAt: retryAt === null ? null : clock.now() + retryAt - clock.monotonic(),
        text: `${error.message}: the account file is not touched`,
        detail: causes[error.cause].next,
      });
    }
  }
}

/** Ignores a failed write: the store shows what is not saved, and tries again by itself. */
function ignoreNotSaved(error: unknown): void {
  if (!(error instanceof NotSaved)) throw error;
}
