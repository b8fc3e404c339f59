/**
 * `:settings`: every setting, where it comes from, and what waits for the next start; switches, choices and numbers are
 * changed here.
 */
import type { SettingRow, SettingsShown } from '../../proxy/contract/operations.js';
import type { Desk } from '../desk/desk.js';
import type { Key, Paste } from '../terminal/keys.js';
import { blank, line, span, type Line, type Span } from '../text/lines.js';
import { pad, sanitise, wrap } from '../text/text.js';
import { grouped } from '../../store/words/counted.js';
import type { Theme } from '../text/theme.js';
import type { Acts } from './choice-sheet.js';
import { draftOf, type SettingDraft } from './setting-draft.js';
import { WatchedSheet } from './watched-sheet.js';
import { windowOf } from './window.js';
import { phrase } from '../text/phrase.js';
import { tell } from '../../store/words/tongue.js';
import { told } from '../../store/words/told.js';

/** Widths of the columns; variables have long names. */
const NAME = 33;
const FROM_NARROW = 11;
const FROM_WIDE = 34;
const WIDE = 110;

export class SettingsSheet extends WatchedSheet<SettingsShown> {
  readonly place = 'panes';
  protected readonly everyMs = 2_000;
  override takesText = false;
  /** The change that is being typed; null: the list is chosen from. */
  private draft: SettingDraft | null = null;

  get foot(): string {
    if (this.draft !== null) return `${this.draft.foot} · ${phrase('Enter sets it · Esc leaves it')}`;
    const undo = this.seen?.undo ?? null;
    const takenBack = undo === null ? '' : `u ${sanitise(told(undo))} · `;
    return `${phrase('j k choose · Enter change')} · ${takenBack}${phrase('/ find · Esc back')}`;
  }

  override title(): readonly Span[] {
    return [span(phrase('settings'), 'key')];
  }

  override note(): readonly Span[] {
    if (this.seen === null) return [span(phrase('reading'), 'dim')];
    const waiting = this.seen.rows.filter((row) => row.waiting !== null).length;
    return waiting === 0
      ? [span(sanitise(this.seen.file), 'dim')]
      : [
          span(
            waiting === 1
              ? phrase('1 setting waits for the next start')
              : phrase('{n} settings wait for the next start', { n: grouped(waiting) }),
            'warn',
          ),
        ];
  }

  protected override see({ supervisor }: Desk): Promise<SettingsShown> {
    return supervisor.operations.settings();
  }

  override lines(_desk: Desk, width: number, theme: Theme): readonly Line[] {
    if (this.seen === null)
      return [line(span(` ${sanitise(told(this.trouble)) || phrase('reading the settings')}`, 'dim'))];
    const fault = this.trouble || this.seen.fault;
    const faulty = fault === null || fault === '' ? [] : wrap(sanitise(told(fault)), width - 2);
    const asked = [...faulty.map((text) => line(span(` ${text}`, 'warn'))), ...(this.draft?.lines(width) ?? [])];
    const above = asked.length === 0 ? [] : [...asked, blank];
    const room = this.space - above.length - 1;
    return [...above, ...settingLines(this.list, { index: this.index, room }, width, theme)];
  }

  override key(key: Key, desk: Desk): 'taken' | 'pass' {
    if (this.draft === null || key.name === 'C-c') return key.name === 'C-c' ? 'pass' : super.key(key, desk);
    const { draft } = this;
    if (key.name === 'escape') this.turnTo(null);
    else if (key.name === 'enter') this.set(draft, desk);
    else draft.key(key);
    return 'taken';
  }

  paste({ text }: Paste): void {
    this.draft?.paste(text.trim());
  }

  protected readonly byKey: Acts = {
    enter: (desk) => this.change(desk),
    u: (desk) => this.answer(desk, desk.supervisor.operations.undoSetting()),
  };

  protected get ids(): readonly string[] {
    return this.list.map(({ key }) => key);
  }

  protected get names(): readonly string[] {
    return this.list.map(rowText);
  }

  private get list(): readonly SettingRow[] {
    return this.seen?.rows ?? [];
  }

  private turnTo(draft: SettingDraft | null): void {
    this.draft = draft;
    this.takesText = draft?.takesText === true;
  }

