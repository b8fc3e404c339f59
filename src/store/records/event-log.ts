import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { systemDisk, type Disk } from '../disk/disk.js';
import { writeDurably } from '../disk/durable.js';
import { PatientWrite, type TellTrouble } from '../disk/patient-write.js';
import { type Clock, systemClock } from '../ground/clock.js';
import { byItself } from '../ground/faults.js';
import { jsonOf } from '../ground/json.js';
import { EventMemory, type Events, HELD_EVENTS } from './events.js';
import { type GrantEvent, type HappenedEvent, HappenedEventSchema } from './grant-event.js';

export interface EventLogOptions {
  readonly clock?: Clock;
  readonly disk?: Disk;
  /** As in {@link PatientWrite}. */
  readonly tell?: TellTrouble;
}

/**
 * The events in `state/events.jsonl`. The file is cut back to what memory holds whenever it has twice as many lines as
 * memory may hold.
 */
export class EventLog extends EventMemory implements Events {
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

  private constructor(folder: string, { clock = systemClock, disk = systemDisk, tell }: EventLogOptions) {
    super();
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

  add(event: HappenedEvent): GrantEvent {
    this.unsaved.push(JSON.stringify(event));
    if (this.unsaved.length > HELD_EVENTS) {
      this.unsaved.length = 0;
      this.overflows += 1;
    }
    byItself('the writing of the events', this.writes.now());
    return this.tell(event, 'here');
  }

  async flush(): Promise<void> {
    await this.writes.now();
  }

  private async save(): Promise<void> {
    const lines = [...this.unsaved];
    const { overflows } = this;
    const isBehind = overflows > this.overflowsSaved;
    if (lines.length === 0 && !isBehind) return;
    if (!isBehind && this.linesInFile + lines.length < 2 * HELD_EVENTS) {
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
function parseEvent(line: string): HappenedEvent | null {
  const parsed = v.safeParse(HappenedEventSchema, jsonOf(line));
  return parsed.success ? parsed.output : null;
}
