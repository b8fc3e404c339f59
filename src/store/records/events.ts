import { Listeners } from '../ground/listeners.js';
import { Ring } from '../ground/ring.js';
import type { GrantEvent, GrantEventKind, HappenedEvent } from './grant-event.js';

/**
 * The refresh events of all accounts, newest last: the newest in memory, and saved over restarts, in a file or in the
 * database that several machines share.
 */
export interface Events extends Pick<EventMemory, 'first' | 'next' | 'at' | 'onEvent' | 'onAny'> {
  /** An event has happened here. It is in memory at once, and is saved by itself. */
  add(event: HappenedEvent): GrantEvent;
  /** Resolves when everything is saved, or cannot be. */
  flush(): Promise<void>;
}

/** Events held in memory at most. */
export const HELD_EVENTS = 5_000;
/** When memory is full, at least so many events are dropped at once. */
const GO_AT_ONCE = HELD_EVENTS / 4;

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
  key_limit: true,
  restarted: false,
  box: false,
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
 * The newest events, newest last, as a feed. When memory is full, ordinary events are dropped before others, and those
 * that stay get new numbers, which leave a gap: a reader of the feed begins again there.
 */
export class EventMemory {
  private ring = new Ring<GrantEvent>(HELD_EVENTS);
  private readonly here = new Listeners<[event: GrantEvent]>();
  private readonly any = new Listeners<[event: GrantEvent]>();

  get first(): number {
    return this.ring.first;
  }

  get next(): number {
    return this.ring.next;
  }

  at(seq: number): GrantEvent | undefined {
    return this.ring.at(seq);
  }

  /** Calls `listener` with each event that happens here. */
  onEvent(listener: (event: GrantEvent) => void): () => void {
    return this.here.add(listener);
  }

  /** Calls `listener` with each event, also with those that other boxes tell. */
  onAny(listener: (event: GrantEvent) => void): () => void {
    return this.any.add(listener);
  }

  /** Takes in an event of an earlier run: nobody is told. */
  protected keep(event: HappenedEvent): GrantEvent {
    if (this.ring.next - this.ring.first >= HELD_EVENTS) this.thin();
    const kept = { ...event, seq: this.ring.next };
    this.ring.push(kept);
    return kept;
  }

  /** Takes in an event and tells of it. */
  protected tell(event: HappenedEvent, from: 'here' | 'elsewhere'): GrantEvent {
    const kept = this.keep(event);
    if (from === 'here') this.here.tell(kept);
    this.any.tell(kept);
    return kept;
  }

  protected held(): GrantEvent[] {
    const { first, next } = this.ring;
    return Array.from({ length: next - first }, (_, index) => this.ring.at(first + index)).filter(
      (event) => event !== undefined,
    );
  }

  private thin(): void {
    const stay = thinned(this.held());
    this.ring = new Ring(HELD_EVENTS, this.ring.next + 1);
    for (const event of stay) this.ring.push({ ...event, seq: this.ring.next });
  }
}
