import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { systemDisk, type Disk } from '../disk/disk.js';
import { writeDurably } from '../disk/durable.js';
import { PatientWrite, type TellTrouble } from '../disk/patient-write.js';
import { type Clock, systemClock } from '../ground/clock.js';
import { byItself } from '../ground/faults.js';
import { jsonOf } from '../ground/json.js';
import { Listeners } from '../ground/listeners.js';
import { Ring } from '../ground/ring.js';

/** What happened to a grant, as `kind` says it on disk, in `regrant events --json` and in metrics. */
export const grantEventKinds = [
  'refreshed',
  'rotated',
  'disabled',
  'refused',
  'temporary',
  'client',
  'recovered',
  'served',
  'warning',
  'rested',
  'blocked',
  'lifted',
  /** About no account: `accountId` and `email` are empty. */
  'settings',
] as const;
export type GrantEventKind = (typeof grantEventKinds)[number];

export interface GrantEvent {
  /** Number of the event. Events are numbered anew when old ones are dropped. */
  readonly seq: number;
  /** ms since 1970. */
  readonly at: number;
  readonly kind: GrantEventKind;
  readonly accountId: string;
  readonly email: string;
  /** A code of `proxy/contract/causes`, null where all went well. */
  readonly cause: string | null;
  /** How long Google took to answer. */
  readonly tookMs: number | null;
  /** When the next refresh or try is due, ms since 1970. */
  readonly nextAt: number | null;
  /** The rest of the first line, in plain words. */
  readonly text: string;
  /** A second line: evidence, what was done. Empty where there is nothing to add. */
  readonly detail: string;
}

export interface EventLogOptions {
  readonly clock?: Clock;
  readonly disk?: Disk;
  /** As in {@link PatientWrite}. */
  readonly tell?: TellTrouble;
}

/** Events held in memory at most. */
const HELD = 5_000;
/** When memory is full, at least so many events are dropped at once. */
const GO_AT_ONCE = HELD / 4;

const EventSchema = v.object({
  at: v.number(),
  kind: v.picklist(grantEventKinds),
  accountId: v.string(),
  email: v.string(),
  cause: v.nullable(v.string()),
  tookMs: v.nullable(v.number()),
  nextAt: v.nullable(v.number()),
  text: v.string(),
  detail: v.string(),
});

/** Kinds of events that are frequent and need no attention: they are dropped before the rare kinds. */
const isOrdinary: Record<GrantEventKind, boolean> = {
  refreshed: true,
  temporary: true,
  rotated: false,
  disabled: false,
  refused: false,
  client: false,
  recovered: false,
  served: false,
  warning: false,
  rested: true,
  blocked: false,
  lifted: false,
  settings: false,
};

/**
 * The events that stay when memory is full: the older half of the ordinary ones is dropped, and others only where there
 * are few ordinary ones.
 */
function thinned(events: readonly GrantEvent[]): readonly GrantEvent[] {
  const count = events.filter(({ kind }) => isOrdinary[kind]).length;
  let ordinary = Math.max(Math.ceil(count / 2), Math.min(count, GO_AT_ONCE));
  let others = Math.max(0, GO_AT_ONCE - ordinary);
  return events.filter(({ kind }) => !(isOrdinary[kind] ? ordinary-- > 0 : others-- > 0));
}

/**
 * The refresh events of all accounts, newest last: in memory, and in `state/events.jsonl` over restarts. The file is
 * cut back to what memory holds whenever it has twice as many lines as memory may hold. When memory is full, ordinary
 * events are dropped before others, and those that stay get new numbers, which leave a gap: a reader of the feed begins
 * again there.
 */
export class EventLog {
  private ring = new Ring<GrantEvent>(HELD);
  private readonly file: string;
  private readonly disk: Disk;
  private linesInFile = 0;
  /** The file may end in the middle of a line, cut off by a crash or a full disk. */
  private isTorn = false;
  /** Lines that are not in the file yet. */
  private readonly unsaved: string[] = [];
  /**
   * How often more lines waited than memory holds, and that number when the file was last complete: if they differ, the
   * file is written again.
   */
  private overflows = 0;
  private overflowsSaved = 0;
  private readonly writes: PatientWrite;
  private readonly listeners = new Listeners<[event: GrantEvent]>();

  private constructor(folder: string, { clock = systemClock, disk = systemDisk, tell }: EventLogOptions) {
    this.file = path.join(folder, 'events.jsonl');
    this.disk = disk;
    this.writes = new PatientWrite({ clock, write: () => this.save(), tell });
  }

  static open(folder: string, options: EventLogOptions = {}): EventLog {
    const log = new EventLog(folder, options);
    const text = textOf(log.file);
    log.isTorn = text !== '' && !text.endsWith('\n');
    for (const line of text.split('\n').filter(Boolean)) {
      log.linesInFile++;
      const event = parseEvent(line);
      if (event !== null) log.keep(event);
    }
    return log;
  }

  get first(): number {
    return this.ring.first;
  }

  get next(): number {
    return this.ring.next;
  }

  at(seq: number): GrantEvent | undefined {
    return this.ring.at(seq);
  }

  /** Calls `listener` with each new event. */
  onEvent(listener: (event: GrantEvent) => void): () => void {
    return this.listeners.add(listener);
  }

  add(event: Omit<GrantEvent, 'seq'>): GrantEvent {
    const kept = this.keep(event);
    this.unsaved.push(JSON.stringify(event));
    if (this.unsaved.length > HELD) {
      this.unsaved.length = 0;
      this.overflows += 1;
    }
    byItself('the writing of the events', this.writes.now());
    this.listeners.tell(kept);
    return kept;
  }

  async flush(): Promise<void> {
    await this.writes.now();
  }

  private keep(event: Omit<GrantEvent, 'seq'>): GrantEvent {
    if (this.ring.next - this.ring.first >= HELD) this.thin();
    const kept = { ...event, seq: this.ring.next };
    this.ring.push(kept);
    return kept;
  }

  private thin(): void {
    const stay = thinned(this.held());
    this.ring = new Ring(HELD, this.ring.next + 1);
    for (const event of stay) this.ring.push({ ...event, seq: this.ring.next });
  }

  private held(): GrantEvent[] {
    const { first, next } = this.ring;
    return Array.from({ length: next - first }, (_, index) => this.ring.at(first + index)).filter(
      (event) => event !== undefined,
    );
  }

  private async save(): Promise<void> {
    const lines = [...this.unsaved];
    const { overflows } = this;
    const isBehind = overflows > this.overflowsSaved;
    if (lines.length === 0 && !isBehind) return;
    if (!isBehind && this.linesInFile + lines.length < 2 * HELD) {
      const start = this.isTorn ? '\n' : '';
      this.isTorn = true;
      await this.disk.append(this.file, `${start}${lines.join('\n')}\n`);
      this.linesInFile += lines.length;
    } else {
      const held = this.held().map(({ seq: _seq, ...event }) => JSON.stringify(event));
      await writeDurably(this.file, `${held.join('\n')}\n`, this.disk);
      this.linesInFile = held.length;
    }
    this.isTorn = false;
    this.overflowsSaved = overflows;
    // lines that came meanwhile are not in it
    if (this.overflows === overflows) this.unsaved.splice(0, lines.length);
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** An event of a line of the file; null for a line cut off by a crash. */
function parseEvent(line: string): Omit<GrantEvent, 'seq'> | null {
  const parsed = v.safeParse(EventSchema, jsonOf(line));
  return parsed.success ? parsed.output : null;
}
