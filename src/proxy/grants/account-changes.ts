import type { AccountStore } from '../../store/accounts/account-store.js';
import { Listeners } from '../../store/ground/listeners.js';

/**
 * Who hears of a change, and in which order: each may count on those before it to have taken it in.
 *
 * - `grants`: what is known of grants beyond the files
 * - `pool`: who may serve, by the files and by that
 * - `schedule`: when to refresh whom, by how long the pool says that an access token lives
 * - `log`: what is told of it
 */
const listenerStages = ['grants', 'pool', 'schedule', 'log'] as const;

export type ListenerStage = (typeof listenerStages)[number];

type Listener = (ids: readonly string[]) => void;

/**
 * One feed of all that changes where an account stands: its file, what its token endpoint said of it, its OAuth client.
 */
export class AccountChanges {
  private readonly listeners: Readonly<Record<ListenerStage, Listeners<[ids: readonly string[]]>>> = {
    grants: new Listeners(),
    pool: new Listeners(),
    schedule: new Listeners(),
    log: new Listeners(),
  };
  /** Who changed since `together` began; null: it is not under way. */
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

  /** What changes while `act` runs is told once, when it is over. */
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
