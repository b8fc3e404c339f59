/**
 * `K`: the client keys: their names, what each used today, what stops it; keys are made, switched off and revoked here.
 */
import { type KeyRow, stopWords } from '../../proxy/contract/key-shapes.js';
import type { Desk } from '../desk/desk.js';
import { Field } from '../forms/field.js';
import { showCopyPage } from '../terminal/copy-page.js';
import type { Key, Paste } from '../terminal/keys.js';
import { blank, line, span, type Line, type Span } from '../text/lines.js';
import { date, pad, plural, sanitise, wordsOf } from '../text/text.js';
import { grouped } from '../../store/words/counted.js';
import type { Theme } from '../text/theme.js';
import type { Acts } from './choice-sheet.js';
import { WatchedSheet } from './watched-sheet.js';
import { windowOf } from './window.js';
import { phrase } from '../text/phrase.js';
import { tell } from '../../store/words/tongue.js';
import { told } from '../../store/words/told.js';

const LONGEST_NAME = 64;
/** Widths of the columns before what stops a key and what it may do. */
const NAME = 18;
const NUMBER = 13;

/** The state of the sheet: it shows the keys, takes the name of a new one, or asks before one is removed. */
type Mode =
  | { readonly kind: 'list' }
  | { readonly kind: 'name'; readonly field: Field }
  | { readonly kind: 'revoke'; readonly name: string };

const LIST: Mode = { kind: 'list' };

export class KeysSheet extends WatchedSheet<readonly KeyRow[]> {
  readonly place = 'panes';
  protected readonly everyMs = 2_000;
  private mode: Mode = LIST;
  override takesText = false;

  get foot(): string {
    if (this.mode.kind === 'name') return phrase('Enter makes the key · Esc back');
    if (this.mode.kind === 'revoke') return phrase('y revoke · Esc keep');
    return phrase('j k choose · a make · e off or on · x revoke · / find · Esc back');
  }

  override title(): readonly Span[] {
    return [span(phrase('client keys'), 'key')];
  }

  override note(): readonly Span[] {
    const count = this.seen === null ? phrase('reading') : plural(this.seen.length, 'key');
    return [span(`${count} · ${phrase('`regrant key set` changes what one may')}`, 'dim')];
  }

  protected override see({ supervisor }: Desk): Promise<readonly KeyRow[]> {
    return supervisor.operations.keys();
  }

  override lines(desk: Desk, width: number, theme: Theme): readonly Line[] {
    const asked = this.asking(width);
    if (this.seen === null)
      return [...asked, line(span(` ${sanitise(told(this.trouble)) || phrase('reading the keys')}`, 'dim'))];
    if (this.seen.length === 0)
      return [...asked, line(span(` ${phrase('no client has a key of its own yet: a makes one')}`, 'dim'))];
    return [
      ...asked,
      ...keyLines(this.seen, { index: this.index, room: this.space - asked.length - 1 }, desk.now, theme),
    ];
  }

  override key(key: Key, desk: Desk): 'taken' | 'pass' {
    if (key.name === 'C-c') return 'pass';
    if (this.mode.kind === 'name') return this.nameKey(key, this.mode.field, desk);
    if (this.mode.kind === 'revoke') return this.revokeKey(key, this.mode.name, desk);
    return super.key(key, desk);
  }

  paste({ text }: Paste): void {
    if (this.mode.kind === 'name') this.mode.field.insert(text.trim().slice(0, LONGEST_NAME));
  }

  protected readonly byKey: Acts = {
    a: () => this.turnTo({ kind: 'name', field: new Field(LONGEST_NAME) }),
    e: (desk) => this.toggle(desk),
    x: (desk) => {
      const { chosen } = this;
      if (chosen === null) desk.say(tell('there is no key to revoke'), 'warn');
      else this.turnTo({ kind: 'revoke', name: chosen.name });
    },
  };

  private turnTo(mode: Mode): void {
    this.mode = mode;
    this.takesText = mode.kind === 'name';
  }

  private get chosen(): KeyRow | null {
    return this.seen?.[this.index] ?? null;
  }

  protected get ids(): readonly string[] {
    return this.seen?.map(({ name }) => name) ?? [];
  }

  protected get names(): readonly string[] {
    return this.ids;
  }

