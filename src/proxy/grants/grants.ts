import type { Clock } from '../../store/ground/clock.js';
import type { Store } from '../../store/open.js';
import { addOAuthClient } from '../../store/settings/settings.js';
import { outboundProxy } from '../transport/outbound.js';
import { OAuthClients } from '../oauth/clients.js';
import { AccountChanges } from './account-changes.js';
import { GrantEvidence } from './evidence.js';
import { Google } from '../oauth/google.js';
import { Journal } from './journal.js';
import { Refresher } from './refresh.js';

/** The part that knows OAuth: what a token endpoint said, and what follows from it. */
export interface Grants {
  readonly changes: AccountChanges;
  readonly google: Google;
  readonly clients: OAuthClients;
  readonly evidence: GrantEvidence;
  readonly journal: Journal;
  readonly refresher: Refresher;
}

export function createGrants({ places, settings, accounts, state, events, log, env }: Store, clock: Clock): Grants {
  const { oauth } = settings;
  const google = new Google(oauth, clock, outboundProxy(settings.network, env));
  const clients = new OAuthClients(oauth, clock, ({ name, id, secret }) =>
    addOAuthClient(places.settings, name, { id, secret }),
  );
  const journal = new Journal(log.logger, events, clock);
  const changes = new AccountChanges(accounts);
  const evidence = new GrantEvidence(accounts, state, clients, clock, changes);
  const refresher = new Refresher({
    evidence,
    changes,
    store: accounts,
    state,
    google,
    clients,
    journal,
    clock,
    oauth,
    random: Math.random,
  });
  return { changes, google, clients, evidence, journal, refresher };
}
