import type { AskedModelRecord } from '../../store/state/state-store.js';
import type { Subject } from '../subject/subject.js';
import { partKey } from './rest.js';

const HOUR_MS = 3_600_000;
/**
 * How many are remembered, since clients can make up any number of models: those asked for longest ago are forgotten.
 */
const MOST = 256;

/** Which models were asked for within the last hour, and for what kind of work: what the pool should be able to serve. */
export class AskedModels {
  /** In the order in which they were asked for last. */
  private readonly byPart = new Map<string, { readonly subject: Subject; readonly at: number }>();
  private changes = 0;
  private latest: Subject | null = null;
  private latestAt = 0;

  /**
   * @param records - of an earlier run
   * @param now - ms since 1970
   */
  constructor(records: readonly AskedModelRecord[], now: number) {
    for (const { model, group, at } of [...records].sort((one, other) => one.at - other.at)) {
      if (at * 1000 <= now) this.put({ model, group }, at * 1000);
    }
  }

  /** A request names a model. @returns whether that is news: no request named it within the second before */
  note(subject: Subject, now: number): boolean {
    if (subject.model === '') return false;
    const { latest } = this;
    if (
      latest !== null &&
      latest.model === subject.model &&
      latest.group === subject.group &&
      now - this.latestAt < 1_000
    )
      return false;
    this.latest = subject;
    this.latestAt = now;
    const isNew = !this.byPart.has(partKey(subject.model, subject.group));
    this.put(subject, now);
    return isNew;
  }

  /** The models of the last hour. */
  within(now: number): readonly Subject[] {
    for (const [part, { at }] of this.byPart) {
      if (now - at < HOUR_MS) break;
      this.byPart.delete(part);
      this.changes += 1;
    }
    return [...this.byPart.values()].map(({ subject }) => subject);
  }

  /** Another number whenever the models of the last hour are not the same any more. */
  version(now: number): number {
    this.within(now);
    return this.changes;
  }

  records(now: number): readonly AskedModelRecord[] {
    this.within(now);
    return [...this.byPart.values()].map(({ subject: { model, group }, at }) => ({
      ...{ model, group, at: Math.floor(at / 1000) },
    }));
  }

  private put(subject: Subject, at: number): void {
    const part = partKey(subject.model, subject.group);
    if (!this.byPart.delete(part)) this.changes += 1;
    this.byPart.set(part, { subject, at });
    if (this.byPart.size > MOST) for (const first of this.byPart.keys()) return void this.byPart.delete(first);
  }
}
