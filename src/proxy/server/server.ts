import { within } from '../../store/ground/within.js';
import { Projects } from '../upstreams/projects.js';
import { CodeAssist } from '../upstreams/code-assist.js';
import { Onboarding } from '../upstreams/onboarding.js';
import { upstreams } from '../upstreams/kinds.js';
import type { ForwardingDeps, ServingPool, ServingTokens } from '../forward/request-context.js';
import { Paths } from '../answers/paths.js';
import { Holds } from '../forward/holds.js';
import type { Pool } from '../pool/pool.js';
import type { InFlight } from '../contract/operation-shapes.js';
import { GeminiProtocol } from '../protocols/gemini/protocol.js';
import { anthropic } from '../protocols/anthropic/protocol.js';
import { openAiChat } from '../protocols/openai-chat/protocol.js';
import { openAiResponses } from '../protocols/openai-responses/protocol.js';
import { SpokenProtocol } from '../protocols/translation/spoken.js';
import { StoredResources } from '../protocols/gemini/stored-resources.js';
import { Sessions } from '../live/sessions.js';
import { TrustedProxies } from '../http/trusted-proxies.js';
import type { Metrics } from '../reports/metrics.js';
import { Acknowledgements } from '../transport/connections/acknowledgements.js';
import { type NetworkChange, NetworkWatch } from '../transport/connections/network-watch.js';
import { type IdleLimits, IdleTimeouts } from '../transport/idle-timeouts.js';
import { type ConnectLimit, Origins } from '../transport/origins.js';
import { outboundProxy } from '../transport/outbound.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import type { Clock } from '../../store/ground/clock.js';
import type { AccessRecord } from '../../store/records/log.js';
import type { StateStore } from '../../store/state/state-store.js';
import type { Settings } from '../../store/settings/settings.js';
import { Access } from './access.js';
import type { KeyGate } from '../clients/key-gate.js';
import { Connections, descriptorLimit, mostConnections } from './listener/connections.js';
import { CorsOrigins } from './cors.js';
import { inFlight } from './flight.js';
import type { RequestKind } from './incoming-request.js';
import type { PassOn } from './listener/handed-over.js';
import { type Address, Listener } from './listener/listener.js';
import { RequestLines } from './request-line.js';
import { Routing, type RoutingDeps } from './routing.js';
import { Translations } from './translations.js';
import { byItself } from '../../store/ground/faults.js';

/** The pool as the server needs it. */
export type ServerPool = ServingPool &
  Pick<Pool, 'counts' | 'health' | 'onChange' | 'advance' | 'waitMs' | 'unsaved' | 'mayWrite'>;

export interface ProxyServerDeps extends Pick<RoutingDeps, 'onFault'> {
  readonly settings: Pick<Settings, 'proxy' | 'upstream' | 'network' | 'models' | 'protocols'>;
  readonly pool: ServerPool;
  readonly tokens: ServingTokens;
  readonly store: Pick<AccountStore, 'get' | 'patch'>;
  readonly state: Pick<StateStore, 'resources' | 'setResources' | 'elsewhere'>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly version: string;
  /** Decides which keys are let in, and for what. */
  readonly gate: KeyGate;
  /** The environment, which may name an outbound proxy. */
  readonly env: NodeJS.ProcessEnv;
  /** Called once for each request, when it has ended. */
  onAccess(record: AccessRecord, kind: RequestKind): void;
  /** Called when a request has a field that no translation knows, the first time for each. */
  onUnknownField?(protocol: string, field: string): void;
  /** Called when so many requests are sent again because nobody acknowledged them. */
  onUnacknowledged?(requests: number): void;
  /** Called when idle connections to the upstream were closed because of this. */
  onNetworkChange?(change: NetworkChange): void;
  /** The machine's addresses, as `addressesNow`. */
  readonly addresses?: () => string;
  readonly timeouts?: Partial<ProxyTimeouts>;
}

export interface ProxyTimeouts extends ConnectLimit, IdleLimits {
  /** How long a client may take for its request's headers. */
  readonly headersMs: number;
  /** How long a client may pause within its request's body. */
  readonly bodyIdleMs: number;
}

