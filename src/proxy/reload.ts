import { AccountsUnlistable, type AccountStore, type StoredAccount } from '../store/accounts.js';
import type { Logger } from '../store/log.js';
import type { Pool } from './pool.js';
import type { Skips } from './skips.js';

/** Who wants the reload: the operator means what the folder says; anything else may be looking at a folder half gone. */
export type ReloadCause = 'asked' | 'noticed';

interface Picture {
  readonly stored: StoredAccount;
  readonly account: string;
  readonly serves: boolean;
}

/**
 * Reads the account files anew and swaps the pool, in one step: cool-downs, requests in flight and statistics of what did
 * not change stay. Says in the log what changed.
 */
export class Reloader {
  /** Why the pool is older than the folder; null: it is not. */
  held: string | null = null;

  constructor(
    private readonly store: AccountStore,
    private readonly pool: Pool,
    private readonly skips: Skips,
    private readonly logger: Logger,
  ) {}

  /** @returns what changed, in one line; where nothing could be read, why the old pool stays */
  async reload(cause: ReloadCause): Promise<string> {
    const before = this.picture();
    try {
      if (cause === 'noticed') await this.refuseMassVanishing(before.size);
      await this.store.reload();
      this.held = null;
    } catch (error) {
      if (!(error instanceof AccountsUnlistable)) throw error;
      this.held = error.message;
      this.logger.error(error.message);
      return error.message;
    }
    const text = changesBetween(before, this.picture());
    this.logger.info(`Pool reloaded: ${text}`);
    if (cause === 'asked') this.skips.tellAll();
    return text;
  }

  private async refuseMassVanishing(known: number): Promise<void> {
    const found = await this.store.count();
    if (known - found <= known / 2) return;
    throw new AccountsUnlistable(
      `${known - found} of ${known} account files vanished at once: the pool stays as it was; put them back, or press R to take it as it is`,
    );
  }

  private picture(): ReadonlyMap<string, Picture> {
    return new Map(
      this.store.list().map((stored) => [
        stored.id,
        {
          stored,
          account: JSON.stringify([stored.account, stored.unreadable]),
          serves: this.pool.get(stored.id)?.standing.serves === true,
        },
      ]),
    );
  }
}

/** `+1 re-enabled, 7 unchanged, 1 unreadable (x.json)` */
function changesBetween(before: ReadonlyMap<string, Picture>, after: ReadonlyMap<string, Picture>): string {
  const counts = { added: 0, 're-enabled': 0, removed: 0, 'now out': 0, changed: 0, unchanged: 0 };
  const unreadable: string[] = [];
  for (const [id, now] of after) {
    const then = before.get(id);
    if (now.stored.unreadable !== null) unreadable.push(now.stored.file);
    else if (then === undefined) counts.added++;
    else if (!then.serves && now.serves) counts['re-enabled']++;
    else if (then.serves && !now.serves) counts['now out']++;
    else if (then.account !== now.account) counts.changed++;
    else counts.unchanged++;
  }
  for (const id of before.keys()) if (!after.has(id)) counts.removed++;
  const signs: Record<string, string> = { added: '+', 're-enabled': '+', removed: '-', 'now out': '-' };
  const parts = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${signs[what] ?? ''}${count} ${what}`);
  if (unreadable.length > 0) parts.push(`${unreadable.length} unreadable (${shortList(unreadable)})`);
  return parts.length === 0 ? 'no accounts' : parts.join(', ');
}

const shortList = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
