/** Whether a request to the outside goes through a proxy of the operator's, and through which. */
import type { Agents } from 'got';
import type { Settings } from '../../store/settings/settings.js';

/** Chooses the outbound proxy for a URL; null: straight there. */
export type OutboundProxy = (target: URL) => URL | null;

/**
 * The choice by `network.proxy` and `network.noProxy`; where they are empty by `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`
 * and `NO_PROXY`, in either case, as curl reads them. Loopback is never reached through a proxy of the environment.
 */
export function outboundProxy(network: Settings['network'], env: NodeJS.ProcessEnv): OutboundProxy {
  const fromEnv = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? '';
  const exempt = (network.noProxy || fromEnv('NO_PROXY')).split(/[\s,]+/).filter(Boolean);
  return (target) => {
    if (exempt.some((pattern) => matches(pattern, target))) return null;
    if (network.proxy !== '') return new URL(network.proxy);
    const named = fromEnv(target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || fromEnv('ALL_PROXY');
    if (named === '' || isLocal(target.hostname)) return null;
    const url = named.includes('://') ? named : `http://${named}`;
    return URL.canParse(url) ? new URL(url) : null;
  };
}

/** What got needs to go that way; undefined where it goes straight. The library is loaded only where it is used. */
export async function agentsFor(outbound: OutboundProxy, target: URL): Promise<Agents | undefined> {
  const proxy = outbound(target)?.href;
  if (proxy === undefined) return undefined;
  const { HttpProxyAgent, HttpsProxyAgent } = await import('hpagent');
  // refreshes are minutes apart: a connection kept that long is one that a proxy or NAT may have dropped without a word
  const options = { proxy, keepAlive: false };
  return target.protocol === 'https:' ? { https: new HttpsProxyAgent(options) } : { http: new HttpProxyAgent(options) };
}

const isLocal = (host: string): boolean => host === 'localhost' || host === '[::1]' || host.startsWith('127.');

/** `*`, `example.com` (and what lies below it), `.example.com`, each with or without a port. */
function matches(pattern: string, { hostname, port, protocol }: URL): boolean {
  if (pattern === '*') return true;
  const [, name = '', wantedPort] = /^(.*?)(?::(\d+))?$/.exec(pattern.toLowerCase()) ?? [];
  const ownPort = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  if (wantedPort !== undefined && wantedPort !== ownPort) return false;
  const domain = name.replace(/^\*?\./, '');
  return hostname === domain || hostname.endsWith(`.${domain}`);
}
