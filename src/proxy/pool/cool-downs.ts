import { Deadlines } from '../rests/deadlines.js';
import type { CoolDownRecord } from '../../store/records/state-store.js';

export interface CoolDown {
  /** null: everything of the project. */
  readonly model: string | null;
  /** ms since 1970. */
  readonly untilMs: number;
  readonly reason: string;
}

/** What can be left alone of an account: itself, or the quota project that it may share with others. */
export interface Coolable {
  readonly id: string;
  readonly quotaProject: string;
}

/** What begins or ceases to cool. */
export interface CoolingChange {
  /** A quota project, or the id of an account. */
  readonly key: string;
  readonly model: string | null;
}

/**
 * Which quota projects, and which accounts alone, are left in peace, for which models and until when. Each ends by
 * `release`, never by itself.
 */
export class CoolDowns {
  private readonly byKey = new Map<string, Map<string | null, CoolDown>>();
  private readonly byModel = new Map<string, Set<string>>();
  private readonly ends = new Deadlines<CoolingChange>();

  /** Those still running of an earlier time. */
  constructor(records: readonly CoolDownRecord[], now: number) {
    for (const { project, model, until, reason } of records) {
      if (until > now) this.add(project, { model, untilMs: until, reason });
    }
  }

  /** @returns whether this changes anything: a longer one of the same kind stays */
  add(key: string, coolDown: CoolDown): boolean {
    const { model, untilMs } = coolDown;
    let ofKey = this.byKey.get(key);
    if (ofKey === undefined) this.byKey.set(key, (ofKey = new Map<string | null, CoolDown>()));
    const before = ofKey.get(model);
    if (before !== undefined && before.untilMs >= untilMs) return false;
    ofKey.set(model, coolDown);
    this.ends.add(untilMs, { key, model });
    if (model !== null) {
      const keys = this.byModel.get(model);
      if (keys === undefined) this.byModel.set(model, new Set([key]));
      else keys.add(key);
    }
    return true;
  }

  /** When the next may end, ms since 1970; Infinity: nothing cools. */
  get firstEnd(): number {
    return this.ends.first;
  }

  /** Ends the first that is over at `now`; null: none is. */
  release(now: number): CoolingChange | null {
    for (let due = this.ends.take(now); due !== null; due = this.ends.take(now)) {
      const { key, model } = due.item;
      // A later end has been set meanwhile, or it was ended before its time.
      if (this.byKey.get(key)?.get(model)?.untilMs !== due.at) continue;
      this.end(key, model);
      return due.item;
    }
    return null;
  }

  /** Ends one before its time. @returns whether there was one */
  end(key: string, model: string | null): boolean {
    const ofKey = this.byKey.get(key);
    if (ofKey?.delete(model) !== true) return false;
    if (ofKey.size === 0) this.byKey.delete(key);
    if (model !== null) this.forgetModel(model, key);
    return true;
  }

  /** Whether an account is left alone altogether. */
  isWhole({ id, quotaProject }: Coolable): boolean {
    return this.byKey.get(quotaProject)?.has(null) === true || this.byKey.get(id)?.has(null) === true;
  }

  isModel({ id, quotaProject }: Coolable, model: string): boolean {
    return this.byKey.get(quotaProject)?.has(model) === true || this.byKey.get(id)?.has(model) === true;
  }

  /** Whether anybody cools for a model alone. */
  isCoolFor(model: string): boolean {
    return this.byModel.has(model);
  }

  /** Until when an account cannot serve a model; 0: it can. ms since 1970. */
  until(account: Coolable, model: string): number {
    let until = 0;
    for (const [, coolDown] of this.of(account)) {
      if (coolDown.model === null || coolDown.model === model) until = Math.max(until, coolDown.untilMs);
    }
    return until;
  }

  /** The one of an account that ends last, and what cools by it; null: none. */
  longestOf(account: Coolable): (CoolDown & { readonly key: string }) | null {
    let longest: (CoolDown & { readonly key: string }) | null = null;
    for (const [key, coolDown] of this.of(account)) {
      if (longest === null || coolDown.untilMs > longest.untilMs) longest = { ...coolDown, key };
    }
    return longest;
  }

  /** Whether anything of an account cools. */
  isAny({ id, quotaProject }: Coolable): boolean {
    return this.byKey.has(quotaProject) || this.byKey.has(id);
  }

  records(): CoolDownRecord[] {
    const records: CoolDownRecord[] = [];
    for (const [project, ofKey] of this.byKey) {
      for (const { model, untilMs, reason } of ofKey.values()) {
        records.push({ project, model, until: untilMs, reason });
      }
    }
    return records;
  }

  private *of({ id, quotaProject }: Coolable): Generator<readonly [key: string, coolDown: CoolDown]> {
    for (const key of id === quotaProject ? [id] : [quotaProject, id]) {
      for (const coolDown of this.byKey.get(key)?.values() ?? []) yield [key, coolDown];
    }
  }

  private forgetModel(model: string, key: string): void {
    const keys = this.byModel.get(model);
    keys?.delete(key);
    if (keys?.size === 0) this.byModel.delete(model);
  }
}
