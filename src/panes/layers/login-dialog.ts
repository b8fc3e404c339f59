/** A login with Google as a dialog: what it waits for, and how far it has come. */
import { readdSteps } from '../../proxy/contract/operations.js';
import type { Desk, Cover } from '../desk/desk.js';
import { noteLines } from '../forms/form-host.js';
import type { Key, Paste } from '../terminal/keys.js';
import { framed, hanging, line, span, type Line } from '../text/lines.js';
import type { LoginForm, LoginPhase } from '../forms/login-form.js';
import { statusStyles, stepGlyph, stepNames } from '../forms/steps.js';
import { pad, sanitise, wrap } from '../text/text.js';
import type { Theme } from '../text/theme.js';
import { keyOfForm } from './form-keys.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { phrase } from '../text/phrase.js';
import { told } from '../../store/words/told.js';

const feet = {
  starting: 'Esc gives up',
  waiting: 'Enter sends what was pasted · Ctrl-O the link · Ctrl-U clear · Esc gives up',
  checking: 'asking Google · Esc closes this, the check goes on',
  other_account: 'y save it for that account · n do not · Esc close',
  identity_unknown: 'Enter ask again · n do not · Esc close',
  over: 'Enter closes',
} as const satisfies Record<LoginPhase, PlainWord>;

const label = (word: PlainWord): string => `  ${pad(phrase(word), 9)}`;

export class LoginDialog implements Cover {
  readonly place = 'dialog';
  readonly takesText = true;

  constructor(private readonly form: LoginForm) {}

  get foot(): string {
    return phrase(feet[this.form.phase]);
  }

  height(_desk: Desk, width: number, theme: Theme): number {
    return this.lines(width - 2, theme).length + 3;
  }

  rows(_desk: Desk, width: number, height: number, theme: Theme): string[] {
    const { account } = this.form;
    const title =
      account === null
        ? phrase('log in with Google')
        : phrase('log in with Google as {email}', { email: sanitise(account.email) });
    const frame = {
      title: [span(title, 'bold')],
      note: [],
      border: 'accent' as const,
      focused: true,
    };
    return framed(frame, this.lines(width - 2, theme), width, height, theme);
  }

  key(key: Key, desk: Desk): 'taken' | 'pass' {
    return keyOfForm(this.form, this, key, desk);
  }

  paste(paste: Paste): void {
    this.form.paste(paste);
  }

  private lines(width: number, theme: Theme): Line[] {
    const { note, phase } = this.form;
    const inner = width - 3;
    const body = phase === 'waiting' || phase === 'starting' ? this.waitingLines(inner) : this.stepLines(inner, theme);
    return [line(), ...body, ...(body.length === 0 ? [] : [line()]), ...noteLines(note, inner)];
  }

  private waitingLines(width: number): Line[] {
    const { field, offer, sshLine } = this.form;
    if (offer === null) return [line(span(`  ${phrase('making the link …')}`, 'dim'))];
    const words = phrase(
      'Ctrl-O shows the link in the terminal itself, whole. Its answer comes by itself where port {port} leads here; else paste the address at which the browser ends, or the code in it.',
      { port: offer.port },
    );
    const size = field.text.length;
    return [
      ...wrap(words, width).map((text) => line(span('  '), span(text))),
      line(span('')),
      line(span(label('forward'), 'dim'), span(sshLine)),
      line(
        span(label('answer'), 'dim'),
        ...(size === 0
          ? [span(' ', 'cursor'), span(` ${phrase('paste it here; it is never shown')}`, 'dim')]
          : [span('••••••••'), span(' ', 'cursor'), span(phrase('{n} chars', { n: size }))]),
      ),
    ];
  }

  private stepLines(width: number, theme: Theme): Line[] {
    return readdSteps.flatMap((step) => {
      const news = this.form.steps.get(step);
      if (news === undefined) return [];
      const lead = [span('  '), stepGlyph(news, theme), span(` ${phrase(stepNames[step])}  `)];
      return hanging(lead, sanitise(told(news.text)), statusStyles[news.status], width + 2);
    });
  }
}
