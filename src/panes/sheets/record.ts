/** Enter in the log: the whole record, formatted. */
import type { LogRecord } from '../../proxy/contract/supervisor.js';
import type { Desk } from '../desk/desk.js';
import type { Key } from '../terminal/keys.js';
import { line, span, type Line, type Span } from '../text/lines.js';
import { Sheet } from '../layers/sheet.js';
import { date, sanitise, timeOfDay, wrap } from '../text/text.js';
import { phrase } from '../text/phrase.js';
import { tell } from '../../store/words/tongue.js';

export class RecordSheet extends Sheet {
  readonly place = 'panes';
  readonly foot = phrase('j k scroll · / find · y copy the line · Esc back');

  /** Its lines, which stay the same for a width. */
  private made: { readonly width: number; readonly lines: readonly Line[] } | null = null;

  constructor(readonly record: LogRecord) {
    super();
  }

  override title(): readonly Span[] {
    return [
      span(
        phrase('log record {day} {time}', { day: date(this.record.time), time: timeOfDay(this.record.time) }),
        'key',
      ),
    ];
  }
  override note(): readonly Span[] {
    return [span(this.hidden() || phrase('Esc back'), 'dim')];
  }

  override key(key: Key, desk: Desk): 'taken' | 'pass' {
    if (key.name !== 'y') return super.key(key, desk);
    desk.copy(this.record.line, tell('record'));
    return 'taken';
  }

  override lines(_desk: unknown, width: number): readonly Line[] {
    if (this.made?.width !== width) this.made = { width, lines: recordSheetLines(this.record, width) };
    return this.made.lines;
  }
}

const recordSheetLines = (record: LogRecord, width: number): Line[] =>
  prettyJson(record.line)
    .split('\n')
    .flatMap((text) => wrap(sanitise(text), width - 2))
    .map((text) => line(span(` ${text}`, /^\s*"[^"]*":/.test(text) ? 'plain' : 'dim')));

/** JSON with one field on each line; a text that is no JSON unchanged. */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
