import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** Descriptors that are held so that one thing can be done even if the process, or the machine, has none left. */
export class SpareDescriptors {
  private held: number[] = [];

  constructor(private readonly count: number) {
    this.hold();
  }

  /** Frees them, calls `act`, which may use as many until it returns, and holds them again. */
  lend<T>(act: () => T): T {
    this.close();
    try {
      return act();
    } finally {
      this.hold();
    }
  }

  close(): void {
    for (const descriptor of this.held.splice(0)) closeSync(descriptor);
  }

  /** Where there are not so many, the rest is taken the next time. */
  private hold(): void {
    try {
      while (this.held.length < this.count) this.held.push(openSync(devNull, 'r'));
    } catch {
      // what is held is held
    }
  }
}
