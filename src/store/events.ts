import { readFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { writeDurably } from './durable.js';
import { Ring } from './ring.js';

/** What happened to a grant. */
export type GrantEventKind =
  'refreshed' | 'rotated' | 'disabled' | 'refused' | 'temporary' | 'client' | 'recovered' | 'served' | 'warning';

export interface GrantEvent {
  /** Counts up by one in this process; the order of the events. */
  readonly seq: number;
  /** ms since 1970. */
  readonly at: number;
  readonly kind: GrantEventKind;
  readonly accountId: string;
  readonly email: string;
  /** A code of `proxy/grants/causes`, null where all went well. */
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

/** Events held in memory, and at least as many in the file. */
const HELD = 5_000;

const EventSchema = v.object({
  at: v.number(),
  kind: v.picklist([
    'refreshed',
    'rotated',
    'disabled',
    'refused',
    'temporary',
    'client',
    'recovered',
    'served',
    'warning',
  ]),
  accountId: v.string(),
  email: v.string(),
  cause: v.nullable(v.string()),
  tookMs: v.nullable(v.number()),
  nextAt: v.nullable(v.number()),
  text: v.string(),
  detail: v.string(),
});

/**
 * The refresh events of all accounts, newest last: in memory, and in `state/events.jsonl` over restarts. The file is
 * cut back to what memory holds whenever it has grown to twice that.
 */
export class EventLog {
  private readonly ring = new Ring<GrantEvent>(HELD);
  private readonly file: string;
  private linesInFile = 0;
  private saving: Promise<void> = Promise.resolve();
  private readonly listeners = new Set<(event: GrantEvent) => void>();

  private constructor(folder: string) {
    this.file = path.join(folder, 'events.jsonl');
  }

  static open(folder: string): EventLog {
    const log = new EventLog(folder);
    for (const line of linesOf(log.file)) {
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
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  add(event: Omit<GrantEvent, 'seq'>): GrantEvent {
    const kept = this.keep(event);
    this.linesInFile++;
    const line = `${JSON.stringify(event)}\n`;
    this.saving = this.saving.then(() => this.save(line)).catch(() => undefined);
    for (const listener of this.listeners) listener(kept);
    return kept;
  }

  async flush(): Promise<void> {
    await this.saving;
  }

  private keep(event: Omit<GrantEvent, 'seq'>): GrantEvent {
    const kept = { ...event, seq: this.ring.next };
    this.ring.push(kept);
    return kept;
  }

  private async save(line: string): Promise<void> {
    if (this.linesInFile < 2 * HELD) return appendFile(this.file, line, { mode: 0o600 });
    const held: string[] = [];
    for (let seq = this.ring.first; seq < this.ring.next; seq++) {
      const { seq: _seq, ...event } = this.ring.at(seq) ?? { seq };
      held.push(JSON.stringify(event));
    }
    this.linesInFile = held.length;
    await writeDurably(this.file, `${held.join('\n')}\n`);
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

/** A line cut off by a crash is no event. */
function parseEvent(line: string): Omit<GrantEvent, 'seq'> | null {
  try {
    const parsed = v.safeParse(EventSchema, JSON.parse(line));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
