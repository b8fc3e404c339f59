import { type RestCause, restCauses } from '../answers/causes.js';
import type { Group } from '../subject/groups.js';
import type { Subject } from '../subject/subject.js';

/**
 * Who rests, and for what. An empty model and group mean all of them, with one exception: where a request named no
 * model, its group rests only for requests that name none.
 */
export interface RestKey {
  /** Id of an account, or a quota project. */
  readonly who: string;
  /** Empty: every model. */
  readonly model: string;
  /** Empty: every group. */
  readonly group: Group | '';
}

/** A rest: who is not asked, until when and why. */
export interface Rest extends RestKey {
  /** `model`: the account has no such model. */
  readonly about: 'account' | 'project' | 'model';
  readonly cause: RestCause;
  /** Google's own words; empty: none. */
  readonly words: string;
  /** How often a length that is not said has been doubled. */
  readonly step: number;
  /** Whether the answer said the length: what it said may be just what it would have been anyway. */
  readonly isSaid: boolean;
  /** Monotonic ms. */
  readonly setAt: number;
  readonly seconds: number;
}

/** When a rest ends, monotonic ms. */
export const restEndOf = ({ setAt, seconds }: Pick<Rest, 'setAt' | 'seconds'>): number => setAt + seconds * 1000;

/** How long a rest lasts where the answer did not say. */
export function unsaidSeconds(cause: RestCause, step: number): number {
  const { firstSeconds, mostSeconds } = restCauses[cause];
  return Math.min(firstSeconds * 2 ** step, mostSeconds);
}

/** Whether a rest is for every request. */
export const isWhole = ({ model, group }: Pick<RestKey, 'model' | 'group'>): boolean => model === '' && group === '';

/** Whether a rest keeps a request of this subject away. */
export function touches({ model, group }: Pick<RestKey, 'model' | 'group'>, subject: Subject): boolean {
  if (model === '') return group === '' || (group === subject.group && subject.model === '');
  return model === subject.model && (group === '' || group === subject.group);
}

/** The key of the model and group that a rest is for, within one `who`. */
export const partKey = (model: string, group: string): string => `${model}\n${group}`;
