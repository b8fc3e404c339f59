import { NumberSet } from './number-set.js';

/** Accounts by their priority: those of a higher one are asked first, whenever they can serve. */
export class Tiers {
  /** Priority → the accounts that have it, the highest first. */
  private byPriority = new Map<number, NumberSet>();
  private readonly priorities = new Map<number, number>();

  clear(): void {
    this.byPriority.clear();
    this.priorities.clear();
  }

  put(number: number, priority: number): void {
    if (this.priorities.get(number) === priority) return;
    this.delete(number);
    this.priorities.set(number, priority);
    let tier = this.byPriority.get(priority);
    if (tier === undefined) {
      tier = new NumberSet();
      const tiers = [...this.byPriority, [priority, tier] as const];
      this.byPriority = new Map(tiers.sort(([one], [other]) => other - one));
    }
    tier.add(number);
  }

  delete(number: number): void {
    const priority = this.priorities.get(number);
    if (priority === undefined) return;
    this.priorities.delete(number);
    const tier = this.byPriority.get(priority);
    tier?.delete(number);
    if (tier?.size === 0) this.byPriority.delete(priority);
  }

  /** What is found among those of `ready` with the highest priority, else among those with the next; null: nothing. */
  first<T>(ready: NumberSet, find: (ready: NumberSet) => T | null): T | null {
    // as in most pools: no priorities are set
    if (this.byPriority.size <= 1) return find(ready);
    for (const tier of this.byPriority.values()) {
      const found = find(ready.shared(tier));
      if (found !== null) return found;
    }
    return null;
  }
}
