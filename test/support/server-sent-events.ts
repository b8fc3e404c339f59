/** One event of a `text/event-stream`, as a client reads it (HTML, "Server-sent events" §9.2.6). */
export interface ReadEvent {
  /** The name; empty where none was given. */
  name: string;
  data: string;
}

/**
 * Reads a whole stream. Comments and blank events are no events.
 *
 * @throws {Error} the stream ends inside an event
 */
export function readEvents(stream: string): ReadEvent[] {
  const events: ReadEvent[] = [];
  let open: { name: string; data: string[] } | undefined;
  for (const line of stream.split(/\r\n|\n|\r/)) {
    if (line === '') {
      if (open !== undefined && open.data.length > 0) events.push({ name: open.name, data: open.data.join('\n') });
      open = undefined;
      continue;
    }
    if (line.startsWith(':')) continue;
    open ??= { name: '', data: [] };
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === 'event') open.name = value ?? '';
    if (field === 'data') open.data.push(value ?? '');
  }
  if (open !== undefined) throw new Error(`the stream ends inside an event: ${JSON.stringify(open).slice(0, 200)}`);
  return events;
}
