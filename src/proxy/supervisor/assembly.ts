import type { Account } from '../../store/accounts/account.js';
import type { Clock } from '../../store/ground/clock.js';
import type { Store } from '../../store/open.js';
import { ClientSetUp } from '../recovery/client-set-up.js';
import { createGrants, type Grants } from '../grants/grants.js';
import { TokenImports } from '../recovery/import.js';
import { Logins } from '../recovery/login.js';
import { Recovery } from '../recovery/recover.js';
import { MassActs } from '../recovery/mass-acts.js';
import { OperatorTests } from '../grants/operator-tests.js';
import { SupervisorOperations } from './operations.js';
import { outboundProxy } from '../transport/outbound.js';
import { RulesByEmail } from '../../store/settings/account-rules.js';
import { Delivery } from '../notices/delivery.js';
import { Pool } from '../pool/pool.js';
import { Lifting } from './lifting.js';
import { Reloader } from './reload.js';
import { createClientSide, type ClientSide } from './client-side.js';
import { SettingDesk } from './setting-desk.js';
import { rereadSettings } from './own-news.js';
import { AccountRows } from '../reports/rows.js';
import { LeftOut } from '../reports/left-out.js';
import { Undo } from '../recovery/undo.js';
import type { InFlight, Restarted, Stopping } from '../contract/operations.js';
import { probeUpstream } from '../upstreams/probe.js';

/** The parts of a supervisor, which may listen for requests or only work on the files. */
export interface Assembly {
  readonly grants: Grants;
  readonly accountRules: RulesByEmail;
  readonly pool: Pool;
  readonly rows: AccountRows;
  readonly leftOut: LeftOut;
  readonly reloader: Reloader;
  readonly undo: Undo;
  readonly recovery: Recovery;
  readonly logins: Logins;
  readonly tests: OperatorTests;
  readonly acts: MassActs;
  readonly clientSide: ClientSide;
  readonly delivery: Delivery;
  readonly operations: SupervisorOperations;
}

/** What the parts need from the supervisor that they are put into. */
export interface AssemblyHost {
  /** Asks the program to stop. */
  readonly askStop: () => Stopping;
  /** Has a successor take over. */
  readonly restart: () => Promise<Restarted>;
  /** The requests under way. */
  readonly inFlight: () => InFlight;
  /** `host:port` of the proxy; empty: none listens. */
  readonly address: () => string;
  /** Called when something that a screen shows changed. */
  readonly changed: () => void;
}

/** Puts the parts of a supervisor together; none of them listens, waits or sends anything yet. */
export function assemble(store: Store, clock: Clock, host: AssemblyHost): Assembly {
  const { address, changed } = host;
  const { accounts, state, settings, trash } = store;
  const { logger } = store.log;
  const grants = createGrants(store, clock);
  const { changes, clients, evidence, refresher } = grants;
  const accountRules = new RulesByEmail(settings.accounts);
  const forget = (account: Account): void => refresher.forget(account);
  const { quotaProtection } = settings;
  const pool = createPool(store, clock, grants, accountRules);
  const rows = new AccountRows({ store: accounts, state, pool, refresher, clients, evidence, clock });
  const leftOut = new LeftOut({ store: accounts, logger, clock, rules: quotaProtection, whole: store.whole });
  const reloader = new Reloader({ store: accounts, changes, leftOut, logger, clock, forget });
  const acts = new MassActs({ clock, changed });
  const undo = new Undo({ store: accounts, trash, logger, clock, forget, acts });
  const lifting = new Lifting({ store: accounts, pool, refresher });
  const parts = { store, clock, grants, pool, reloader, undo, lifting };
  const recovery = createRecovery(parts);
  const logins = createLogins(parts, recovery);
  const tests = new OperatorTests({ store: accounts, refresher, clock, changed });
  const clientSide = createClientSide(store, clock);
  const delivery = createDelivery(store, pool, address);
  const operations = createOperations(parts, { recovery, logins, tests, acts, clientSide, delivery, ...host });
  return {
    grants,
    accountRules,
    pool,
    rows,
    leftOut,
    reloader,
    undo,
    recovery,
    logins,
    ...{ tests, acts },
    clientSide,
    delivery,
    operations,
  };
}

const createPool = (store: Store, clock: Clock, grants: Grants, rules: RulesByEmail): Pool =>
  new Pool({
    ...{ store: store.accounts, state: store.state, clock, rules },
    ...{ changes: grants.changes, refresher: grants.refresher, clients: grants.clients },
    settings: store.settings.pool,
    quotaProtection: store.settings.quotaProtection,
    upstream: store.settings.upstream,
    mayWrite: () => store.lock.lost === null,
  });

const createDelivery = ({ accounts, settings, env }: Store, pool: Pool, address: () => string): Delivery =>
  new Delivery({
    ...{ settings: settings.notify, env, address, outbound: outboundProxy(settings.network, env) },
    standing: () => ({ health: pool.health().status, accounts: accounts.list().length }),
  });

interface Made {
  readonly store: Store;
  readonly clock: Clock;
  readonly grants: Grants;
  readonly pool: Pool;
  readonly reloader: Reloader;
  readonly undo: Undo;
  readonly lifting: Lifting;
}

function createRecovery({ store, clock, grants, pool, reloader, undo, lifting }: Made): Recovery {
  const { accounts, state, settings, env } = store;
  const target = { upstream: settings.upstream, outbound: outboundProxy(settings.network, env) };
  return new Recovery({
    store: accounts,
    holders: grants.holders,
    state,
    google: grants.google,
    clients: grants.clients,
    refresher: grants.refresher,
    pool,
    journal: grants.journal,
    clock,
    oauth: settings.oauth,
    undo,
    reload: (id, before) => reloader.reloadOne(id, before),
    probeUpstream: (account) => {
      // it has a new credential: rests and blocks of the former one count no more
      lifting.clear(account.id);
      return probeUpstream(target, account);
    },
  });
}

const createLogins = ({ store, clock, grants }: Made, recovery: Recovery): Logins =>
  new Logins({
    store: store.accounts,
    google: grants.google,
    clients: grants.clients,
    recovery,
    clock,
    oauth: store.settings.oauth,
  });

function createOperations(
  { store, clock, grants, reloader, undo, lifting }: Made,
  {
    recovery,
    logins,
    tests,
    acts,
    clientSide,
    delivery,
    askStop,
    restart,
    inFlight,
  }: Pick<Assembly, 'recovery' | 'logins' | 'tests' | 'acts' | 'clientSide' | 'delivery'> &
    Pick<AssemblyHost, 'askStop' | 'restart' | 'inFlight'>,
): SupervisorOperations {
  const { accounts, state, settings, places, env } = store;
  const { logger } = store.log;
  return new SupervisorOperations({
    store: accounts,
    ...{ tests, acts },
    recovery,
    imports: new TokenImports(grants.holders, recovery),
    logins,
    clientSetUp: new ClientSetUp({
      ...{ kept: store.clients, lock: store.lock },
      google: grants.google,
      clients: grants.clients,
      logger,
      clock,
      oauth: settings.oauth,
    }),
    ...{ reloader, delivery, lifting, logger, clock, undo },
    rereadSettings: () => rereadSettings(store.liveSettings, clientSide),
    ...{ keys: clientSide.keys, usage: clientSide.usage, logs: places.logs },
    settings: new SettingDesk({ file: places.settings, env, live: store.liveSettings }),
    looked: () => state.looked(clock.now()),
    ...{ inFlight, stop: askStop, restart },
  });
}
