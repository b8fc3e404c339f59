/** The set-up of an OAuth client as a dialog: where to get one, its two fields, and what comes after it. */
import type { Desk, Cover } from '../desk/desk.js';
import type { Field } from '../forms/field.js';
import { noteLines } from '../forms/form-host.js';
import type { Key, Paste } from '../terminal/keys.js';
import { framed, hanging, line, span, type Line, type Span } from '../text/lines.js';
import type { SetupField, SetupForm, SetupPhase } from '../forms/setup-form.js';
import { pad, sanitise } from '../text/text.js';
import type { Theme } from '../text/theme.js';
import { keyOfForm } from './form-keys.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { phrase } from '../text/phrase.js';

const feet = {
  editing: 'Enter next, then check and save · Tab other field · Ctrl-U clear · Esc not now',
  checking: 'asking Google · Esc closes this, the check goes on',
  saved: 'o log in with Google · a paste a refresh token · Esc later',
} as const satisfies Record<SetupPhase, PlainWord>;

const WHERE: readonly PlainWord[] = [
  'regrant asks Google through an OAuth client of your own, made once:',
  '1  console.cloud.google.com/auth/clients: Create client, Desktop app',
  '2  there too: enable the Generative Language API, and publish the app (Audience), or each grant ends after 7 days',
  '3  paste here its id and secret, or all of its JSON file:',
];

const NEXT: readonly (readonly [key: string, does: PlainWord])[] = [
  ['o', 'log in with Google: a link for any browser, its answer pasted back'],
  ['a', 'paste a refresh token that this client has issued'],
  ['Esc', 'later'],
];

export class SetupDialog implements Cover {
  readonly place = 'dialog';
  readonly takesText = true;

  constructor(private readonly form: SetupForm) {}

  get foot(): string {
    return phrase(feet[this.form.phase]);
  }

  height(_desk: Desk, width: number): number {
    return this.lines(width - 2, Infinity).length + 3;
  }

  rows(_desk: Desk, width: number, height: number, theme: Theme): string[] {
    const { name } = this.form.client;
    const title =
      name === null
        ? phrase('set up your OAuth client')
        : phrase('set up the OAuth client "{name}"', { name: sanitise(name) });
    const frame = { title: [span(title, 'bold')], note: [], border: 'accent' as const, focused: true };
    return framed(frame, this.lines(width - 2, height - 2), width, height, theme);
  }

  key(key: Key, desk: Desk): 'taken' | 'pass' {
    return keyOfForm(this.form, this, key, desk);
  }

  paste(paste: Paste): void {
    this.form.paste(paste);
  }

  /** At most `room` lines: where that is little, those that are needed to act. */
  private lines(width: number, room: number): Line[] {
    const { note, phase } = this.form;
    const inner = width - 4;
    const said = noteLines(note, inner);
    if (phase === 'saved') {
      const keys = NEXT.map(([key, does]) => line(span(`  ${key.padEnd(5)}`, 'key'), span(phrase(does))));
      return [line(), ...said, line(), line(span(`  ${phrase('Now the first account:')}`)), ...keys];
    }
    const asking =
      phase === 'checking'
        ? [line(span(`  ${phrase('asking Google whether it knows this client …')}`, 'accent'))]
        : said;
    const act = [...this.fields(inner), line(), ...asking];
    const where = WHERE.map((text) => numbered(phrase(text), inner));
    const dense = [...this.fields(inner), ...asking];
    // Only this text says where to get a client, so it is left out last.
    const forms = [
      [line(), ...where.flat(), line(), ...act],
      [...where.flat(), ...dense],
      [...where.slice(1).flat(), ...dense],
    ];
    return forms.find(({ length }) => length <= room) ?? act;
  }

  private fields(width: number): Line[] {
    const { id, secret, at, phase, client } = this.form;
    const room = width - LABEL;
    const isAt = (field: SetupField): boolean => phase === 'editing' && at === field;
    const kept =
      client.hasSecret && client.id === id.text ? phrase('as it is stored; type another one to replace it') : '';
    return [
      line(span(label('client id'), 'dim'), ...idSpans(id, isAt('id'), room)),
      line(span(label('secret'), 'dim'), ...secretSpans(secret, isAt('secret'), kept)),
    ];
  }
}

const LABEL = 13;
const label = (word: PlainWord): string => `  ${pad(phrase(word), LABEL - 2)}`;

const idSpans = (id: Field, isAt: boolean, width: number): readonly Span[] =>
  isAt ? id.spans(width) : [span(sanitise(id.text))];

/** Never the secret's letters; their number shows whether a paste was cut. */
function secretSpans(secret: Field, isAt: boolean, kept: string): Span[] {
  const cursor = isAt ? [span(' ', 'cursor')] : [];
  if (secret.text === '') return [...cursor, span(` ${kept === '' ? phrase('it is never shown') : kept}`, 'dim')];
  return [span('••••••••'), ...cursor, span(` ${phrase('{n} chars', { n: secret.text.length })}`, 'dim')];
}

/** A numbered line, wrapped under its own text. */
function numbered(text: string, width: number): Line[] {
  const [lead = ''] = /^\d {2}/.exec(text) ?? [];
  return hanging([span(lead, 'key')], text.slice(lead.length), 'plain', width, 'key').map(({ spans }) =>
    line(span('  '), ...spans),
  );
}
