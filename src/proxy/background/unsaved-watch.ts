import type { AccountStore } from '../../store/accounts/account-store.js';
import type { Clock } from '../../store/ground/clock.js';
import type { Logger } from '../../store/records/log.js';
import type { Journal } from '../grants/journal.js';
import type { Pool } from '../pool/pool.js';
import { COUNT_EVERY_MS, UnsavedTold } from './unsaved.js';

export interface UnsavedWatchParts {
  readonly store: Pick<AccountStore, 'list' | 'get' | 'onChange' | 'onWrittenInPlace'>;
  readonly pool: Pick<Pool, 'unsaved'>;
  readonly journal: Pick<Journal, 'event' | 'warn'>;
  readonly logger: Pick<Logger, 'error' | 'info'>;
  readonly clock: Clock;
}

/**
 * Logs which changes are in memory only: at once, once a minute while there are any, and when there are none any more.
 */
export class UnsavedWatch {
  private readonly told = new UnsavedTold();
  private readonly stopListening: readonly (() => void)[];
  private cancelCount: (() => void) | null = null;
  private cancelLook: (() => void) | null = null;

  constructor(private readonly parts: UnsavedWatchParts) {
    const { store } = parts;
    this.stopListening = [
      store.onChange(() => this.lookSoon()),
      store.onWrittenInPlace((id, reason) => this.tellInPlace(id, reason)),
    ];
  }

  stop(): void {
    for (const stop of this.stopListening) stop();
    this.cancelCount?.();
    this.cancelLook?.();
  }

  /** In an event loop turn of its own: other listeners of the same change may not have counted it yet. */
  private lookSoon(): void {
    if (this.parts.pool.unsaved === 0 && this.cancelCount === null) return;
    this.cancelLook ??= this.parts.clock.after(0, () => {
      this.cancelLook = null;
      this.look();
    });
  }

  private look(): void {
    const { store, clock, logger } = this.parts;
    const unsaved = store.list().filter((stored) => stored.unsaved.length > 0);
    this.cancelCount?.();
    this.cancelCount = unsaved.length === 0 ? null : clock.after(COUNT_EVERY_MS, () => this.look());
    const line = this.told.look(unsaved, clock.monotonic());
    if (line !== null) logger[line.level](line.text);
  }

  private tellInPlace(id: string, reason: string): void {
    const { store, journal } = this.parts;
    const account = store.get(id)?.account ?? null;
    if (account === null) return;
    const text = `its file cannot be replaced (${reason}): it is written in its place, after a copy into trash/`;
    journal.warn(account.email, `${id}.json: ${text}`);
    journal.event('warning', account, { text });
  }
}
