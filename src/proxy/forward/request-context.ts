import type { ServerResponse } from 'node:http';
import type { AccessTokens } from '../grants/access-tokens.js';
import { ClientLeft, type RequestBody } from '../http/body.js';
import type { Member } from '../pool/member.js';
import type { Pool } from '../pool/pool.js';
import type { ClientRequest } from '../protocols/client-request.js';
import type { Protocol } from '../protocols/protocol.js';
import type { Metrics } from '../reports/metrics.js';
import type { Exchange } from '../transport/exchange.js';
import type { IdleTimeouts } from '../transport/idle-timeouts.js';
import type { Origin } from '../transport/origins.js';
import type { Upstream } from '../upstreams/upstream.js';
import type { Clock } from '../../store/ground/clock.js';

/** What a request asks of the pool. */
export type ServingPool = Pick<
  Pool,
  'pick' | 'pickOf' | 'isSticky' | 'hasOther' | 'begin' | 'end' | 'cool' | 'forbid' | 'permit' | 'shortage'
>;

/** Where a request gets an account's access token. */
export type ServingTokens = Pick<AccessTokens, 'forRequest' | 'isGood' | 'afterUnauthorized'>;

/** What all requests share. */
export interface ForwardingDeps {
  readonly upstream: Upstream;
  /** Tried in this order. */
  readonly origins: readonly Origin[];
  readonly pool: ServingPool;
  readonly tokens: ServingTokens;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly idleTimeouts: IdleTimeouts;
  /** Finds out and keeps the quota project of an account that has none yet; rejects where nobody says. */
  readonly projects: (member: Member, accessToken: string) => Promise<string>;
  /** `proxy.maxTries`: upstream answers asked for at most. */
  readonly maxTries: number;
  /** Called with what should never happen: an error of this program. */
  readonly onFault: (error: unknown) => void;
}

/** One client's request while it is forwarded, as each step of that sees it. */
export class RequestContext {
  /** The exchange under way, or the last one. */
  exchange: Exchange | null = null;
  /** When that was sent, monotonic ms. */
  sentAt = 0;
  private gone = false;

  constructor(
    readonly deps: ForwardingDeps,
    readonly protocol: Protocol,
    readonly request: ClientRequest,
    readonly body: RequestBody,
    readonly response: ServerResponse,
    /** monotonic ms */
    readonly startedAt: number,
  ) {}

  /** The client closed the connection: nothing of what runs for it is of use any more. */
  clientLeft(): void {
    this.gone = true;
    this.body.fail(new ClientLeft());
    this.exchange?.abort();
  }

  /** The client is gone. A call, since a property would count as unchanged over an await. */
  hasLeft(): boolean {
    return this.gone;
  }
}
