import type { Clock } from '../../store/ground/clock.js';
import { byTurns } from '../reports/by-turns.js';
import { byItself } from '../../store/ground/faults.js';
import { grantKey } from '../../store/ground/fingerprint.js';
import type { Store } from '../../store/open.js';
import { Schedule } from '../background/schedule.js';
import { GrantWarnings } from '../background/warnings.js';
import { UnsavedWatch } from '../background/unsaved-watch.js';
import { LastUsed } from '../background/last-used.js';
import { conditionsNow, limitReached } from '../notices/conditions.js';
import type { PoolStanding } from '../notices/notice.js';
import { Notifier } from '../notices/notifier.js';
import type { Assembly } from './assembly.js';
import { QuotaReadings } from '../background/quota-readings.js';
import type { ProxyServer } from '../server/server.js';
import { httpClient } from '../transport/http-client.js';

/** How long the last notices may take to be delivered. */
const LAST_NOTICES_MS = 2_000;
/** How long after the start it loads what only exchanges and notices need: by then the first picture is drawn. */
const LOAD_AFTER_MS = 300;

export interface RunningParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly parts: Assembly;
  readonly server: ProxyServer;
}

/**
 * Everything that goes on beside the requests while the proxy listens: refreshes, warnings, notices, watching the
 * files.
 */
export class Background {
  private readonly schedule: Schedule;
  private readonly warnings: GrantWarnings;
  private readonly stopFollowing: () => void;
  private readonly stopHearing: readonly (() => void)[];
  private quotaReadings: QuotaReadings | null;
  private readonly lastUsed: LastUsed;
  private readonly unsavedWatch: UnsavedWatch;
  private readonly notifier: Notifier;
  private readonly stopLoading: () => void;

  constructor(private readonly around: RunningParts) {
    const { store, clock, parts } = around;
    const { accounts, state, settings } = store;
    const { pool } = parts;
    const { changes, clients, evidence, journal, refresher } = parts.grants;
    const { oauth } = settings;
    // first of all, since the parts that start may have notices to send at once
    this.notifier = this.createNotifier();
    this.stopHearing = this.hear();
    this.schedule = new Schedule({
      store: accounts,
      state,
      refresher,
      changes,
      pool,
      clients,
      clock,
      oauth,
    });
    const ahead = parts.grants.holders.ahead();
    byTurns(accounts.list(), ahead.file, ahead.done);
    this.warnings = new GrantWarnings({ store: accounts, state, evidence, journal, clock });
    this.unsavedWatch = new UnsavedWatch({ store: accounts, pool, journal, logger: store.log.logger, clock });
    this.stopFollowing = accounts.follow();
    this.quotaReadings = this.createQuotaReadings();
    this.lastUsed = new LastUsed(pool, accounts, state, clock);
    this.lastUsed.start();
    store.trash.keepClear(() => parts.grants.google.serverTime);
    this.forgetUnheldTokens();
    this.rememberRefusedTokens();
    // before it is needed, since no module is to be read from the disk once that may be full or changed
    this.stopLoading = clock.after(LOAD_AFTER_MS, () => byItself('the loading of the HTTP client', httpClient()));
  }

  /** The set of accounts that can serve may have changed. */
  lookSoon(): void {
    this.notifier.lookSoon();
  }

  /** Called when these settings have changed. */
  settle(changed: ReadonlySet<string>): void {
    if (changed.has('upstream.kind')) {
      this.quotaReadings?.stop();
      this.quotaReadings = this.createQuotaReadings();
    }
    this.lookSoon();
  }

  /** Stops beginning anything new. */
  stop(): void {
    this.stopLoading();
    this.schedule.stop();
    this.quotaReadings?.stop();
    this.stopFollowing();
    this.warnings.stop();
    this.unsavedWatch.stop();
    this.lastUsed.stop();
  }

  /** Saves what is not saved, and delivers the last notices. */
  async close(): Promise<void> {
    this.lastUsed.remember();
    for (const stop of this.stopHearing) stop();
    await this.notifier.close(LAST_NOTICES_MS);
  }

  /**
   * Forgets what is remembered of tokens that no account holds any more; not while a file is unreadable or all files
   * are gone.
   */
  private forgetUnheldTokens(): void {
    const { accounts, state } = this.around.store;
    const all = accounts.list();
    const known = all.flatMap(({ account }) => account ?? []);
    if (known.length > 0 && known.length === all.length)
      state.prune(new Set(known.map(grantKey)), new Set(all.map(({ id }) => id)));
  }

  /** Takes the refused tokens from the account files again, where the state was lost. */
  private rememberRefusedTokens(): void {
    const { accounts, state } = this.around.store;
    for (const { account } of accounts.list()) {
      const { at = null, reason = '' } = account?.disabled ?? {};
      if (account === null || at === null || !reason.startsWith('invalid_grant')) continue;
      const key = grantKey(account);
      if (state.refused(key) === undefined) state.refuse(key, { at, cause: 'revoked', reason });
    }
  }

  /** Reads quotas only for Code Assist: the Gemini API does not tell what is left. */
  private createQuotaReadings(): QuotaReadings | null {
    const { store, clock, parts, server } = this.around;
    const { accounts, settings, log } = store;
    if (settings.upstream.kind !== 'cloudcode') return null;
    return new QuotaReadings({
      store: accounts,
      pool: parts.pool,
      codeAssist: server.codeAssist,
      projects: server.projects,
      refresher: parts.grants.refresher,
      rules: settings.quotaProtection,
      logger: log.logger,
      clock,
      random: Math.random,
    });
  }

  private createNotifier(): Notifier {
    const { store, clock, parts } = this.around;
    const known = store.accounts.list().flatMap(({ account }) => account ?? []);
    return new Notifier({
      delivery: parts.delivery,
      told: store.notices,
      clock,
      logger: store.log.logger,
      dead: known.flatMap(({ id, email, disabled }) =>
        disabled === null ? [] : [{ id, email, reason: disabled.reason }],
      ),
      alive: new Map(known.filter(({ disabled }) => disabled === null).map(({ id, email }) => [id, email])),
      standing: () => this.standing(),
    });
  }

  /** Listens for what is to be told at once. */
  private hear(): readonly (() => void)[] {
    const { store, parts } = this.around;
    return [
      parts.clientSide.onLimit((reached) => this.notifier.once(limitReached(reached))),
      store.events.onEvent((event) => this.notifier.happened(event)),
      store.liveSettings.onRead(() => this.notifier.lookSoon()),
      ...(store.shared === null ? [] : [store.shared.sharing.onChange(() => this.notifier.lookSoon())]),
    ];
  }

  private standing(): PoolStanding {
    const { store, clock, parts } = this.around;
    const refused = parts.grants.clients.refused();
    const { status: health, noneServes } = parts.pool.health();
    return {
      now: clock.now(),
      health,
      noneServes,
      accounts: store.accounts.list().length,
      refusedClients: refused.map(({ error }) => ({ name: error.client, code: error.serverCode, cause: error.cause })),
      conditions: conditionsNow({ store, clock, pool: parts.pool, keys: parts.clientSide.keys }),
    };
  }
}
