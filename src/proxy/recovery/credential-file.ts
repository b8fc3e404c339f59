import { randomUUID } from 'node:crypto';
import type { Account } from '../../store/accounts/account.js';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { importedAccount, newAccount } from '../../store/accounts/new-account.js';
import { setProject, upsert, type Credential } from '../../store/accounts/patches.js';
import { NotSaved } from '../../store/accounts/stored-account.js';
import { unixSeconds, type Clock } from '../../store/ground/clock.js';
import type { JsonObject } from '../../store/ground/json.js';
import type { Undo } from './undo.js';
import type { ImportedExtras, Saved } from './verified-token.js';
import { sameEmail } from './whose.js';

/** Writes a verified credential into its account's file, or into a new one. */
export class CredentialFile {
  constructor(
    private readonly store: AccountStore,
    private readonly undo: Pick<Undo, 'replacing' | 'added'>,
    private readonly clock: Clock,
  ) {}

  /** @param target - the account whose file it belongs in; null: a new account */
  async save(target: Account | null, credential: Credential, luggage: ImportedExtras): Promise<Saved> {
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
      // a new account, or its file was deleted meanwhile
      if (store.get(id) === undefined) {
        undo.added(id);
        const json = known ?? accountFrom(id, credential, luggage, unixSeconds(this.clock));
        void store.create(id, structuredClone(json)).catch(untold);
        // the file may exist again
        await store.patch(id, upsert(credential));
      }
      return { id, notSaved: null, isInMemoryOnly: false };
    } catch (error) {
      if (!(error instanceof NotSaved)) throw error;
      return { id, notSaved: error.reason, isInMemoryOnly: store.get(id)?.unsaved.length !== 0 };
    }
  }
}

/** The file of a new account. A file that the token was imported from is used only if it is of the same person. */
function accountFrom(id: string, credential: Credential, { file, projectId }: ImportedExtras, at: number): JsonObject {
  const isTheirs = typeof file?.email === 'string' && sameEmail(file.email, credential.email);
  const json = isTheirs ? importedAccount(id, file, credential, at) : null;
  if (json !== null) return json;
  const fresh = newAccount(id, credential, at);
  if (projectId !== null) setProject(projectId).apply(fresh);
  return fresh;
}

/** Ignores a failure: the patch after it fails the same way, and that failure is told. */
const untold = (): void => undefined;
