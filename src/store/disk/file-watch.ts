import { statSync } from 'node:fs';
import type { Clock } from '../ground/clock.js';

/** How often a file is looked at, because network file systems send no events. */
const LOOK_EVERY_MS = 400;

/** Tells when a file was written, created or removed, within half a second on any file system. */
export class FileWatch {
  private stamp: string;
  private cancel: () => void = () => undefined;

  constructor(
    private readonly file: string,
    private readonly clock: Clock,
    private readonly changed: () => void,
  ) {
    this.stamp = stampOf(file);
  }

  start(): void {
    this.cancel = this.clock.after(LOOK_EVERY_MS, () => {
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.cancel();
  }

  private look(): void {
    const stamp = stampOf(this.file);
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    this.changed();
  }
}

function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? '' : `${found.mtimeNs} ${found.ctimeNs} ${found.size} ${found.ino}`;
}
