import path from 'node:path';
import type { Account } from '../store/account.js';
import type { Clock } from '../store/clock.js';
import { fingerprint } from '../store/fingerprint.js';
import { closeStore, type Store } from '../store/house.js';
import type { JsonObject } from '../store/json.js';
import type { GrantEvent } from '../store/events.js';
import { touch } from '../store/patches.js';
import { version } from '../store/version.js';
import { AccountsWatch } from '../store/watch.js';
import { bannersOf } from './banners.js';
import { AccessTokens } from './grants/access-tokens.js';
import { createGrants, type Grants } from './grants/grants.js';
import { Intake } from './grants/intake.js';
import { Logins } from './grants/login.js';
import { Recovery } from './grants/recover.js';
import { Schedule } from './grants/schedule.js';
import { GrantWarnings } from './grants/warnings.js';
import { Metrics } from './metrics.js';
import type { Standing } from './notices.js';
import { Notifier } from './notify.js';
import { outboundProxy } from './outbound.js';
import { SupervisorOperations } from './operations.js';
import { listed } from './listing.js';
import { isOwnPath } from './own-routes.js';
import { Pool } from './pool.js';
import { QuotaReadings } from './quota-readings.js';
import { Reloader } from './reload.js';
import { AccountRows, alarmOf } from './rows.js';
import { createProxyServer, type ProxyServer } from './server.js';
import { Skips } from './skips.js';
import type { Snapshot } from './snapshot.js';
import type { Supervisor } from './supervisor.js';
import { TrafficMeter } from './traffic.js';
import { Undo } from './undo.js';
import { probeGemini } from './upstreams/probe.js';

/** The supervisor at work. */
export interface RunningSupervisor extends Supervisor {
  /** `host:port` of the proxy. */
  readonly address: string;
  readonly apiKey: string;
  /** A line for the screen from whoever started this supervisor. */
  setHint(text: string | null): void;
  onEvent(listener: (event: GrantEvent) => void): () => void;
  /** Resolves when the operator, a signal or another process asked it to stop. */
  readonly stopAsked: Promise<void>;
  /** Requests being served. */
  inFlight(): number;
  /** Every account's file without its tokens, with `state` and `cause`; unreadable files too. */
  listing(): readonly JsonObject[];
  /** Drains, saves and lets go of everything; returns what could not be saved. */
  close(): Promise<readonly string[]>;
}

/** How long requests under way may take to end when the program stops. */
export const DRAIN_MS = 10_000;
const TOUCH_EVERY_MS = 300_000;
/** An exchange under way at a stop may hold a rotated token: it gets this long to land. */
const LAST_EXCHANGES_MS = 5_000;
/** And what has just happened this long to be told. */
const LAST_NOTICES_MS = 2_000;

/**
 * Runs the proxy on an open store.
 *
 * @throws {AddressInUse | AddressUnusable} the store stays open
 */
export async function startSupervisor(store: Store, clock: Clock): Promise<RunningSupervisor> {
  const running = new Running(store, clock);
  await running.listen();
  return running;
}

/** The same operations on an open store with no proxy running: for commands that find no supervisor. */
export const withoutProxy = (store: Store, clock: Clock): RunningSupervisor => new Running(store, clock);

