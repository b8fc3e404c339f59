import type { Clock } from '../../ground/clock.js';
import type { Disk } from '../../disk/disk.js';
import { replaceShared, type Replaced } from '../../disk/durable.js';
import type { JsonObject } from '../../ground/json.js';
import { PushedAsideFiles } from './pushed-aside.js';
import { OwnWrites, type OwnWrite } from './own-writes.js';
import { merge, type Patch } from '../../accounts/patches.js';
import { applied } from './pending.js';
import type { PlannedWrite } from './planned-write.js';

/** A write that stands, and what it stood on. */
export interface SharedWrite {
  readonly replaced: Replaced;
  /** What the file had said, and the write was made of. */
  readonly said: string;
  readonly patches: readonly Patch[];
}

/**
 * Our writes into one file that other programs write too: what a stale save of theirs undoes of them is told, and so is
 * what they wrote where nobody reads any more, into the file that a write of ours pushed aside.
 */
export class SharedWrites {
  private readonly own = new OwnWrites();
  private readonly pushedAside: PushedAsideFiles;

  /** @param id - the account whose file it is */
  constructor(
    id: string,
    private readonly clock: Clock,
    private readonly disk: Disk,
  ) {
    this.pushedAside = new PushedAsideFiles(id, clock);
  }

  /** The patches that a save undid, in the order to apply them again. See `OwnWrites`. */
  undoneBy(found: JsonObject, known: JsonObject): readonly Patch[] {
    return this.own.undoneBy(found, known, this.clock.monotonic());
  }

  /** These stand in a file that was made again. */
  stand(own: readonly OwnWrite[]): void {
    this.own.add(own);
    this.own.landed(own);
  }

  /** Puts `plan` into the file's place, if that says `said`; null: it says something else by now. */
  async replace(
    file: string,
    said: string,
    patches: readonly Patch[],
    plan: PlannedWrite,
  ): Promise<SharedWrite | null> {
    const { own, text } = plan;
    // another program may undo it before we hear that it stands
    this.own.add(own);
    const replaced = await replaceShared(file, text, said, this.disk).catch((error: unknown) => {
      this.own.forget(own);
      throw error;
    });
    if (replaced === null) this.own.forget(own);
    else this.own.landed(own);
    return replaced === null ? null : { replaced, said, patches };
  }

  /**
   * Watches what this write pushed aside. What other programs wrote there is told as the patch that merges it in, with
   * ours on top of it as if it had come before: a verdict about another refresh token than theirs is none.
   */
  watch({ replaced, said, patches }: SharedWrite, wroteThere: (merged: Patch) => void): void {
    this.pushedAside.add(replaced.aside, said, (base, changed) => {
      const undone = this.undoneBy(changed, base);
      wroteThere(merge(applied(patches, base), applied([...undone, ...patches], changed)));
    });
  }

  /** Reads once more all that was pushed aside, now, and lets go of it. */
  finish(): void {
    this.pushedAside.finish();
  }
}