  private change(desk: Desk): void {
    const row = this.list[this.index];
    const draft = row === undefined ? null : draftOf(row);
    if (row === undefined) desk.say(tell('no setting is chosen'), 'warn');
    else if (row.from === 'environment')
      desk.say(tell('{name} sets it, and stands over the file', { name: row.source }), 'warn');
    else if (draft === null)
      desk.say(tell('this one is for an editor, or: regrant config set {key} VALUE', { key: row.key }), 'warn');
    else this.turnTo(draft);
  }

  private set(draft: SettingDraft, desk: Desk): void {
    const { value } = draft;
    if (value === null) return;
    this.turnTo(null);
    this.answer(desk, desk.supervisor.operations.setSetting(draft.name, value));
  }
}

const fromText = ({ from, source }: SettingRow): string => (from === 'environment' ? source : phrase(sources[from]));

const sources = { default: 'default', file: 'file ¦ source', database: 'database ¦ source' } as const;
/** What a supervisor gives in the place of a secret. */
const NOT_SHOWN = '(not shown)';

function valueText({ value }: SettingRow): string {
  if (value === NOT_SHOWN) return phrase(NOT_SHOWN);
  return sanitise(typeof value === 'string' && value !== '' ? value : JSON.stringify(value));
}
const rowText = (row: SettingRow): string => `${sanitise(row.key)} ${valueText(row)} ${sanitise(fromText(row))}`;

/** What a setting can be, and when a change of it holds. */
function canText({ can, nextStart }: SettingRow): string {
  const when = nextStart ? ` · ${phrase('a change holds from the next start on')}` : '';
  if (can.kind === 'number')
    return `${phrase('{least} to {most}', { least: grouped(can.least), most: grouped(can.most) })}${when}`;
  if (can.kind === 'other') return `${phrase('for an editor, or regrant config set')}${when}`;
  return `${can.kind === 'switch' ? phrase('true or false') : can.options.join(', ')}${when}`;
}

/** All of the chosen setting, for which its row may be too short. */
function chosenLines(row: SettingRow, width: number): readonly Line[] {
  const all = `${sanitise(row.key)} = ${valueText(row)} (${sanitise(fromText(row))})`;
  const [first = '', ...more] = wrap(all, width - 2);
  const cut = more.length > 0 ? `${first.slice(0, -1)}…` : first;
  return [line(span(` ${cut}`)), line(span(` ${sanitise(canText(row))}`, 'dim'))];
}

/** The settings as lines, the chosen one marked, and with all of it below. */
function settingLines(
  rows: readonly SettingRow[],
  { index, room }: { readonly index: number; readonly room: number },
  width: number,
  { glyphs }: Theme,
): readonly Line[] {
  const from = width < WIDE ? FROM_NARROW : FROM_WIDE;
  const wide = Math.max(12, width - NAME - from - 5);
  const head = line(
    span(`   ${pad(phrase('SETTING'), NAME)} ${pad(phrase('VALUE'), wide)} ${phrase('FROM ¦ setting')}`, 'dim'),
  );
  const chosen = rows[index];
  if (chosen === undefined) return [head, line(span(` ${phrase('there is no setting')}`, 'dim'))];
  const lines = windowOf(rows, index, room - 3).map((row) => {
    const isChosen = row === chosen;
    const waits = row.waiting === null ? '' : `, ${phrase('next start {value}', { value: sanitise(row.waiting) })}`;
    const valueStyle = waits !== '' ? 'warn' : row.from === 'default' ? 'dim' : 'plain';
    return line(
      span(
        ` ${isChosen ? glyphs.selected : ' '} ${pad(sanitise(row.key), NAME, 'left', glyphs.cut)}`,
        isChosen ? 'bold' : 'plain',
      ),
      span(` ${pad(`${valueText(row)}${waits}`, wide, 'left', glyphs.cut)}`, valueStyle),
      span(` ${pad(sanitise(fromText(row)), from, 'left', glyphs.cut)}`, row.from === 'environment' ? 'key' : 'dim'),
    );
  });
  return [head, ...lines, blank, ...chosenLines(chosen, width)];
}
