import type { KeptAccount } from './writer/kept-account.js';
import type { View } from '../accounts/stored-account.js';

/** What another program did to an account file, as far as it can be seen. null: not there. */
export interface Noticed {
  readonly id: string;
  readonly file: string;
  readonly before: View | null;
  readonly after: View | null;
}

/** Tells those who listen what changed in the account files; what a look at several of them found is told as one. */
export class News {
  private readonly listeners = new Set<(ids: readonly string[]) => void>();
  private readonly noticers = new Set<(changes: readonly Noticed[]) => void>();
  private gathering: { readonly ids: Set<string>; readonly noticed: Map<string, Noticed> } | null = null;

  onChange(listener: (ids: readonly string[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** `listener` is called after those of `onChange`. */
  onNoticed(listener: (changes: readonly Noticed[]) => void): () => void {
    this.noticers.add(listener);
    return () => this.noticers.delete(listener);
  }

  tell(ids: readonly string[]): void {
    for (const listener of this.listeners) listener(ids);
  }

  /** @param change - what another program did; without it the change is our own */
  tellOne(id: string, change?: Noticed): void {
    if (this.gathering === null) {
      this.tell([id]);
      if (change !== undefined) for (const listener of this.noticers) listener([change]);
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
    if (gathering.noticed.size > 0) for (const listener of this.noticers) listener([...gathering.noticed.values()]);
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
