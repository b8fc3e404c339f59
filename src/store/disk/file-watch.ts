import { stat } from 'node:fs/promises';
import path from 'node:path';
import { untilNext, type Clock } from '../ground/clock.js';
import { byItself, faultIn } from '../ground/faults.js';

/** How often a file is looked at, because network file systems send no events. */
const LOOK_EVERY_MS = 400;

/** Tells when a file was written, created or removed, within half a second on any file system. */
export class FileWatch {
  /** null: it was not looked at since the beginning. */
  private stamp: string | null = null;
  private readonly first: Promise<string>;
  private cancel: () => void = () => undefined;
  private isStopped = false;

  constructor(
    private readonly file: string,
    private readonly clock: Clock,
    private readonly changed: () => void,
  ) {
    this.first = stampOf(file);
  }

  start(): void {
    this.isStopped = false;
    byItself('the look at a file', this.look());
  }

  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  /** Nothing else waits for it: the file system may take its time. */
  private async look(): Promise<void> {
    const stamp = await stampOf(this.file);
    if (this.isStopped) return;
    const isChanged = stamp !== (this.stamp ?? (await this.first));
    this.stamp = stamp;
    if (isChanged) this.tell();
    const next = untilNext(this.clock, LOOK_EVERY_MS);
    this.cancel = this.clock.after(next, () => byItself('the look at a file', this.look()));
  }

  /** What goes wrong there does not end the watch. */
  private tell(): void {
    try {
      this.changed();
    } catch (error) {
      faultIn(`what follows from a change of ${path.basename(this.file)}`, error);
    }
  }
}

async function stampOf(file: string): Promise<string> {
  try {
    const found = await stat(file, { bigint: true });
    return `${found.mtimeNs} ${found.ctimeNs} ${found.size} ${found.ino}`;
  } catch {
    return '';
  }
}
