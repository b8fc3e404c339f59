/** `?`: every key, the focused pane's first, made from the table of actions. */
import { obstacle, places, type Action, type Where } from '../desk/action.js';
import type { Desk } from '../desk/desk.js';
import type { Key } from '../terminal/keys.js';
import { blank, hanging, line, span, type Line, type Span } from '../text/lines.js';
import { Sheet } from '../layers/sheet.js';
import { pad, sanitise } from '../text/text.js';
import { phrase } from '../text/phrase.js';

const COLUMN = 12;

export class Help extends Sheet {
  readonly place = 'panes';
  readonly foot = phrase('j k PgUp PgDn scroll · / find · Esc back');

  constructor(private readonly actions: readonly Action[]) {
    super();
  }

  override title(): readonly Span[] {
    return [span(phrase('Keys'), 'key')];
  }
  override note(): readonly Span[] {
    return [span(this.hidden() || phrase('Esc back'), 'dim')];
  }

  override lines(desk: Desk, width: number): readonly Line[] {
    const order = Object.keys(places) as Where[];
    const sorted = [...order].sort((a, b) => Number(b === desk.focus) - Number(a === desk.focus));
    return sorted.flatMap((where) => [
      line(span(` ${phrase(places[where])}`, 'bold')),
      ...this.actions.filter((action) => action.where === where).flatMap((action) => helpLines(action, desk, width)),
      blank,
    ]);
  }

  override key(key: Key, desk: Desk): 'taken' | 'pass' {
    return super.key(key.name === '?' ? { name: 'escape', text: null } : key, desk);
  }
}

function helpLines(action: Action, desk: Desk, width: number): Line[] {
  const why = obstacle(action, desk);
  const reason = why === null ? '' : ` ${phrase('(now: {why})', { why: sanitise(why) })}`;
  const lead = [span(`   ${pad(action.shown, COLUMN)}`, 'key')];
  const style = reason === '' ? 'plain' : 'dim';
  return hanging(lead, `${phrase(action.help)}${reason}`, style, width - 1, style);
}
