import type { Store } from '../../store/open.js';
import type { ProxyServer } from '../server/server.js';
import type { Assembly } from './assembly.js';

export interface SettlingParts {
  readonly store: Pick<Store, 'settings' | 'accounts' | 'log'>;
  readonly parts: Assembly;
  readonly server: Pick<ProxyServer, 'settle'>;
  /** Keys of the settings that have changed. */
  readonly changed: ReadonlySet<string>;
}

/** Settings that decide about the standing of accounts, or when they are refreshed. */
const aboutAccounts = /^(?:accounts|quotaProtection)\.|^upstream\.kind$|^oauth\.refreshAheadSeconds$/;

/**
 * Puts changed settings into effect. Most are read where they are used, from the one object that holds them; this is
 * for objects that were made from them.
 */
export function settle({ store, parts, server, changed }: SettlingParts): void {
  const { settings, accounts, log } = store;
  const { grants, clientSide } = parts;
  server.settle();
  parts.accountRules.settle();
  if (changed.has('log.level')) log.logAt(settings.log.level);
  if (changed.has('oauth.clients') || changed.has('oauth.defaultClient')) grants.clients.configure(settings.oauth);
  if (changed.has('oauth.exchangesPerSecond')) grants.brake.runAt(settings.oauth.exchangesPerSecond);
  if (changed.has('proxy.apiKey')) clientSide.takeApiKey(settings.proxy.apiKey);
  if ([...changed].some((key) => aboutAccounts.test(key))) grants.changes.tell(accounts.list().map(({ id }) => id));
}
