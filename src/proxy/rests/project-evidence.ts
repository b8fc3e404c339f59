import { BoundedMap } from '../../store/ground/bounded-map.js';
import type { Subject } from '../subject/subject.js';
import { partKey } from './rest.js';

const WITHIN_MS = 60_000;
/** How many are remembered, since clients can make up any number of models: those seen longest ago are forgotten. */
const MOST = 1_000;

/**
 * Which accounts of a project were told that a quota is used up, by answers that do not say whose. A second account
 * within a minute shows that the quota is the project's. Times are monotonic ms.
 */
export class ProjectEvidence {
  private readonly last = new BoundedMap<string, { readonly account: string; readonly at: number }>(MOST);

  /**
   * Notes such an answer to an account.
   *
   * @returns whether another account of the project got the same within the minute
   */
  note(account: string, project: string, { model, group }: Subject, now: number): boolean {
    const key = `${project}\n${partKey(model, group)}`;
    const before = this.last.get(key);
    this.last.delete(key);
    this.last.set(key, { account, at: now });
    return before !== undefined && before.account !== account && now - before.at <= WITHIN_MS;
  }
}
