/** A login with Google under way: its link, the answer that is pasted back, the questions on the way, and how it ends. */
import type { AccountRow } from '../../proxy/contract/snapshot.js';
import type {
  LoginOffer,
  LoginTrouble,
  Operations,
  Progress,
  ReaddResult,
  ReaddStep,
  OperationReply,
} from '../../proxy/contract/operations.js';
import { Field } from './field.js';
import type { Key, Paste } from '../terminal/keys.js';
import { loginPage, sshLine } from './login-page.js';
import { showCopyPage } from '../terminal/copy-page.js';
import type { OpenPage, TerminalPage } from '../terminal/page.js';
import { decisionOf, type FormNote, type Tone } from './form-host.js';
import { wordsOf, type Copied } from '../text/text.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { tell } from '../../store/words/tongue.js';
import { told } from '../../store/words/told.js';

/** The most characters of a pasted answer: the longest address has some hundred. */
export const LONGEST_ANSWER = 4096;

/**
 * - `starting`: no link yet.
 * - `waiting`: for the browser, or for a paste.
 * - `checking`: an answer is being checked.
 * - `other_account`, `identity_unknown`: a question waits for a key.
 * - `over`: saved, given up or refused for good.
 */
export type LoginPhase = 'starting' | 'waiting' | 'checking' | 'other_account' | 'identity_unknown' | 'over';

/** What a login needs from the rest of the screen. */
export interface LoginHost {
  readonly operations: Pick<Operations, 'startLogin' | 'awaitLogin' | 'pasteLogin' | 'cancelLogin' | 'resume'>;
  /** The environment, by which the `ssh` line is put together. */
  readonly env: NodeJS.ProcessEnv;
  /** Shows a text in the terminal itself. */
  page(page: TerminalPage): OpenPage;
  copy(text: string): Promise<Copied>;
  /** Draw again. */
  changed(): void;
  /** Shows a message at the foot of the screen, for news that comes after this was closed. */
  say(text: string, tone: Tone): void;
}

export class LoginForm {
  readonly field = new Field(LONGEST_ANSWER);
  readonly steps = new Map<ReaddStep, Progress>();
  private currentPhase: LoginPhase = 'starting';
  private currentOffer: LoginOffer | null = null;
  private currentNote: FormNote | null = null;
  private pending: string | null = null;
  private page: OpenPage | null = null;
  private isClosed = false;

  /** @param account - the account that the login has to be of; null: any */
  constructor(
    readonly account: Pick<AccountRow, 'id' | 'email'> | null,
    private readonly host: LoginHost,
  ) {
    const request = { accountId: account?.id ?? null, email: null, client: null, otherAccount: 'ask' as const };
    host.operations.startLogin(request).then(
      (offer) => this.started(offer),
      (error: unknown) => this.over(wordsOf(error), 'warn'),
    );
  }

  get phase(): LoginPhase {
    return this.currentPhase;
  }
  get note(): FormNote | null {
    return this.currentNote;
  }
  get offer(): LoginOffer | null {
    return this.currentOffer;
  }
  get sshLine(): string {
    return this.currentOffer === null ? '' : sshLine(this.currentOffer, this.host.env);
  }

  /** @returns `closed` once there is nothing left to show */
  key(key: Key): 'open' | 'closed' {
    if (key.name === 'escape') return this.close();
    if (this.currentPhase === 'over') return key.name === 'enter' ? this.close() : 'open';
    if (this.currentPhase === 'waiting') this.edit(key);
    else if (this.currentPhase === 'other_account' || this.currentPhase === 'identity_unknown')
      this.answer(this.currentPhase, key.name);
    return 'open';
  }

  /** White space is never part of an address; a line end in a paste sends nothing. */
  paste({ text, cut }: Paste): void {
    const answer = text.replace(/\s+/g, '');
    // at the foot, so that the question stays readable
    if (this.currentPhase !== 'waiting') this.host.say(tell('paste ignored: no answer is awaited now'), 'warn');
    else if (answer === '') this.tell(tell('the paste was empty: nothing taken'), 'warn');
    else if (isProse(text)) this.tell(tell(NO_ANSWER), 'warn');
    else if (cut || !this.field.insert(answer))
      this.tell(tell('that is too long for an address: nothing taken'), 'warn');
    else this.tell(tell('Enter sends it'), 'plain');
  }

  /** Shows the link in the terminal itself, where it can be copied whole. */
  showLink(): void {
    if (this.currentOffer === null) return;
    const { url } = this.currentOffer;
    const keys = tell('y copies the link · Enter returns to the screen');
    this.page = showCopyPage(this.host, {
      text: loginPage(this.currentOffer, this.host.env, keys),
      copied: url,
      what: tell('link'),
      paste: (paste) => this.paste(paste),
    });
  }

