import type { Clock } from '../ground/clock.js';
import type { KeptAccount } from './writer/kept-account.js';

/** Files that vanish within this time vanish together. */
const WINDOW_MS = 2_000;

/**
 * Tells a removed account from a folder that is going away (unmounted, moved, being rewritten): if more than half of
 * the files vanish within two seconds, all of those accounts are kept until somebody says that it is meant.
 */
export class Vanishing {
  /** Why accounts without a file are kept; null: none is. */
  held: string | null = null;
  /** Every account that is held, and some that are not any more. */
  private readonly everHeld = new Set<KeptAccount>();
  private lately: { readonly account: KeptAccount; readonly at: number }[] = [];

  constructor(private readonly clock: Clock) {}

  /**
   * @param gone - accounts whose files are gone as of now
   * @param known - how many accounts there are, these included
   * @returns the accounts to keep, including those that vanished shortly before
   */
  judge(gone: readonly KeptAccount[], known: number): readonly KeptAccount[] {
    if (gone.length === 0) return [];
    const now = this.clock.monotonic();
    this.lately = this.lately.filter(({ at }) => now - at < WINDOW_MS);
    const before = this.lately.map(({ account }) => account);
    const all = known + before.length;
    const vanished = before.length + gone.length;
    if (this.held === null && vanished <= all / 2) {
      this.lately.push(...gone.map((account) => ({ account, at: now })));
      return [];
    }
    this.lately = [];
    this.held ??= `${vanished} of ${all} account files vanished at once: the pool stays as it was; put them back, or press R to take it as it is`;
    return [...before, ...gone];
  }

  /**
   * The folder itself was gone, and was made again for a new credential: the other accounts that were in it are kept.
   */
  madeAnew(): void {
    this.held ??=
      'the folder of the accounts was gone, and is made again for a new credential: the pool stays as it was; put the other files back, or press R to take it as it is';
  }

  /** Keeps an account although its file is gone. */
  hold(account: KeptAccount): void {
    account.hold();
    this.everHeld.add(account);
  }

  /** Those of `known` that are held; not all are looked at, since it is asked for at each look at the folder. */
  heldOf(known: { get(id: string): KeptAccount | undefined }): readonly KeptAccount[] {
    for (const account of this.everHeld) {
      if (!account.held || known.get(account.id) !== account) this.everHeld.delete(account);
    }
    return [...this.everHeld];
  }

  /** Some files may be back. @param stillMissing - whether an account is still kept without its file */
  backAgain(stillMissing: boolean): void {
    if (!stillMissing) this.held = null;
  }

  /** The operator accepts the folder as it is. */
  settle(): void {
    this.held = null;
    this.lately = [];
  }
}
