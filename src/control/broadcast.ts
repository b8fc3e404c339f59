import { byItself } from '../store/ground/faults.js';
import { soon, type Clock } from '../store/ground/clock.js';
import type { RunningSupervisor } from '../proxy/contract/supervisor.js';
import { changedRows } from '../proxy/contract/changed-rows.js';
import { accountsIn, FIRST_ROWS, type AccountRow, type Snapshot } from '../proxy/contract/snapshot.js';
import type { Feed } from '../proxy/contract/supervisor.js';
import { pagesOf } from './pages.js';
import { PAGE_BYTES } from './protocol.js';

/** News is sent at most this often; the screen at the other end draws no faster. */
const NEWS_EVERY_MS = 100;

/** How often a snapshot is sent without any news, since rates and ages change. */
const STILL_EVERY_MS = 1_000;

/** Making snapshots may take one part in so many of the time: with thousands of accounts they are expensive. */
const SHARE_OF_TIME = 20;

/** How many log lines a new screen begins with. */
const LOG_BACKLOG = 5_000;
const RECORDS_AT_ONCE = 100;

/** A receiver of the news: takes it as it comes, and says when it is behind. */
export interface Receiver {
  send(line: string): void;
  /** Whether it has not taken what it was sent: nothing more is sent until it is `ready`. */
  readonly isBehind: boolean;
}

interface Subscriber {
  readonly receiver: Receiver;
  /** Number of the last snapshot of which it was sent something. */
  snapshot: number;
  /** The rows of that snapshot. */
  rows: readonly AccountRow[];
  /** The pages of these rows that it was not sent yet; null: it has all. */
  pages: Iterator<string[]> | null;
  /** Numbers of the records that it is sent next. */
  events: number;
  logs: number;
  /** Set when more is sent to it at once. */
  soon: NodeJS.Immediate | null;
}

/**
 * Sends attached screens what is new: the latest snapshot, and the records of both feeds. Nothing is queued: a receiver
 * that does not read gets the latest snapshot when it reads again, and the records that are still held then.
 */
