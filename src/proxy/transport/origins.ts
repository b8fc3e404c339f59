import type { Dispatcher } from 'undici';
import request from 'undici/lib/api/api-request.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { KEEP_ALIVE_PROBE_MS } from './connections/keep-alive.js';
import { KeptConnection } from './connections/kept-connection.js';
import type { OutboundProxy } from './outbound.js';
import { tunnelThrough } from './tunnel.js';

// as undici's own index does for all dispatchers and all their methods
Object.assign(Pool.prototype, { request });

/** One base URL to send requests to. */
export interface Origin {
  readonly dispatcher: Dispatcher;
  /** Path of the base URL, put before each request's own; may be empty. */
  readonly prefix: string;
  /** Host as it may be named to a client. */
  readonly host: string;
}

/** How long connecting may take. */
export interface ConnectLimit {
  /** Until a connection is open. */
  readonly connectMs: number;
}

/** How long an idle connection is kept; if the upstream closes it meanwhile, that costs one more try, not a failure. */
const KEEP_ALIVE_MS = 60_000;
const LONGEST_KEEP_ALIVE_MS = 300_000;
/** How long one address of a host may take to connect before the next is tried. */
const ADDRESS_MS = 1_000;

/**
 * The base URLs of the upstream in the order in which they are tried, each with its own connections (HTTP/1.1, one
 * request at a time on each). Connections to one that is no longer tried are closed after they were idle for a while;
 * requests on them go on.
 */
export class Origins {
  list: readonly Origin[] = [];
  /** By the origin, and the outbound proxy on the way to it. */
  private readonly pools = new Map<string, Pool>();
  /** All that are open. */
  private readonly connections = new Set<KeptConnection>();

  constructor(
    baseUrls: readonly string[],
    private readonly limit: ConnectLimit,
    private readonly outbound: OutboundProxy,
  ) {
    this.use(baseUrls);
  }

  /** Uses these base URLs from now on, through the present outbound proxy. */
  use(baseUrls: readonly string[]): void {
    this.list = baseUrls.map((baseUrl) => {
      const url = new URL(baseUrl);
      return {
        dispatcher: this.poolOf(url.origin),
        prefix: url.pathname.replace(/\/+$/, ''),
        host: url.host,
      };
    });
  }

  /** Closes connections that carry no request: they may be dead, and nobody would be told. */
  dropIdle(): void {
    for (const connection of [...this.connections]) connection.dropIfIdle();
  }

  /** Closes every connection, whatever runs on it. */
  async destroy(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
  }

  private poolOf(origin: string): Pool {
    const way = `${origin} ${this.outbound(new URL(origin))?.href ?? ''}`;
    const pool = this.pools.get(way) ?? connectionsTo(origin, this.limit, this.outbound, this.connections);
    this.pools.set(way, pool);
    return pool;
  }
}

/**
 * Connections to one origin, through the outbound proxy where there is one for it.
 *
 * @param all - gets those that are open
 */
export function connectionsTo(
  origin: string,
  { connectMs }: ConnectLimit,
  outbound: OutboundProxy,
  all = new Set<KeptConnection>(),
): Pool {
  const proxy = outbound(new URL(origin));
  const direct = {
    timeout: connectMs,
    keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
    // Node's default is a quarter of a second for each address, too little for a slow line.
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_MS,
  };
  return new Pool(origin, {
    // HTTP/2 through undici takes four times the CPU.
    allowH2: false,
    pipelining: 1,
    connect: proxy === null ? direct : tunnelThrough(proxy, connectMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: LONGEST_KEEP_ALIVE_MS,
    factory: (url, options) => new KeptConnection(url, options, all),
  });
}
