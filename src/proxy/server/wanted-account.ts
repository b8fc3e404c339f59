import type { ClientKey } from '../clients/client-keys.js';
import { headerIn } from '../http/headers.js';
import type { OwnError } from '../http/own-answer.js';
import type { Member, OnlyAccount } from '../pool/member.js';

/** Names the account that is to serve a request, by e-mail; accepted from keys that may `pin`, and never passed on. */
const HEADER = 'x-regrant-account';

const NONE: OwnError = {
  status: 404,
  message: 'there is no account of the e-mail that x-regrant-account names; `regrant accounts` lists them',
};

/** The accounts of the pool. */
export interface PoolMembers {
  list(): readonly Pick<Member, 'id' | 'email'>[];
}

/** The account that a request is to be served by; null: it names none, or its key may not. */
export function wantedAccount(
  key: ClientKey | null,
  rawHeaders: readonly string[],
  accounts: PoolMembers,
): OnlyAccount | OwnError | null {
  if (key?.rules?.pin !== true) return null;
  const wanted = headerIn(rawHeaders, HEADER)?.trim().toLowerCase() ?? '';
  if (wanted === '') return null;
  const account = accounts.list().find(({ email }) => email.toLowerCase() === wanted);
  return account === undefined ? NONE : { onlyId: account.id };
}