const standardTimeouts: ProxyTimeouts = {
  connectMs: 10_000,
  firstByteMs: 600_000,
  idleMs: 600_000,
  headersMs: 30_000,
  bodyIdleMs: 60_000,
};

/** How long a Live session may go on after the port was handed over. */
const LONGEST_SESSION_MS = 3_600_000;
/** How long a connection without a whole request is left open after all requests have ended. */
const LAST_REQUESTS_MS = 2_000;

/** The HTTP server that clients talk to. */
export class ProxyServer {
  readonly listener: Listener;
  private readonly routing: Routing;
  private readonly access: Access;
  private readonly cors: CorsOrigins;
  private readonly connections = new Connections(mostConnections(descriptorLimit()));
  private readonly origins: Origins;
  /** Calls of our own to Code Assist, beside the clients' requests, over the same connections. */
  readonly codeAssist: CodeAssist;
  readonly projects: Projects;
  /** Where requests are held until an account can serve them. */
  readonly holds: Holds;
  private readonly sessions = new Sessions();
  private readonly trusted: TrustedProxies;
  private readonly idleTimeouts: IdleTimeouts;
  private readonly network: NetworkWatch;
  private readonly paths = new Paths();
  /** What forwarding needs for requests that begin now. */
  private forwarding: ForwardingDeps;
  private draining = false;
  private readonly onIdle: (() => void)[] = [];

  constructor(private readonly deps: ProxyServerDeps) {
    const { settings, env } = deps;
    const timeouts = { ...standardTimeouts, ...deps.timeouts };
    this.cors = new CorsOrigins(settings.proxy.corsOrigins);
    this.access = new Access(settings.proxy, this.cors);
    this.origins = new Origins(settings.upstream.baseUrls, timeouts, outboundProxy(settings.network, env));
    this.trusted = new TrustedProxies(settings.proxy.trustedProxies);
    this.network = this.watchNetwork();
    this.idleTimeouts = new IdleTimeouts(timeouts, deps.clock, this.watchAcknowledgements());
    this.codeAssist = new CodeAssist(this.origins);
    const { codeAssist } = this;
    const onboarding = new Onboarding({ codeAssist, clock: deps.clock, rules: settings.upstream });
    this.projects = new Projects(codeAssist, onboarding, deps.store);
    this.holds = new Holds(deps.pool, deps.clock);
    this.forwarding = this.forwardingDeps();
    this.routing = new Routing(this.routingDeps(timeouts));
    this.listener = new Listener(timeouts.headersMs, this.connections, this.routing);
  }

  /** The address it listens on; null while it does not. */
  get address(): Address | null {
    return this.listener.address;
  }

  /** Whether clients have to show the API key. */
  get keyRequired(): boolean {
    return this.access.keyRequired;
  }

  /** The settings may have changed: requests that begin from now on use the new ones. */
  settle(): void {
    const { proxy, upstream } = this.deps.settings;
    this.cors.list(proxy.corsOrigins);
    this.access.settle();
    this.trusted.trust(proxy.trustedProxies);
    this.origins.use(upstream.baseUrls);
    this.forwarding = this.forwardingDeps();
  }

  /** How many requests are being served, without those that only ask about the proxy itself. */
  inFlight(): number {
    return this.routing.open.inFlight;
  }

  /** The requests that are counted so, one by one. */
  underWay(): InFlight {
    return inFlight(this.routing.open, this.deps.clock.monotonic());
  }

  /**
   * Opens the port of the settings (0: any free one), or accepts on sockets that listen already.
   *
   * @param on - descriptors of sockets that were handed over; null: none were
   * @throws {AddressInUse | AddressUnusable | NoListeningSocket}
   */
  async listen(on: readonly number[] | null = null): Promise<Address> {
    const address = await (on === null ? this.listener.listen(this.deps.settings.proxy) : this.listener.listenOn(on));
    this.network.start();
    return address;
  }

  /**
   * Another process serves on the port from now on: gives it the connections on which no request is under way, and lets
   * all others end, Live sessions too, which get an hour. Resolves when the last one has ended.
   */
  async handOver(pass: PassOn): Promise<void> {
    this.routing.closesConnections = true;
    const { clock } = this.deps;
    const cancel = clock.after(LONGEST_SESSION_MS, () => this.sessions.restart());
    await this.listener.handOver(pass);
    await this.idle();
    // a request may just be coming on one that was not given away
    await within(this.listener.ended, LAST_REQUESTS_MS, clock, () => undefined);
    await this.idle();
    cancel();
    await this.close();
  }

