import { monitorEventLoopDelay } from 'node:perf_hooks';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';
import type { GrantEvent } from '../../store/records/grant-event.js';
import type { TokensUsed } from '../../store/records/access-record.js';
import type { GrantMoment } from '../grants/journal.js';
import type { Counts } from '../contract/snapshot.js';
import { TokenMetric } from './token-metric.js';

/** Why a request left an account and went on to the next. */
export type FailoverCause =
  | 'refresh_failed'
  | 'unauthorized'
  | 'rate_limited'
  | 'forbidden'
  | 'not_found'
  | 'precondition'
  | 'upstream_error'
  | 'network';

/** Values that are read at the moment of a scrape instead of being counted. */
export interface Gauges {
  readonly accounts: Counts;
  readonly inFlight: number;
  /** Accounts whose newest credential or flag is in memory only. */
  readonly unsaved: number;
}

/** The kinds of events that a refresh ends with; other kinds tell something else about an account. */
const refreshes: ReadonlySet<GrantEvent['kind']> = new Set([
  ...(['refreshed', 'rotated', 'disabled', 'refused', 'temporary', 'client'] as const),
]);
const isRefresh = (kind: GrantEvent['kind']): boolean => refreshes.has(kind);

/** So many models get a series of their own, the rest share one, since clients can make up any number of names. */
const MOST_MODELS = 100;
const LONGEST_MODEL = 80;
const OTHER = 'other';

/**
 * Counts combinations of two label values, each at the cost of two map look-ups; turned into metrics when they are
 * scraped.
 */
class Tally {
  private readonly counts = new Map<string | number, Map<string, { count: number }>>();

  add(first: string | number, second = ''): void {
    let seconds = this.counts.get(first);
    if (seconds === undefined) this.counts.set(first, (seconds = new Map<string, { count: number }>()));
    const known = seconds.get(second);
    if (known === undefined) seconds.set(second, { count: 1 });
    else known.count++;
  }

  *entries(): Generator<readonly [values: readonly string[], count: number]> {
    for (const [first, seconds] of this.counts) {
      for (const [second, { count }] of seconds) yield [[String(first), second], count];
    }
  }
}

/** How often the delay of the event loop is measured. */
const LOOK_MS = 100;
const LATENESS = [50, 99, 100];
/** Buckets in seconds: two durable writes take some milliseconds, more on a slow disk. */
const SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5];

/** Buckets in seconds: a request is held for two minutes at most. */
const WAITS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120];

