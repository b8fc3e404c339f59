import type { JsonObject } from '../../ground/json.js';
import { lossOf, type Patch } from '../../accounts/patches.js';
import type { NotSaved } from '../../accounts/stored-account.js';

interface Change {
  readonly patch: Patch;
  readonly settle: { done(): void; failed(error: NotSaved): void };
}

/** After each of these the token on disk before is of no more use. */
const credentialPatches: ReadonlySet<Patch['name']> = new Set(['upsert', 'rotate', 'restore']);

const nobodyWaits: Change['settle'] = { done: () => undefined, failed: () => undefined };

/** One for all, as there may be many accounts. */
const NONE: readonly Change[] = [];

/** The changes of one account that are not on disk yet, in their order, with whoever waits for each. */
export class Pending {
  private all = NONE;
  /** What the write under way holds. */
  private batch = NONE;

  get isEmpty(): boolean {
    return this.all.length === 0;
  }

  /** How soon they have to be on disk: when an account was used last has time. */
  get need(): 'urgent' | 'patient' {
    return this.all.every(({ patch }) => patch.name === 'touch') ? 'patient' : 'urgent';
  }

  /** One of them brings a credential that is nowhere else: it goes to disk whatever became of the file. */
  get holdCredential(): boolean {
    return this.all.some(({ patch }) => credentialPatches.has(patch.name));
  }

  /** What is lost if none of them reaches the disk. */
  get losses(): readonly string[] {
    return [...new Set(this.all.map(({ patch }) => lossOf[patch.name]))];
  }

  /** Something came that the write under way does not hold. */
  get hasMore(): boolean {
    return this.all.some((change) => !this.batch.includes(change));
  }

  /** @returns settles with the first write that holds it */
  add(patch: Patch): Promise<void> {
    return new Promise((done, failed) => {
      // a patch that is handed in twice is two changes, and each is remembered by itself
      this.all = [...this.all, { patch: { ...patch }, settle: { done, failed } }];
    });
  }

  /** Puts these before all that waits; nobody waits for them. One that was put so before is not put twice. */
  putFirst(patches: readonly Patch[]): void {
    if (patches.length === 0) return;
    const others = this.all.filter(({ patch, settle }) => settle !== nobodyWaits || !patches.includes(patch));
    this.all = [...patches.map((patch) => ({ patch, settle: nobodyWaits })), ...others];
  }

  /** A copy of `json` with all of them on top. */
  onTopOf(json: JsonObject): JsonObject {
    return applied(
      this.all.map(({ patch }) => patch),
      json,
    );
  }

  /** The write under way holds all of them from here on. */
  begin(): readonly Patch[] {
    this.batch = this.all;
    return this.batch.map(({ patch }) => patch);
  }

  /** What the write under way holds is on disk. */
  landed(): void {
    const { batch } = this;
    this.all = this.all.filter((change) => !batch.includes(change));
    for (const { settle } of batch) settle.done();
  }

  /** The write under way came to nothing; what it holds goes on waiting. */
  failed(error: NotSaved): void {
    for (const { settle } of this.batch) settle.failed(error);
  }

  /** No write follows: whoever waits for one is let go. */
  letGo(): void {
    this.begin();
    this.landed();
  }
}

/** A copy of `json` with these on top. */
export function applied(patches: readonly Patch[], json: JsonObject): JsonObject {
  const copy = structuredClone(json);
  for (const patch of patches) patch.apply(copy);
  return copy;
}
