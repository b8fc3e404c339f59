import type { Clock } from '../../store/ground/clock.js';
import { byItself } from '../../store/ground/faults.js';
import { within } from '../../store/ground/within.js';
import type { GrantEvent } from '../../store/records/grant-event.js';
import type { Logger } from '../../store/records/log.js';
import type { NoticeFile, OwedNotice } from '../../store/notices/notice-file.js';
import type { Delivery, NoticeWay } from './delivery.js';
import type { Condition, Notice, PoolStanding } from './notice.js';
import { type DeadAccount, NOBODY_AFTER_MS, Notices } from './notices.js';

export interface NotifierParts {
  readonly delivery: Pick<Delivery, 'ways' | 'nameOf' | 'deliver' | 'stop'>;
  readonly told: NoticeFile;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly dead: readonly DeadAccount[];
  /** Ids of the other accounts, with their e-mails. */
  readonly alive: ReadonlyMap<string, string>;
  readonly standing: () => PoolStanding;
}

/**
 * How long to wait before the pool is looked at: its changes come in bursts, and only what is left after one counts.
 */
const LOOK_AFTER_MS = 1_000;
/** How often to look for conditions that come with time alone (a key that ends). */
const LOOK_EVERY_MS = 300_000;
const MOST_WAITING = 100;
/** When the tries of a delivery have failed, it is tried again as a whole after this time, doubling. */
const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 3_600_000;
/** A notice that could not be delivered for this long is dropped. */
const STALE_MS = 3 * 86_400_000;

/** Sends notices to somebody outside, each once, and again if it was not delivered, over restarts too. */
export class Notifier {
  private readonly notices: Notices;
  private delivering: Promise<void> | null = null;
  private cancelAgain: () => void = () => undefined;
  private cancelLook: (() => void) | null = null;
  private cancelRetry: () => void = () => undefined;
  private cancelRound: () => void = () => undefined;
  private isClosed = false;

  constructor(private readonly parts: NotifierParts) {
    const { told, dead, alive, clock } = parts;
    this.notices = new Notices(told);
    const missed = this.notices.catchUp(dead, alive, told.isNew, clock.now());
    told.keep();
    this.tell(missed);
    this.deliverSoon();
    this.lookRound();
  }

  /** Takes in an event of a grant. */
  happened(event: GrantEvent): void {
    const notice = this.notices.of(event);
    if (notice !== null) this.tell([notice]);
    this.lookSoon();
  }

  /** Takes in a condition that is to be told at once. */
  once(condition: Condition): void {
    const notice = this.notices.once(condition, this.parts.clock.now());
    if (notice !== null) this.tell([notice]);
  }

  /** The set of accounts that can serve may have changed: looks at everything soon. */
  lookSoon(): void {
    if (!this.isWanted || this.isClosed || this.cancelLook !== null) return;
    this.cancelLook = this.parts.clock.after(LOOK_AFTER_MS, () => {
      this.cancelLook = null;
      this.tell(this.notices.look(this.parts.standing()));
      this.cancelAgain();
      if (this.notices.isUndecided) this.cancelAgain = this.parts.clock.after(NOBODY_AFTER_MS, () => this.lookSoon());
    });
  }

  /** Stops, once the last notices are delivered or `ms` have passed; the rest is sent after the next start. */
  async close(ms: number): Promise<void> {
    this.isClosed = true;
    for (const cancel of [this.cancelAgain, this.cancelRetry, this.cancelRound]) cancel();
    this.cancelLook?.();
    if (this.delivering !== null) await within(this.delivering, ms, this.parts.clock, () => this.parts.delivery.stop());
    await this.parts.told.flush();
  }

  private get isWanted(): boolean {
    return this.parts.delivery.ways.length > 0;
  }

  private lookRound(): void {
    this.cancelRound = this.parts.clock.after(LOOK_EVERY_MS, () => this.lookRound());
    this.lookSoon();
  }

  private tell(notices: readonly Notice[]): void {
    const { told, delivery, logger } = this.parts;
    if (!this.isWanted || notices.length === 0) return;
    for (const notice of notices) told.owe({ notice, ways: [...delivery.ways], tries: 0, nextAt: 0 });
    for (const oldest of told.owed.slice(0, Math.max(0, told.owed.length - MOST_WAITING))) {
      told.settle(oldest);
      logger.warn('Notify: more news than can be told; the oldest was left out');
    }
    this.deliverSoon();
  }

  private deliverSoon(): void {
    if (this.delivering !== null || this.isClosed || this.parts.told.owed.length === 0) return;
    this.delivering = this.deliverAll().finally(() => {
      this.delivering = null;
      this.retryLater();
    });
    byItself('the telling of a notice', this.delivering);
  }

  private async deliverAll(): Promise<void> {
    const { told, clock } = this.parts;
    const due = (): OwedNotice | undefined =>
      this.isClosed ? undefined : told.owed.find(({ nextAt }) => nextAt <= clock.now());
    for (let owed = due(); owed !== undefined; owed = due()) await this.deliver(owed);
  }

  private async deliver(owed: OwedNotice): Promise<void> {
    const { told, clock, delivery } = this.parts;
    const ways = owed.ways.filter((way) => delivery.ways.includes(way as NoticeWay)) as NoticeWay[];
    const failed = (await Promise.all(ways.map((way) => this.send(owed.notice as Notice, way)))).filter(
      (way) => way !== null,
    );
    const now = clock.now();
    if (failed.length === 0 || now - owed.notice.at > STALE_MS) told.settle(owed);
    else if (!this.isClosed) {
      const pause = Math.min(FIRST_RETRY_MS * 2 ** Math.min(owed.tries, 30), LONGEST_RETRY_MS);
      told.replace(owed, { ...owed, ways: failed, tries: owed.tries + 1, nextAt: now + pause });
    }
  }

  /** @returns the way, if the notice was not delivered by it */
  private async send(notice: Notice, way: NoticeWay): Promise<NoticeWay | null> {
    const { delivery, logger } = this.parts;
    const name = delivery.nameOf(way);
    const fault = await delivery.deliver(way, notice);
    if (fault === null) logger.info(`Notify: ${name} was told ${notice.event}`);
    else logger.warn(`Notify: ${name} was not told ${notice.event}: ${fault}`);
    return fault === null ? null : way;
  }

  private retryLater(): void {
    const { told, clock } = this.parts;
    this.cancelRetry();
    if (told.owed.length === 0 || this.isClosed) return;
    const next = Math.min(...told.owed.map(({ nextAt }) => nextAt));
    this.cancelRetry = clock.after(Math.max(1_000, next - clock.now()), () => this.deliverSoon());
  }
}
