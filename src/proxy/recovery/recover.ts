import { tokenText } from '../contract/token-text.js';
import { randomUUID } from 'node:crypto';
import type { Account } from '../../store/accounts/account.js';
import { NotSaved } from '../../store/accounts/stored-account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { unixSeconds, type Clock } from '../../store/ground/clock.js';
import { fingerprint, tokenName } from '../../store/ground/fingerprint.js';
import type { JsonObject } from '../../store/ground/json.js';
import { importedAccount, newAccount } from '../../store/accounts/new-account.js';
import { setProject, upsert, type Credential } from '../../store/accounts/patches.js';
import { SettingsError } from '../../store/settings/settings.js';
import type { AccessRecord } from '../../store/records/log.js';
import type { StateStore } from '../../store/records/state-store.js';
import type { Settings } from '../../store/settings/settings.js';
import type { Pool } from '../pool/pool.js';
import type { Undo } from './undo.js';
import type { ImportRequest, Progress, ReaddRequest, ReaddResult, ReaddStep, Said } from '../contract/operations.js';
import type { OAuthClients } from '../oauth/clients.js';
import { NotAsked, RefreshError } from '../oauth/errors.js';
import type { Landed } from '../grants/exchanges.js';
import { identityOf, type Google, type Identity, type OAuthClient } from '../oauth/google.js';
import type { Journal } from '../grants/journal.js';
import { faultOf, keptOutText, refusal, resultText } from './words.js';
import type { Refresher } from '../grants/refresh.js';
import { tokenAnswer } from '../oauth/token-answer.js';
import { missingScopes, shortScope } from '../oauth/scopes.js';

/** What the free call to the upstream showed: scope, API and project in order, or what is not. */
export type UpstreamProbe = (account: Account) => Promise<{ readonly ok: boolean; readonly text: string }>;

export interface RecoveryParts {
  readonly store: AccountStore;
  readonly state: Pick<StateStore, 'noteLogin'>;
  readonly google: Google;
  readonly clients: OAuthClients;
  readonly refresher: Refresher;
  readonly pool: Pool;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly oauth: Settings['oauth'];
  /** Keeps what a re-add replaces. */
  readonly undo: Pick<Undo, 'replacing' | 'added'>;
  /** Called before the saving; what it returns takes the saved account into the running pool, and says what changed. */
  readonly beginReload: () => () => Promise<string>;
  readonly probeUpstream: UpstreamProbe;
}

/** What comes along with a token of another program. */
type Luggage = Pick<ImportRequest, 'ownClient' | 'projectId' | 'file'>;

const noLuggage: Luggage = { ownClient: null, projectId: null, file: null };

/** A verified exchange that waits for the operator's word. */
interface Pending {
  readonly request: ReaddRequest;
  readonly luggage: Luggage;
  readonly landed: Landed;
  readonly identity: Identity | null;
}

/** An account that has come back and not served yet. */
interface Awaited {
  readonly account: Account;
  /** ms since 1970. */
  readonly since: number;
  readonly report: Report;
}

type Report = (step: ReaddStep, status: Progress['status'], text?: string) => void;

/** A verified token that nobody claims is forgotten. */
const PENDING_MS = 300_000;

const wasAt = (ms: number): string => `${Math.round(ms)} ms`;

/**
 * Brings an account back with a new refresh token: exchanged, identified, saved, reloaded, proven. Nothing is written
 * before the token is verified.
 */
export class Recovery {
  private readonly pending = new Map<string, Pending>();
  /** E-mail in lower case → the account whose first request after its recovery is awaited, and when it recovered. */
  private readonly awaited = new Map<string, Awaited>();

  constructor(private readonly parts: RecoveryParts) {}

  async readd(
    request: ReaddRequest,
    progress: (news: Progress) => void,
    luggage: Luggage = noLuggage,
  ): Promise<ReaddResult> {
    const report = reporter(progress);
    const token = tokenText(request.refreshToken);
    const fault = faultOf(token);
    if (fault !== null) return { outcome: 'refused', cause: 'token_malformed', text: fault };
    report('exchange', 'running');
    try {
      const landed = await this.parts.refresher.probe(token, this.candidates(request, luggage));
      const { exchanged, client } = landed;
      report('exchange', 'done', `${wasAt(exchanged.tookMs)}, client ${client.name}`);
      const asSent = { ...request, refreshToken: token };
      return await this.identify({ request: asSent, luggage, landed, identity: null }, report);
    } catch (error) {
      if (!(error instanceof RefreshError)) throw error;
      const result = refusal(error);
      report('exchange', 'failed', result.text);
      return result;
    }
  }

