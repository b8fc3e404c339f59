import { randomUUID } from 'node:crypto';
import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import type { Credential } from '../../store/accounts/patches.js';
import type { View } from '../../store/accounts/stored-account.js';
import { unixSeconds, type Clock } from '../../store/ground/clock.js';
import { fingerprint, tokenName } from '../../store/ground/fingerprint.js';
import type { AccessRecord } from '../../store/records/log.js';
import type { StateStore } from '../../store/state/state-store.js';
import { CannotRun } from '../../store/ground/errors.js';
import { SettingsError, type Settings } from '../../store/settings/settings.js';
import type { Progress, ReaddRequest, ReaddResult, OperationReply } from '../contract/operations.js';
import { tokenText } from '../contract/token-text.js';
import type { ExchangeSuccess } from '../grants/flight.js';
import type { Holders } from '../grants/holders.js';
import type { Journal } from '../grants/journal.js';
import type { Refresher } from '../grants/refresh.js';
import type { OAuthClients } from '../oauth/clients.js';
import { NobodyWaits, NotAsked, RefreshError } from '../oauth/errors.js';
import type { Google, Identity, OAuthClient } from '../oauth/google.js';
import { missingScopes, shortScope } from '../oauth/scopes.js';
import type { Pool } from '../pool/pool.js';
import { CredentialFile } from './credential-file.js';
import { FirstRequests } from './first-requests.js';
import type { Undo } from './undo.js';
import {
  credentialOf,
  noLuggage,
  reporter,
  type ImportedExtras,
  type Report,
  type Saved,
  type VerifiedToken,
} from './verified-token.js';
import { sameEmail, TokenOwner } from './whose.js';
import { pasteFault, keptOutText, otherAccountText, refusal, resultText, savedText } from './words.js';
import { took } from '../contract/durations.js';
import { english } from '../../store/words/saying.js';

/** The result of one free call to the upstream: whether scope, API and project are in order, and if not, which is not. */
export type UpstreamProbe = (account: Account) => Promise<{ readonly ok: boolean; readonly text: string }>;

export interface RecoveryParts {
  readonly store: AccountStore;
  readonly holders: Holders;
  readonly state: Pick<StateStore, 'noteLogin'>;
  readonly google: Google;
  readonly clients: OAuthClients;
  readonly refresher: Refresher;
  readonly pool: Pool;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly oauth: Settings['oauth'];
  /** Keeps the credential that a re-add replaces. */
  readonly undo: Pick<Undo, 'replacing' | 'added'>;
  /**
   * Takes an account that was just saved into the running pool. @returns what changed since `before`; null: there was
   * no such account
   */
  readonly reload: (accountId: string, before: View | null) => Promise<string>;
  readonly probeUpstream: UpstreamProbe;
}

/** How long a verified token waits for the operator's answer before it is forgotten. */
const PENDING_MS = 300_000;

/**
 * Brings an account back with a new refresh token: exchange, identify, save, reload, and prove by a call to the
 * upstream. Nothing is written before the token is verified.
 */
export class Recovery {
  /** Verified tokens that wait for the operator's answer. */
  private readonly pending = new Map<string, VerifiedToken>();
  private readonly whose: TokenOwner;
  private readonly file: CredentialFile;
  readonly firstRequests: FirstRequests;

  constructor(private readonly parts: RecoveryParts) {
    const { store, holders, google, undo, clock, journal } = parts;
    this.whose = new TokenOwner(holders, google);
    this.file = new CredentialFile(store, undo, clock);
    this.firstRequests = new FirstRequests(journal, clock);
  }

  /** @throws {NobodyWaits} it was `gone`, wanted no more, before the token was sent */
  async readd(
    request: ReaddRequest,
    progress: (news: Progress) => void,
    luggage: ImportedExtras = noLuggage,
    gone?: AbortSignal,
  ): Promise<ReaddResult> {
    const report = reporter(progress);
    const token = tokenText(request.refreshToken);
    const fault = pasteFault(token);
    if (fault !== null) return { outcome: 'refused', cause: 'token_malformed', text: fault };
    report('exchange', 'running');
    try {
      const landed = await this.parts.refresher.probe(token, this.candidates(request, luggage), gone);
      const { exchanged, client } = landed;
      report('exchange', 'done', `${took(exchanged.tookMs)}, client ${client.name}`);
      const asSent = { ...request, refreshToken: token };
      return await this.identify({ request: asSent, luggage, landed, identity: null }, report);
    } catch (error) {
      if (!(error instanceof RefreshError) || error instanceof NobodyWaits) throw error;
      const result = refusal(error);
      report('exchange', 'failed', result.text);
      return result;
    }
  }

