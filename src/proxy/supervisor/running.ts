import type { Clock } from '../../store/ground/clock.js';
import type { GrantEvent } from '../../store/records/grant-event.js';
import { closeStore, leaveStore, lossText, type Store } from '../../store/open.js';
import type { JsonObject } from '../../store/ground/json.js';
import { Listeners } from '../../store/ground/listeners.js';
import { within } from '../../store/ground/within.js';
import { version } from '../../store/ground/version.js';
import { Background } from './background-tasks.js';
import { alarmOf, bannersOf } from '../reports/banners.js';
import { addressesNow } from '../transport/connections/network-watch.js';
import { loadAgents, outboundProxy } from '../transport/outbound.js';
import { hostAndPort } from '../server/listener/listen-errors.js';
import { healthReport } from '../reports/health-report.js';
import { Metrics } from '../reports/metrics.js';
import { assemble, type Assembly } from './assembly.js';
import { listed, servingNow } from '../reports/rows.js';
import { followLock, whileHeld } from './lock-watch.js';
import { Handover } from './handover.js';
import { countEnded, createServer, handoverParts, sayThatItServes } from './serving.js';
import { followRests } from './rest-news.js';
import { settle } from './settling.js';
import { tellOwnNews } from './own-news.js';
import type { ProxyServer } from '../server/server.js';
import type { Snapshot } from '../contract/snapshot.js';
import type { RunningSupervisor, StatusFacts } from '../contract/supervisor.js';
import type { Operations, Stopping } from '../contract/operations.js';
import { followSharing, poolBoxes } from '../reports/sharing.js';
import { TrafficMeter } from '../reports/traffic.js';

/** How long requests under way may take to end when the program stops. */
export const DRAIN_MS = 10_000;
/** How long a stop waits for exchanges under way, whose answers may hold a rotated token. */
const LAST_EXCHANGES_MS = 5_000;

type Opening = (running: RunningSupervisor) => Promise<void>;
/**
 * Runs the proxy on an open store; `begin` has everything go on that it does by itself.
 *
 * @param listening - descriptors of sockets that listen already; null: the port of the settings is opened
 * @param opening - awaited once the port listens, before the log says so
 * @param addresses - the machine's addresses, which are looked at every few seconds
 * @throws {AddressInUse | AddressUnusable} the store stays open
 */
export async function startSupervisor(
  store: Store,
  clock: Clock,
  listening: readonly number[] | null = null,
  opening: Opening = () => Promise.resolve(),
  addresses = addressesNow,
): Promise<RunningSupervisor> {
  const running = new Running(store, clock, addresses);
  await store.whole;
  await running.listen(listening, opening);
  return running;
}

/** The same operations on an open store without a running proxy: for commands when no supervisor runs. */
export const withoutProxy = (store: Store, clock: Clock): RunningSupervisor => new Running(store, clock);

const nothing = (): void => undefined;

class Running implements RunningSupervisor {
  readonly operations: Operations;
  readonly events: Store['events'];
  readonly logs: Store['log'];
  readonly stopAsked: Promise<void>;
  address = '';
  readonly parts: Assembly;
  readonly server: ProxyServer;
  readonly succession: Handover;
  readonly metrics = new Metrics();
  readonly meter: TrafficMeter;
  private readonly changes = new Listeners();
  private readonly upSince: number;
  /** null: the proxy does not listen, or nothing has begun yet. */
  private background: Background | null = null;
  private isPaused = false;
  private hint: string | null = null;
  private draining = false;
  private tellStop: () => void = () => undefined;

  constructor(
    readonly store: Store,
    readonly clock: Clock,
    readonly addresses = addressesNow,
  ) {
    this.events = store.events;
    this.logs = store.log;
    this.upSince = clock.now();
    this.meter = new TrafficMeter(clock);
    this.stopAsked = new Promise((resolve) => (this.tellStop = resolve));
    this.parts = assemble(store, clock, {
      askStop: () => this.askStop(),
      restart: () => this.succession.restart(),
      inFlight: () => this.server.underWay(),
      address: () => this.address,
      changed: () => this.tell(),
    });
    const held = whileHeld(this.parts.operations, store.lock, () => this.succession.waiting !== null);
    this.operations = held.operations;
    this.server = createServer(this, (request) => {
      countEnded(request, this);
      this.succession.ended(request);
      this.tell();
    });
    this.succession = new Handover({
      ...handoverParts(this, this.server),
      ...{ operations: held, pause: () => this.pause(), resume: () => this.resume(), changed: () => this.tell() },
    });
    this.follow();
  }

  get logState(): { ok: boolean; lost: number } {
    const { trouble, lost } = this.store.log;
    return { ok: trouble === null, lost };
  }

  get apiKey(): string {
    return this.parts.clientSide.apiKey();
  }

  snapshot(first?: number): Snapshot {
    const { settings, places, accounts, log, state, shared } = this.store;
    const { grants, pool, reloader, tests, acts, clientSide } = this.parts;
    const rows = first === undefined ? this.parts.rows.read() : this.parts.rows.first(first);
    const { status: health, noneServes } = pool.health();
    return {
      ...{ now: this.clock.now(), version, pid: process.pid, address: this.address },
      keyRequired: this.server.keyRequired,
      upSince: this.upSince,
      health,
      noneServes,
      unsaved: pool.unsaved,
      counts: pool.counts(),
      accounts: rows,
      traffic: this.meter.read(this.inFlight(), this.server.holds.size),
      alarm: alarmOf(rows),
      banners: bannersOf({
        ...{ sharing: shared?.sharing, store: accounts, unsaved: pool.unsaved, keysTrouble: clientSide.trouble() },
        clients: grants.clients,
        google: grants.google,
        reloadHeld: reloader.held,
        log,
        lock: this.store.lock,
        restarting: this.succession.waiting,
        settingsTrouble: this.store.liveSettings.trouble,
        rows,
      }),
      clients: grants.clients.configured().map(({ name, id, secret }) => ({ name, id, hasSecret: secret !== '' })),
      dataDir: places.root,
      ui: settings.ui,
      ...{ hint: this.hint, draining: this.draining, lastLooked: state.lastLooked },
      ...{ testing: tests.progress, acting: acts.progress, boxes: poolBoxes(shared?.sharing) },
    };
  }

