import { EventEmitter } from 'node:events';
import { watch } from 'node:fs';
import { Tail, type TailOptions } from 'tail';

/** The type of `tail` as it really is: its own types leave out what it inherits. */
const WatchingTail = Tail as unknown as new (file: string, options: TailOptions) => EventEmitter & { unwatch(): void };

/**
 * Tells that a file grew or lost its name, by the watch of the package `tail`: `grown` and `error`. The package's
 * reading is not used: it goes by name, so after a rotation it reads the new file at the old file's offset; it opens
 * whatever has the name, even a pipe that nobody writes into; and it collects a line that never ends.
 */
export class GrowthWatch extends WatchingTail {
  /** @param pollEveryMs - how often to look where the system has no watch to give */
  constructor(file: string, pollEveryMs: number) {
    super(file, { follow: false, useWatchFile: !canBeWatched(file), fsWatchOptions: { interval: pollEveryMs } });
  }

  /** Called by `tail` at an event of the system. */
  change(): void {
    this.emit('grown');
  }

  /** Called by `tail` where it polls. */
  watchFileEvent(): void {
    this.emit('grown');
  }
}

/** Whether the system tells of changes; a machine may have no more watches to give. */
function canBeWatched(file: string): boolean {
  try {
    watch(file).close();
    return true;
  } catch {
    return false;
  }
}