class Running implements RunningSupervisor {
  readonly operations: SupervisorOperations;
  readonly events: Store['events'];
  readonly logs: Store['log'];
  readonly stopAsked: Promise<void>;
  address = '';
  private readonly grants: Grants;
  private readonly pool: Pool;
  private readonly rows: AccountRows;
  private readonly server: ProxyServer;
  private readonly metrics = new Metrics();
  private readonly meter: TrafficMeter;
  private readonly skips: Skips;
  private readonly reloader: Reloader;
  private readonly undo: Undo;
  private readonly recovery: Recovery;
  private readonly logins: Logins;
  private notifier: Notifier | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly upSince: number;
  private schedule: Schedule | null = null;
  private quotaReadings: QuotaReadings | null = null;
  private watch: AccountsWatch | null = null;
  private warnings: GrantWarnings | null = null;
  private cancelTouch: () => void = () => undefined;
  private hint: string | null = null;
  private draining = false;
  private askStop: () => void = () => undefined;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {
    const { accounts, state, settings, log, events, trash } = store;
    this.events = events;
    this.logs = log;
    this.upSince = clock.now();
    this.stopAsked = new Promise((resolve) => (this.askStop = resolve));
    this.meter = new TrafficMeter(clock);
    this.grants = createGrants(store, clock);
    const { quotaProtection } = settings;
    this.pool = new Pool({ store: accounts, state, clock, settings: settings.pool, quotaProtection, ...this.grants });
    this.rows = new AccountRows({ store: accounts, state, pool: this.pool, clock, ...this.grants });
    this.skips = new Skips(accounts, log.logger, clock, quotaProtection);
    const forget = (account: Account): void => this.grants.refresher.forget(account);
    this.reloader = new Reloader({ store: accounts, skips: this.skips, logger: log.logger, clock, forget });
    this.undo = new Undo({ store: accounts, trash, logger: log.logger, clock, forget });
    this.recovery = this.createRecovery();
    this.logins = new Logins({
      store: accounts,
      clock,
      oauth: settings.oauth,
      recovery: this.recovery,
      ...this.grants,
    });
    this.operations = new SupervisorOperations({
      store: accounts,
      refresher: this.grants.refresher,
      recovery: this.recovery,
      intake: new Intake(accounts, this.recovery),
      logins: this.logins,
      reloader: this.reloader,
      logger: log.logger,
      clock,
      undo: this.undo,
      // beside the log: where everything of ours lies
      views: path.join(path.dirname(store.places.logs), 'views'),
      looked: () => state.looked(clock.now()),
      stop: () => {
        this.askStop();
        return Promise.resolve();
      },
    });
    this.server = this.createServer(settings);
    this.follow();
  }

  get apiKey(): string {
    return this.store.settings.proxy.apiKey;
  }

