import { healthReport } from '../reports/health-report.js';
import type { OwnAnswer, OwnError } from '../http/own-answer.js';
import type { Metrics } from '../reports/metrics.js';
import type { Pool } from '../pool/pool.js';

export interface OwnRoutesDeps {
  readonly pool: Pick<Pool, 'counts' | 'health' | 'unsaved' | 'mayWrite'>;
  readonly metrics: Metrics;
  readonly version: string;
  readonly inFlight: () => number;
  /** The paths that the protocols serve, for a human. */
  readonly routes: readonly string[];
}

type Own = OwnAnswer | OwnError | Promise<OwnAnswer>;
type Make = (deps: OwnRoutesDeps) => Own;

/** The paths that the proxy answers itself; every other goes to the upstream. */
const routes: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['/', overview],
  ['/healthz', healthAnswer],
  ['/readyz', healthAnswer],
  ['/livez', liveAnswer],
  ['/metrics', metricsAnswer],
]);

/** The paths that the proxy answers itself. */
export const ownPaths = (): readonly string[] => [...routes.keys()];

/** Whether the proxy itself answers this path, so that no account is asked. */
export const isOwnPath = (path: string): boolean => routes.has(path);

/** The answer of one of the proxy's own paths; null for any other path. */
export function ownAnswer(method: string, path: string, deps: OwnRoutesDeps): Own | null {
  const make = routes.get(path);
  if (make === undefined) return null;
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, message: `${path} can only be read`, headers: ['Allow', 'GET, HEAD'] };
  }
  return make(deps);
}

/** A short description, for somebody who calls the base URL to see whether anything answers there. */
function overview({ version, routes: served }: OwnRoutesDeps): OwnAnswer {
  return jsonAnswer(200, { name: 'regrant', version, routes: [...served, ...ownPaths()] });
}

function healthAnswer({ pool, version }: OwnRoutesDeps): OwnAnswer {
  const health = healthReport(pool, version);
  return jsonAnswer(health.status === 'down' ? 503 : 200, health);
}

/** The answer of a liveness probe: that it is sent at all is what it says. */
function liveAnswer({ version }: OwnRoutesDeps): OwnAnswer {
  return jsonAnswer(200, { status: 'ok', version });
}

const jsonAnswer = (status: number, body: object): OwnAnswer => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: `${JSON.stringify(body)}\n`,
});

async function metricsAnswer({ pool, metrics, inFlight }: OwnRoutesDeps): Promise<OwnAnswer> {
  const body = await metrics.text({ accounts: pool.counts(), inFlight: inFlight(), unsaved: pool.unsaved });
  return { status: 200, contentType: metrics.contentType, body };
}