  /** Like `readd`, with an answer of the token endpoint that a login has already got. */
  async adopt(
    landed: ExchangeSuccess,
    request: Omit<ReaddRequest, 'refreshToken'>,
    progress: (news: Progress) => void,
  ): Promise<ReaddResult> {
    await this.parts.refresher.learn(landed);
    const { accountId, client, otherAccount } = request;
    const asPasted = { accountId, client, otherAccount, refreshToken: landed.sent };
    const pending = { request: asPasted, luggage: noLuggage, landed, identity: null };
    return this.identify(pending, reporter(progress));
  }

  async resume(
    id: string,
    decision: 'accept' | 'retry' | 'drop',
    progress: (news: Progress) => void,
  ): Promise<ReaddResult | OperationReply> {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (decision === 'drop') return { ok: true, text: 'nothing was saved' };
    if (pending === undefined) return { ok: false, text: 'that token is no longer at hand; paste it again' };
    const report = reporter(progress);
    if (decision === 'retry' || pending.identity === null) return this.identify(pending, report);
    return this.save(pending, pending.identity, report);
  }

  /** A request ended: it may be the first that an account has served since it came back. */
  served(record: AccessRecord): void {
    this.firstRequests.served(record);
  }

  /** The chosen client alone; else the clients that may have issued the token, the likeliest first. */
  private candidates({ accountId, client }: ReaddRequest, { ownClient }: ImportedExtras): readonly OAuthClient[] {
    const { clients, store } = this.parts;
    if (ownClient !== null) return [clients.issuer(ownClient)];
    const configured = clients.configured();
    if (configured.length === 0) {
      throw new NotAsked('client_missing', 'no_client', english('no OAuth client is configured'));
    }
    if (client !== null) {
      const chosen = clients.get(client);
      if (chosen !== null) return [chosen];
      throw new NotAsked('client_missing', 'no_client', english('there is no OAuth client "{name}"', { name: client }));
    }
    const selected = accountId === null ? null : (store.get(accountId)?.account ?? null);
    const issuer = selected === null ? null : clients.of(selected);
    return issuer === null ? configured : [issuer, ...configured.filter(({ name }) => name !== issuer.name)];
  }

  private async identify(pending: VerifiedToken, report: Report): Promise<ReaddResult> {
    const { request } = pending;
    report('identity', 'running');
    let identity: Identity;
    try {
      identity = await this.whose.owner(pending);
    } catch (error) {
      if (!(error instanceof RefreshError)) throw error;
      const text = `Google took the token, but does not say whose it is: ${error.message}; nothing is saved yet, ask again`;
      report('identity', 'failed', error.message);
      return { outcome: 'identity_unknown', pending: this.keep(pending), email: null, text };
    }
    const selected = request.accountId === null ? null : (this.parts.store.get(request.accountId)?.account ?? null);
    const other = selected !== null && !sameEmail(selected.email, identity.email);
    report('identity', other ? 'warning' : 'done', identity.email);
    if (other && request.otherAccount === 'ask') {
      const isNew = this.whose.file(identity.email, null) === null;
      const text = otherAccountText(identity.email, selected.email, isNew);
      return {
        outcome: 'other_account',
        pending: this.keep({ ...pending, identity }),
        email: identity.email,
        text,
      };
    }
    return this.save(pending, identity, report);
  }

  private async save(token: VerifiedToken, identity: Identity, report: Report): Promise<ReaddResult> {
    const target = this.whose.file(identity.email, token.request.accountId);
    const client = await this.clientOf(token, target, identity);
    if (typeof client === 'string') {
      report('saved', 'failed', client);
      return { outcome: 'refused', cause: 'unknown', text: `nothing was saved: ${client}` };
    }
    this.nameMissingScopes(token, report);
    const credential = credentialOf(token, identity, client);
    const saved = await this.bringBack(target, credential, token.luggage, report);
    await this.prove(saved.id, report);
    return this.result(saved, identity.email, target === null, report);
  }

