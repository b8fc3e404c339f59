import type { JsonObject } from '../ground/json.js';
import { lossOf, type Patch } from './patches.js';
import type { NotSaved } from './stored-account.js';

interface Change {
  readonly patch: Patch;
  readonly settle: { done(): void; failed(error: NotSaved): void };
}

/** The patches that bring a new credential: after each, the token on disk before it is of no more use. */
const credentialPatches: ReadonlySet<Patch['name']> = new Set(['upsert', 'rotate', 'restore']);

/** What is kept together with a new credential, wherever that is kept. */
const keptWithCredential: ReadonlySet<Patch['name']> = new Set([
  ...credentialPatches,
  ...(['create', 'enable', 'refreshed', 'setClient'] as const),
]);

const nobodyWaits: Change['settle'] = { done: () => undefined, failed: () => undefined };

/** The one empty list that all accounts share, as there may be many accounts. */
const NONE: readonly Change[] = [];

/** The changes of one account that are not on disk yet, in their order, with the callers that wait for each. */
export class Pending {
  private all = NONE;
  /** The changes that are in the write under way. */
  private batch = NONE;

  get isEmpty(): boolean {
    return this.all.length === 0;
  }

  /** How soon the changes have to be on disk: the time of an account's last use alone can wait. */
  get need(): 'urgent' | 'patient' {
    return this.all.every(({ patch }) => patch.name === 'touch') ? 'patient' : 'urgent';
  }

  /**
   * Whether one of the changes brings a credential that is nowhere else: it is written to disk whatever became of the
   * file.
   */
  get holdCredential(): boolean {
    return this.all.some(({ patch }) => credentialPatches.has(patch.name));
  }

  /** What is lost if none of the changes reaches the disk. */
  get losses(): readonly string[] {
    return [...new Set(this.all.map(({ patch }) => lossOf[patch.name]))];
  }

  /** The same, where the credential among them is kept elsewhere. */
  get lossesBesideCredential(): readonly string[] {
    const others = this.all.filter(({ patch }) => patch.name !== 'touch' && !keptWithCredential.has(patch.name));
    return [...new Set(others.map(({ patch }) => lossOf[patch.name]))];
  }

  /** Whether changes came that are not in the write under way. */
  get hasMore(): boolean {
    return this.all.some((change) => !this.batch.includes(change));
  }

  /** @returns settles with the first write that has the patch in it */
  add(patch: Patch): Promise<void> {
    return new Promise((done, failed) => {
      // a copy: the same patch handed in twice is two changes, each remembered by itself
      this.all = [...this.all, { patch: { ...patch }, settle: { done, failed } }];
    });
  }

  /**
   * Puts these before all changes that wait; no caller waits for these. A patch that is waiting already is not added
   * again.
   */
  putFirst(patches: readonly Patch[]): void {
    if (patches.length === 0) return;
    const others = this.all.filter(({ patch, settle }) => settle !== nobodyWaits || !patches.includes(patch));
    this.all = [...patches.map((patch) => ({ patch, settle: nobodyWaits })), ...others];
  }

  /** A copy of `json` with all waiting changes applied. */
  onTopOf(json: JsonObject): JsonObject {
    return applied(
      this.all.map(({ patch }) => patch),
      json,
    );
  }

  /** A write begins, with all changes that wait now. */
  begin(): readonly Patch[] {
    this.batch = this.all;
    return this.batch.map(({ patch }) => patch);
  }

  /** The write under way succeeded: its changes are on disk. */
  landed(): void {
    const { batch } = this;
    this.all = this.all.filter((change) => !batch.includes(change));
    for (const { settle } of batch) settle.done();
  }

  /** The write under way failed; its changes go on waiting. */
  failed(error: NotSaved): void {
    for (const { settle } of this.batch) settle.failed(error);
  }

  /** No write follows: the promises of all callers that wait are settled. */
  letGo(): void {
    this.begin();
    this.landed();
  }
}

/** A copy of `json` with these patches applied. */
export function applied(patches: readonly Patch[], json: JsonObject): JsonObject {
  const copy = structuredClone(json);
  for (const patch of patches) patch.apply(copy);
  return copy;
}
