import type { Account } from '../../store/accounts/account.js';
import type { Clock } from '../../store/ground/clock.js';
import { Listeners } from '../../store/ground/listeners.js';
import type { Settings } from '../../store/settings/settings.js';
import type { ClientRefused } from './errors.js';
import type { OAuthClient } from './google.js';
import { ownValue, setOwn } from '../../store/ground/json.js';

/**
 * An OAuth client that the token endpoint refused: all of its accounts pause, and one of them probes again now and
 * then.
 */
export interface ClientRefusal {
  readonly error: ClientRefused;
  /** ms since 1970. */
  readonly at: number;
  /** When it was refused last, `Clock.monotonic` in ms. */
  readonly askedAt: number;
  /** When the next probe may be sent, `Clock.monotonic` in ms. */
  readonly retryAt: number;
  readonly count: number;
}

/** What changed: which clients are configured, or only which of them the token endpoint refuses. */
export type ClientChange = 'clients' | 'refusals';

/** Where clients are kept that came along with a token. */
export interface ClientKeeping {
  /** Proves that this process may write there now. @throws {CannotRun} */
  prove(): Promise<void>;
  /** Keeps a new client in the settings. @throws {SettingsError} */
  save(client: OAuthClient): void | Promise<void>;
}

/** The client of `gcloud auth application-default login`, the same for everybody. */
const GCLOUD = '764086051850-6qr4p6gpi6hn506pt8ejuq83di341hur.apps.googleusercontent.com';

const FIRST_PROBE_MS = 60_000;
const LONGEST_PROBE_MS = 3_600_000;

const pauseMs = (count: number): number => Math.min(FIRST_PROBE_MS * 2 ** Math.min(count - 1, 30), LONGEST_PROBE_MS);

/** The operator's OAuth clients, and which of them Google refuses at present. */
export class OAuthClients {
  /** A copy: the settings change in place, and the former values are needed. */
  private oauth: Pick<Settings['oauth'], 'clients' | 'defaultClient'>;
  private readonly refusals = new Map<string, ClientRefusal>();
  private readonly changes = new Listeners<[change: ClientChange]>();

  constructor(
    { clients, defaultClient }: Pick<Settings['oauth'], 'clients' | 'defaultClient'>,
    private readonly clock: Clock,
    private readonly kept: ClientKeeping,
  ) {
    this.oauth = { clients, defaultClient };
  }

  /** Calls `listener` after clients were configured, or after one was newly refused or accepted. */
  onChange(listener: (change: ClientChange) => void): void {
    this.changes.add(listener);
  }

  /** Uses other settings from now on; what Google said of clients whose id or secret changed is forgotten. */
  configure({ clients, defaultClient }: Pick<Settings['oauth'], 'clients' | 'defaultClient'>): void {
    const before = this.oauth.clients;
    this.oauth = { clients, defaultClient };
    for (const name of this.refusals.keys()) {
      const [was, is] = [ownValue(before, name), ownValue(clients, name)];
      if (was?.id !== is?.id || was?.secret !== is?.secret) this.refusals.delete(name);
    }
    this.changes.tell('clients');
  }

  /** The clients that have an id, the default one first. */
  configured(): readonly OAuthClient[] {
    const names = Object.keys(this.oauth.clients).filter((name) => name !== this.oauth.defaultClient);
    return [this.oauth.defaultClient, ...names].map((name) => this.get(name)).filter((client) => client !== null);
  }

  /** The client with this id: the configured one, else one that `adopt` would configure. */
  issuer({ id, secret }: { readonly id: string; readonly secret: string }): OAuthClient {
    const known = this.configured().find((client) => client.id === id);
    return known ?? { name: this.freeName(id), id, secret };
  }

  /**
   * Configures a client that came along with a token, in the settings file and in memory.
   *
   * @returns the client by the name that it has now
   * @throws {SettingsError} the settings cannot be written
   * @throws {CannotRun} the data directory is not this process's any more
   */
  async adopt(client: OAuthClient): Promise<OAuthClient> {
    await this.kept.prove();
    const named = this.issuer(client);
    if (this.get(named.name) !== null) return named;
    await this.kept.save(named);
    setOwn(this.oauth.clients, named.name, { id: named.id, secret: named.secret });
    this.changes.tell('clients');
    return named;
  }

  get defaultName(): string {
    return this.oauth.defaultClient;
  }

  get(name: string): OAuthClient | null {
    // a file may give a client any name, `constructor` too
    const client = Object.hasOwn(this.oauth.clients, name) ? this.oauth.clients[name] : undefined;
    return client === undefined || client.id === '' ? null : { name, id: client.id, secret: client.secret };
  }

  /**
   * The client that an account refreshes with; null where the account's client key, or the default one, is not
   * configured.
   */
  of(account: Account): OAuthClient | null {
    return this.get(this.nameOf(account));
  }

  nameOf(account: Account): string {
    return account.clientKey ?? this.oauth.defaultClient;
  }

  refusal(name: string): ClientRefusal | null {
    return this.refusals.get(name) ?? null;
  }

  /**
   * Whether this caller may ask a refused client again; the time of the next probe is moved on at once, so that only
   * one account sends it. True for a client that is not refused.
   */
  mayAsk(name: string): boolean {
    const refusal = this.refusals.get(name);
    if (refusal === undefined) return true;
    const now = this.clock.monotonic();
    if (now < refusal.retryAt) return false;
    this.refusals.set(name, { ...refusal, retryAt: now + pauseMs(refusal.count) });
    return true;
  }

  /**
   * Whether Google refused the client after this time (`Clock.monotonic`, ms): a caller that asked at that time has its
   * answer.
   */
  isRefusedSince(name: string, since: number): boolean {
    return (this.refusals.get(name)?.askedAt ?? -Infinity) > since;
  }

  /** Google refused the client, with the id and secret that were sent. */
  refuse(error: ClientRefused, sent: OAuthClient): void {
    if (!this.holds(sent)) return;
    const before = this.refusals.get(sent.name);
    const count = (before?.count ?? 0) + 1;
    const now = this.clock.monotonic();
    const at = before?.at ?? this.clock.now();
    this.refusals.set(sent.name, { error, at, askedAt: now, retryAt: now + pauseMs(count), count });
    if (before === undefined) this.changes.tell('refusals');
  }

  /** Google accepted the client, with the id and secret that were sent. */
  accept(sent: OAuthClient): void {
    if (this.holds(sent) && this.refusals.delete(sent.name)) this.changes.tell('refusals');
  }

  /**
   * Whether the client is configured with this id and secret; not if it only came along with a token, or was changed
   * meanwhile.
   */
  private holds({ name, id, secret }: OAuthClient): boolean {
    const configured = this.get(name);
    return configured?.id === id && configured.secret === secret;
  }

  /** A free name for a client in the settings, made from the number of its project. */
  private freeName(id: string): string {
    const number = /^\d+/.exec(id)?.[0];
    const wanted = id === GCLOUD ? 'gcloud' : `client-${number ?? 'imported'}`;
    let name = wanted;
    for (let count = 2; this.get(name) !== null; count++) name = `${wanted}-${count}`;
    return name;
  }

  /** Every client that is refused now. */
  refused(): readonly ClientRefusal[] {
    return [...this.refusals.values()];
  }
}