  private started(offer: LoginOffer | OperationReply): void {
    if ('ok' in offer) {
      this.over(offer.text, 'warn');
      return;
    }
    this.currentOffer = offer;
    if (this.isClosed) {
      this.cancel(offer);
      return;
    }
    this.currentPhase = 'waiting';
    this.showLink();
    this.await(offer);
  }

  private await({ login }: LoginOffer): void {
    this.host.operations.awaitLogin(login, this.progress).then(
      (result) => this.ended(result),
      (error: unknown) => this.over(wordsOf(error), 'warn'),
    );
  }

  private readonly progress = (news: Progress): void => {
    if (this.currentPhase === 'waiting') this.currentPhase = 'checking';
    this.steps.set(news.step, news);
    this.host.changed();
  };

  private ended(result: ReaddResult | LoginTrouble | OperationReply): void {
    if (!('outcome' in result)) this.over(result.text, result.ok ? 'plain' : 'warn');
    else if (result.outcome === 'login_open') this.again(result.text);
    else if ('pending' in result) this.asked(result);
    else this.over(result.text, result.outcome === 'saved' && result.keptOut === null ? 'good' : 'warn');
  }

  /** Waits again: the link may be opened once more. */
  private again(text: string): void {
    this.currentPhase = 'waiting';
    this.field.clear();
    this.tell(text, 'warn');
    if (this.currentOffer !== null && !this.isClosed) this.await(this.currentOffer);
  }

  private asked({ pending, outcome, text }: Extract<ReaddResult, { readonly pending: string }>): void {
    this.pending = pending;
    this.currentPhase = outcome;
    if (this.isClosed) this.drop();
    this.tell(this.isClosed ? tell('{text} The login was closed: not saved.', { text }) : text, 'warn');
  }

  private over(text: string, tone: Tone): void {
    this.currentPhase = 'over';
    this.field.clear();
    this.tell(text, tone);
  }

  private tell(text: string, tone: Tone): void {
    this.currentNote = { text, tone };
    if (this.isClosed) this.host.say(text, tone);
    else this.page?.print(told(text));
    this.host.changed();
  }

  private edit(key: Key): void {
    if (key.name === 'enter') this.send();
    else if (key.name === 'C-o') this.showLink();
    else if (this.field.key(key)) this.currentNote = null;
  }

  private send(): void {
    if (this.currentOffer === null) return;
    if (this.field.text === '') {
      this.tell(tell('there is nothing to send yet: paste the address at which the browser ends'), 'warn');
      return;
    }
    this.host.operations.pasteLogin(this.currentOffer.login, this.field.text).then(
      ({ ok, text }) => {
        if (!ok) this.tell(text, 'warn');
      },
      (error: unknown) => this.over(wordsOf(error), 'warn'),
    );
  }

  private answer(question: 'other_account' | 'identity_unknown', key: string): void {
    const decision = decisionOf(question, key);
    if (decision === 'drop') {
      this.drop();
      this.over(tell('nothing was saved'), 'plain');
    } else if (decision !== null && this.pending !== null) {
      this.currentPhase = 'checking';
      this.currentNote = null;
      const asked = this.host.operations.resume(this.pending, decision, this.progress);
      this.pending = null;
      asked.then(
        (result) => this.ended(result),
        (error: unknown) => this.over(wordsOf(error), 'warn'),
      );
    }
  }

  private drop(): void {
    if (this.pending !== null) {
      this.host.operations.resume(this.pending, 'drop', this.progress).catch(nobodyLeft);
    }
    this.pending = null;
  }

  private cancel({ login }: LoginOffer): void {
    this.host.operations.cancelLogin(login).catch(nobodyLeft);
  }

  private close(): 'closed' {
    this.isClosed = true;
    this.field.clear();
    if (this.currentPhase === 'other_account' || this.currentPhase === 'identity_unknown') this.drop();
    // a check under way goes on, and its result is shown at the foot
    if (this.currentPhase === 'waiting' && this.currentOffer !== null) this.cancel(this.currentOffer);
    return 'closed';
  }
}

/** Ignores that an attached screen has lost its supervisor, which is reported elsewhere: the login is gone with it. */
const nobodyLeft = (): void => undefined;

/** Several words, none of which an address or a code has. */
const isProse = (text: string): boolean =>
  /\S\s+\S/.test(text) && !/:\/\/|code=|4(?:\/|%2f)/i.test(text.replace(/\s+/g, ''));

const NO_ANSWER: PlainWord = 'that is neither the address at which the browser ended nor the code in it: nothing taken';
