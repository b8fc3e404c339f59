import { type RestCause, restCauses } from '../answers/causes.js';
import type { Group } from '../subject/groups.js';
import type { Subject } from '../subject/subject.js';

/**
 * Who rests, and what of it. Empty words mean every one, but for one case: where a request named no model, its group rests
 * for requests that name none, and nobody else.
 */
export interface RestKey {
  /** The id of an account, or a quota project. */
  readonly who: string;
  /** Empty: every model. */
  readonly model: string;
  /** Empty: every group. */
  readonly group: Group | '';
}

/** One that is left alone, until when and why. */
export interface Rest extends RestKey {
  /** `model`: an account that has no such model. */
  readonly about: 'account' | 'project' | 'model';
  readonly cause: RestCause;
  /** Google's own words; empty: none. */
  readonly words: string;
  /** How often it has been doubled. */
  readonly step: number;
  /** Monotonic ms. */
  readonly setAt: number;
  readonly seconds: number;
}

/** Monotonic ms. */
export const restEndOf = ({ setAt, seconds }: Pick<Rest, 'setAt' | 'seconds'>): number => setAt + seconds * 1000;

/** How long one rests of whom nothing was said. */
export function unsaidSeconds(cause: RestCause, step: number): number {
  const { firstSeconds, mostSeconds } = restCauses[cause];
  return Math.min(firstSeconds * 2 ** step, mostSeconds);
}

/** Every request of a key. */
export const isWhole = ({ model, group }: Pick<RestKey, 'model' | 'group'>): boolean => model === '' && group === '';

/** Whether a rest keeps a request of this subject away. */
export function touches({ model, group }: Pick<RestKey, 'model' | 'group'>, subject: Subject): boolean {
  if (model === '') return group === '' || (group === subject.group && subject.model === '');
  return model === subject.model && (group === '' || group === subject.group);
}

/** What of somebody a rest of a subject keeps apart. */
export const partKey = (model: string, group: string): string => `${model}\n${group}`;
