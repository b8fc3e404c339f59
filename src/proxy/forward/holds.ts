import { mayWait, WaitingLine } from '../hold/waiting-line.js';
import type { Pool } from '../pool/pool.js';
import { Listeners } from '../../store/ground/listeners.js';
import type { Clock } from '../../store/ground/clock.js';
import { byItself } from '../../store/ground/faults.js';

/** A request that an account could serve which is not ready yet. */
export interface Held {
  /** Whether an account can serve it now. */
  readonly canGoOn: () => boolean;
  /** Whether it was told that a quota is used up: then it waits behind the others. */
  readonly isBehind: boolean;
  /** When the first account that could serve it will be ready, ms from now. */
  readonly readyInMs: number;
  /** How long it has waited before, ms. */
  readonly waitedMs: number;
}

interface Waiter extends Held {
  readonly end: (isReady: boolean) => void;
}

/** Holds requests until an account can serve them. */
export class Holds {
  private readonly line = new WaitingLine<Waiter>();
  private readonly ended = new Listeners<[seconds: number]>();

  constructor(
    private readonly pool: Pick<Pool, 'onChange' | 'advance' | 'waitMs'>,
    private readonly clock: Clock,
  ) {
    pool.onChange(() => this.look());
  }

  /** How many requests wait now. */
  get size(): number {
    return this.line.size;
  }

  /** Calls `listener` for each request that has waited, with how long, in seconds. */
  onHeld(listener: (seconds: number) => void): void {
    this.ended.add(listener);
  }

  /**
   * Lets a request wait for its turn.
   *
   * @param left - resolves when its client has left
   * @returns whether an account can serve it now; null: it is not worth waiting, or the line is full
   */
  wait(held: Held, left: Promise<void>): Promise<boolean> | null {
    const { waitMs } = this.pool;
    if (!mayWait({ ...held, waitMs, isLineFull: this.line.isFull })) return null;
    return this.inLine(held, waitMs - held.waitedMs, left);
  }

  private async inLine(held: Held, mostMs: number, left: Promise<void>): Promise<boolean> {
    const { clock, line } = this;
    const began = clock.monotonic();
    let done = (): void => undefined;
    try {
      return await new Promise<boolean>((end) => {
        const place = line.join({ ...held, end }, held.isBehind);
        const giveUp = (): void => {
          // what becomes ready just now is not late
          this.lookAnew();
          end(false);
        };
        const cancels = [clock.after(mostMs, giveUp), clock.after(held.readyInMs, () => this.lookAnew())];
        done = () => {
          for (const cancel of cancels) cancel();
          if (place !== null) line.leave(place);
        };
        byItself(
          'a wait',
          left.then(() => end(false)),
        );
      });
    } finally {
      done();
      this.ended.tell((clock.monotonic() - began) / 1000);
    }
  }

  /** Looks at the line again when a rest ends: nothing else reports that. */
  private lookAnew(): void {
    this.pool.advance();
    this.look();
  }

  private look(): void {
    if (this.line.size === 0) return;
    for (const { item } of this.line) if (item.canGoOn()) item.end(true);
  }
}