  prepared(): Promise<void> | null {
    return this.parts.rows.prepared();
  }

  status(): StatusFacts {
    const { parts, clock, upSince, store } = this;
    const beside = { upSince, restarting: this.succession.waiting, boxes: poolBoxes(store.shared?.sharing) };
    return { ...healthReport(parts.pool, version), serving: servingNow(parts.pool, clock), ...beside };
  }

  onChange(listener: () => void): () => void {
    return this.changes.add(listener);
  }

  onEvent(listener: (event: GrantEvent) => void): () => void {
    return this.store.events.onAny(listener);
  }

  setHint(text: string | null): void {
    this.hint = text;
    this.tell();
  }

  inFlight(): number {
    return this.server.inFlight() + this.succession.inFlightElsewhere;
  }

  *listing(): Generator<JsonObject> {
    for (const row of this.parts.rows.read()) yield listed(row, this.store.accounts.json(row.id));
  }

  async listen(on: readonly number[] | null, opening: Opening): Promise<void> {
    const { store, clock, parts } = this;
    // loaded now, so that no module is read from the disk once requests come
    await loadAgents(outboundProxy(store.settings.network, store.env));
    const { host, port } = await this.server.listen(on);
    this.address = hostAndPort(host, port);
    await store.lock.announce({ address: this.address });
    store.shared?.servesOn(this.address);
    followLock(store, clock, parts.grants.refresher.exchanges, () => this.tell());
    parts.clientSide.start();
    await opening(this);
    sayThatItServes(store, this.address);
    store.liveSettings.start();
  }

  begin(): void {
    if (this.draining || this.isPaused) return;
    this.parts.leftOut.tellAll();
    this.background ??= new Background(this);
  }

  lastAnswers(): Promise<void> | null {
    const { exchanges } = this.parts.grants.refresher;
    exchanges.close();
    return exchanges.isIdle ? null : exchanges.settled();
  }

  async close(): Promise<readonly string[]> {
    if (this.succession.isDone) return this.leave();
    const { logger } = this.store.log;
    this.draining = true;
    this.tell();
    this.background?.stop();
    this.parts.logins.close();
    this.parts.operations.stopActs();
    const inFlight = this.server.inFlight();
    if (inFlight > 0) logger.info(`Stopping: waiting for ${inFlight} requests (at most ${DRAIN_MS / 1000} s)`);
    await this.server.drain(DRAIN_MS);
    const answers = this.lastAnswers();
    if (answers !== null) await within(answers, LAST_EXCHANGES_MS, this.clock, nothing);
    await this.background?.close();
    this.parts.clientSide.stopFollowing();
    await this.parts.clientSide.pause();
    logger.info('Stopped');
    return closeStore(this.store);
  }

  /** Ends after a successor has taken over: what is still served gets the time of a stop. */
  private async leave(): Promise<readonly string[]> {
    await this.server.drain(DRAIN_MS);
    this.parts.clientSide.stopFollowing();
    await leaveStore(this.store);
    return [];
  }

  private askStop(): Stopping {
    const unsaved = this.store.accounts.list().filter((stored) => stored.unsaved.length > 0);
    this.tellStop();
    return { inFlight: this.server.inFlight(), unsaved: unsaved.map(lossText) };
  }

  /** Begins nothing more by itself, and saves what is known; settings and client keys are still followed. */
  private async pause(): Promise<void> {
    this.isPaused = true;
    this.background?.stop();
    await this.background?.close();
    this.background = null;
    this.parts.operations.stopActs();
    await this.parts.clientSide.pause();
  }

  private async resume(): Promise<void> {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.parts.clientSide.usage.start();
    this.background = new Background(this);
    await this.parts.reloader.reload();
  }

  private follow(): void {
    const { journal, refresher } = this.parts.grants;
    journal.onMoment((moment, ms) => this.metrics.moment(moment, ms));
    refresher.onBegin(() => this.tell());
    const { events, log, liveSettings } = this.store;
    this.parts.pool.onChange((ids) => {
      this.parts.leftOut.tellChanged(ids);
      this.background?.lookSoon();
      this.tell();
    });
    this.server.holds.onHeld((seconds) => this.metrics.held(seconds));
    liveSettings.onChange((changed) => this.settle(changed));
    tellOwnNews(this);
    liveSettings.onRead(() => this.tell());
    followRests(this);
    log.onRecord(() => this.tell());
    events.onEvent((event) => this.metrics.happened(event));
    events.onAny(() => this.tell());
    followSharing(this.store.shared?.sharing, this.metrics, () => this.tell());
  }

  private settle(changed: ReadonlySet<string>): void {
    const { store, parts, server } = this;
    settle({ store, parts, server, changed });
    this.background?.settle(changed);
    this.tell();
  }

  private tell(): void {
    this.changes.tell();
  }
}
