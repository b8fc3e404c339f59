import type { Noticed } from './account-store.js';
import type { StoredAccount, View } from './stored-account.js';
import { Listeners } from '../ground/listeners.js';

/**
 * Tells listeners what changed in the account files; changes that one reading of several files found are told together.
 */
export class ChangeListeners {
  /** Told of accounts whose files are written in their place, and why. */
  readonly inPlace = new Listeners<[id: string, reason: string]>();
  private readonly changed = new Listeners<[ids: readonly string[]]>();
  private readonly noticed = new Listeners<[changes: readonly Noticed[]]>();
  private gathering: { readonly ids: Set<string>; readonly noticed: Map<string, Noticed> } | null = null;

  onChange(listener: (ids: readonly string[]) => void): () => void {
    return this.changed.add(listener);
  }

  /** `listener` is called after those of `onChange`. */
  onNoticed(listener: (changes: readonly Noticed[]) => void): () => void {
    return this.noticed.add(listener);
  }

  tell(ids: readonly string[]): void {
    this.changed.tell(ids);
  }

  /** @param change - what another program did; without it the change is our own */
  tellOne(id: string, change?: Noticed): void {
    if (this.gathering === null) {
      this.tell([id]);
      if (change !== undefined) this.noticed.tell([change]);
      return;
    }
    this.gathering.ids.add(id);
    if (change === undefined) return;
    const first = this.gathering.noticed.get(id)?.before;
    this.gathering.noticed.set(id, first === undefined ? change : { ...change, before: first });
  }

  /** Collects the changes that `act` makes, and tells them together at its end. */
  together(act: () => void): void {
    if (this.gathering !== null) {
      act();
      return;
    }
    const gathering = (this.gathering = { ids: new Set<string>(), noticed: new Map<string, Noticed>() });
    try {
      act();
    } finally {
      this.gathering = null;
    }
    if (gathering.ids.size > 0) this.tell([...gathering.ids]);
    if (gathering.noticed.size > 0) this.noticed.tell([...gathering.noticed.values()]);
  }
}

const isSeen = ({ account, unreadable }: View): boolean => account !== null || unreadable !== null;

/** What is seen of an account that does not exist. */
export const unseen: View = { account: null, unreadable: null };

/** Describes what another program did to an account. @param after - null: the account is gone */
export const noticed = (
  { id, file }: Pick<StoredAccount, 'id' | 'file'>,
  before: View,
  after: View | null,
): Noticed => ({
  id,
  file,
  before: isSeen(before) ? before : null,
  after,
});
