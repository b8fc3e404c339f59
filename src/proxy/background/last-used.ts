import { setImmediate as breath } from 'node:timers/promises';
import type { AccountStore } from '../../store/accounts/account-store.js';
import { touch } from '../../store/accounts/patches.js';
import type { Clock } from '../../store/ground/clock.js';
import { byItself } from '../../store/ground/faults.js';
import type { StateStore } from '../../store/state/state-store.js';
import type { Member } from '../pool/member.js';
import type { Pool } from '../pool/pool.js';

const TOUCH_EVERY_MS = 300_000;
/** What an earlier run left is written into the files when the start is over. */
const AFTER_START_MS = 30_000;
/** So many accounts are looked at at once, and so many files written; then other work gets its turn. */
const ACCOUNTS_A_TURN = 250;
const FILES_A_TURN = 20;

/**
 * Writes `last_used` into the account files now and then, never on a request's path. At a stop the times go into the
 * state, where all of them cost one write, and into the files after the next start.
 */
export class LastUsed {
  private cancel: () => void = () => undefined;
  private isStopped = false;

  constructor(
    private readonly pool: Pool,
    private readonly accounts: AccountStore,
    private readonly state: Pick<StateStore, 'lastUsed' | 'setLastUsed'>,
    private readonly clock: Clock,
  ) {}

  start(): void {
    this.next(AFTER_START_MS);
  }

  /** Stops writing files. */
  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  /** Remembers what is not in the files, for the next start. */
  remember(): void {
    for (const [id, seconds] of this.unwritten(this.pool.list())) this.state.setLastUsed(id, seconds);
  }

  /** Writes the times that are newer than those in the files, by turns. Never rejects. */
  async save(): Promise<void> {
    const members = [...this.pool.list()];
    for (let from = 0; from < members.length && !this.isStopped; from += ACCOUNTS_A_TURN) {
      await this.writeAll(this.unwritten(members.slice(from, from + ACCOUNTS_A_TURN)));
      await breath();
    }
  }

  private async writeAll(unwritten: ReturnType<LastUsed['unwritten']>): Promise<void> {
    for (let at = 0; at < unwritten.length && !this.isStopped; at += FILES_A_TURN) {
      await Promise.allSettled(unwritten.slice(at, at + FILES_A_TURN).map((one) => this.write(...one)));
      await breath();
    }
  }

  private next(ms: number): void {
    if (this.isStopped) return;
    this.cancel = this.clock.after(ms, () => {
      byItself(
        'the writing of last_used',
        this.save().finally(() => this.next(TOUCH_EVERY_MS)),
      );
    });
  }

  private async write(id: string, seconds: number): Promise<void> {
    await this.accounts.patch(id, touch(seconds));
    if (!this.isStopped) this.state.setLastUsed(id, null);
  }

  /** Of each account that is not disabled, when it last served, unix seconds, where its file does not say so. */
  private unwritten(members: readonly Member[]): readonly (readonly [id: string, seconds: number])[] {
    return members.flatMap(({ id, lastUsed }) => {
      const account = this.accounts.get(id)?.account ?? null;
      if (lastUsed === null || account?.disabled !== null) return [];
      const seconds = Math.floor(lastUsed / 1000);
      return seconds > (account.lastUsed ?? 0) ? [[id, seconds] as const] : [];
    });
  }
}
