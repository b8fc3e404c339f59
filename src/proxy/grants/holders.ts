import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import type { OAuthClients } from '../oauth/clients.js';
import type { Flight } from './flight.js';

/** Ids by something that several accounts may have in common. */
type Ids = Map<string, Set<string>>;

const emailKey = (email: string): string => email.toLowerCase();

/**
 * Which accounts hold a refresh token, and which are of an e-mail: kept up by what the store tells, so that asking costs
 * the same however many accounts there are. Made before anybody else listens to the store, since those may ask.
 */
export class Holders {
  private readonly tokens: Ids = new Map();
  private readonly emails: Ids = new Map();
  /** What an account is filed under. */
  private readonly filed = new Map<string, { readonly token: string; readonly email: string }>();
  /** Changed since somebody asked; null: all of them. */
  private stale: Set<string> | null = null;
  /** Changed since all are being filed ahead. */
  private readonly late = new Set<string>();

  constructor(private readonly store: Pick<AccountStore, 'list' | 'get' | 'onChange'>) {
    store.onChange((ids) => {
      for (const id of ids) (this.stale ?? this.late).add(id);
    });
  }

  /**
   * Accounts are filed before anybody asks, since the first to ask would wait for all of them: `file` is to be called for
   * each account that there is by now, and then `done`; what happens in between is heard.
   */
  ahead(): { readonly file: (of: Pick<StoredAccount, 'id'>) => void; readonly done: () => void } {
    this.late.clear();
    return {
      file: ({ id }) => {
        if (this.stale === null) this.file(id);
      },
      done: () => {
        this.stale ??= new Set(this.late);
        this.late.clear();
      },
    };
  }

  /** Every account that holds a refresh token, in the order of their names. */
  of(refreshToken: string): Account[] {
    return this.withToken(refreshToken).flatMap(({ account }) => account ?? []);
  }

  /** Likewise, with where it is kept. */
  withToken(refreshToken: string): StoredAccount[] {
    this.catchUp();
    return this.found(this.tokens.get(refreshToken)).filter(({ account }) => account?.refreshToken === refreshToken);
  }

  /** Every account of an e-mail, in upper or lower case. */
  withEmail(email: string): StoredAccount[] {
    this.catchUp();
    const key = emailKey(email);
    return this.found(this.emails.get(key)).filter(
      ({ account }) => account !== null && emailKey(account.email) === key,
    );
  }

  private found(ids: ReadonlySet<string> = new Set()): StoredAccount[] {
    return [...ids].sort().flatMap((id) => this.store.get(id) ?? []);
  }

  private catchUp(): void {
    if (this.stale === null) for (const { id } of this.store.list()) this.file(id);
    else for (const id of this.stale) this.file(id);
    this.stale = new Set();
  }

  private file(id: string): void {
    const before = this.filed.get(id);
    const account = this.store.get(id)?.account ?? null;
    const now = account === null ? null : { token: account.refreshToken, email: emailKey(account.email) };
    if (before?.token === now?.token && before?.email === now?.email) return;
    if (before !== undefined) {
      takeFrom(this.tokens, before.token, id);
      takeFrom(this.emails, before.email, id);
      this.filed.delete(id);
    }
    if (now === null) return;
    this.filed.set(id, now);
    putTo(this.tokens, now.token, id);
    putTo(this.emails, now.email, id);
  }
}

function putTo(ids: Ids, key: string, id: string): void {
  const known = ids.get(key);
  if (known === undefined) ids.set(key, new Set([id]));
  else known.add(id);
}

function takeFrom(ids: Ids, key: string, id: string): void {
  const known = ids.get(key);
  known?.delete(id);
  if (known?.size === 0) ids.delete(key);
}

/**
 * The accounts that a failure is about: those that hold the token sent, and would have sent it with one of these
 * clients.
 */
export function concernedBy(
  { sent, clients }: Flight,
  of: { readonly holders: Pick<Holders, 'of'>; readonly clients: Pick<OAuthClients, 'of'> },
): Account[] {
  return of.holders.of(sent).filter((account) => {
    const id = of.clients.of(account)?.id;
    return clients.some((client) => client.id === id);
  });
}