  /** Accepts no new connections, lets running requests end, and cuts off those that still run after `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    this.draining = true;
    this.routing.closesConnections = true;
    byItself('the closing of the port', this.listener.stop());
    this.listener.closeIdleConnections();
    this.sessions.restart();
    await within(this.idle(), timeoutMs, this.deps.clock, () => undefined);
    await this.close();
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    this.network.stop();
    const closed = this.listener.stop();
    this.listener.closeAllConnections();
    this.sessions.destroy();
    // Clients first: if the upstream's connections ended first, their requests would be answered and logged as failures
    // of the upstream.
    await Promise.all([closed, this.idle()]);
    await this.origins.destroy();
  }

  /** Resolves when no request is served. */
  private async idle(): Promise<void> {
    if (this.routing.open.count > 0) await new Promise<void>((resolve) => this.onIdle.push(resolve));
  }

  private ended(): void {
    if (this.draining) this.listener.closeIdleConnections();
    if (this.routing.open.count === 0) for (const resolve of this.onIdle.splice(0)) resolve();
  }

  /** Drops idle connections that the machine's sleep, or a new way to the network, may have cut. */
  private watchNetwork(): NetworkWatch {
    const onChange = (change: NetworkChange): void => {
      this.origins.dropIdle();
      this.deps.onNetworkChange?.(change);
    };
    return new NetworkWatch({ ...this.deps, onChange });
  }

  private watchAcknowledgements(): Acknowledgements {
    const onDead = (requests: number): void => {
      // whatever cut the dead one may have cut these: the next try is to get a new one
      this.origins.dropIdle();
      this.deps.onUnacknowledged?.(requests);
    };
    return new Acknowledgements({ rules: this.deps.settings.upstream, onDead });
  }

  private routingDeps(timeouts: ProxyTimeouts): RoutingDeps {
    const { deps } = this;
    const { settings, pool, metrics, version, state, clock } = deps;
    const gemini = new GeminiProtocol(new StoredResources(state, clock), this.trusted);
    const now = (): ForwardingDeps => this.forwarding;
    const spoken = { anthropic: new SpokenProtocol(anthropic), openai: new SpokenProtocol(openAiChat) };
    return {
      ...{ access: this.access, cors: this.cors, trusted: this.trusted, sessions: this.sessions },
      gate: deps.gate,
      lines: new RequestLines([spoken.anthropic, spoken.openai, new SpokenProtocol(openAiResponses), gemini], gemini),
      sharing: { gemini, ...spoken },
      settings: () => settings,
      translations: new Translations({
        get forwarding() {
          return now();
        },
        settings: () => settings,
        onUnknownField: (protocol, field) => deps.onUnknownField?.(protocol, field),
      }),
      get forwarding() {
        return now();
      },
      ownRoutes: { pool, metrics, version },
      limits: settings.proxy,
      bodyIdleMs: timeouts.bodyIdleMs,
      metrics,
      clock,
      onKey: ({ socket }) => this.connections.noteKey(socket),
      onAccess: (record, kind) => deps.onAccess(record, kind),
      onFault: (error) => deps.onFault(error),
      onEnded: () => this.ended(),
    };
  }

  private forwardingDeps(): ForwardingDeps {
    const { deps } = this;
    const { settings, pool, tokens, metrics, clock } = deps;
    return {
      upstream: upstreams[settings.upstream.kind],
      origins: this.origins.list,
      pool,
      tokens,
      metrics,
      clock,
      idleTimeouts: this.idleTimeouts,
      network: this.network,
      paths: this.paths,
      holds: this.holds,
      projects: (member, accessToken) => this.projects.of(member.id, accessToken),
      projectAnew: (member, accessToken) => this.projects.anew(member.id, accessToken, member.projectId ?? ''),
      maxTries: settings.proxy.maxTries,
      onFault: (error) => deps.onFault(error),
    };
  }
}
