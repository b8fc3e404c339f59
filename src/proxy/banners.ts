import type { AccountStore } from '../store/accounts.js';
import type { Log } from '../store/log.js';
import { causes } from './grants/causes.js';
import type { OAuthClients } from './grants/clients.js';
import type { Reloader } from './reload.js';
import type { Banner } from './snapshot.js';

export interface BannerParts {
  readonly store: AccountStore;
  readonly clients: OAuthClients;
  readonly reloader: Reloader;
  readonly log: Log;
  /** Path of settings.json. */
  readonly settingsFile: string;
}

/** What concerns more than one account and has to be said until it is mended. */
export function bannersOf({ store, clients, reloader, log, settingsFile }: BannerParts): readonly Banner[] {
  const banners: Banner[] = [];
  if (clients.configured().length === 0) {
    banners.push({
      code: 'no_client',
      severity: 'error',
      text: `no OAuth client is configured: set oauth.clients.${clients.defaultName}.id and .secret in ${settingsFile}, then restart regrant`,
    });
  }
  for (const { error } of clients.refused()) {
    banners.push({
      code: 'client_refused',
      severity: 'error',
      text: `Google refuses the OAuth client "${error.client}" (${error.serverCode}): ${causes[error.cause].next}`,
    });
  }
  if (reloader.held !== null) banners.push({ code: 'reload_held', severity: 'error', text: reloader.held });
  const unsaved = store.list().filter(({ notSaved }) => notSaved !== null);
  if (unsaved[0]?.notSaved !== undefined && unsaved[0].notSaved !== null) {
    banners.push({
      code: 'not_saved',
      severity: 'error',
      text: `${unsaved.length} account${unsaved.length === 1 ? '' : 's'} not saved (${unsaved[0].file}: ${unsaved[0].notSaved}); the writes are tried again`,
    });
  }
  if (log.trouble !== null) {
    banners.push({ code: 'log', severity: 'warning', text: `the log file cannot be written: ${log.trouble}` });
  }
  return banners;
}
