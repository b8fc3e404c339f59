import type { Clock } from '../store/clock.js';
import type { RunningSupervisor } from '../proxy/start.js';
import type { Feed } from '../proxy/supervisor.js';

/** News go out at most this often; the screen at the other end draws no faster. */
const NEWS_EVERY_MS = 100;
/** Rates and ages change without any news. */
const STILL_EVERY_MS = 1_000;
/** With thousands of accounts a snapshot costs: at most a twentieth of the time goes into making them. */
const SHARE_OF_TIME = 20;
/** Log lines that a new screen starts with. */
const LOG_BACKLOG = 5_000;
const RECORDS_AT_ONCE = 200;

/** Who gets the news: takes them as they are, and says when it has taken none for a while. */
export interface Receiver {
  send(line: string): void;
  /** It has not taken what it got: nothing more is sent until it is `ready`. */
  readonly isBehind: boolean;
}

interface Subscriber {
  readonly receiver: Receiver;
  /** Number of the snapshot that it got last. */
  snapshot: number;
  /** Numbers of the records that it gets next. */
  events: number;
  logs: number;
  /** There is more for it at once. */
  soon: NodeJS.Immediate | null;
}

/**
 * Tells attached screens what is new: the latest snapshot, and the records of both feeds. Nothing is queued for anybody:
 * one that does not read gets the latest snapshot when it reads again, and those records that are still held.
 */
export class Broadcast {
  private readonly subscribers = new Map<Receiver, Subscriber>();
  private unsubscribe: () => void = () => undefined;
  private cancel: (() => void) | null = null;
  private dueAt = Infinity;
  private text = '';
  private count = 0;
  private earliest = -Infinity;

  constructor(
    private readonly supervisor: RunningSupervisor,
    private readonly clock: Clock,
  ) {}

  isTold(receiver: Receiver): boolean {
    return this.subscribers.has(receiver);
  }

  add(receiver: Receiver): void {
    if (this.subscribers.has(receiver)) return;
    const { events, logs } = this.supervisor;
    if (this.subscribers.size === 0) this.unsubscribe = this.supervisor.onChange(() => this.schedule(0));
    const subscriber: Subscriber = {
      receiver,
      snapshot: -1,
      events: events.first,
      logs: Math.max(logs.first, logs.next - LOG_BACKLOG),
      soon: null,
    };
    this.subscribers.set(receiver, subscriber);
    this.schedule(0);
  }

  remove(receiver: Receiver): void {
    const subscriber = this.subscribers.get(receiver);
    if (subscriber === undefined) return;
    if (subscriber.soon !== null) clearImmediate(subscriber.soon);
    this.subscribers.delete(receiver);
    if (this.subscribers.size > 0) return;
    this.unsubscribe();
    this.cancel?.();
    this.cancel = null;
    this.dueAt = Infinity;
    this.text = '';
  }

  /** The receiver has taken what it got. */
  ready(receiver: Receiver): void {
    const subscriber = this.subscribers.get(receiver);
    if (subscriber !== undefined) this.serve(subscriber);
  }

  /** The next round comes no later than in `ms`, but not before the pause after the last one is over. */
  private schedule(ms: number): void {
    const now = this.clock.monotonic();
    const at = Math.max(now + ms, this.earliest);
    if (at >= this.dueAt) return;
    this.cancel?.();
    this.dueAt = at;
    this.cancel = this.clock.after(at - now, () => this.round());
  }

  private round(): void {
    this.cancel = null;
    this.dueAt = Infinity;
    const started = this.clock.monotonic();
    if ([...this.subscribers.values()].some(({ receiver }) => !receiver.isBehind)) {
      this.count += 1;
      this.text = `{"push":"snapshot","snapshot":${JSON.stringify(this.supervisor.snapshot())}}`;
      for (const subscriber of this.subscribers.values()) this.serve(subscriber);
    }
    const ended = this.clock.monotonic();
    this.earliest = ended + Math.max(NEWS_EVERY_MS, SHARE_OF_TIME * (ended - started));
    this.schedule(STILL_EVERY_MS);
  }

  private serve(subscriber: Subscriber): void {
    const { receiver } = subscriber;
    if (receiver.isBehind || subscriber.soon !== null) return;
    const { events, logs } = this.supervisor;
    if (subscriber.snapshot !== this.count && this.text !== '') {
      subscriber.snapshot = this.count;
      receiver.send(this.text);
    }
    subscriber.events = sendRecords(receiver, 'events', events, subscriber.events, (record) => record);
    subscriber.logs = sendRecords(receiver, 'logs', logs, subscriber.logs, ({ line, source }) => [line, source]);
    if (subscriber.events >= events.next && subscriber.logs >= logs.next) return;
    subscriber.soon = setImmediate(() => {
      subscriber.soon = null;
      this.serve(subscriber);
    });
  }
}

/** Sends some of the records from `from` on; returns the number of the next one. */
function sendRecords<T>(
  receiver: Receiver,
  push: 'events' | 'logs',
  feed: Feed<T>,
  from: number,
  shape: (record: T) => unknown,
): number {
  const first = Math.max(from, feed.first);
  const end = Math.min(feed.next, first + RECORDS_AT_ONCE);
  const records: unknown[] = [];
  for (let seq = first; seq < end; seq++) {
    const record = feed.at(seq);
    if (record !== undefined) records.push(shape(record));
  }
  if (records.length > 0) receiver.send(JSON.stringify({ push, first, records }));
  return end;
}