  snapshot(): Snapshot {
    const { settings, places, accounts, log } = this.store;
    const rows = this.rows.read();
    return {
      now: this.clock.now(),
      version,
      pid: process.pid,
      address: this.address,
      keyRequired: this.server.keyRequired,
      upSince: this.upSince,
      health: this.pool.health(),
      counts: this.pool.counts(),
      accounts: rows,
      traffic: this.meter.read(this.server.inFlight()),
      alarm: alarmOf(rows),
      banners: bannersOf({
        store: accounts,
        ...this.grants,
        reloader: this.reloader,
        log,
        rows,
        settingsFile: places.settings,
      }),
      clients: this.grants.clients.configured().map(({ name, id }) => ({ name, id })),
      dataDir: places.root,
      ui: settings.ui,
      hint: this.hint,
      draining: this.draining,
      lastLooked: this.store.state.lastLooked,
      testing: this.operations.testing,
    };
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onEvent(listener: (event: GrantEvent) => void): () => void {
    return this.store.events.onEvent(listener);
  }

  setHint(text: string | null): void {
    this.hint = text;
    this.tell();
  }

  inFlight(): number {
    return this.server.inFlight();
  }

  listing(): readonly JsonObject[] {
    return this.snapshot().accounts.map((row) => listed(row, this.store.accounts.json(row.id)));
  }

  async listen(): Promise<void> {
    const { host, port } = await this.server.listen();
    this.address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.store.lock.announce({ pid: process.pid, address: this.address, socket: this.store.places.socket });
    this.store.log.logger.info(
      `regrant ${version} serves on ${this.address} with ${this.store.accounts.list().length} accounts`,
    );
    this.skips.tellAll();
    this.schedule = new Schedule({
      store: this.store.accounts,
      state: this.store.state,
      pool: this.pool,
      clock: this.clock,
      oauth: this.store.settings.oauth,
      random: Math.random,
      ...this.grants,
    });
    this.quotaReadings = this.createQuotaReadings();
    this.warnings = new GrantWarnings({
      store: this.store.accounts,
      state: this.store.state,
      clock: this.clock,
      ...this.grants,
    });
    this.watch = new AccountsWatch({
      folder: this.store.places.accounts,
      store: this.store.accounts,
      clock: this.clock,
    });
    this.watch.start();
    this.notifier = this.createNotifier();
    this.forgetOldTokens();
    this.touchLater();
  }

  async close(): Promise<readonly string[]> {
    this.draining = true;
    this.tell();
    this.schedule?.stop();
    this.quotaReadings?.stop();
    this.watch?.stop();
    this.warnings?.stop();
    this.cancelTouch();
    this.logins.close();
    const inFlight = this.server.inFlight();
    if (inFlight > 0)
      this.store.log.logger.info(`Stopping: waiting for ${inFlight} requests (at most ${DRAIN_MS / 1000} s)`);
    await this.server.drain(DRAIN_MS);
    // a timer that waits on after the race would keep the ended program alive
    const late = new Promise<void>((resolve) => this.clock.after(LAST_EXCHANGES_MS, resolve));
    await Promise.race([this.grants.refresher.exchanges.settled(), late]);
    await this.touchAll();
    await this.notifier?.close(LAST_NOTICES_MS);
    this.store.log.logger.info('Stopped');
    return closeStore(this.store);
  }

  private createRecovery(): Recovery {
    const { accounts, settings } = this.store;
    const baseUrl = settings.upstream.baseUrls[0] ?? '';
    return new Recovery({
      store: accounts,
      pool: this.pool,
      clock: this.clock,
      oauth: settings.oauth,
      undo: this.undo,
      beginReload: () => {
        const before = this.reloader.begin();
        return () => this.reloader.reload('noticed', before);
      },
      probeUpstream: (account) => probeGemini(baseUrl, account),
      ...this.grants,
    });
  }

  /** The Gemini API itself does not say what is left. */
  private createQuotaReadings(): QuotaReadings | null {
    const { accounts, settings, log } = this.store;
    if (settings.upstream.kind !== 'cloudcode') return null;
    return new QuotaReadings({
      store: accounts,
      pool: this.pool,
      codeAssist: this.server.codeAssist,
      projects: this.server.projects,
      rules: settings.quotaProtection,
      logger: log.logger,
      clock: this.clock,
      random: Math.random,
    });
  }

  private createNotifier(): Notifier {
    const { settings, env, log, accounts } = this.store;
    return new Notifier({
      settings: settings.notify,
      env,
      clock: this.clock,
      logger: log.logger,
      outbound: outboundProxy(settings.network, env),
      address: this.address,
      disabled: accounts
        .list()
        .flatMap(({ id, account }) => (account !== null && account.disabled !== null ? [id] : [])),
      standing: () => this.standing(),
    });
  }

  private standing(): Standing {
    const refused = this.grants.clients.refused();
    return {
      now: this.clock.now(),
      health: this.pool.health(),
      accounts: this.store.accounts.list().length,
      refusedClients: refused.map(({ error }) => ({ name: error.client, code: error.serverCode, cause: error.cause })),
    };
  }

  private createServer(settings: Store['settings']): ProxyServer {
    const { log } = this.store;
    return createProxyServer({
      settings,
      pool: this.pool,
      store: this.store.accounts,
      tokens: new AccessTokens(this.grants.refresher, this.store.accounts, this.clock),
      metrics: this.metrics,
      clock: this.clock,
      version,
      onAccess: (record) => {
        const kind = isOwnPath(record.path) ? 'probe' : 'traffic';
        if (kind === 'traffic') this.meter.count(record);
        this.recovery.served(record);
        this.undo.served(record);
        log.access(record, kind);
        this.tell();
      },
      onFault: (error) => log.logger.error({ err: error }, 'A bug: an error while a request was served'),
    });
  }

  private follow(): void {
    const { events, log } = this.store;
    this.pool.onChange((ids) => {
      this.skips.tellChanged(ids);
      this.notifier?.lookSoon();
      this.tell();
    });
    log.onRecord(() => this.tell());
    events.onEvent((event) => {
      this.metrics.refresh(event.kind, event.cause ?? 'none');
      this.notifier?.happened(event);
      this.tell();
    });
  }

  /** `last_used` goes into the files now and then, never on a request's path. */
  private touchLater(): void {
    this.cancelTouch = this.clock.after(TOUCH_EVERY_MS, () => {
      void this.touchAll().finally(() => this.touchLater());
    });
  }

  private async touchAll(): Promise<void> {
    const { accounts } = this.store;
    await Promise.allSettled(
      this.pool
        .list()
        .filter(({ id, lastUsed }) => {
          const account = accounts.get(id)?.account ?? null;
          return (
            lastUsed !== null && account?.disabled === null && Math.floor(lastUsed / 1000) > (account.lastUsed ?? 0)
          );
        })
        .map(({ id, lastUsed }) => accounts.patch(id, touch(Math.floor((lastUsed ?? 0) / 1000)))),
    );
  }

  private forgetOldTokens(): void {
    const held = this.store.accounts.list().map(({ account }) => account?.refreshToken ?? '');
    this.store.state.prune(new Set(held.map(fingerprint)));
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
