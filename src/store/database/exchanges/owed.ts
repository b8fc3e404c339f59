import type { Clock } from '../../ground/clock.js';
import { byItself } from '../../ground/faults.js';
import { whyNotWritten } from '../accounts/why-not-written.js';

const RETRY_MS = 1_000;

/** What the database is still to be told, in the order in which it came up; tried again until it has all of it. */
export class Owed {
  private readonly all: (() => Promise<void>)[] = [];
  private underWay: Promise<void> | null = null;
  private cancel = (): void => undefined;

  constructor(private readonly clock: Clock) {}

  add(tell: () => Promise<void>): void {
    this.all.push(tell);
    this.later();
  }

  /** Tells it now if it can be told. */
  async now(tell: () => Promise<void>): Promise<void> {
    try {
      await tell();
    } catch (error) {
      whyNotWritten(error);
      this.add(tell);
    }
  }

  /** Tells as much of it as can be told now. */
  async tell(): Promise<void> {
    this.underWay ??= this.tellAll().finally(() => (this.underWay = null));
    await this.underWay;
  }

  stop(): void {
    this.cancel();
    this.all.length = 0;
  }

  private later(): void {
    this.cancel();
    this.cancel = this.clock.after(RETRY_MS, () => byItself('telling the database what it missed', this.tell()));
  }

  private async tellAll(): Promise<void> {
    for (const tell of [...this.all]) {
      try {
        await tell();
        this.all.splice(this.all.indexOf(tell), 1);
      } catch (error) {
        whyNotWritten(error);
        this.later();
      }
    }
  }
}