  /** The same with an answer that is there already, from a login: whose it is, what it may do, and into the pool with it. */
  async adopt(
    landed: Landed,
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
  ): Promise<ReaddResult | Said> {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (decision === 'drop') return { ok: true, text: 'nothing was saved' };
    if (pending === undefined) return { ok: false, text: 'that token is no longer at hand; paste it again' };
    const report = reporter(progress);
    if (decision === 'retry' || pending.identity === null) return this.identify(pending, report);
    return this.save(pending, pending.identity, report);
  }

  /** A request ended well: if its account has just come back, the event says so. */
  served(record: AccessRecord): void {
    if (this.awaited.size === 0 || record.account === null || record.status >= 400 || record.status === 0) return;
    const key = record.account.toLowerCase();
    const awaited = this.awaited.get(key);
    if (awaited === undefined) return;
    this.awaited.delete(key);
    const after = (this.parts.clock.now() - awaited.since) / 1000;
    awaited.report('served', 'done', `${record.status} ${record.model ?? record.path}`);
    this.parts.journal.event('served', awaited.account, {
      text: `first request since its recovery: ${record.status} ${record.model ?? record.path} (request ${record.id})`,
      detail: `${after.toFixed(1)} s after it was saved`,
    });
  }

  /** The chosen client alone; else whoever may have issued the token, the likeliest first. */
  private candidates({ accountId, client }: ReaddRequest, { ownClient }: Luggage): readonly OAuthClient[] {
    const { clients, store } = this.parts;
    if (ownClient !== null) return [clients.issuer(ownClient)];
    const configured = clients.configured();
    if (configured.length === 0) {
      throw new NotAsked('client_missing', 'no_client', 'no OAuth client is configured');
    }
    if (client !== null) {
      const chosen = clients.get(client);
      if (chosen !== null) return [chosen];
      throw new NotAsked('client_missing', 'no_client', `there is no OAuth client "${client}"`);
    }
    const selected = accountId === null ? null : (store.get(accountId)?.account ?? null);
    const issuer = selected === null ? null : clients.of(selected);
    return issuer === null ? configured : [issuer, ...configured.filter(({ name }) => name !== issuer.name)];
  }

  private async identify(pending: Pending, report: Report): Promise<ReaddResult> {
    const { request } = pending;
    report('identity', 'running');
    let identity: Identity;
    try {
      identity = await this.owner(pending);
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
      const known = this.target(identity.email, null) === null ? 'which is new here' : 'which is here too';
      const text = `this token belongs to ${identity.email}, ${known}, not to ${selected.email}: save it for ${identity.email}?`;
      return {
        outcome: 'other_account',
        pending: this.keep({ ...pending, identity }),
        email: identity.email,
        text,
      };
    }
    return this.save(pending, identity, report);
  }

  /** Whose the token is. Where nobody is there to be asked, whose it is is asked for once more. */
  private async owner({ landed, request }: Pending): Promise<Identity> {
    const { id_token: idToken, access_token: accessToken } = landed.exchanged.body;
    const ask = (): Promise<Identity> => this.parts.google.userInfo(accessToken);
    const known = identityOf(idToken, landed.client.id);
    if (known !== null) return known;
    return request.otherAccount === 'ask' ? ask() : ask().catch(ask);
  }

  private async save(pending: Pending, identity: Identity, report: Report): Promise<ReaddResult> {
    const { clock, oauth, pool } = this.parts;
    const { request, luggage, landed } = pending;
    const { exchanged } = landed;
    const target = this.target(identity.email, request.accountId);
    const unreadable = target === null ? this.unreadable(identity.email) : null;
    if (unreadable !== null) {
      report('saved', 'failed', unreadable);
      return { outcome: 'refused', cause: 'unknown', text: `nothing was saved: ${unreadable}` };
    }
    const client = luggage.ownClient === null ? landed.client : this.adopted(landed.client);
    if (client instanceof SettingsError) {
      report('saved', 'failed', client.message);
      return { outcome: 'refused', cause: 'unknown', text: `nothing was saved: ${client.message}` };
    }
    const missing = missingScopes(oauth.scopes, exchanged.body.scope).map(shortScope);
    report(
      'scopes',
      missing.length === 0 ? 'done' : 'warning',
      missing.length === 0 ? `all ${oauth.scopes.length}` : `missing: ${missing.join(', ')}`,
    );
    const credential: Credential = {
      email: identity.email,
      name: identity.name,
      refreshToken: exchanged.body.refresh_token ?? request.refreshToken,
      answer: tokenAnswer(exchanged),
      clientKey: client.name,
    };
    const reload = this.parts.beginReload();
    const verifiedAt = clock.monotonic();
    report('saved', 'running');
    const { id, notSaved } = await this.write(target, credential, luggage);
    report('saved', notSaved === null ? 'done' : 'failed', notSaved ?? (target === null ? 'a new account' : ''));
    this.tellRecovered(id, target, credential, report);
    report('reloaded', 'running');
    report('reloaded', 'done', await reload());
    if (target !== null && target.disabled !== null) this.parts.journal.moment('back', clock.monotonic() - verifiedAt);
    await this.prove(id, report);
    const member = pool.get(id);
    const keptOut =
      member?.standing.serves === false ? keptOutText(member.standing.state, member.standing.reason) : null;
    // a request may have been served with it already
    if (this.awaited.has(identity.email.toLowerCase())) {
      report('served', 'running', keptOut ?? 'waiting for the next request');
    }
    return {
      outcome: notSaved === null ? 'saved' : 'not_saved',
      accountId: id,
      email: identity.email,
      created: target === null,
      keptOut,
      text: resultText(identity.email, target === null, notSaved, keptOut),
    };
  }

