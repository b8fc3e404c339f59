import type { Clock } from '../ground/clock.js';
import { reasonOf, systemCode } from '../ground/errors.js';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** What a write fails with while a successor has the directory: that one writes it then, and nobody need be told. */
const HANDED_OVER = 'RESTARTING';

export interface PatientWriteParts {
  readonly clock: Clock;
  /** Writes everything that is not on disk yet. */
  readonly write: () => Promise<void>;
  /** Called once when a write fails, with the reason, and once when one succeeds again, with null. */
  readonly tell?: TellTrouble | undefined;
}

export type TellTrouble = (trouble: string | null) => void;

/**
 * Writes one file, one write at a time. A write that fails is tried again after 1 s, doubling to 60 s, until it
 * succeeds.
 */
export class PatientWrite {
  private writing: Promise<void> = Promise.resolve();
  private isTroubled = false;
  /** Whether that was told. */
  private isTold = false;
  private retryMs = FIRST_RETRY_MS;
  private cancelRetry: () => void = () => undefined;

  constructor(private readonly parts: PatientWriteParts) {}

  /** Writes, after a write that is under way. Never rejects. */
  now(): Promise<void> {
    this.cancelRetry();
    return (this.writing = this.writing.then(() => this.write()));
  }

  /** Resolves when nothing is being written; what could not be is tried once more. */
  async settled(): Promise<void> {
    await this.writing;
    if (this.isTroubled) await this.now();
  }

  private async write(): Promise<void> {
    try {
      await this.parts.write();
    } catch (error) {
      if (systemCode(error) !== HANDED_OVER) this.tell(reasonOf(error));
      this.tryAgain();
      return;
    }
    this.retryMs = FIRST_RETRY_MS;
    if (this.isTold) this.parts.tell?.(null);
    this.isTold = false;
    this.isTroubled = false;
  }

  private tell(reason: string): void {
    if (!this.isTold) this.parts.tell?.(reason);
    this.isTold = true;
  }

  private tryAgain(): void {
    this.isTroubled = true;
    this.cancelRetry = this.parts.clock.after(this.retryMs, () => {
      this.writing = this.writing.then(() => this.write());
    });
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }
}
