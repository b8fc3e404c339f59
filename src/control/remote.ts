import { saying } from '../store/words/saying.js';
import type { Clock } from '../store/ground/clock.js';
import { logRecordOf } from '../store/records/log-record.js';
import type { AccountRow, Snapshot } from '../proxy/contract/snapshot.js';
import type { Feed, GrantEvent, LogRecord, Supervisor } from '../proxy/contract/supervisor.js';
import { operations, type OperationName, type Operations, type Progress } from '../proxy/contract/operations.js';
import { ControlError, type ControlClient } from './client.js';
import { askPatiently } from './patient.js';
import { FeedCopy } from './feed-copy.js';
import { readOnly } from './read-only.js';
import { LONGEST_LINE, type AnswerOf, type ArgumentsOf, type Push, type RequestName } from './protocol.js';
import { Listeners } from '../store/ground/listeners.js';

/** As many as the supervisor itself holds. */
const EVENTS_HELD = 5_000;
const LINES_HELD = 20_000;
const LINE_BYTES_HELD = 33_554_432;

/**
 * News comes once a second, or every few with thousands of accounts: after this long something is wrong at the other
 * end.
 */
const SILENT_MS = 5_000;

/**
 * This process may itself have been stopped: news that came meanwhile is read for this long before the silence is
 * reported.
 */
const CATCH_UP_MS = 1_000;

/** How a supervisor is followed. */
export interface Following {
  /** Whether operations are passed on, or the screen only looks. */
  readonly how?: 'works' | 'looks';
  /** Connects to the supervisor's successor, after a restart; null: there is none. */
  readonly reconnect?: () => Promise<ControlClient | null>;
}

const nobody = (): Promise<null> => Promise.resolve(null);
const nothing = (): void => undefined;

/** How the connection ended: `stopped`: the supervisor said so; `gone`: without a word; else what was wrong. */
type Parting = 'stopped' | 'gone' | ControlError;

/**
 * The supervisor in another process, as a screen sees it: the latest news from it, and operations that are requested
 * from it.
 */
export class RemoteSupervisor implements Supervisor {
  readonly operations: Operations;
  /** Resolves when the connection has ended. Never rejects. */
  readonly parted: Promise<Parting>;
  private readonly eventsCopy = new FeedCopy<GrantEvent, GrantEvent>(EVENTS_HELD, (event, seq) => ({
    ...event,
    seq,
  }));
  private readonly logsCopy = new FeedCopy<readonly [string, string], LogRecord>(
    LINES_HELD,
    ([line, source], seq) => logRecordOf(line, seq, source),
    // the line, and the message that is read of it
    { most: LINE_BYTES_HELD, of: ([line]) => 4 * line.length },
  );
  private readonly changes = new Listeners();
  private latest: Snapshot | null = null;
  /** A snapshot with other accounts than the latest: it is shown once all of its rows have come. */
  private coming: Snapshot | null = null;
  /** How many rows the snapshot has that came last. */
  private total = 0;
  private cancelSilence: () => void = () => undefined;
  private isSilent = false;
  private isEnding = false;
  /** Whether another process was said to go on in the supervisor's place. */
  private hasHeir = false;
  /** Resolves when there is a supervisor to ask, or never will be. */
  private attached: Promise<void> = Promise.resolve();
  private haveFirst: () => void = () => undefined;

  private constructor(
    private client: ControlClient,
    private readonly clock: Clock,
    { how, reconnect }: Following,
  ) {
    const operations = remoteOperations({
      request: (name, given, progress, unwanted) => this.ask(name, given, progress, unwanted),
    });
    this.operations = how === 'looks' ? readOnly(operations) : operations;
    this.parted = this.untilParted(reconnect ?? nobody).finally(() => this.cancelSilence());
  }

  /**
   * Follows the supervisor at the other end; there is a snapshot to show when this resolves. If it falls silent, a
   * banner says so.
   *
   * @throws {ControlError}
   */
  static async follow(client: ControlClient, clock: Clock, following: Following = {}): Promise<RemoteSupervisor> {
    const remote = new RemoteSupervisor(client, clock, following);
    const first = new Promise<void>((resolve) => (remote.haveFirst = resolve));
    await client.subscribe((push) => remote.hear(push));
    const parting = await Promise.race([first, remote.parted]);
    if (parting !== undefined) throw partedError(parting, client.pid);
    return remote;
  }

  get events(): Feed<GrantEvent> {
    return this.eventsCopy;
  }

  get logs(): Feed<LogRecord> {
    return this.logsCopy;
  }

  get pid(): number {
    return this.client.pid;
  }

  snapshot(): Snapshot {
    return this.isSilent ? silent(this.last()) : this.last();
  }

  onChange(listener: () => void): () => void {
    return this.changes.add(listener);
  }

  /** Disconnects; the supervisor goes on. */
  close(): void {
    this.client.close();
  }

  /** Goes on with a supervisor's successor as often as there is one. @returns how it ended */
  private async untilParted(reconnect: () => Promise<ControlClient | null>): Promise<Parting> {
    for (;;) {
      const fault = await this.client.closed();
      if (fault !== null) return fault;
      if (!this.hasHeir) return this.isEnding ? 'stopped' : 'gone';
      const attaching = this.attach(reconnect);
      this.attached = attaching.then(nothing, nothing);
      const fate = await attaching.catch((error: unknown) =>
        error instanceof ControlError ? error : ('gone' as const),
      );
      if (fate !== 'attached') return fate;
    }
  }

