import type { AccountStore } from '../../store/accounts/account-store.js';
import { Listeners } from '../../store/ground/listeners.js';

/**
 * The stages in which a change is told, in this order: listeners of a stage may rely on those of earlier stages having
 * dealt with the change.
 *
 * - `grants`: what is known of grants beyond the files
 * - `pool`: which accounts may serve, by the files and by what `grants` knows
 * - `schedule`: when to refresh which account, by how long the pool says that an access token lives
 * - `log`: what the log says about the change
 */
const listenerStages = ['grants', 'pool', 'schedule', 'log'] as const;

export type ListenerStage = (typeof listenerStages)[number];

type Listener = (ids: readonly string[]) => void;

/**
 * One feed of everything that changes an account's standing: its file, what its token endpoint said of it, its OAuth
 * client.
 */
export class AccountChanges {
  private readonly listeners: Readonly<Record<ListenerStage, Listeners<[ids: readonly string[]]>>> = {
    grants: new Listeners(),
    pool: new Listeners(),
    schedule: new Listeners(),
    log: new Listeners(),
  };
  /** The accounts that changed since `together` began; null: it is not under way. */
  private gathered: Set<string> | null = null;

  constructor(store: Pick<AccountStore, 'onChange'>) {
    store.onChange((ids) => this.tell(ids));
  }

  on(stage: ListenerStage, listener: Listener): () => void {
    return this.listeners[stage].add(listener);
  }

  tell(ids: readonly string[]): void {
    if (this.gathered === null) for (const stage of listenerStages) this.listeners[stage].tell(ids);
    else for (const id of ids) this.gathered.add(id);
  }

  /** Collects the changes that happen while `act` runs, and tells them once, at its end. */
  together<T>(act: () => T): T {
    if (this.gathered !== null) return act();
    const gathered = (this.gathered = new Set<string>());
    try {
      return act();
    } finally {
      this.gathered = null;
      if (gathered.size > 0) this.tell([...gathered]);
    }
  }
}
