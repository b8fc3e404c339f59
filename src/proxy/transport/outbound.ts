/** Whether requests to the outside go through an HTTP proxy of the operator's, and through which. */
import { saying } from '../../store/words/saying.js';
import type { Agents } from 'got';
import { BlockList, isIP } from 'node:net';
import { UsageError } from '../../store/ground/errors.js';
import { isProxyUrl, PROXY_PASSWORD } from '../../store/settings/schema.js';
import type { Settings } from '../../store/settings/settings.js';

/** Chooses the outbound proxy for a URL; null: none. */
export type OutboundProxy = (target: URL) => URL | null;

/**
 * The choice by `network.proxy` and `network.noProxy`; where they are empty by `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`
 * and `NO_PROXY`, in upper or lower case, as curl reads them. Loopback is never reached through a proxy of the
 * environment.
 *
 * @throws {UsageError} the environment does not name a usable HTTP proxy
 */
export function outboundProxy(network: Settings['network'], env: NodeJS.ProcessEnv): OutboundProxy {
  const fromEnv = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? '';
  /** The variable that counts: where ALL_PROXY is named as well, it is for what has none of its own. */
  const nameFor = (own: string): string => (fromEnv(own) === '' ? 'ALL_PROXY' : own);
  const used = new Set(network.proxy === '' ? ['HTTPS_PROXY', 'HTTP_PROXY'].map(nameFor) : []);
  for (const name of used) checkProxy(name, fromEnv(name));
  return (target) => {
    const exempt = (network.noProxy || fromEnv('NO_PROXY')).split(/[\s,]+/).filter(Boolean);
    if (exempt.some((pattern) => matches(pattern, target))) return null;
    if (network.proxy !== '') return new URL(network.proxy);
    const named = fromEnv(nameFor(target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'));
    if (named === '' || isLocal(target.hostname)) return null;
    return new URL(withScheme(named));
  };
}

const withScheme = (proxy: string): string => (proxy.includes('://') ? proxy : `http://${proxy}`);

/**
 * Checks a proxy's address at the start: later, nobody would notice that it is not used, or spoken to in the wrong
 * protocol.
 */
function checkProxy(name: string, value: string): void {
  if (value === '') return;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase() ?? 'http';
  const instead = saying('give an HTTP proxy in network.proxy, or unset it');
  if (scheme.startsWith('socks'))
    throw new UsageError(
      saying('{name} names a {scheme} proxy, and SOCKS is not spoken: {instead}', { name, scheme, instead }),
    );
  if (scheme !== 'http' && scheme !== 'https')
    throw new UsageError(saying('{name} names a {scheme} proxy: {instead}', { name, scheme, instead }));
  if (!isProxyUrl(withScheme(value))) {
    throw new UsageError(saying('{name} is no URL of a proxy: {next}', { name, next: saying(PROXY_PASSWORD) }));
  }
}

/** Loads what `agentsFor` needs, where any proxy is in use. */
export async function loadAgents(outbound: OutboundProxy): Promise<void> {
  const isUsed = ['https://a.example', 'http://a.example'].some((url) => outbound(new URL(url)) !== null);
  if (isUsed) await import('hpagent');
}

/**
 * The agents that got needs for the outbound proxy; undefined where there is none. The library is loaded only where it
 * is used.
 */
export async function agentsFor(outbound: OutboundProxy, target: URL): Promise<Agents | undefined> {
  const proxy = outbound(target)?.href;
  if (proxy === undefined) return undefined;
  const { HttpProxyAgent, HttpsProxyAgent } = await import('hpagent');
  // refreshes are minutes apart: in that time a proxy or NAT may silently drop a connection that is kept
  const options = { proxy, keepAlive: false };
  return target.protocol === 'https:' ? { https: new HttpsProxyAgent(options) } : { http: new HttpProxyAgent(options) };
}

const isLocal = (host: string): boolean => host === 'localhost' || host === '[::1]' || host.startsWith('127.');

/** The addresses that `10.0.0.0/8`, `fd00::/8`, `::1` or `[::1]` name; null: the pattern is none of these. */
function subnetOf(pattern: string): BlockList | null {
  const [, network = '', bits] = /^\[?([^\]/]*)\]?(?:\/(\d{1,3}))?$/.exec(pattern) ?? [];
  const family = isIP(network);
  if (family === 0 || (family === 4 && bits === undefined)) return null;
  const longest = family === 6 ? 128 : 32;
  const prefix = Number(bits ?? longest);
  const list = new BlockList();
  if (prefix <= longest) list.addSubnet(network, prefix, family === 6 ? 'ipv6' : 'ipv4');
  return list;
}

/**
 * Whether a URL matches `*`, `10.0.0.0/8`, `[::1]`, `example.com` (with its subdomains) or `.example.com`, each with or
 * without a port.
 */
function matches(pattern: string, { hostname, port, protocol }: URL): boolean {
  if (pattern === '*') return true;
  const address = hostname.replace(/^\[|\]$/g, '');
  const subnet = subnetOf(pattern);
  if (subnet !== null) return isIP(address) > 0 && subnet.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  const [, name = '', wantedPort] = /^(.*?)(?::(\d+))?$/.exec(pattern.toLowerCase()) ?? [];
  const ownPort = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  if (wantedPort !== undefined && wantedPort !== ownPort) return false;
  const domain = name.replace(/^\*?\./, '');
  return hostname === domain || hostname.endsWith(`.${domain}`);
}