  private async attach(reconnect: () => Promise<ControlClient | null>): Promise<'attached' | 'gone'> {
    this.hasHeir = false;
    const next = await reconnect();
    if (next === null) return 'gone';
    this.client = next;
    this.isEnding = false;
    this.eventsCopy.beginAgain();
    this.logsCopy.beginAgain();
    await next.subscribe((push) => this.hear(push));
    return 'attached';
  }

  /** Requests it from whoever is the supervisor; one that restarts is asked again once its successor serves. */
  private async ask<N extends RequestName>(
    name: N,
    given: ArgumentsOf<N>,
    progress?: (news: Progress) => void,
    unwanted?: AbortSignal,
  ): Promise<AnswerOf<N>> {
    await this.attached;
    const next = (): Promise<ControlClient> => this.attached.then(() => this.client);
    return askPatiently(this.client, { clock: this.clock, next }, name, given, progress, unwanted);
  }

  private hear(push: Push): void {
    this.isSilent = false;
    switch (push.push) {
      case 'snapshot':
        this.total = push.total;
        this.takeWhole(push.snapshot);
        break;
      case 'changes':
        this.latest = patched({ ...push.snapshot, accounts: this.last().accounts }, push.rows);
        break;
      case 'rows':
        if (this.coming === null) this.latest = patched(this.last(), push.rows);
        else this.takeWhole(patched(this.coming, push.rows));
        break;
      case 'events':
        this.eventsCopy.append(push.first, push.records);
        break;
      case 'logs':
        this.logsCopy.append(push.first, push.records);
        break;
      case 'farewell':
        this.isEnding = true;
        this.hasHeir = push.heir;
        break;
    }
    this.awaitNext();
    this.tell();
  }

  /** The first one is shown with its first rows at once. */
  private takeWhole(snapshot: Snapshot): void {
    const isShown = this.latest === null || snapshot.accounts.length >= this.total;
    this.coming = isShown ? null : snapshot;
    if (isShown) this.latest = snapshot;
    this.haveFirst();
  }

  private last(): Snapshot {
    if (this.latest === null) throw new TypeError('the supervisor sends a whole snapshot first');
    return this.latest;
  }

  private awaitNext(): void {
    this.cancelSilence();
    this.cancelSilence = this.clock.after(SILENT_MS, () => {
      this.cancelSilence = this.clock.after(CATCH_UP_MS, () => {
        this.isSilent = true;
        this.tell();
      });
    });
  }

  private tell(): void {
    this.changes.tell();
  }
}

/** The last snapshot, with a banner that says that it is old. */
const silent = (last: Snapshot): Snapshot => ({
  ...last,
  banners: [
    {
      code: 'silent',
      severity: 'error',
      text: `no news from pid ${last.pid}: all this is old; it is suspended (fg) or hangs (kill)`,
    },
    ...last.banners,
  ],
});

/** Puts rows in their places, or adds them at the end; the others stay the same objects, by which views know them. */
function patched(snapshot: Snapshot, rows: readonly (readonly [number, AccountRow])[]): Snapshot {
  if (rows.length === 0) return snapshot;
  const accounts = [...snapshot.accounts];
  for (const [at, row] of rows) if (at <= accounts.length) accounts[at] = row;
  return { ...snapshot, accounts };
}

/** Why an attached screen ended by itself, and what to do now. */
export function partedError(parting: Parting, pid: number): ControlError {
  if (parting instanceof ControlError) return parting;
  return parting === 'stopped'
    ? new ControlError('STOPPED', saying('the supervisor (pid {pid}) was stopped; `regrant` starts it again', { pid }))
    : new ControlError(
        'GONE',
        saying(
          'the supervisor (pid {pid}) went away without a word: it crashed or was killed; look into logs/crash.log, and start it again with `regrant`',
          { pid },
        ),
      );
}

/** Every operation as a request; it rejects with the supervisor's error, or when the supervisor is gone. */
export function remoteOperations(client: Pick<ControlClient, 'request'>): Operations {
  const asked = Object.entries(operations).map(([name, { takes, beside }]) => {
    const call = (...all: readonly unknown[]): Promise<unknown> =>
      // the table pairs each name with its arguments, which the compiler cannot follow through an index
      client.request(
        name as OperationName,
        all.slice(0, takes.length) as never,
        beside === 'steps' ? (all[takes.length] as (news: Progress) => void) : undefined,
        beside === 'gone' ? (all[takes.length] as AbortSignal | undefined) : undefined,
      );
    return [name, call];
  });
  const remote = Object.fromEntries(asked) as Operations;
  return { ...remote, saveView: (lines) => remote.saveView(lastThatFit(lines)) };
}

/** As many of the last lines as fit into one request, since the end of a log is what people look at. */
function lastThatFit(lines: readonly string[]): string[] {
  let room = LONGEST_LINE - 1_000;
  let from = lines.length;
  while (from > 0) {
    room -= Buffer.byteLength(JSON.stringify(lines[from - 1])) + 1;
    if (room < 0) break;
    from -= 1;
  }
  return lines.slice(from);
}
