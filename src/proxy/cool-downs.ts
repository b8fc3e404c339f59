import { Deadlines } from './deadlines.js';
import type { CoolDownRecord } from '../store/state.js';

export interface CoolDown {
  /** null: everything of the project. */
  readonly model: string | null;
  /** ms since 1970. */
  readonly untilMs: number;
  readonly reason: string;
}

/** What of a quota project begins or ceases to cool. */
export interface CoolingChange {
  readonly project: string;
  readonly model: string | null;
}

/** Which quota projects are left alone, for which models and until when. Each ends by `release`, never by itself. */
export class CoolDowns {
  private readonly byProject = new Map<string, Map<string | null, CoolDown>>();
  private readonly byModel = new Map<string, Set<string>>();
  private readonly ends = new Deadlines<CoolingChange>();

  /** Those still running of an earlier time. */
  constructor(records: readonly CoolDownRecord[], now: number) {
    for (const { project, model, until, reason } of records) {
      if (until > now) this.add(project, { model, untilMs: until, reason });
    }
  }

  /** @returns whether this changes anything: a longer one of the same kind stays */
  add(project: string, coolDown: CoolDown): boolean {
    const { model, untilMs } = coolDown;
    let ofProject = this.byProject.get(project);
    if (ofProject === undefined) this.byProject.set(project, (ofProject = new Map<string | null, CoolDown>()));
    const before = ofProject.get(model);
    if (before !== undefined && before.untilMs >= untilMs) return false;
    ofProject.set(model, coolDown);
    this.ends.add(untilMs, { project, model });
    if (model !== null) {
      const projects = this.byModel.get(model);
      if (projects === undefined) this.byModel.set(model, new Set([project]));
      else projects.add(project);
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
      const { project, model } = due.item;
      const ofProject = this.byProject.get(project);
      // A later end has been set meanwhile.
      if (ofProject?.get(model)?.untilMs !== due.at) continue;
      ofProject.delete(model);
      if (ofProject.size === 0) this.byProject.delete(project);
      if (model !== null) this.forgetModel(model, project);
      return due.item;
    }
    return null;
  }

  /** Whether a project is left alone altogether. */
  isWhole(project: string): boolean {
    return this.byProject.get(project)?.has(null) === true;
  }

  isModel(project: string, model: string): boolean {
    return this.byProject.get(project)?.has(model) === true;
  }

  /** The projects that cool for a model. */
  projectsOf(model: string): ReadonlySet<string> {
    return this.byModel.get(model) ?? none;
  }

  /** Until when a project cannot serve a model; 0: it can. ms since 1970. */
  until(project: string, model: string): number {
    const ofProject = this.byProject.get(project);
    return Math.max(ofProject?.get(null)?.untilMs ?? 0, ofProject?.get(model)?.untilMs ?? 0);
  }

  /** The one of a project that ends last; null: none. */
  longestOf(project: string): CoolDown | null {
    let longest: CoolDown | null = null;
    for (const coolDown of this.byProject.get(project)?.values() ?? []) {
      if (longest === null || coolDown.untilMs > longest.untilMs) longest = coolDown;
    }
    return longest;
  }

  records(): CoolDownRecord[] {
    const records: CoolDownRecord[] = [];
    for (const [project, ofProject] of this.byProject) {
      for (const { model, untilMs, reason } of ofProject.values()) {
        records.push({ project, model, until: untilMs, reason });
      }
    }
    return records;
  }

  private forgetModel(model: string, project: string): void {
    const projects = this.byModel.get(model);
    projects?.delete(project);
    if (projects?.size === 0) this.byModel.delete(model);
  }
}

const none: ReadonlySet<string> = new Set();
