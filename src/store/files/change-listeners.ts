import type { KeptAccount } from './writer/kept-account.js';
import type { Noticed } from '../accounts/account-store.js';
import type { View } from '../accounts/stored-account.js';
import { Listeners } from '../ground/listeners.js';

/** Tells those who listen what changed in the account files; what a reading of several of them found is told as one. */
export class ChangeListeners {
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

  /** What changes meanwhile is told at the end, as one. */
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

/** What there is to see of an account that was not there. */
export const unseen: View = { account: null, unreadable: null };

/** What became of an account by another program's doing. */
export const noticed = ({ id, file }: KeptAccount, before: View, after: View | null): Noticed => ({
  id,
  file,
  before: isSeen(before) ? before : null,
  after,
});
