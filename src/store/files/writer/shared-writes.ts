import { reasonOf, RegrantError, type Saying } from '../../ground/errors.js';
import { reason, saying } from '../../words/saying.js';
import { overwriteShared } from '../../disk/in-place.js';
import type { Keeper } from './keeper.js';
import { replaceShared, type Replaced } from '../../disk/durable.js';
import type { JsonObject } from '../../ground/json.js';
import { PushedAsideFiles } from './pushed-aside.js';
import { OwnWrites, type OwnWrite } from './own-writes.js';
import { merge, type Patch } from '../../accounts/patches.js';
import { applied } from '../../accounts/pending.js';
import type { PlannedWrite } from './planned-write.js';

/** A write that succeeded, and what it was based on. */
export interface SharedWrite {
  readonly replaced: Replaced;
  /** What the file said before, which the write was made from. */
  readonly said: string;
  readonly patches: readonly Patch[];
}

/** The file can neither be replaced nor overwritten in place, since no copy of it could be kept. */
class NoCopy extends RegrantError {
  readonly code = 'NO_COPY';

  constructor(why: Saying, fault: Saying) {
    super(saying('{why}, and no copy of it can be kept in trash/: {fault}', { why, fault }));
  }
}

/**
 * Our writes into one file that other programs write too. Tells which of our patches another program's stale save
 * undid, and what another program wrote into the old file after a write of ours had replaced it.
 */
export class SharedWrites {
  /** Whether the file was overwritten in place before. */
  private isInPlace = false;
  private readonly own = new OwnWrites();
  private readonly pushedAside: PushedAsideFiles;

  /** @param id - the account whose file it is */
  constructor(
    private readonly id: string,
    private readonly keeper: Pick<Keeper, 'clock' | 'disk' | 'keepCopy' | 'wroteInPlace'>,
  ) {
    this.pushedAside = new PushedAsideFiles(id, keeper.clock);
  }

  /** The patches that a save undid, in the order to apply them again. See `OwnWrites`. */
  undoneBy(found: JsonObject, known: JsonObject): readonly Patch[] {
    return this.own.undoneBy(found, known, this.keeper.clock.monotonic());
  }

  /** Remembers writes that are in a file that was made again. */
  stand(own: readonly OwnWrite[]): void {
    this.own.add(own);
    this.own.landed(own);
  }

  /** Replaces the file by `plan`, if it says `said`; null: it says something else by now. */
  async replace(
    file: string,
    said: string,
    patches: readonly Patch[],
    plan: PlannedWrite,
  ): Promise<SharedWrite | null> {
    const { own, text } = plan;
    // before the write: another program may undo it before we hear that it succeeded
    this.own.add(own);
    const otherwise = (target: string, error: unknown): Promise<Replaced | null> =>
      this.inPlace(target, text, said, error);
    const replaced = await replaceShared(file, text, said, this.keeper.disk, otherwise).catch((error: unknown) => {
      this.own.forget(own);
      throw error;
    });
    if (replaced === null) this.own.forget(own);
    else this.own.landed(own);
    return replaced === null ? null : { replaced, said, patches };
  }

  private async inPlace(target: string, text: string, said: string, error: unknown): Promise<Replaced | null> {
    const { id, keeper } = this;
    const keepCopy = (copy: string): Promise<() => Promise<void>> =>
      keeper.keepCopy(id, copy).catch((fault: unknown) => {
        throw new NoCopy(reason(error), reason(fault));
      });
    const replaced = await overwriteShared(target, text, said, keepCopy, keeper.disk);
    if (replaced !== null && !this.isInPlace) keeper.wroteInPlace(id, reasonOf(error));
    this.isInPlace ||= replaced !== null;
    return replaced;
  }

  /**
   * Watches the old file that this write replaced. What another program wrote there is handed on as the patch that
   * merges it in, with ours applied after it: a verdict about another refresh token than the one it wrote does not
   * apply.
   */
  watch({ replaced, said, patches }: SharedWrite, wroteThere: (merged: Patch) => void): void {
    this.pushedAside.add(replaced.aside, said, (base, changed) => {
      const undone = this.undoneBy(changed, base);
      wroteThere(merge(applied(patches, base), applied([...undone, ...patches], changed)));
    });
  }

  /** Reads all replaced files once more, now, and closes them. */
  finish(): void {
    this.pushedAside.finish();
  }
}
