import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import type { OAuthClients } from '../oauth/clients.js';
import type { Flight } from './flight.js';

/** Every account that holds a refresh token. */
export const holdersOf = (refreshToken: string, store: Pick<AccountStore, 'list'>): Account[] =>
  store
    .list()
    .map(({ account }) => account)
    .filter((account) => account?.refreshToken === refreshToken)
    .filter((account) => account !== null);

/**
 * The accounts that a failure is about: those that hold the token sent, and would have sent it with one of these
 * clients.
 */
export function concernedBy(
  { sent, clients }: Flight,
  of: { readonly store: Pick<AccountStore, 'list'>; readonly clients: Pick<OAuthClients, 'of'> },
): Account[] {
  return holdersOf(sent, of.store).filter((account) => {
    const id = of.clients.of(account)?.id;
    return clients.some((client) => client.id === id);
  });
}
