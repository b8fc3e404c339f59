/** `:`: every action by name, for keys that are not remembered. */
import { obstacle, places, type Action } from '../desk/action.js';
import type { Desk, Cover } from '../desk/desk.js';
import { Field } from '../forms/field.js';
import type { Key, Paste } from '../terminal/keys.js';
import { framed, line, span, spread, type Line } from '../text/lines.js';
import type { Theme } from '../text/theme.js';
import { sanitise } from '../text/text.js';
import { phrase } from '../text/phrase.js';
import { tell } from '../../store/words/tongue.js';

const SHOWN = 12;

export class Palette implements Cover {
  readonly place = 'dialog';
  readonly takesText = true;
  readonly foot = phrase('type a name · Up and Down choose · Enter runs it · Esc back');
  private field = new Field(60);
  private index = 0;

  private readonly offered: readonly Action[];

  constructor(actions: readonly Action[]) {
    this.offered = actions.filter(({ isMotion }) => isMotion !== true);
  }

  private found(): Action[] {
    const words = this.field.text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const text = ({ id, shown, help }: Action): string => `${id} ${shown} ${help} ${tell(help)}`.toLowerCase();
    const hits = this.offered.filter((action) => words.every((word) => text(action).includes(word)));
    const named = (action: Action): number => Number(action.id.startsWith(words[0] ?? ''));
    return hits.sort((a, b) => named(b) - named(a));
  }

  height(): number {
    return SHOWN + 3;
  }

  rows(desk: Desk, width: number, height: number, theme: Theme): string[] {
    const found = this.found();
    this.index = Math.max(0, Math.min(this.index, found.length - 1));
    const room = height - 3;
    const top = Math.max(0, this.index - room + 1);
    const inner = width - 2;
    const rows = found.slice(top, top + room).map((action, at) => this.row(action, top + at, desk, inner, theme));
    const body = [line(span(' :', 'key'), ...this.field.spans(inner - 3)), ...rows];
    const note = [span(phrase('{n} of {all}', { n: found.length, all: this.offered.length }), 'dim')];
    const frame = { title: [span(phrase('Do what?'), 'bold')], note, border: 'accent' as const, focused: true };
    return framed(
      frame,
      found.length > 0 ? body : [...body, line(span(` ${phrase('nothing of that name')}`, 'dim'))],
      width,
      height,
      theme,
    );
  }

  private row(action: Action, index: number, desk: Desk, width: number, theme: Theme): Line {
    const reason = obstacle(action, desk);
    const style = reason === null ? 'plain' : 'dim';
    const isChosen = index === this.index;
    const left = [
      span(` ${isChosen ? theme.glyphs.selected : ' '} ${action.id.padEnd(16)}`, style),
      span(action.shown.padEnd(10), 'key'),
      span(reason === null ? phrase(action.help) : sanitise(reason), 'dim'),
    ];
    const right = [span(` ${action.where === 'everywhere' ? '' : phrase(places[action.where]).toLowerCase()} `, 'dim')];
    return { spans: spread(left, right, width, theme.glyphs.cut), ...(isChosen && { ground: 'selected' as const }) };
  }

  key(key: Key, desk: Desk): 'taken' | 'pass' {
    if (key.name === 'C-c') return 'pass';
    if (key.name === 'escape') desk.drop(this);
    else if (key.name === 'up' || key.name === 'C-p') this.index -= 1;
    else if (key.name === 'down' || key.name === 'C-n' || key.name === 'tab') this.index += 1;
    else if (key.name === 'enter') this.run(desk);
    else if (this.field.key(key)) this.index = 0;
    return 'taken';
  }

  paste({ text }: Paste): void {
    this.field.insert(text.replace(/\s+/g, ' ').slice(0, 60 - this.field.text.length));
  }

  private run(desk: Desk): void {
    const action = this.found()[this.index];
    if (action === undefined) return;
    desk.drop(this);
    if (action.where !== 'everywhere') desk.focusOn(action.where);
    const reason = obstacle(action, desk);
    if (reason === null) action.run(desk);
    else desk.say(reason, 'warn');
  }
}
