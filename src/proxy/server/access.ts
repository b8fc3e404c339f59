import { isLoopback, type Settings } from '../../store/settings/settings.js';
import type { CorsOrigins } from './cors.js';

/** Whether a request is let in, or why it is not. */
export type AccessDecision = 'granted' | 'no_key' | 'wrong_key' | 'foreign_host' | 'foreign_origin';

/** What of a request decides whether it is let in. */
export interface Credentials {
  readonly method: string;
  readonly path: string;
  /** What the keys in headers and query come to: no key is offered, none of them is let in, or one is. */
  readonly key: 'none' | 'unknown' | 'known';
  /** The Host header. */
  readonly host: string | null;
  /** The Origin header, which a browser adds to a web page's requests; null: there is none. */
  readonly origin: string | null;
  /** Whether a browser says that a page of another site sends the request, even if only as an image or a link. */
  readonly isCrossSite: boolean;
  /** Address of this machine that the connection came in on. */
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
}

type Mode = Exclude<Settings['proxy']['authMode'], 'auto'>;

/** The paths that need no key with `all_except_health`. */
const HEALTH_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/livez']);

/**
 * Whether a request needs no key with `all_except_health`: clients ask at the root whether anybody is there. One that
 * shows its key there is judged by that.
 */
const isAboutHealth = ({ method, path, key }: Credentials): boolean =>
  HEALTH_PATHS.has(path) || (path === '/' && key !== 'known' && (method === 'GET' || method === 'HEAD'));

/** Decides which requests are let in. */
export class Access {
  private mode: Mode = 'strict';
  private hosts: ReadonlySet<string> = new Set();
  private allowed: ReadonlySet<string> = new Set();

  constructor(
    private readonly settings: Pick<Settings['proxy'], 'authMode' | 'host' | 'allowedHosts'>,
    private readonly cors: CorsOrigins,
  ) {
    this.settle();
  }

  /** The settings may have changed: takes in what depends on them. */
  settle(): void {
    const { authMode, host, allowedHosts } = this.settings;
    this.mode = authMode === 'auto' ? automatic(host) : authMode;
    this.allowed = new Set(allowedHosts.map(hostName));
    this.hosts = new Set([...['localhost', ...listenerNames(host)].map(hostName), ...this.allowed]);
  }

  /** Whether requests to the upstream need the API key. */
  get keyRequired(): boolean {
    return this.mode !== 'off';
  }

  /**
   * Decides about one request. Where no key is needed, a foreign Host is refused, since a web page may have pointed its
   * own name at this machine (DNS rebinding), and so is a foreign Origin, that of another port of this machine too: the
   * page cannot read the answer, but its request would be served.
   */
  judge(request: Credentials): AccessDecision {
    if (this.mode === 'off' || (this.mode === 'all_except_health' && isAboutHealth(request))) {
      const { host, origin, isCrossSite, localAddress } = request;
      if (!this.isOwnHost(host, localAddress)) return 'foreign_host';
      if (origin !== null && this.cors.has(origin)) return 'granted';
      return isCrossSite || (origin !== null && !this.isOwnOrigin(origin, request)) ? 'foreign_origin' : 'granted';
    }
    if (request.key === 'none') return 'no_key';
    return request.key === 'known' ? 'granted' : 'wrong_key';
  }

  /** By scheme, host and port; a name of `allowedHosts` may have TLS in front of it. */
  private isOwnOrigin(origin: string, { host, localAddress, localPort }: Credentials): boolean {
    if (!URL.canParse(origin)) return false;
    const { protocol, hostname, port } = new URL(origin);
    const isSecure = protocol === 'https:';
    if (!isSecure && protocol !== 'http:') return false;
    if (!(isSecure ? this.allowed.has(hostName(hostname)) : this.isOwnHost(hostname, localAddress))) return false;
    const usual = isSecure ? '443' : '80';
    const ports = [String(localPort), portOf(host ?? '') || usual];
    return ports.includes(port || usual);
  }

  private isOwnHost(host: string | null, localAddress: string | undefined): boolean {
    if (host === null) return false;
    const name = hostName(host);
    if (this.hosts.has(name) || (isWildcard(this.settings.host) && LOOPBACK.test(name))) return true;
    return localAddress !== undefined && name === hostName(localAddress);
  }
}

/** Addresses of a listener at a wildcard: a container is called by them from outside, where its own is another one. */
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1)$/;

const automatic = (host: string): Mode => (isLoopback(host) ? 'off' : 'all_except_health');

/** Names by which the listener may be called; a wildcard address is none (each connection knows its own address). */
const listenerNames = (host: string): string[] => (isWildcard(host) ? [] : [host]);

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** The port in a Host header; empty: none is there, so it is the usual one. */
const portOf = (host: string): string => /(?:^[^:]*|\]):(\d+)$/.exec(host.trim())?.[1] ?? '';

/** The name or address in a Host header, without port, brackets, and the `::ffff:` of IPv4 on an IPv6 socket. */
function hostName(host: string): string {
  const lower = host.trim().toLowerCase();
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(lower)?.[1];
  const bare = bracketed ?? (lower.split(':').length > 2 ? lower : lower.replace(/:\d*$/, ''));
  return bare.replace(/^::ffff:(?=\d+\.)/, '').replace(/(?<=.)\.$/, '');
}
