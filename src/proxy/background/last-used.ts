import type { AccountStore } from '../../store/accounts/account-store.js';
import type { Clock } from '../../store/ground/clock.js';
import { touch } from '../../store/accounts/patches.js';
import type { Pool } from '../pool/pool.js';
import { byItself } from '../../store/ground/faults.js';

const TOUCH_EVERY_MS = 300_000;

/** Writes `last_used` into the account files now and then, never on a request's path. */
export class LastUsed {
  private cancel: () => void = () => undefined;

  constructor(
    private readonly pool: Pool,
    private readonly accounts: AccountStore,
    private readonly clock: Clock,
  ) {}

  start(): void {
    this.cancel = this.clock.after(TOUCH_EVERY_MS, () => {
      byItself(
        'the writing of last_used',
        this.save().finally(() => this.start()),
      );
    });
  }

  stop(): void {
    this.cancel();
  }

  /**
   * Writes the times that are newer than those in the files; nothing into the file of a disabled account. Never
   * rejects.
   */
  async save(): Promise<void> {
    await Promise.allSettled(
      this.pool.list().flatMap(({ id, lastUsed }) => {
        const account = this.accounts.get(id)?.account ?? null;
        if (lastUsed === null || account?.disabled !== null) return [];
        const seconds = Math.floor(lastUsed / 1000);
        return seconds > (account.lastUsed ?? 0) ? [this.accounts.patch(id, touch(seconds))] : [];
      }),
    );
  }
}
