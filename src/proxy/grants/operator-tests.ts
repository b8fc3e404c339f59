import type { AccountStore } from '../../store/accounts/account-store.js';
import type { Clock } from '../../store/ground/clock.js';
import type { Testing } from '../contract/snapshot.js';
import type { TestResult } from '../contract/operations.js';
import { causes } from '../contract/causes.js';
import { NotAsked, RefreshError } from '../oauth/errors.js';
import type { Refresher, Why } from './refresh.js';
import { byItself } from '../../store/ground/faults.js';

export interface OperatorTestParts {
  readonly store: AccountStore;
  readonly refresher: Refresher;
  readonly clock: Clock;
  /** Called when the progress of the tests has changed. */
  readonly changed: () => void;
}

/** How fast they may be: as an operator's work, or no faster than the schedule. */
type Pace = Extract<Why, 'test' | 'check'>;

interface Asked {
  readonly id: string;
  readonly pace: Pace;
  /** When the test was asked for, monotonic ms. */
  readonly at: number;
  readonly result: Promise<TestResult | null>;
  /** Ends the caller's wait: with the test's result, or with null if the test was never begun. */
  readonly settle: (result: TestResult | null) => void;
  /** How many want the result. */
  askers: number;
  /** Aborted when nobody wants it any more. */
  readonly unwanted: AbortController;
}

/** A test's result, and how it is counted. */
interface Tested {
  readonly result: TestResult;
  readonly ended: 'good' | 'refused' | 'unanswered';
}

const TESTS_AT_ONCE = 3;

/**
 * Refreshes that the operator asks for (tests): three at a time over all callers; an account that waits already is not
 * added twice.
 */
export class OperatorTests {
  /** The progress of the tests that were asked for; null: all are answered. */
  progress: Testing | null = null;
  /** The tests that were asked for and are not answered, in the order of asking. */
  private readonly asked = new Map<string, Asked>();
  private waiting: Asked[] = [];
  private underWay = 0;

  constructor(private readonly parts: OperatorTestParts) {}

  /**
   * Forces one refresh of each account.
   *
   * @param gone - aborted when this caller is gone: tests that were not sent by then, and that no other caller wants,
   * are left out
   * @returns the results in this order, without the tests that were left out
   */
  async run(accountIds: readonly string[], gone?: AbortSignal, pace: Pace = 'test'): Promise<readonly TestResult[]> {
    if (gone?.aborted === true) return [];
    const asked = [...new Set(accountIds)].map((id) => this.wantedOf(id) ?? this.ask(id, pace));
    for (const one of asked) one.askers++;
    const leave = (): void => this.lose(asked);
    gone?.addEventListener('abort', leave);
    for (let free = TESTS_AT_ONCE - this.underWay; free > 0; free--) byItself('a test', this.work());
    this.parts.changed();
    const results = await Promise.all(asked.map(({ result }) => result));
    gone?.removeEventListener('abort', leave);
    return results.filter((result) => result !== null);
  }

  /** Leaves out the tests that have not begun. @returns how many */
  stop(): number {
    const left = this.waiting;
    this.waiting = [];
    this.leaveOut(left);
    return left.length;
  }

  /** One who wanted these is gone. */
  private lose(asked: readonly Asked[]): void {
    for (const one of asked) if (--one.askers === 0) one.unwanted.abort();
    const left = this.waiting.filter(({ unwanted }) => unwanted.signal.aborted);
    this.waiting = this.waiting.filter(({ unwanted }) => !unwanted.signal.aborted);
    this.leaveOut(left);
  }

  private leaveOut(left: readonly Asked[]): void {
    const { progress } = this;
    if (progress !== null) this.progress = { ...progress, of: progress.of - left.length };
    for (const one of left) this.answered(one, null);
    this.parts.changed();
  }

  private wantedOf(id: string): Asked | null {
    const asked = this.asked.get(id);
    return asked?.unwanted.signal.aborted === false ? asked : null;
  }

  private ask(id: string, pace: Pace): Asked {
    let settle: Asked['settle'] = () => undefined;
    const result = new Promise<TestResult | null>((resolve) => (settle = resolve));
    const at = this.parts.clock.monotonic();
    const asked = { id, pace, at, result, settle, askers: 0, unwanted: new AbortController() };
    this.asked.set(id, asked);
    this.waiting.push(asked);
    const none = { done: 0, of: 0, refused: 0, unanswered: 0, since: this.parts.clock.now() };
    const progress = this.progress ?? none;
    this.progress = { ...progress, of: progress.of + 1 };
    return asked;
  }

  private async work(): Promise<void> {
    this.underWay++;
    for (let asked = this.waiting.shift(); asked !== undefined; asked = this.waiting.shift()) {
      const tested = await this.test(asked);
      if (asked.unwanted.signal.aborted) {
        this.leaveOut([asked]);
        continue;
      }
      this.count(tested);
      this.answered(asked, tested.result);
      this.parts.changed();
    }
    this.underWay--;
  }

  private answered(asked: Asked, result: TestResult | null): void {
    asked.settle(result);
    if (this.asked.get(asked.id) === asked) this.asked.delete(asked.id);
    if (this.asked.size === 0) this.progress = null;
  }

  private count({ ended }: Tested): void {
    if (this.progress === null) return;
    const { done, refused, unanswered } = this.progress;
    this.progress = {
      ...this.progress,
      done: done + 1,
      refused: refused + Number(ended === 'refused'),
      unanswered: unanswered + Number(ended === 'unanswered'),
    };
  }

  private async test({ id, pace, at, unwanted }: Asked): Promise<Tested> {
    const { store, refresher } = this.parts;
    const before = store.get(id)?.account ?? null;
    const email = before?.email ?? id;
    try {
      const account = await refresher.refresh(id, pace, at, undefined, unwanted.signal);
      const again = before?.disabled === null ? '' : ', and is enabled again';
      const text = `Google honours its refresh token${again}`;
      return { result: { accountId: id, email: account.email, ok: true, cause: null, text }, ended: 'good' };
    } catch (error) {
      if (!(error instanceof RefreshError)) throw error;
      const text = `${error.message}; ${causes[error.cause].next}`;
      const result = { accountId: id, email, ok: false, cause: error.cause, text };
      return { result, ended: isAnswer(error) ? 'refused' : 'unanswered' };
    }
  }
}

/**
 * Whether a failed test got an answer from Google, which then was a refusal; else Google did not answer or was not
 * asked.
 */
const isAnswer = (error: RefreshError): boolean =>
  !(error instanceof NotAsked) && causes[error.cause].class !== 'temporary';
