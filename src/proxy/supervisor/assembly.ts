import path from 'node:path';
import type { Account } from '../../store/accounts/account.js';
import type { Clock } from '../../store/ground/clock.js';
import type { Store } from '../../store/open.js';
import { ClientSetUp } from '../recovery/client-set-up.js';
import { createGrants, type Grants } from '../grants/grants.js';
import { TokenImports } from '../recovery/import.js';
import { Logins } from '../recovery/login.js';
import { Recovery } from '../recovery/recover.js';
import { GrantTests } from '../grants/operator-tests.js';
import { SupervisorOperations } from './operations.js';
import { outboundProxy } from '../transport/outbound.js';
import { Pool } from '../pool/pool.js';
import { Reloader } from './reload.js';
import { AccountRows } from '../reports/rows.js';
import { Skips } from '../reports/left-out.js';
import { Undo } from '../recovery/undo.js';
import type { Stopping } from '../contract/operations.js';
import { probeUpstream } from '../upstreams/probe.js';

/** What a supervisor is made of, whether it listens or only works on the files. */
export interface Parts {
  readonly grants: Grants;
  readonly pool: Pool;
  readonly rows: AccountRows;
  readonly skips: Skips;
  readonly reloader: Reloader;
  readonly undo: Undo;
  readonly recovery: Recovery;
  readonly logins: Logins;
  readonly tests: GrantTests;
  readonly operations: SupervisorOperations;
}

/** What the parts ask of the supervisor that they are put into. */
export interface Whole {
  /** The program is to stop. */
  readonly askStop: () => Stopping;
  /** Something that a screen shows changed. */
  readonly changed: () => void;
}

/** Puts the parts of a supervisor together; nothing of it listens, waits or sends anything yet. */
export function partsOf(store: Store, clock: Clock, { askStop, changed }: Whole): Parts {
  const { accounts, state, settings, trash, places } = store;
  const { logger } = store.log;
  const grants = createGrants(store, clock);
  const forget = (account: Account): void => grants.refresher.forget(account);
  const { quotaProtection } = settings;
  const pool = new Pool({ store: accounts, state, clock, settings: settings.pool, quotaProtection, ...grants });
  const rows = new AccountRows({ store: accounts, state, pool, clock, ...grants });
  const skips = new Skips(accounts, logger, clock, quotaProtection);
  const reloader = new Reloader({ store: accounts, changes: grants.changes, skips, logger, clock, forget });
  const undo = new Undo({ store: accounts, trash, logger, clock, forget });
  const target = { upstream: settings.upstream, outbound: outboundProxy(settings.network, store.env) };
  const recovery = new Recovery({
    store: accounts,
    state,
    pool,
    clock,
    oauth: settings.oauth,
    undo,
    beginReload: () => {
      const before = reloader.begin();
      return () => reloader.reload('noticed', before);
    },
    probeUpstream: async (account) => {
      const result = await probeUpstream(target, account);
      if (result.ok) pool.proven(account.id);
      return result;
    },
    ...grants,
  });
  const logins = new Logins({ store: accounts, clock, oauth: settings.oauth, recovery, ...grants });
  const tests = new GrantTests({ store: accounts, clock, changed, ...grants });
  const operations = new SupervisorOperations({
    store: accounts,
    tests,
    recovery,
    imports: new TokenImports(accounts, recovery),
    logins,
    clientSetUp: new ClientSetUp({
      settingsFile: places.settings,
      env: store.env,
      logger,
      clock,
      oauth: settings.oauth,
      ...grants,
    }),
    reloader,
    logger,
    clock,
    undo,
    // beside the log: where everything of ours lies
    views: path.join(path.dirname(places.logs), 'views'),
    looked: () => state.looked(clock.now()),
    stop: askStop,
  });
  return { grants, pool, rows, skips, reloader, undo, recovery, logins, tests, operations };
}
