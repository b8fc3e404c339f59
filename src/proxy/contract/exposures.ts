/**
 * Settings that open something to others: they are allowed, since there are networks where that does no harm, but every
 * start and `doctor` warn of them.
 */
import { english } from '../../store/words/saying.js';
import { isLoopback, type Settings } from '../../store/settings/settings.js';

/** One such setting: what it means, and what closes it. */
export interface Exposure {
  readonly code: 'open' | 'short_key' | 'plain_listener' | 'plain_remote' | 'unchecked_tls';
  /** The setting or variable that it comes from. */
  readonly setting: string;
  readonly text: string;
}

/** The length of a key that regrant makes for a client. */
const SHORTEST_KEY = 32;

export type ExposingSettings = Pick<Settings, 'proxy' | 'upstream' | 'notify'>;

/** @param env - the environment, which may tell Node not to check certificates */
export function exposuresOf(settings: ExposingSettings, env: NodeJS.ProcessEnv): readonly Exposure[] {
  return [...listenerExposures(settings.proxy), ...remoteExposures(settings), ...tlsExposures(env)];
}

function listenerExposures({ host, authMode, apiKey }: Settings['proxy']): readonly Exposure[] {
  const found: Exposure[] = [];
  if (authMode === 'off' && !isLoopback(host)) {
    const text = `whoever reaches ${host} spends these accounts: no key is asked for; set it to all_except_health, or proxy.host to 127.0.0.1`;
    found.push({ code: 'open', setting: 'proxy.authMode', text });
  }
  if (authMode !== 'off' && apiKey !== '' && apiKey.length < SHORTEST_KEY) {
    const text = `${apiKey.length} letters can be guessed; give it ${SHORTEST_KEY} random ones or more, or take it out for one to be made`;
    found.push({ code: 'short_key', setting: 'proxy.apiKey', text });
  }
  if (!isLoopback(host)) {
    const text = `keys and prompts go over the network to ${host} in the clear; put a proxy with TLS in front, or set it to 127.0.0.1`;
    found.push({ code: 'plain_listener', setting: 'proxy.host', text });
  }
  return found;
}

function remoteExposures({ upstream, notify }: ExposingSettings): readonly Exposure[] {
  const named = [
    ...upstream.baseUrls.map(
      (url) => ['upstream.baseUrls', url, 'access tokens and prompts go to {host} in the clear; use https'] as const,
    ),
    ['notify.url', notify.url, 'notices go to {host} in the clear; use https'] as const,
  ];
  return named
    .filter(([, url]) => isPlainRemote(url))
    .map(([setting, url, what]) => ({
      code: 'plain_remote',
      setting,
      text: english(what, { host: new URL(url).host }),
    }));
}

function tlsExposures(env: NodeJS.ProcessEnv): readonly Exposure[] {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return [];
  const text = 'no certificate is checked: whoever is on the way to Google reads the refresh tokens; take it out';
  return [{ code: 'unchecked_tls', setting: 'NODE_TLS_REJECT_UNAUTHORIZED', text }];
}

function isPlainRemote(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !isLoopback(hostname);
}
