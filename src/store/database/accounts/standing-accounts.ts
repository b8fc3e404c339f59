import type { FileContent } from '../../accounts/account-file.js';
import { applied } from '../../accounts/pending.js';
import type { AccountTable } from './account-table.js';
import { succeed, type Replacement } from './successors.js';

/** What became of an account that was to be added. */
export type Added =
  | { readonly outcome: 'added' | 'stands' | 'removed'; readonly email: string }
  | { readonly outcome: 'gone'; readonly email: null }
  | { readonly outcome: 'unreadable'; readonly email: null; readonly reason: string };

/** The accounts of the pool, to which those of files are added; what stands there, or was removed there, stays. */
export class StandingAccounts {
  private constructor(
    private readonly table: AccountTable,
    /** Id, and e-mail in lower case → whether it lies in the trash. */
    private readonly removedBy: Map<string, boolean>,
    private readonly successorOf: (refreshToken: string) => Promise<Replacement | null>,
  ) {}

  /** @param successorOf - what is known to have taken a refresh token's place @throws {DatabaseAway} */
  static async read(
    table: AccountTable,
    successorOf: (refreshToken: string) => Promise<Replacement | null>,
  ): Promise<StandingAccounts> {
    const removedBy = new Map<string, boolean>();
    // the living after the removed: an e-mail may be of both
    const rows = [...(await table.read(null))].sort((one, other) => Number(other.removed) - Number(one.removed));
    for (const { id, removed, content } of rows) {
      removedBy.set(idKey(id), removed);
      if (content.kind === 'account') removedBy.set(emailKey(content.account.email), removed);
    }
    return new StandingAccounts(table, removedBy, successorOf);
  }

  /** Adds what a file says, with the token that took the place of the one in it. @throws {DatabaseAway} */
  async add(id: string, file: FileContent): Promise<Added> {
    if (file.kind === 'gone') return { outcome: 'gone', email: null };
    if (file.kind === 'unreadable') return { outcome: 'unreadable', email: null, reason: file.reason };
    const { email, refreshToken } = file.account;
    const removed = this.removedBy.get(idKey(id)) ?? this.removedBy.get(emailKey(email));
    if (removed !== undefined) return { outcome: removed ? 'removed' : 'stands', email };
    const last = await this.successorOf(refreshToken);
    await this.table.stand(id, last === null ? file.json : applied([succeed(refreshToken, last)], file.json));
    this.removedBy.set(idKey(id), false).set(emailKey(email), false);
    return { outcome: 'added', email };
  }
}

const idKey = (id: string): string => `id ${id}`;
const emailKey = (email: string): string => `email ${email.toLowerCase()}`;
