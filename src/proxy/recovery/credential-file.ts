import { randomUUID } from 'node:crypto';
import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { importedAccount, newAccount } from '../../store/accounts/new-account.js';
import { setProject, upsert, type Credential } from '../../store/accounts/patches.js';
import { NotSaved } from '../../store/accounts/stored-account.js';
import { unixSeconds, type Clock } from '../../store/ground/clock.js';
import type { JsonObject } from '../../store/ground/json.js';
import type { Undo } from './undo.js';
import type { Luggage } from './verified-token.js';
import { sameEmail } from './whose.js';

export interface Saved {
  /** Of the account. */
  readonly id: string;
  /** Why the credential is in memory only; null: it is on disk. */
  readonly notSaved: string | null;
}

/** Puts a verified credential into its account's file, or into a new one. */
export class CredentialFile {
  constructor(
    private readonly store: AccountStore,
    private readonly undo: Pick<Undo, 'replacing' | 'added'>,
    private readonly clock: Clock,
  ) {}

  /** @param target - whose file it belongs into; null: a new one */
  async save(target: Account | null, credential: Credential, luggage: Luggage): Promise<Saved> {
    const { store, undo } = this;
    const id = target?.id ?? randomUUID();
    const known = store.json(id);
    try {
      if (target !== null) {
        await undo.replacing(id);
        const { projectId } = luggage;
        if (projectId !== null && target.projectId === null) void store.patch(id, setProject(projectId)).catch(untold);
        await store.patch(id, upsert(credential));
      }
      // new, or its file was deleted meanwhile
      if (store.get(id) === undefined) {
        undo.added(id);
        const json = known ?? accountFrom(id, credential, luggage, unixSeconds(this.clock));
        void store.create(id, structuredClone(json)).catch(untold);
        // its file may be there again
        await store.patch(id, upsert(credential));
      }
      return { id, notSaved: null };
    } catch (error) {
      if (!(error instanceof NotSaved)) throw error;
      return { id, notSaved: error.reason };
    }
  }
}

/** What the file of a new account says. Another person's file that a token came in is of no use for it. */
function accountFrom(id: string, credential: Credential, { file, projectId }: Luggage, at: number): JsonObject {
  const isTheirs = typeof file?.email === 'string' && sameEmail(file.email, credential.email);
  const json = isTheirs ? importedAccount(id, file, credential, at) : null;
  if (json !== null) return json;
  const fresh = newAccount(id, credential, at);
  if (projectId !== null) setProject(projectId).apply(fresh);
  return fresh;
}

/** The patch after it fails the same way, and is told. */
const untold = (): void => undefined;