/** The metrics that Prometheus reads at `/metrics`. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly models = new Set<string>();
  private readonly requests = this.tally('regrant_requests_total', 'Client requests by status and model', [
    'status',
    'model',
  ]);
  private readonly failovers = this.tally('regrant_failovers_total', 'Times a request left an account, by cause', [
    'cause',
  ]);
  private readonly refreshes = this.tally('regrant_refreshes_total', 'Token refreshes by outcome and cause', [
    'outcome',
    'cause',
  ]);
  private readonly rests = this.tally('regrant_rests_total', 'Times somebody was left alone, by about whom and why', [
    'about',
    'cause',
  ]);
  private readonly holds = this.tally(
    'regrant_held_requests_total',
    'Requests that waited for somebody to serve them',
    [],
  );
  private readonly heldSeconds = this.seconds('regrant_held_seconds', 'How long requests waited', WAITS);
  private readonly truncations = this.tally(
    'regrant_truncated_answers_total',
    'Answers that broke off at the upstream after their first byte',
    [],
  );
  private readonly accounts = new Gauge({
    name: 'regrant_accounts',
    help: 'Accounts by state',
    labelNames: ['state'],
    registers: [this.registry],
  });
  private readonly moments: Readonly<Record<GrantMoment, Histogram>> = {
    out: this.seconds('regrant_out_of_pool_seconds', "From Google's verdict to out of the pool and on disk"),
    back: this.seconds('regrant_recovery_seconds', 'From a verified token of a disabled account to back in the pool'),
  };
  private readonly inFlight = new Gauge({
    name: 'regrant_in_flight_requests',
    help: 'Client requests being served',
    registers: [this.registry],
  });

  private readonly unsaved = new Gauge({
    name: 'regrant_unsaved',
    help: 'Accounts whose newest credential or flag is in memory only',
    registers: [this.registry],
  });

  private readonly lag = new Gauge({
    name: 'regrant_event_loop_lag_seconds',
    help: 'How late the event loop was since the last scrape, by quantile',
    labelNames: ['quantile'],
    registers: [this.registry],
  });
  private readonly delay = monitorEventLoopDelay({ resolution: LOOK_MS });

  private readonly tokens = new TokenMetric(this.registry);

  readonly contentType: string = this.registry.contentType;

  constructor() {
    this.delay.enable();
  }

  /** Counts a client request that has ended. `status` 0: the client left before one was sent. */
  request(status: number, model: string): void {
    this.requests.add(status, this.modelLabel(status, model));
  }

  /** Counts the tokens that an answer said it used. @param key - name of the client's key; null: it showed none */
  used(model: string, key: string | null, tokens: TokensUsed): void {
    this.tokens.count(this.modelLabel(200, model), key, tokens);
  }

  failover(cause: FailoverCause): void {
    this.failovers.add(cause);
  }

  /** @param cause - code of the failure; `none` for a success */
  refresh(outcome: string, cause: string): void {
    this.refreshes.add(outcome, cause);
  }

  /** Counts an event, if a refresh ended with it. */
  happened({ kind, cause }: GrantEvent): void {
    if (isRefresh(kind)) this.refresh(kind, cause ?? 'none');
  }

  /** An account has left the pool, or come back. */
  moment(moment: GrantMoment, ms: number): void {
    this.moments[moment].observe(ms / 1_000);
  }

  /** A rest began. @param about - `account`, `project` or `model` */
  rested(about: string, cause: string): void {
    this.rests.add(about, cause);
  }

  /** A request has been held until an account was free. */
  held(seconds: number): void {
    this.holds.add('');
    this.heldSeconds.observe(seconds);
  }

  truncated(): void {
    this.truncations.add('');
  }

  /** Tells of a pool on several machines, too. */
  share(sharing: {
    readonly cutOff: string | null;
    readonly spooled: number;
    readonly boxes: readonly { readonly isGone: boolean }[];
  }): void {
    const there = (): number => sharing.boxes.filter(({ isGone }) => !isGone).length;
    this.gauge('regrant_database_up', 'Whether the database can be used', () => Number(sharing.cutOff === null));
    this.gauge('regrant_spooled_tokens', 'Rotated tokens that the database does not have', () => sharing.spooled);
    this.gauge('regrant_boxes', 'Machines of the pool that are there', there);
  }

  /** A value that is read at the moment of a scrape. */
  private gauge(name: string, help: string, read: () => number): Gauge {
    return new Gauge({
      ...{ name, help, registers: [this.registry] },
      collect() {
        this.set(read());
      },
    });
  }

  /** The text of a scrape. */
  text(gauges: Gauges): Promise<string> {
    for (const [state, count] of Object.entries(gauges.accounts)) this.accounts.set({ state }, Number(count));
    this.inFlight.set(gauges.inFlight);
    this.unsaved.set(gauges.unsaved);
    for (const quantile of LATENESS) {
      // The histogram holds the time between measurements, of which `LOOK_MS` is no delay.
      const late = this.delay.percentile(quantile) / 1e9 - LOOK_MS / 1e3;
      this.lag.set({ quantile: String(quantile / 100) }, Number.isFinite(late) ? Math.max(0, late) : 0);
    }
    this.delay.reset();
    return this.registry.metrics();
  }

  /** The label of a model: its own name only once it has worked, so that made-up names make no series. */
  private modelLabel(status: number, model: string): string {
    if (model === '' || this.models.has(model)) return model;
    const worked = status >= 200 && status < 300 && model.length <= LONGEST_MODEL;
    if (!worked || this.models.size >= MOST_MODELS) return OTHER;
    this.models.add(model);
    return model;
  }

  private seconds(name: string, help: string, buckets = SECONDS): Histogram {
    return new Histogram({ name, help, buckets, registers: [this.registry] });
  }

  private tally(name: string, help: string, labelNames: string[]): Tally {
    const tally = new Tally();
    const counter = new Counter({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [values, count] of tally.entries()) {
          counter.inc(Object.fromEntries(labelNames.map((label, at) => [label, values[at] ?? ''])), count);
        }
      },
    });
    return tally;
  }
}