  private asking(width: number): readonly Line[] {
    if (this.mode.kind === 'name') {
      return [
        line(span(` ${phrase('name of the new key')} `, 'dim'), ...this.mode.field.spans(Math.max(12, width - 24))),
        blank,
      ];
    }
    if (this.mode.kind === 'list') return [];
    return [
      line(
        span(
          ` ${phrase('Revoke the key {name} for good? What runs with it ends at once.', { name: sanitise(this.mode.name) })}`,
          'warn',
        ),
      ),
      blank,
    ];
  }

  private nameKey(key: Key, field: Field, desk: Desk): 'taken' {
    if (key.name === 'escape') this.turnTo(LIST);
    else if (key.name !== 'enter') field.key(key);
    else if (field.text.trim() !== '') {
      this.turnTo(LIST);
      this.make(desk, field.text.trim());
    }
    return 'taken';
  }

  private revokeKey({ name: pressed }: Key, name: string, desk: Desk): 'taken' {
    this.turnTo(LIST);
    if (pressed === 'y' || pressed === 'enter') this.answer(desk, desk.supervisor.operations.revokeKey(name));
    return 'taken';
  }

  private toggle(desk: Desk): void {
    const { chosen } = this;
    if (chosen === null) desk.say(tell('there is no key to switch off'), 'warn');
    else this.answer(desk, desk.supervisor.operations.setKey(chosen.name, { off: !chosen.off }));
  }

  /**
   * Makes a key, and shows it, only this once, in the terminal itself: drawn by the screen it could not be copied
   * whole.
   */
  private make(desk: Desk, name: string): void {
    desk.supervisor.operations.addKey(name, {}).then(
      ({ ok, text, key }) => {
        desk.say(text, ok ? 'good' : 'warn');
        if (key !== null) showKey(desk, name, key);
        this.look(desk);
      },
      (error: unknown) => desk.say(wordsOf(error), 'warn'),
    );
  }
}

function showKey(desk: Desk, name: string, key: string): void {
  showCopyPage(desk.host, {
    text: `${tell('The key {name}, shown this once:', { name })}\n\n${key}\n\n${tell('y copies it · Enter returns to the screen')}\n`,
    copied: key,
    what: tell('key'),
    paste: () => undefined,
  });
}

/** The keys as lines, the chosen one marked. */
export function keyLines(
  keys: readonly KeyRow[],
  { index, room }: { readonly index: number; readonly room: number },
  now: number,
  { glyphs }: Theme,
): readonly Line[] {
  const titles = (['TODAY', 'TOKENS', 'AT ONCE'] as const).map((title) => pad(phrase(title), NUMBER, 'right')).join('');
  const head = line(span(`   ${pad(phrase('KEY'), NAME)}${titles}  ${phrase('STATE')}`, 'dim'));
  const chosen = keys[index];
  const rows = windowOf(keys, index, room).map((key) => {
    const { name, requestsToday, tokensToday, inFlight } = key;
    const numbers = [requestsToday, tokensToday, inFlight].map((n) => pad(grouped(n), NUMBER, 'right')).join('');
    const isChosen = key === chosen;
    return line(
      span(
        ` ${isChosen ? glyphs.selected : ' '} ${pad(sanitise(name), NAME, 'left', glyphs.cut)}`,
        isChosen ? 'bold' : 'plain',
      ),
      span(`${numbers}  `),
      ...stateOf(key, now),
    );
  });
  return [head, ...rows];
}

function stateOf(key: KeyRow, now: number): readonly Span[] {
  const { stoppedBy, expires, graceUntil, models, pin, note } = key;
  const state =
    stoppedBy === null
      ? span(phrase('serves'), 'good')
      : span(phrase(stopWords[stoppedBy]), stoppedBy === 'off' ? 'dim' : 'warn');
  const limits = (
    [
      [key.tokensPerDay, '{n} tokens a day'],
      [key.tokensPerMonth, '{n} tokens a month'],
      [key.requestsPerMinute, '{n} a minute'],
      [key.maxInFlight, '{n} at once'],
    ] as const
  ).flatMap(([limit, what]) => (limit > 0 ? [tell(what, { n: grouped(limit) })] : []));
  const more = [
    ...limits,
    ...(expires === null || expires * 1000 <= now ? [] : [tell('until {date}', { date: date(expires * 1000) })]),
    ...(graceUntil === null ? [] : [tell('the one before is let in too')]),
    ...(models.length === 0 ? [] : [tell('only {what}', { what: models.join(', ') })]),
    ...(pin ? [tell('may pin')] : []),
    ...(note === '' ? [] : [note]),
  ];
  return [state, ...(more.length === 0 ? [] : [span(` · ${sanitise(more.join(' · '))}`, 'dim')])];
}