  /** The client that the token is saved with; a text: why it cannot be saved. */
  private async clientOf(
    { luggage, landed }: VerifiedToken,
    target: Account | null,
    { email }: Identity,
  ): Promise<OAuthClient | string> {
    const obstacle = target === null ? this.whose.obstacle(email) : null;
    if (obstacle !== null) return obstacle;
    if (luggage.ownClient === null) return landed.client;
    try {
      // the client came along with the token, and is now saved in the settings by its name
      return await this.parts.clients.adopt(landed.client);
    } catch (error) {
      if (error instanceof SettingsError || error instanceof CannotRun) return error.message;
      throw error;
    }
  }

  private nameMissingScopes({ landed }: VerifiedToken, report: Report): void {
    const { scopes } = this.parts.oauth;
    const missing = missingScopes(scopes, landed.exchanged.body.scope).map(shortScope);
    if (missing.length === 0) report('scopes', 'done', `all ${scopes.length}`);
    else report('scopes', 'warning', `missing: ${missing.join(', ')}`);
  }

  /** Saves the token in the account's file, and reloads the account into the pool. */
  private async bringBack(
    target: Account | null,
    credential: Credential,
    luggage: ImportedExtras,
    report: Report,
  ): Promise<Saved> {
    const { clock, store, journal, reload } = this.parts;
    const before = target === null ? undefined : store.get(target.id);
    const view = before === undefined ? null : { account: before.account, unreadable: before.unreadable };
    const verifiedAt = clock.monotonic();
    report('saved', 'running');
    const saved = await this.file.save(target, credential, luggage);
    const { id } = saved;
    report('saved', ...savedText(saved, target === null));
    this.tellRecovered(id, target, credential, report);
    report('reloaded', 'running');
    report('reloaded', 'done', await reload(id, view));
    if (target !== null && target.disabled !== null) journal.moment('back', clock.monotonic() - verifiedAt);
    return saved;
  }

  private result(saved: Saved, email: string, created: boolean, report: Report): ReaddResult {
    const { id, notSaved } = saved;
    const standing = this.parts.pool.get(id)?.standing;
    const keptOut = standing?.serves === false ? keptOutText(standing.state, standing.reason) : null;
    // a request may have been served with the token already
    if (this.firstRequests.isAwaited(email)) report('served', 'running', keptOut ?? 'waiting for the next request');
    const text = resultText(email, created, saved, keptOut);
    return { outcome: notSaved === null ? 'saved' : 'not_saved', accountId: id, email, created, keptOut, text };
  }

  private tellRecovered(id: string, before: Account | null, credential: Credential, report: Report): void {
    const { journal, store, clock, refresher } = this.parts;
    const account = store.get(id)?.account ?? null;
    if (account === null) return;
    if (before !== null) refresher.forget(before);
    this.parts.state.noteLogin({
      client: credential.clientKey,
      email: account.email.toLowerCase(),
      at: unixSeconds(clock),
      token: fingerprint(credential.refreshToken),
    });
    const { length, sha256 } = tokenName(credential.refreshToken);
    const done = before === null ? 'added' : 're-added';
    if (before !== null && before.disabled !== null && account.disabled === null) {
      journal.reEnabled(account.email, 'a new refresh token was verified with Google');
    } else {
      journal.note(account.email, `Account ${done} (${account.email}): a refresh token was verified with Google`);
    }
    this.firstRequests.await(account, report);
    journal.event('recovered', account, {
      text: `${done}: refresh token of ${length} chars, sha256 ${sha256}`,
      detail: `client ${credential.clientKey} · the first request it serves is named here`,
    });
  }

  private async prove(id: string, report: Report): Promise<void> {
    const account = this.parts.store.get(id)?.account ?? null;
    if (account === null) return;
    report('upstream', 'running');
    const { ok, text } = await this.parts.probeUpstream(account);
    report('upstream', ok ? 'done' : 'warning', text);
    if (!ok) this.parts.journal.warn(account.email, `Upstream check failed (${account.email}): ${text}`);
  }

  private keep(pending: VerifiedToken): string {
    const id = randomUUID();
    this.pending.set(id, pending);
    this.parts.clock.after(PENDING_MS, () => this.pending.delete(id));
    return id;
  }
}
