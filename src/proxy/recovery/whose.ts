import type { Account } from '../../store/accounts/account.js';
import type { Holders } from '../grants/holders.js';
import { identityOf, type Google, type Identity } from '../oauth/google.js';
import type { VerifiedToken } from './verified-token.js';

export const sameEmail = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Finds out whose a token is, and which account file it belongs in. */
export class TokenOwner {
  constructor(
    private readonly holders: Pick<Holders, 'withEmail'>,
    private readonly google: Pick<Google, 'userInfo'>,
  ) {}

  /**
   * Whose the token is. Where no human could decide to try again (an import), Google is asked a second time after a
   * failure.
   *
   * @throws {RefreshError} Google did not say
   */
  async owner({ landed, request }: VerifiedToken): Promise<Identity> {
    const { id_token: idToken, access_token: accessToken } = landed.exchanged.body;
    const ask = (): Promise<Identity> => this.google.userInfo(accessToken);
    const known = identityOf(idToken, landed.client.id);
    if (known !== null) return known;
    return request.otherAccount === 'ask' ? ask() : ask().catch(ask);
  }

  /** The selected row's file; else the disabled one of this e-mail, then the one that served last; null: a new account. */
  file(email: string, selectedId: string | null): Account | null {
    const accounts = this.holders
      .withEmail(email)
      .flatMap(({ account, unreadable }) => (unreadable === null && account !== null ? [account] : []));
    const rank = (account: Account): number =>
      account.id === selectedId ? Infinity : (account.disabled === null ? 0 : 1e12) + (account.lastUsed ?? 0);
    return accounts.sort((a, b) => rank(b) - rank(a))[0] ?? null;
  }

  /**
   * Why the token cannot be saved if the only file of this e-mail is unreadable: saving would make a second file for
   * it; null: it can be saved.
   */
  obstacle(email: string): string | null {
    const stored = this.holders.withEmail(email).find(({ unreadable }) => unreadable !== null);
    if (stored === undefined) return null;
    return `${stored.file}, the file of ${email}, cannot be read (${stored.unreadable ?? ''}): mend it, or remove it first`;
  }
}
