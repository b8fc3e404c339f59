import type { Clock } from '../../store/ground/clock.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import { grantKey } from '../../store/ground/fingerprint.js';
import type { Store } from '../../store/open.js';
import type { StateStore } from '../../store/state/state-store.js';
import { outboundProxy } from '../transport/outbound.js';
import { trustOwnAuthorities } from '../transport/own-authorities.js';
import { Brake } from '../oauth/brake.js';
import { OAuthClients } from '../oauth/clients.js';
import { AccountChanges } from './account-changes.js';
import { GrantEvidence } from './evidence.js';
import { Holders } from './holders.js';
import { Google } from '../oauth/google.js';
import { Journal } from './journal.js';
import { Refresher } from './refresh.js';
import { wait } from '../contract/durations.js';

/** The part of the proxy that knows OAuth: what a token endpoint said, and what follows from it. */
export interface Grants {
  readonly changes: AccountChanges;
  readonly google: Google;
  readonly brake: Brake;
  readonly clients: OAuthClients;
  readonly evidence: GrantEvidence;
  readonly holders: Holders;
  readonly journal: Journal;
  readonly refresher: Refresher;
}

export function createGrants(
  { settings, accounts, state, exchanges, events, log, env, lock, clients: kept }: Store,
  clock: Clock,
): Grants {
  const { oauth } = settings;
  trustOwnAuthorities(env);
  const google = new Google(oauth, clock, outboundProxy(settings.network, env));
  const clients = new OAuthClients(oauth, clock, {
    prove: () => lock.prove(),
    save: (client) => kept.addClient(client),
  });
  const journal = new Journal(log.logger, events, clock);
  const brake = new Brake(clock, oauth.exchangesPerSecond);
  brake.onPause((ms) => {
    const words = 'nothing is asked until then but what a request needs and nobody else can serve';
    log.logger.warn(`The token endpoint asks for a pause of ${wait(ms)}: ${words}`);
  });
  const holders = new Holders(accounts);
  const changes = new AccountChanges(accounts);
  tellTokensElsewhere(state, accounts, changes);
  const evidence = new GrantEvidence(accounts, state, clients, clock, changes);
  const refresher = new Refresher({
    evidence,
    changes,
    store: accounts,
    holders,
    state,
    exchanges,
    google,
    brake,
    clients,
    journal,
    clock,
    oauth,
    random: Math.random,
  });
  return { changes, holders, google, brake, clients, evidence, journal, refresher };
}

/** What another box learns of a token changes where the accounts stand that hold it. */
function tellTokensElsewhere({ elsewhere }: StateStore, accounts: AccountStore, changes: AccountChanges): void {
  elsewhere?.onTokens((fingerprints) => {
    const known = new Set(fingerprints);
    const isMeant = ({ account }: StoredAccount): boolean => account !== null && known.has(grantKey(account));
    changes.tell(
      accounts
        .list()
        .filter(isMeant)
        .map(({ id }) => id),
    );
  });
}
