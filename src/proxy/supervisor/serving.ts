import type { Clock } from '../../store/ground/clock.js';
import { byItself } from '../../store/ground/faults.js';
import { version } from '../../store/ground/version.js';
import type { Store } from '../../store/open.js';
import { exposuresOf } from '../contract/exposures.js';
import type { EndedRequest } from '../contract/succession/handover.js';
import { AccessTokens, LEAST_LIFE_MS } from '../grants/access-tokens.js';
import type { Refresher } from '../grants/refresh.js';
import { RefreshError } from '../oauth/errors.js';
import type { Member } from '../pool/member.js';
import type { Pool } from '../pool/pool.js';
import type { Metrics } from '../reports/metrics.js';
import type { TrafficMeter } from '../reports/traffic.js';
import { ProxyServer } from '../server/server.js';
import type { NetworkChange } from '../transport/connections/network-watch.js';
import type { Assembly } from './assembly.js';
import { restAsElsewhere } from './rest-news.js';
import type { HandoverParts } from './handover.js';
import type { StillServed } from '../handover/left-behind.js';

const unacknowledgedText = (requests: number): string =>
  `${requests} request${requests === 1 ? ' was' : 's were'} acknowledged by nobody: the connection to the upstream ` +
  'was dead; sent again on a new one';

const networkText: Readonly<Record<NetworkChange, string>> = {
  slept: 'The machine slept: idle connections to the upstream are closed, as they may be dead',
  interfaces: 'The addresses of this machine changed: idle connections to the upstream are closed, as they may be dead',
};

export interface ServingParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly parts: Assembly;
  readonly metrics: Metrics;
  readonly meter: TrafficMeter;
  /** The machine's addresses. */
  readonly addresses: () => string;
}

/**
 * The HTTP server over the parts of a supervisor; it does not listen yet.
 *
 * @param ended - called once for each request, when it has ended
 */
export function createServer(
  { store, clock, parts, metrics, addresses }: ServingParts,
  ended: (request: EndedRequest) => void,
): ProxyServer {
  const { grants, pool, clientSide } = parts;
  const { logger } = store.log;
  return new ProxyServer({
    settings: store.settings,
    pool,
    store: store.accounts,
    state: store.state,
    tokens: new AccessTokens(grants.refresher, store.accounts, clock),
    metrics,
    clock,
    version,
    gate: clientSide.gate,
    env: store.env,
    addresses,
    onAccess: (record, kind) => {
      ended({ record, kind });
      store.log.access(record, kind);
    },
    onFault: (error) => logger.error({ err: error }, 'A bug: an error while a request was served'),
    onUnacknowledged: (requests) => logger.warn(unacknowledgedText(requests)),
    onNetworkChange: (change) => logger.info(networkText[change]),
    onUnknownField: (protocol, field) =>
      logger.debug({ protocol, field }, 'A field of a request is not known, and is ignored'),
  });
}

/** Logs that requests are served now. */
export function sayThatItServes({ accounts, settings, env, log }: Store, address: string): void {
  log.logger.info(`regrant ${version} serves on ${address} with ${accounts.list().length} accounts`);
  // whoever waits for that line asks at once
  log.flush();
  for (const { setting, text } of exposuresOf(settings, env)) log.logger.warn(`${setting}: ${text}`);
}

/** Counts a request that has ended, here or in a process that handed over to this one. */
export function countEnded({ record, kind }: EndedRequest, { parts, metrics, meter }: ServingParts): void {
  if (kind === 'traffic') {
    meter.count(record);
    parts.clientSide.usage.count(record);
    const { model, key = null, used, spent } = record;
    if (used != null) metrics.used(model ?? '', key, used);
    if (spent !== undefined) for (const each of spent) metrics.used(model ?? '', key, each.used);
  }
  parts.recovery.served(record);
  parts.undo.served(record);
}

/** Accounts whose token is wanted by requests that wait: more are not asked for at a time. */
const MOST_WANTED = 4;

/** What a handover needs of the parts of a supervisor. */
export function handoverParts(
  around: ServingParts,
  server: ProxyServer,
): Omit<HandoverParts, 'operations' | 'pause' | 'resume' | 'changed'> {
  const { store, clock, parts, metrics } = around;
  const { pool, clientSide, grants } = parts;
  return {
    ...{ store, clock, exchanges: grants.refresher.exchanges, server },
    served: () => servedNow(around, server),
    awaited: () => parts.recovery.firstRequests.all(),
    ended: (request) => {
      countEnded(request, around);
      if (request.kind === 'traffic') metrics.request(request.record.status, request.record.model ?? '');
    },
    rests: (rest) => restAsElsewhere(pool, rest),
    awaits: (id, since) => {
      const account = store.accounts.get(id)?.account ?? null;
      if (account !== null) parts.recovery.firstRequests.await(account, () => undefined, since);
    },
    lines: (lines) => store.log.relay(lines),
    accountServes: (id, change) => servesElsewhere(pool.get(id), change, pool, clock),
    keyServes: (key, change) => clientSide.limits.servesElsewhere(key, change),
    wanted: (id) => byItself('a refresh for a predecessor', refreshFor(grants.refresher, id)),
  };
}

/** What is served at this moment. */
function servedNow(around: ServingParts, server: ProxyServer): StillServed {
  const { pool, clientSide } = around.parts;
  const serving = pool.list().filter(({ inFlight }) => inFlight > 0);
  return {
    inFlight: server.inFlight(),
    accounts: Object.fromEntries(serving.map(({ id, inFlight }) => [id, inFlight])),
    keys: clientSide.limits.allInFlight(),
    wanted: server.holds.size === 0 ? [] : wantedNow(around),
  };
}

/** Ids of accounts whose token has expired, after a look whether the successor has saved another one by now. */
function wantedNow({ store, clock, parts }: ServingParts): readonly string[] {
  const isWanted = ({ standing, accessDeadline }: Member): boolean =>
    standing.serves && accessDeadline - clock.monotonic() < LEAST_LIFE_MS;
  const wanted = parts.pool.list().filter(isWanted).slice(0, MOST_WANTED);
  for (const { id } of wanted) byItself('a look at an account', store.accounts.readNow(id));
  return wanted.filter(isWanted).map(({ id }) => id);
}

/** Refreshes an account for a request that waits in another process, which finds the token on disk. */
async function refreshFor(refresher: Pick<Refresher, 'refresh'>, accountId: string): Promise<void> {
  try {
    await refresher.refresh(accountId, 'request');
  } catch (error) {
    // it was reported as a failed refresh already
    if (!(error instanceof RefreshError)) throw error;
  }
}

/** Counts requests that another process serves with an account, or not any more. */
function servesElsewhere(
  member: Member | undefined,
  change: number,
  pool: Pick<Pool, 'begin' | 'end'>,
  clock: Clock,
): void {
  if (member === undefined) return;
  for (let left = change; left > 0; left--) pool.begin(member);
  for (let left = change; left < 0; left++) pool.end(member, 'ok', clock.now());
}