  /** The selected row's file; else the disabled one of this e-mail, then the one that served last; null: a new account. */
  private target(email: string, selectedId: string | null): Account | null {
    const accounts = this.parts.store
      .list()
      .filter(({ unreadable }) => unreadable === null)
      .map(({ account }) => account)
      .filter((account) => account !== null)
      .filter((account) => sameEmail(account.email, email));
    const rank = (account: Account): number =>
      account.id === selectedId ? Infinity : (account.disabled === null ? 0 : 1e12) + (account.lastUsed ?? 0);
    return accounts.sort((a, b) => rank(b) - rank(a))[0] ?? null;
  }

  /** What stands in the way where the only file of this e-mail is one that nobody can read: it would get a fellow. */
  private unreadable(email: string): string | null {
    const stored = this.parts.store
      .list()
      .find(({ unreadable, account }) => unreadable !== null && account !== null && sameEmail(account.email, email));
    if (stored === undefined) return null;
    return `${stored.file}, the file of ${email}, cannot be read (${stored.unreadable ?? ''}): mend it, or remove it first`;
  }

  private async write(
    target: Account | null,
    credential: Credential,
    luggage: Luggage,
  ): Promise<{ readonly id: string; readonly notSaved: string | null }> {
    const { store, clock, undo } = this.parts;
    const id = target?.id ?? randomUUID();
    try {
      if (target !== null) {
        await undo.replacing(id);
        const { projectId } = luggage;
        if (projectId !== null && target.projectId === null) void store.patch(id, setProject(projectId)).catch(untold);
        await store.patch(id, upsert(credential));
      }
      // new, or its file was deleted meanwhile
      if (store.get(id) === undefined) {
        undo.added(id);
        void store.create(id, accountFrom(id, credential, luggage, unixSeconds(clock))).catch(untold);
        // its file may be there again
        await store.patch(id, upsert(credential));
      }
      return { id, notSaved: null };
    } catch (error) {
      if (!(error instanceof NotSaved)) throw error;
      return { id, notSaved: error.reason };
    }
  }

  /** The client that came along, by its name in the settings. */
  private adopted(client: OAuthClient): OAuthClient | SettingsError {
    try {
      return this.parts.clients.adopt(client);
    } catch (error) {
      if (error instanceof SettingsError) return error;
      throw error;
    }
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
    this.awaited.set(account.email.toLowerCase(), { account, since: clock.now(), report });
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

  private keep(pending: Pending): string {
    const id = randomUUID();
    this.pending.set(id, pending);
    this.parts.clock.after(PENDING_MS, () => this.pending.delete(id));
    return id;
  }
}

/** What the file of a new account says. Another person's file that a token came in is of no use for it. */
function accountFrom(id: string, credential: Credential, { file, projectId }: Luggage, at: number): JsonObject {
  const isTheirs = typeof file?.email === 'string' && sameEmail(file.email, credential.email);
  const json = isTheirs ? importedAccount(id, file, credential, at) : null;
  if (json !== null) return json;
  const fresh = newAccount(id, credential, at);
  if (projectId !== null) setProject(projectId).apply(fresh);
  return fresh;
}

/** The patch after it fails the same way, and is told. */
const untold = (): void => undefined;

const sameEmail = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const reporter =
  (progress: (news: Progress) => void): Report =>
  (step, status, text = '') =>
    progress({ step, status, text });
