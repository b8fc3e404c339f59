import { isLoopback, type Settings } from '../../store/settings/settings.js';
import type { ClientKeys } from '../clients/client-keys.js';
import type { CorsOrigins } from './cors.js';

/** Why a request may not pass, or that it may. */
export type AccessDecision = 'granted' | 'no_key' | 'wrong_key' | 'foreign_host' | 'foreign_origin';

/** What of a request decides whether it may pass. */
export interface Credentials {
  readonly path: string;
  /** All keys offered, by header and by query. */
  readonly keys: readonly string[];
  /** The Host header. */
  readonly host: string | null;
  /** The Origin header, which a browser puts to what a web page sends; null: there is none. */
  readonly origin: string | null;
  /** A browser says that a page of another site has it sent, if only as an image or a link. */
  readonly isCrossSite: boolean;
  /** Address of this machine that the connection came in on. */
  readonly localAddress: string | undefined;
}

type Mode = Exclude<Settings['proxy']['authMode'], 'auto'>;

/** The routes that `all_except_health` leaves open. */
const HEALTH_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/livez']);

/** Who may use the proxy. */
export class Access {
  private mode: Mode = 'strict';
  private hosts: ReadonlySet<string> = new Set();

  constructor(
    private readonly settings: Pick<Settings['proxy'], 'authMode' | 'host' | 'allowedHosts'>,
    private readonly keys: ClientKeys,
    private readonly cors: CorsOrigins,
  ) {
    this.settle();
  }

  /** The settings may be others now. */
  settle(): void {
    const { authMode, host, allowedHosts } = this.settings;
    this.mode = authMode === 'auto' ? automatic(host) : authMode;
    this.hosts = new Set(['localhost', ...listenerNames(host), ...allowedHosts].map(hostName));
  }

  /** Requests to the upstream need the API key. */
  get keyRequired(): boolean {
    return this.mode !== 'off';
  }

  /**
   * Decides about one request. Where no key is asked for, a foreign Host is refused, since a web page may have rebound its
   * name to this machine, and a foreign Origin: a page cannot read what it is answered, but what it sends would be served.
   */
  judge(request: Credentials): AccessDecision {
    if (this.mode === 'off' || (this.mode === 'all_except_health' && HEALTH_PATHS.has(request.path))) {
      const { host, origin, isCrossSite, localAddress } = request;
      if (!this.isOwnHost(host, localAddress)) return 'foreign_host';
      if (origin === null) return isCrossSite ? 'foreign_origin' : 'granted';
      const isOwn = this.cors.has(origin) || this.isOwnHost(hostOf(origin), localAddress);
      return isOwn ? 'granted' : 'foreign_origin';
    }
    if (request.keys.length === 0) return 'no_key';
    return request.keys.some((key) => this.keys.find(key) !== null) ? 'granted' : 'wrong_key';
  }

  private isOwnHost(host: string | null, localAddress: string | undefined): boolean {
    if (host === null) return false;
    const name = hostName(host);
    return this.hosts.has(name) || (localAddress !== undefined && name === hostName(localAddress));
  }
}

const automatic = (host: string): Mode => (isLoopback(host) ? 'off' : 'all_except_health');

/** What the listener may be called; a wildcard is no address that anyone should call (each connection knows its own). */
const listenerNames = (host: string): string[] => (host === '0.0.0.0' || host === '::' ? [] : [host]);

/** The host of a page's origin; `null`, as browsers write the origin of a page that has none, is its own. */
const hostOf = (origin: string): string => (URL.canParse(origin) ? new URL(origin).host : origin);

/** The name or address in a Host header, without port, brackets, and the `::ffff:` of IPv4 on an IPv6 socket. */
function hostName(host: string): string {
  const lower = host.trim().toLowerCase();
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(lower)?.[1];
  const bare = bracketed ?? (lower.split(':').length > 2 ? lower : lower.replace(/:\d*$/, ''));
  return bare.replace(/^::ffff:(?=\d+\.)/, '').replace(/(?<=.)\.$/, '');
}