export class Broadcast {
  private readonly subscribers = new Map<Receiver, Subscriber>();
  private unsubscribe: () => void = () => undefined;
  private cancel: (() => void) | null = null;
  private dueAt = Infinity;
  private picture: Picture | null = null;
  private count = 0;
  private earliest = -Infinity;
  /** The rows of all accounts are being made: whoever came meanwhile has the first of them. */
  private isPreparing = false;

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
      rows: [],
      pages: null,
      events: events.first,
      logs: Math.max(logs.first, logs.next - LOG_BACKLOG),
      soon: null,
    };
    this.subscribers.set(receiver, subscriber);
    // whoever has just come has nothing to look at: it does not pay for what the last round took
    this.earliest = -Infinity;
    const preparing = this.isPreparing ? null : this.supervisor.prepared();
    if (preparing !== null) byItself('the making of rows', this.prepare(preparing));
    if (this.isPreparing) this.sendFirst(receiver);
    else this.schedule(0);
  }

  /** Makes no whole picture until its rows are made. */
  private async prepare(preparing: Promise<void>): Promise<void> {
    this.isPreparing = true;
    try {
      await preparing;
    } finally {
      this.isPreparing = false;
      if (this.subscribers.size > 0) this.schedule(0);
    }
  }

  /** Sends the first rows of a picture that is not whole yet. */
  private sendFirst(receiver: Receiver): void {
    const snapshot = this.supervisor.snapshot(FIRST_ROWS);
    const [first = []] = pagesOf(snapshot.accounts);
    receiver.send(
      `{"push":"snapshot","total":${accountsIn(snapshot.counts)},"snapshot":${new Picture(snapshot).with(first)}}`,
    );
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
    this.picture = null;
  }

  /** The receiver has taken what it was sent. */
  ready(receiver: Receiver): void {
    const subscriber = this.subscribers.get(receiver);
    if (subscriber !== undefined) this.serve(subscriber);
  }

  /** Sends the next round within `ms`, but not before the pause after the last one is over. */
  private schedule(ms: number): void {
    if (this.isPreparing) return;
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
    try {
      if (![...this.subscribers.values()].some(({ receiver }) => !receiver.isBehind)) return;
      this.count += 1;
      this.picture = new Picture(this.supervisor.snapshot());
      for (const subscriber of this.subscribers.values()) this.serve(subscriber);
    } finally {
      const ended = this.clock.monotonic();
      this.earliest = ended + Math.max(NEWS_EVERY_MS, SHARE_OF_TIME * (ended - started));
      this.schedule(STILL_EVERY_MS);
    }
  }

  /** Sends the first page of what is new for a receiver. */
  private begin(subscriber: Subscriber, picture: Picture): void {
    const { rows } = picture;
    const changed = subscriber.snapshot < 0 ? null : changedRows(subscriber.rows, rows);
    const placed = (at: number): string => JSON.stringify([at, rows[at]]);
    subscriber.snapshot = this.count;
    subscriber.rows = rows;
    if (changed === null) {
      const [first = []] = pagesOf(rows);
      subscriber.receiver.send(`{"push":"snapshot","total":${rows.length},"snapshot":${picture.with(first)}}`);
      subscriber.pages = pagesOf(places(first.length, rows.length), placed);
    } else {
      const pages = pagesOf(changed, ({ at }) => placed(at));
      const first = pages.next();
      const now = first.done === true ? [] : first.value;
      subscriber.receiver.send(`{"push":"changes","rows":[${now.join(',')}],"snapshot":${picture.with([])}}`);
      subscriber.pages = pages;
    }
  }

  private serve(subscriber: Subscriber): void {
    const { receiver } = subscriber;
    if (receiver.isBehind || subscriber.soon !== null) return;
    const { events, logs } = this.supervisor;
    // each in a turn of its own: a request that comes meanwhile waits for one of them
    if (subscriber.pages !== null) sendRows(subscriber);
    else if (subscriber.snapshot !== this.count && this.picture !== null) this.begin(subscriber, this.picture);
    else {
      subscriber.events = sendRecords(receiver, 'events', events, subscriber.events, (record) => record);
      subscriber.logs = sendRecords(receiver, 'logs', logs, subscriber.logs, ({ line, source }) => [line, source]);
    }
    if (subscriber.pages === null && subscriber.events >= events.next && subscriber.logs >= logs.next) return;
    subscriber.soon = soon(() => {
      subscriber.soon = null;
      this.serve(subscriber);
    });
  }
}

/** A snapshot to be sent; what is not a row is made text once for all receivers. */
class Picture {
  private restText: string | null = null;

  constructor(private readonly snapshot: Snapshot) {}

  get rows(): readonly AccountRow[] {
    return this.snapshot.accounts;
  }

  /** The snapshot as text with these rows, which are texts too. */
  with(rows: readonly string[]): string {
    const { accounts: _, ...rest } = this.snapshot;
    this.restText ??= JSON.stringify(rest);
    return `${this.restText.slice(0, -1)},"accounts":[${rows.join(',')}]}`;
  }
}

/** Sends the next page of rows. */
function sendRows(subscriber: Subscriber): void {
  const page = subscriber.pages?.next();
  if (page?.done === false) subscriber.receiver.send(`{"push":"rows","rows":[${page.value.join(',')}]}`);
  else subscriber.pages = null;
}

function* places(from: number, end: number): Generator<number> {
  for (let at = from; at < end; at++) yield at;
}

/** Sends a page of the records from `from` on; returns the number of the next one. */
function sendRecords<T>(
  receiver: Receiver,
  push: 'events' | 'logs',
  feed: Feed<T>,
  from: number,
  shape: (record: T) => unknown,
): number {
  const first = Math.max(from, feed.first);
  const end = Math.min(feed.next, first + RECORDS_AT_ONCE);
  const records: string[] = [];
  let bytes = 0;
  let seq = first;
  for (; seq < end && bytes < PAGE_BYTES; seq++) {
    const record = feed.at(seq);
    if (record === undefined) continue;
    const text = JSON.stringify(shape(record));
    bytes += Buffer.byteLength(text);
    records.push(text);
  }
  if (records.length > 0) receiver.send(`{"push":"${push}","first":${first},"records":[${records.join(',')}]}`);
  return seq;
}
